"""Coverage: how often the default intervals hold the truth, on small samples of skewed revenue."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stats.calibration.bar import COVERS, Bar, Kind
from stats.calibration.draw import Draw, drawing
from stats.calibration.judges import ALPHA, covering
from stats.calibration.methods import LIFT_NAMES
from stats.calibration.study import Judge, Study, study
from stats.inference.difference import welch_difference
from stats.inference.lift import lift
from stats.inference.point import mean_point
from stats.plan.metrics import LiftMethod
from stats.simulation.trials import NOVELTY, REVENUE, NoveltyBatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

SIZES = (500, 2_000, 10_000)
"""Units of each variant."""

LIFTS = (0.0, 0.3)
"""True lifts."""

Days = tuple[NoveltyBatch, NoveltyBatch]
"""Control and treatment, day by day."""


def _difference(draw: Draw, truth: float) -> Iterator[bool | None]:
    return covering(draw.means, lambda pair: welch_difference(*pair, alpha=ALPHA), truth)


def _lift(draw: Draw, method: LiftMethod, truth: float) -> Iterator[bool | None]:
    points = [(mean_point(c), mean_point(t)) for c, t in draw.means]
    return covering(points, lambda pair: lift(*pair, alpha=ALPHA, method=method), truth)


def _lift_judge(method: LiftMethod, truth: float) -> Judge[Draw]:
    name = f"lift, {LIFT_NAMES[method]}"
    # the bar is for what is reported unless the plan asks for something else
    bar = COVERS if method is LiftMethod.FIELLER else Bar(Kind.SHOWN, 0.95)
    return Judge(name, lambda draw: _lift(draw, method, truth), bar)


def _coverage(units: int, true_lift: float) -> Study:
    difference = REVENUE.means(true_lift)[0] - REVENUE.means()[0]
    judges = (
        Judge[Draw]("difference, Welch", lambda draw: _difference(draw, difference), COVERS),
        *(_lift_judge(method, true_lift) for method in LiftMethod),
    )
    title = f"{units:,} units a variant, true lift {true_lift:+.0%}"
    draw = drawing(REVENUE, units, units, lift=true_lift)
    return study(f"coverage/{units}/{true_lift:g}", title, draw, judges)


def _on_day(drawn: Days, day: int) -> Iterator[bool | None]:
    control, treatment = (batch.day(day).mean_summaries() for batch in drawn)
    rates = NOVELTY.rates(LIFTS[1])[day - 1] - NOVELTY.rates()[day - 1]
    return covering(
        zip(control, treatment, strict=True),
        lambda pair: welch_difference(*pair, alpha=ALPHA),
        float(rates),
    )


def _novelty(units: int) -> Study:
    def draw(rng: np.random.Generator, runs: int) -> Days:
        control = NOVELTY.batch(rng, runs=runs, units=units)
        return control, NOVELTY.batch(rng, runs=runs, units=units, lift=LIFTS[1])

    judges = [
        Judge[Days](f"difference on day {day}, Welch", partial(_on_day, day=day), COVERS)
        for day in (1, 7, NOVELTY.days)
    ]
    title = (
        f"Active or not, {units:,} units a variant, true lift {LIFTS[1]:+.0%} on day 1, half of it "
        f"every {NOVELTY.half_life:g} days"
    )
    return study(f"coverage/novelty/{units}", title, draw, judges)


STUDIES = (
    *(_coverage(units, true_lift) for true_lift in LIFTS for units in SIZES),
    _novelty(SIZES[0]),
)
"""A size and a lift each."""
