"""Type-I error: how often each test calls chance an effect, under A/A."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stats.calibration.draw import Draw, drawing
from stats.calibration.judges import ALPHA, rejecting
from stats.calibration.study import Judge, Study, study
from stats.inference.adjustment import adjusted_difference
from stats.inference.cuped import cuped
from stats.inference.difference import welch_difference
from stats.inference.lift import lift
from stats.inference.point import Point, mean_point, ratio_point
from stats.inference.ratio import ratio_difference
from stats.inference.regression_adjustment import lin_from_moments
from stats.plan.metrics import LiftMethod
from stats.simulation.trials import BINARY, HOUSEHOLDS, ORDERS, REVENUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stats.inference.adjustment import Adjustment
    from stats.inference.outcome import Certain, Estimate
    from stats.moments import Moments
    from stats.simulation.trials import TrialWorld
    from stats.summary import MeanSummary, RatioSummary

UNITS = 5_000
"""Units of the smaller variant."""

MANY = 100_000
"""Units of the larger variant in a split of 20:1."""


def _welch(pair: tuple[MeanSummary, MeanSummary]) -> Estimate | Certain:
    return welch_difference(*pair, alpha=ALPHA)


def _ratio(pair: tuple[RatioSummary, RatioSummary]) -> Estimate | Certain:
    return ratio_difference(*pair, alpha=ALPHA)


def _lifts(points: Sequence[tuple[Point, Point]], method: LiftMethod) -> Iterator[bool | None]:
    return rejecting(points, lambda pair: lift(*pair, alpha=ALPHA, method=method))


def lift_judges(*, ratio: bool) -> tuple[Judge[Draw], ...]:
    """Give the three intervals of the lift: each rejects where it leaves out 0."""

    def points(draw: Draw) -> list[tuple[Point, Point]]:
        if ratio:
            return [(ratio_point(c), ratio_point(t)) for c, t in draw.ratios]
        return [(mean_point(c), mean_point(t)) for c, t in draw.means]

    return (
        Judge("lift, Fieller", lambda draw: _lifts(points(draw), LiftMethod.FIELLER)),
        Judge("lift, delta method", lambda draw: _lifts(points(draw), LiftMethod.DELTA)),
        Judge("lift, log", lambda draw: _lifts(points(draw), LiftMethod.LOG)),
    )


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A difference adjusted for covariates.

    Attributes:
        columns: Of the world: the outcome, its denominator if it has one, the covariates.
        ratio: Whether the second is a denominator.
    """

    columns: tuple[int, ...]
    ratio: bool = False

    def judges(self) -> tuple[Judge[Draw], ...]:
        """Give CUPED and Lin's regression."""
        return (
            Judge("CUPED", lambda draw: rejecting(draw.moments(*self.columns), self._cuped)),
            Judge("Lin", lambda draw: rejecting(draw.moments(*self.columns), self._lin)),
        )

    def _names(self) -> list[str]:
        return [f"covariate {at}" for at in self.columns[2 if self.ratio else 1 :]]

    def _cuped(self, pair: tuple[Moments, Moments]) -> Estimate | Certain:
        variants = [("control", pair[0]), ("treatment", pair[1])]
        return self._difference(cuped(variants, covariates=self._names(), ratio=self.ratio))

    def _lin(self, pair: tuple[Moments, Moments]) -> Estimate | Certain:
        variants = [("control", pair[0]), ("treatment", pair[1])]
        names = self._names()
        return self._difference(lin_from_moments(variants, covariates=names, ratio=self.ratio))

    def _difference(self, adjustment: Adjustment) -> Estimate | Certain:
        return adjusted_difference(
            adjustment, control="control", treatment="treatment", alpha=ALPHA
        )


WELCH = Judge[Draw]("Welch", lambda draw: rejecting(draw.means, _welch))
RATIO = Judge[Draw]("ratio, delta method", lambda draw: rejecting(draw.ratios, _ratio))

MEAN_JUDGES = (WELCH, *lift_judges(ratio=False), *Adjusted((0, 1)).judges())
RATIO_JUDGES = (
    RATIO,
    *lift_judges(ratio=True),
    *Adjusted((0, 1, 2, 3), ratio=True).judges(),
)
HOUSEHOLD_JUDGES = (
    WELCH,
    RATIO,
    *lift_judges(ratio=True),
    *Adjusted((0, 1, 2), ratio=True).judges(),
)


def _aa(
    key: str,
    title: str,
    world: TrialWorld,
    units: tuple[int, int],
    judges: Sequence[Judge[Draw]],
    *,
    chunk: int = 1_000,
) -> Study:
    named = f"{title}; {units[0]:,} units against {units[1]:,}"
    return study(f"false-alarms/{key}", named, drawing(world, *units), judges, chunk=chunk)


STUDIES = (
    _aa("binary", "Binary, 1 %", BINARY, (UNITS, UNITS), MEAN_JUDGES),
    _aa("revenue", "Skewed revenue", REVENUE, (UNITS, UNITS), MEAN_JUDGES),
    _aa("ratio", "Ratio of revenue to clustered orders", ORDERS, (UNITS, UNITS), RATIO_JUDGES),
    _aa("clustered", "Clustered: households", HOUSEHOLDS, (UNITS, UNITS), HOUSEHOLD_JUDGES),
    _aa("20-1/binary", "20:1 split, binary 1 %", BINARY, (MANY, UNITS), MEAN_JUDGES),
    _aa(
        "20-1/clustered", "20:1 split, households", HOUSEHOLDS, (MANY, UNITS), HOUSEHOLD_JUDGES
    ),
    _aa(
        "20-1/revenue", "20:1 split, skewed revenue", REVENUE, (MANY, UNITS), MEAN_JUDGES,
        chunk=250,
    ),
)  # fmt: skip
"""A world each."""
