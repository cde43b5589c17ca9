"""Power curves: how likely an effect of each size is found."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from stats.inference.power import Baseline, PlannedTest, Sizes, power_curve
from stats.inference.sample_size import smallest_effect
from stats.notebook.charts.palette import (
    DASH,
    HEIGHT,
    TREATMENTS,
    WIDTH,
    ZERO,
    Layers,
    plain,
    signed_axis,
    title,
)
from stats.notebook.effect import Measure

POINTS = 81
REACH = 2.2
"""The curve goes on to so many times the smallest effect that is found with the goal."""


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """What a power curve is of.

    Attributes:
        measure: The metric.
        baseline: The control's outcome, in the metric's unit.
        sizes: Units per variant.
        test: The test that will decide.
        goal: The power aimed at.
    """

    measure: Measure
    baseline: Baseline
    sizes: Sizes
    test: PlannedTest
    goal: float = 0.8

    @property
    def smallest(self) -> float:
        """The smallest difference that is found with the power aimed at."""
        return smallest_effect(self.baseline, self.sizes, self.test, goal=self.goal)

    @property
    def effects(self) -> Sequence[float]:
        """Where the curve is drawn; of rates not beyond 1."""
        reach = REACH * self.smallest
        if self.baseline.is_rate:
            reach = min(reach, (1 - self.baseline.value) * 0.999)
        return [reach * i / (POINTS - 1) for i in range(POINTS)]


def power_frame(plan: PowerPlan) -> pd.DataFrame:
    """Give one row per effect: its difference, lift and power."""
    size, divisor = abs(plan.baseline.value), plan.measure.divisor
    return pd.DataFrame(
        [
            (point.effect / divisor, point.effect / size if size else None, point.power)
            for point in power_curve(plan.baseline, plan.effects, plan.sizes, plan.test)
        ],
        columns=["difference", "lift", "power"],
    )


def power_chart(plan: PowerPlan) -> Layers:
    """Draw power over the size of the effect, as a lift where the baseline is not 0."""
    frame = power_frame(plan)
    relative = bool(frame["lift"].notna().all())
    field = "lift" if relative else "difference"
    smallest = plan.smallest / (abs(plan.baseline.value) if relative else plan.measure.divisor)
    axis = signed_axis(percent=relative)
    x = alt.X(f"{field}:Q", title=f"true {field} to be found", axis=axis)
    y = alt.Y("power:Q", title="probability to find it",
              axis=alt.Axis(format="~%"), scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    line = alt.Chart(frame).mark_line(strokeWidth=2.5, color=TREATMENTS[0]).encode(
        x, y, tooltip=[alt.Tooltip(field, format="+.3~g"), alt.Tooltip("power", format=".1%")]
    )  # fmt: skip
    at = pd.DataFrame({field: [smallest], "power": [plan.goal]})
    marked = f"{100 * smallest:+.1f} %" if relative else f"{smallest:+.4g}"
    goal = alt.Chart(at).mark_rule(strokeDash=DASH, color=ZERO).encode(y="power:Q")
    drop = alt.Chart(at).mark_rule(strokeDash=DASH, color=ZERO).encode(x=f"{field}:Q")
    label = alt.Chart(at).mark_text(align="left", dx=6, dy=12, text=marked).encode(
        x=f"{field}:Q", y="power:Q"
    )  # fmt: skip
    sizes, test = plan.sizes, plan.test
    return plain(
        alt.layer(line, goal, drop, label).properties(
            width=WIDTH,
            height=HEIGHT,
            title=title(
                f"{plan.measure.name}: which effect is found, and how likely",
                f"{sizes.control:,.0f} units of the control, {sizes.treatment:,.0f} of the "
                f"treatment; alpha {test.alpha:g}"
                + (f" shared by {test.comparisons} treatments." if test.comparisons > 1 else "."),
                f"Dashed: {plan.goal:.0%} power, reached at {marked}.",
            ),
        )
    )
