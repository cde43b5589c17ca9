"""Variants before and after an adjustment by covariates, and what it bought.

How they were adjusted is decided elsewhere (`cuped`, `regression_adjustment`); here two of them
are compared, and the variance of the comparison is set against the unadjusted one.
"""

from dataclasses import dataclass
from typing import TypeVar

from stats.errors import CannotEstimate, InvalidSummary, NoVariance
from stats.inference.difference import point_difference
from stats.inference.linearised import AdjustedPoint, DroppedCovariate, Theta
from stats.inference.outcome import Certain, Estimate, Method, Undefined
from stats.inference.point import Point
from stats.sentence import said

ROUNDING = 1e-9
"""A difference below this share of its values, where nothing varies, is the rounding of a 0."""

P = TypeVar("P", bound=Point)


@dataclass(frozen=True, slots=True)
class AdjustedVariant:
    """A variant before and after the adjustment.

    Attributes:
        variant: Its key.
        raw: Its value as it is, or why there is none.
        adjusted: The value that it would have with the covariate means of all units together,
            with its error; or why there is none.
    """

    variant: str
    raw: Point | Undefined
    adjusted: AdjustedPoint | Undefined


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Every variant of a metric, adjusted by the same covariates.

    Attributes:
        variants: In the order given.
        thetas: The weights: one per covariate in use, or with Lin one per variant and covariate.
        dropped: Covariates that could not be used, and why.
        method: How it was adjusted.
    """

    variants: tuple[AdjustedVariant, ...]
    thetas: tuple[Theta, ...]
    dropped: tuple[DroppedCovariate, ...]
    method: Method

    def raw(self, variant: str) -> Point:
        """Give a variant's unadjusted point.

        Raises:
            CannotEstimate: It has none; the status says why.
            InvalidSummary: No variant has that key.
        """
        return _defined(self._variant(variant).raw)

    def adjusted(self, variant: str) -> AdjustedPoint:
        """Give a variant's adjusted point, which `lift` and every other comparison take.

        Raises:
            CannotEstimate: It has none; the status says why.
            InvalidSummary: No variant has that key.
        """
        return _defined(self._variant(variant).adjusted)

    def _variant(self, key: str) -> AdjustedVariant:
        for one in self.variants:
            if one.variant == key:
                return one
        message = f"no variant {key!r}; there are {', '.join(v.variant for v in self.variants)}"
        raise InvalidSummary(message)


def _defined(point: P | Undefined) -> P:
    if isinstance(point, Undefined):
        fault = CannotEstimate(point.sentence)
        fault.status = point.status
        raise fault
    return point


def adjusted_difference(
    adjustment: Adjustment, *, control: str, treatment: str, alpha: float
) -> Estimate | Certain:
    """Estimate treatment minus control of the adjusted values, with an unequal-variance t interval.

    Args:
        adjustment: All variants, adjusted.
        control: Key of the control.
        treatment: Key of the treatment.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Returns:
        `Certain` when the covariates foretell every unit's outcome exactly, but for one difference.

    Raises:
        NoVariance: The same, without a difference.
        CannotEstimate: One of the two has no adjusted value; the status says why.
    """
    left, right = adjustment.adjusted(control), adjustment.adjusted(treatment)
    if left.std_error == 0 and right.std_error == 0 and adjustment.thetas:
        difference = right.value - left.value
        if abs(difference) <= ROUNDING * max(abs(left.value), abs(right.value)):
            message = said(
                "The covariates foretell every unit's outcome exactly, so there is no "
                "error to judge a difference by."
            )
            raise NoVariance(message)
        sentence = said(
            "Within each variant the covariates foretell every unit's outcome "
            "exactly: the difference is certain, its interval is a point."
        )
        return Certain(difference, sentence)
    return point_difference(left, right, alpha=alpha, method=adjustment.method)


def variance_reduction(adjustment: Adjustment, *, control: str, treatment: str) -> float:
    """Give 1 - Var(adjusted difference) / Var(raw difference); 0 when nothing was gained.

    0.4 is worth as much as 1 / (1 - 0.4) = 1.67 times the units. It may fall a little below 0:
    a covariate that explains nothing still costs a degree of freedom.

    Raises:
        NoVariance: The raw difference has no error, so there is nothing to reduce.
        CannotEstimate: One of the two has no value; the status says why.
    """
    before = adjustment.raw(control).std_error ** 2 + adjustment.raw(treatment).std_error ** 2
    if before == 0:
        message = said(
            "No unit differs from the others of its variant, so no variance can be reduced."
        )
        raise NoVariance(message)
    left, right = adjustment.adjusted(control), adjustment.adjusted(treatment)
    return 1 - (left.std_error**2 + right.std_error**2) / before
