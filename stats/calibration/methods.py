"""The methods that judge a draw of two variants, by kind of metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stats.calibration.bar import NO_BAR
from stats.calibration.judges import ALPHA, rejecting
from stats.calibration.study import Judge
from stats.errors import CannotEstimate
from stats.inference.adjustment import adjusted_difference
from stats.inference.cuped import cuped
from stats.inference.difference import welch_difference
from stats.inference.lift import lift
from stats.inference.outcome import OneSided, Side
from stats.inference.point import Point, mean_point, ratio_point
from stats.inference.proportion import Proportion, newcombe_difference, pooled_z_difference
from stats.inference.ratio import ratio_difference
from stats.inference.regression_adjustment import lin_from_moments
from stats.inference.two_sample import (
    DifferenceTest,
    difference_by,
    one_sided_difference,
)
from stats.plan.metrics import LiftMethod
from stats.summary import MeanSummary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.calibration.draw import Draw
    from stats.inference.adjustment import Adjustment
    from stats.inference.outcome import Certain, Estimate, Lift, UnboundedLift
    from stats.moments import Moments
    from stats.summary import RatioSummary

LIFT_NAMES = {
    LiftMethod.FIELLER: "Fieller",
    LiftMethod.DELTA: "delta method",
    LiftMethod.LOG: "log",
}
"""Ways to the interval of a lift, in words."""

SKEWED = (
    "the mean of the smaller variant is still skewed, and the larger variant does not offset it: "
    "what a one-sided test is wrong less often on one side, it is wrong more often on the other"
)
"""Why one-sided tests are not at 5 % in uneven splits."""

Points = tuple[Point, Point]


def points(draw: Draw, *, ratio: bool = False) -> list[Points]:
    """Give control and treatment of each run as points."""
    if ratio:
        return [(ratio_point(c), ratio_point(t)) for c, t in draw.ratios]
    return [(mean_point(c), mean_point(t)) for c, t in draw.means]


def _welch(pair: tuple[MeanSummary, MeanSummary]) -> Estimate | Certain:
    return welch_difference(*pair, alpha=ALPHA)


def _ratio(pair: tuple[RatioSummary, RatioSummary]) -> Estimate | Certain:
    return ratio_difference(*pair, alpha=ALPHA)


def _tested(name: str, test: DifferenceTest) -> Judge[Draw]:
    def difference(pair: Points) -> Estimate | Certain:
        return difference_by(*pair, alpha=ALPHA, test=test)

    return Judge(name, lambda draw: rejecting(points(draw), difference))


def _one_sided(name: str, side: Side) -> Judge[Draw]:
    def decide(draw: Draw) -> Iterator[bool | None]:
        for pair in points(draw):
            try:
                result = one_sided_difference(*pair, alpha=ALPHA, side=side)
            except CannotEstimate:
                yield None
            else:
                yield isinstance(result, OneSided) and result.p_value < ALPHA

    return Judge(name, decide)


def _lift(method: LiftMethod, *, ratio: bool) -> Judge[Draw]:
    def infer(pair: Points) -> Lift | UnboundedLift | Certain:
        return lift(*pair, alpha=ALPHA, method=method)

    return Judge(
        f"lift, {LIFT_NAMES[method]}", lambda draw: rejecting(points(draw, ratio=ratio), infer)
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


def _proportions(draw: Draw) -> list[tuple[Proportion, Proportion]]:
    return [(Proportion.of(c), Proportion.of(t)) for c, t in draw.means]


def _pooled_z(pair: tuple[Proportion, Proportion]) -> Estimate:
    return pooled_z_difference(*pair, alpha=ALPHA)


def _newcombe(draw: Draw) -> Iterator[bool]:
    for pair in _proportions(draw):
        result = newcombe_difference(*pair, alpha=ALPHA)
        yield not result.ci_low <= 0 <= result.ci_high


def _members_as_units(draw: Draw) -> Iterator[bool | None]:
    """Count every member of a household as a draw of its own, which it is not."""
    pairs = [
        tuple(
            MeanSummary.from_sums(
                int(one.denominator.total), int(one.numerator.total), int(one.numerator.total)
            )
            for one in pair
        )
        for pair in draw.ratios
    ]
    return rejecting(pairs, lambda pair: welch_difference(*pair, alpha=ALPHA))


def _exposed_alone(draw: Draw) -> Iterator[bool | None]:
    """Compare those of the treatment who were exposed with the whole control, as nobody should."""
    sums = zip(
        draw.treatment.totals[:, 1].tolist(), draw.treatment.products[:, 0, 1].tolist(), strict=True
    )
    exposed = [MeanSummary.from_sums(int(n), int(total), int(total)) for n, total in sums]
    pairs = [(control, some) for (control, _), some in zip(draw.means, exposed, strict=True)]
    return rejecting(pairs, _welch)


ONE_SIDED: tuple[Judge[Draw], ...] = (
    _one_sided("Welch, one-sided, above", Side.GREATER),
    _one_sided("Welch, one-sided, below", Side.LESS),
)
"""Of a mean, for an effect in one direction."""

WELCH: Judge[Draw] = Judge("Welch", lambda draw: rejecting(draw.means, _welch))
RATIO: Judge[Draw] = Judge("ratio, delta method", lambda draw: rejecting(draw.ratios, _ratio))

RAW_MEANS: tuple[Judge[Draw], ...] = (
    WELCH,
    _tested("Student", DifferenceTest.STUDENT),
    _tested("z", DifferenceTest.Z),
    *ONE_SIDED,
    *(_lift(method, ratio=False) for method in LiftMethod),
)
"""Of a mean."""

MEANS: tuple[Judge[Draw], ...] = (*RAW_MEANS, *Adjusted((0, 1)).judges())
"""Of a mean with one covariate."""

PROPORTIONS: tuple[Judge[Draw], ...] = (
    Judge("pooled z", lambda draw: rejecting(_proportions(draw), _pooled_z)),
    Judge("Newcombe", _newcombe),
)
"""Of values that are 0 or 1, beside `MEANS`."""

RATIOS: tuple[Judge[Draw], ...] = (
    RATIO,
    *(_lift(method, ratio=True) for method in LiftMethod),
)
"""Of a ratio metric."""

RATIO_ADJUSTED = Adjusted((0, 1, 2, 3), ratio=True).judges()
"""Of a ratio metric with both of its own columns before."""

HOUSEHOLDS_ADJUSTED = Adjusted((0, 1, 2), ratio=True).judges()
"""Of a ratio metric with one covariate."""

MEMBERS_AS_UNITS: Judge[Draw] = Judge(
    "members as if they were units", _members_as_units, NO_BAR,
    "no valid use: members of a household are no independent draws",
)  # fmt: skip

EXPOSED_ALONE: Judge[Draw] = Judge(
    "exposed units alone, against the whole control", _exposed_alone, NO_BAR,
    "no valid use: who is exposed is another kind of member, with or without an effect",
)  # fmt: skip
