"""What a planned look says, when all planned looks together keep the error rate.

Each look has its nominal error rate from `stats.inference.boundary`, smaller than the campaign's.
A test or interval of any kind made at that rate is valid at that look, so one number turns a
fixed-horizon interval into a repeated one, for the difference and for the lift alike.
"""

import math
from dataclasses import dataclass, replace

from scipy.special import ndtr, ndtri

from stats.errors import InvalidLooks
from stats.inference.boundary import CEILING, Boundary, boundaries, crossings
from stats.inference.difference import judge
from stats.inference.lift import lift
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift
from stats.inference.point import Point
from stats.plan.looks import Spending
from stats.plan.metrics import LiftMethod

SMALLEST_P = 1e-12
"""Repeated p-values are not resolved below this."""
LARGEST_P = 1 - 1e-9
EXACT = 1e-9
FLOOR = 2 * float(ndtr(-CEILING))
"""The nominal level of the highest boundary."""


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The looks so far and the rule that joins them.

    Attributes:
        fractions: Information at each look over the information planned (usually units over
            planned units), in order; the last is this look.
        alpha: Two-sided error rate of all looks together.
        spending: How it is spent.
        final: Whether this look ends the campaign and spends all that is left.
    """

    fractions: tuple[float, ...]
    alpha: float = 0.05
    spending: Spending = Spending.OBRIEN_FLEMING
    final: bool = False

    def __post_init__(self) -> None:
        """Refuse an error rate that is none."""
        if not 0 < self.alpha < 1:
            raise InvalidLooks(self.alpha, expected="give an alpha strictly between 0 and 1")

    @property
    def boundaries(self) -> tuple[Boundary, ...]:
        """The boundary of every look so far.

        Raises:
            InvalidLooks: There is no look, or a fraction is not above 0 or falls.
        """
        return boundaries(
            self.fractions, alpha=self.alpha, spending=self.spending, final=self.final
        )


@dataclass(frozen=True, slots=True)
class PlannedLook:
    """One planned look at one difference.

    Attributes:
        boundary: What this look may claim.
        z: The normal deviate with the look's own two-sided p-value, signed as the difference.
        crossed: Whether it is beyond the boundary: the effect is found.
        repeated: The difference with its repeated interval and p-value; both agree with `crossed`
            and hold at every look together. `alpha` is that of the campaign.
        adjusted_p_value: Ordered by stages, for the look at which the campaign stops: the first
            that crossed, or the final one. `None` while it goes on.
    """

    boundary: Boundary
    z: float
    crossed: bool
    repeated: Estimate
    adjusted_p_value: float | None


def planned_look(estimate: Estimate, monitoring: Monitoring) -> PlannedLook:
    """Judge a difference at a planned look.

    Args:
        estimate: The fixed-horizon estimate at this look, by any method with a standard error; its
            own interval and p-value are not valid at several looks. `planned_lift` is the same for
            the lift.
        monitoring: The looks so far, this one included. An earlier look must not have crossed,
            else that one had stopped the campaign.

    Raises:
        InvalidLooks: There is no look, or a fraction is not above 0 or falls.

    Source: Jennison and Turnbull (2000), sections 3.3 (significance levels, so that t statistics
    need no normal approximation), 8.4 (ordering by stages) and 9 (repeated intervals).
    """
    boundary = monitoring.boundaries[-1]
    p_value, half = judge(
        estimate.estimate, estimate.std_error, estimate.df, boundary.nominal_alpha
    )
    crossed = p_value < boundary.nominal_alpha
    repeated = Estimate(
        estimate.estimate,
        estimate.std_error,
        estimate.estimate - half,
        estimate.estimate + half,
        repeated_p_value(p_value, monitoring),
        estimate.df,
        monitoring.alpha,
        Method.GROUP_SEQUENTIAL,
    )
    size = z_of(p_value)
    adjusted = _by_stage(size, monitoring) if crossed or monitoring.final else None
    return PlannedLook(
        boundary, math.copysign(size, estimate.estimate), crossed, repeated, adjusted
    )


def planned_lift(
    control: Point,
    treatment: Point,
    monitoring: Monitoring,
    *,
    method: LiftMethod = LiftMethod.FIELLER,
) -> Lift | UnboundedLift | Certain:
    """Estimate (treatment - control)/|control| with the repeated interval of this look.

    By Fieller's method it leaves out 0 exactly when the difference crosses at this look.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        monitoring: The looks so far, this one included.
        method: How the interval is made.

    Raises:
        InvalidLooks: There is no look, or a fraction is not above 0 or falls.
        CannotEstimate: What `stats.inference.lift.lift` raises.
    """
    nominal = monitoring.boundaries[-1].nominal_alpha
    got = lift(control, treatment, alpha=nominal, method=method)
    if isinstance(got, Certain):
        return got
    return replace(got, alpha=monitoring.alpha, method=Method.GROUP_SEQUENTIAL)


def z_of(p_value: float) -> float:
    """Give the size of the normal deviate with this two-sided p-value; at most 40."""
    return min(-float(ndtri(p_value / 2)), 40.0)


def repeated_p_value(p_value: float, monitoring: Monitoring) -> float:
    """Give the smallest error rate of the campaign at which this look would cross.

    It is below alpha exactly where the look crosses. Between 1e-12, below which it is not
    resolved, and 1.

    Args:
        p_value: The look's own, two-sided.
        monitoring: The looks so far, this one included.

    Source: Jennison and Turnbull (2000), section 9.4.
    """
    goal = math.log(max(p_value, FLOOR))

    def gap(log_alpha: float) -> float:
        looks = boundaries.__wrapped__(
            monitoring.fractions,
            alpha=math.exp(log_alpha),
            spending=monitoring.spending,
            final=monitoring.final,
        )
        # of logarithms, which rise together nearly along a line
        return math.log(looks[-1].nominal_alpha) - goal

    # no look has a level above the campaign's, so the answer is p or more
    low, high = math.log(max(p_value, SMALLEST_P)), math.log(LARGEST_P)
    if low >= high or gap(high) <= 0:
        return 1.0
    at_low = gap(low)
    if at_low >= 0:
        return max(p_value, SMALLEST_P)
    from scipy.optimize import brentq  # noqa: PLC0415 - takes long to import

    return math.exp(brentq(gap, low, high, xtol=EXACT))


def _by_stage(size: float, monitoring: Monitoring) -> float:
    """Give the probability to stop earlier, or here with at least this deviate."""
    looks = monitoring.boundaries
    zs = (*(look.z for look in looks[:-1]), size)
    return math.fsum(c.either for c in crossings(monitoring.fractions, zs, drift=0.0))
