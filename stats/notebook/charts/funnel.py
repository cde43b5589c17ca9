"""The funnel: every step over all exposed units, with the lift per step beside it."""

import altair as alt
import pandas as pd

from stats.inference.outcome import Rate
from stats.notebook.charts.palette import (
    ROW,
    Layers,
    colour_of,
    plain,
    signed_axis,
    title,
    zero_rule,
)
from stats.notebook.effect import Effect, Measure, Pair, effect_of
from stats.scorecard import FunnelResult


def funnel_frame(funnel: FunnelResult) -> pd.DataFrame:
    """Give one row per step and variant: the share of all units that passed it."""
    rows = []
    for step in funnel.steps:
        for one in step.variants:
            known = one.share if isinstance(one.share, Rate) else None
            rows.append(
                {
                    "step": step.key,
                    "name": step.name,
                    "variant": one.variant,
                    "n": one.n,
                    "units": one.units,
                    "share": None if known is None else known.estimate,
                    "ci_low": None if known is None else known.ci_low,
                    "ci_high": None if known is None else known.ci_high,
                    "share_of_previous": one.share_of_previous,
                }
            )
    return pd.DataFrame(rows)


def funnel_effects(funnel: FunnelResult) -> tuple[Effect, ...]:
    """Give the comparison of every step with the control."""
    effects = []
    for step in funnel.steps:
        units = {one.variant: one.n for one in step.variants}
        shares = {
            one.variant: one.share.estimate if isinstance(one.share, Rate) else None
            for one in step.variants
        }
        for one in step.comparisons:
            effects.append(  # noqa: PERF401 - reads better than a comprehension of this size
                effect_of(
                    Measure(step.key, step.name, "funnel", "share"),
                    Pair(
                        one.treatment,
                        one.control,
                        units[one.control],
                        units[one.treatment],
                        shares[one.control],
                        shares[one.treatment],
                    ),
                    one.difference,
                    one.lift,
                )
            )
    return tuple(effects)


def funnel_chart(funnel: FunnelResult, control: str) -> alt.HConcatChart:
    """Draw shares of all units per step, and beside them lifts over the control.

    Args:
        funnel: Of a scorecard.
        control: Key of the control.
    """
    frame = funnel_frame(funnel)
    variants = list(dict.fromkeys(frame["variant"]))
    steps = [step.name for step in funnel.steps]
    colours = colour_of(variants, control)
    height = len(steps) * max(2, len(variants)) * ROW * 0.8
    y = alt.Y("name:N", sort=steps, title=None)
    offset = alt.YOffset("variant:N", sort=variants)
    colour = alt.Color(
        "variant:N", scale=colours, sort=variants, legend=alt.Legend(title="variant")
    )
    shares = alt.Chart(frame[frame["share"].notna()])
    axis = alt.Axis(format="~%")
    bars = shares.mark_bar(opacity=0.45).encode(
        alt.X("share:Q", title="share of all exposed units", axis=axis), y, offset, colour,
        tooltip=["name", "variant", "units", "n", alt.Tooltip("share", format=".2%")],
    )  # fmt: skip
    ends = shares.mark_rule(strokeWidth=2).encode(
        alt.X("ci_low:Q"), alt.X2("ci_high:Q"), y, offset, colour
    )
    left = alt.layer(bars, ends).properties(width=320, height=height)
    right = _lifts(funnel, steps, y, colours, height)
    days = f"{funnel.window.end_days} days"
    return plain(
        alt.hconcat(left, right, spacing=24).properties(
            title=title(
                f"Funnel within {days} of first exposure",
                "Every step over all exposed units whose window has closed; lines are intervals.",
                funnel.sentence,
            )
        )
    )


def _lifts(
    funnel: FunnelResult, steps: list[str], y: alt.Y, colours: alt.Scale, height: float
) -> Layers:
    effects = [one for one in funnel_effects(funnel) if one.lift_low is not None]
    frame = pd.DataFrame(
        [
            (one.measure.name, one.treatment, one.lift, one.lift_low, one.lift_high)
            for one in effects
            if one.lift_high is not None
        ],
        columns=["name", "variant", "lift", "lift_low", "lift_high"],
    )
    offset = alt.YOffset("variant:N", sort=list(dict.fromkeys(frame["variant"])))
    y = alt.Y("name:N", sort=steps, title=None, axis=alt.Axis(labels=False, ticks=False))
    colour = alt.Color("variant:N", scale=colours)
    axis = signed_axis(percent=True)
    line = alt.Chart(frame).mark_rule(strokeWidth=2.5).encode(
        alt.X("lift_low:Q", title="lift over the control", axis=axis), alt.X2("lift_high:Q"),
        y, offset, colour,
    )  # fmt: skip
    point = alt.Chart(frame).mark_point(filled=True, size=60, opacity=1).encode(
        alt.X("lift:Q"), y, offset, colour
    )  # fmt: skip
    zero = zero_rule("x")
    return alt.layer(zero, line, point).properties(width=260, height=height)
