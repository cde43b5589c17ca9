"""An interval that holds at every look at once, however often and whenever anyone looks.

The asymptotic confidence sequence is a fixed-horizon interval with a larger critical value, which
depends on how much of the planned units has been seen. It is narrowest at the planned size and
valid at every other. It rests on the central limit theorem, so it starts after a burn-in.

With x = n rho² the half-width is SE · sqrt(2 (x + 1)/x · ln(sqrt(x + 1)/alpha)), and
rho² = (-2 ln alpha + ln(1 - 2 ln alpha))/N* puts its narrowest point near N* units.

Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52,
"Time-uniform central limit theory and asymptotic confidence sequences", theorem 2.2 and the choice
of rho in its appendix.
"""

import math
from dataclasses import dataclass

from stats.errors import (
    BaselineNearZero,
    InvalidLooks,
    NoVariance,
    TooFewUnits,
    ZeroBaseline,
)
from stats.inference.burn_in import BURN_IN, check_burn_in
from stats.inference.difference import certain_difference
from stats.inference.fieller import span_of_lift
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift
from stats.inference.point import Point
from stats.sentence import said

DEFAULT_PLANNED_UNITS = 10_000
"""N* where the plan has no size. Ten times too small widens the interval by 7 % at most there, ten
times too large by 27 %, so a guess on the small side costs little."""

LARGEST_RATIO = 1e70
"""A control smaller than values and errors by this much has no lift that could be computed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the campaign is, for the sequence to be narrowest at the planned size.

    Attributes:
        units: Units seen, counted as the planned ones are: of all variants together.
        planned_units: N*; `None` where no size is planned, and 10,000 is used. It must be fixed
            before the data are seen.
        burn_in: Units that each variant needs.
    """

    units: int
    planned_units: int | None = None
    burn_in: int = BURN_IN

    def __post_init__(self) -> None:
        """Refuse numbers of units that are none."""
        if self.units <= 0 or (self.planned_units is not None and self.planned_units <= 0):
            raise InvalidLooks(
                (self.units, self.planned_units), expected="give numbers of units above 0"
            )

    @property
    def tuned_for(self) -> int:
        """N*, planned or the default."""
        return DEFAULT_PLANNED_UNITS if self.planned_units is None else self.planned_units

    def precision(self, alpha: float) -> float:
        """Give n rho², with rho² = (-2 ln alpha + ln(1 - 2 ln alpha))/N*."""
        both = -2 * math.log(alpha)
        return self.units / self.tuned_for * (both + math.log1p(both))


def critical_value(precision: float, alpha: float) -> float:
    """Give the half-width in standard errors, with n rho² as the precision."""
    x = precision
    return math.sqrt((x + 1) / x * (math.log1p(x) - 2 * math.log(alpha)))


def always_valid_p(z: float, precision: float) -> float:
    """Give the error rate at which the sequence of the same rho just reaches zero.

    The half-width formula solved for alpha: sqrt(x + 1) exp(-z² x/(2 (x + 1))), at most 1.
    """
    x = precision
    return math.exp(min(0.0, math.log1p(x) / 2 - z * z * x / (2 * (x + 1))))


def sequence_difference(
    control: Point,
    treatment: Point,
    *,
    progress: Progress,
    alpha: float,
    nonzero_units: int | None = None,
) -> Estimate | Certain:
    """Estimate treatment minus control, with an interval and p-value valid at every look.

    Args:
        control: The control's value and error (a mean, a ratio, or adjusted by covariates).
        treatment: The treatment's.
        progress: How far the campaign is.
        alpha: Two-sided error rate over all looks, strictly between 0 and 1.
        nonzero_units: See `stats.inference.burn_in.check_burn_in`.

    Returns:
        `Certain` when neither variant varies and their values differ.

    Raises:
        TooFewUnits: A variant has fewer units than the burn-in.
        TooFewNonzero: Outcomes are too rare so far.
        NoVariance: Neither variant varies and their values are equal.
    """
    if control.std_error == 0 and treatment.std_error == 0:
        return certain_difference(control, treatment)
    check_burn_in((control.n, treatment.n), nonzero_units=nonzero_units, burn_in=progress.burn_in)
    return sequence_of(
        treatment.value - control.value,
        math.hypot(control.std_error, treatment.std_error),
        fewest_units=min(control.n, treatment.n),
        progress=progress,
        alpha=alpha,
    )


def sequence_of(
    difference: float, std_error: float, *, fewest_units: int, progress: Progress, alpha: float
) -> Estimate:
    """Give the interval valid at every look of any difference that is asymptotically normal.

    For quantiles, restricted means and whatever else has a standard error but no two points.

    Args:
        difference: Treatment minus control.
        std_error: Its standard error, above 0.
        fewest_units: Units of the smaller variant.
        progress: How far the campaign is.
        alpha: Two-sided error rate over all looks.

    Raises:
        TooFewUnits: Fewer units than the burn-in.
    """
    if fewest_units < progress.burn_in:
        raise TooFewUnits(fewest_units, progress.burn_in)
    return mixture_interval(
        difference,
        std_error,
        precision=progress.precision(alpha),
        alpha=alpha,
        method=Method.CONFIDENCE_SEQUENCE,
    )


def mixture_interval(
    difference: float, std_error: float, *, precision: float, alpha: float, method: Method
) -> Estimate:
    """Give the interval and the p-value of a normal mixture.

    Args:
        difference: Treatment minus control.
        std_error: Its standard error, above 0.
        precision: The mixture's variance over the squared standard error.
        alpha: Two-sided error rate over all looks.
        method: The name under which the result is reported.
    """
    p_value = always_valid_p(difference / std_error, precision)
    half = critical_value(precision, alpha) * std_error
    if (p_value < alpha) is not (half < abs(difference)):
        # the two are rounded apart; the p-value has the last word
        half = math.nextafter(abs(difference), 0) if p_value < alpha else abs(difference)
    return Estimate(
        difference, std_error, difference - half, difference + half, p_value, None, alpha, method
    )


def sequence_lift(
    control: Point,
    treatment: Point,
    *,
    progress: Progress,
    alpha: float,
    nonzero_units: int | None = None,
) -> Lift | UnboundedLift | Certain:
    """Estimate (treatment - control)/|control|, with an interval valid at every look.

    It holds the lifts L whose sequence for treatment - (1 + L) control reaches zero, so that it
    leaves out 0 exactly when that of the difference does.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        progress: How far the campaign is.
        alpha: Two-sided error rate over all looks.
        nonzero_units: See `stats.inference.burn_in.check_burn_in`.

    Raises:
        ZeroBaseline: The control's value is zero.
        BaselineNearZero: It is so small that the quotient exceeds every number.
        TooFewUnits: A variant has fewer units than the burn-in.
        TooFewNonzero: Outcomes are too rare so far.
        NoVariance: Neither variant varies and their values are equal.
    """
    size = abs(control.value)
    if size == 0:
        raise ZeroBaseline
    if max(abs(treatment.value), control.std_error, treatment.std_error) > LARGEST_RATIO * size:
        raise BaselineNearZero
    estimate = (treatment.value - control.value) / size
    if control.std_error == 0 and treatment.std_error == 0:
        if estimate == 0:
            message = said(
                "Every unit of both variants has the same value, so a lift has no error."
            )
            raise NoVariance(message)
        return Certain(
            estimate, said("Neither variant varies: the lift is certain, its interval is a point.")
        )
    check_burn_in((control.n, treatment.n), nonzero_units=nonzero_units, burn_in=progress.burn_in)
    difference = sequence_of(
        treatment.value - control.value,
        math.hypot(control.std_error, treatment.std_error),
        fewest_units=min(control.n, treatment.n),
        progress=progress,
        alpha=alpha,
    )
    half = max(difference.ci_high - difference.estimate, 0.0)
    critical = critical_value(progress.precision(alpha), alpha)
    low, high = span_of_lift(control, treatment, half=half, critical=critical)
    if low is None or high is None:
        sentence = said(
            "The control's value cannot be told from 0 at every look, so a lift over "
            "it lacks a bound."
        )
        return UnboundedLift(estimate, low, high, alpha, Method.CONFIDENCE_SEQUENCE, sentence)
    from_control = treatment.value / size * control.std_error
    std_error = math.hypot(treatment.std_error, from_control) / size
    return Lift(estimate, std_error, low, high, None, alpha, Method.CONFIDENCE_SEQUENCE)
