"""What planned looks cost at most, and what they save on average."""

import math
from dataclasses import dataclass

from scipy.special import ndtri

from stats.errors import InvalidSizing
from stats.inference.boundary import CEILING, Boundary, Crossing, boundaries, crossings
from stats.plan.looks import Spending

PRECISION = 1e-12


@dataclass(frozen=True, slots=True)
class LooksCost:
    """A group sequential campaign beside one with a single look and the same power.

    Attributes:
        inflation: Units at the last look over the units of the single look, above 1.
        expected: Expected units at the stop over the units of the single look, if the effect is
            the one planned for. Usually below 1.
    """

    inflation: float
    expected: float


def looks_cost(
    fractions: tuple[float, ...], *, alpha: float, spending: Spending, goal: float
) -> LooksCost:
    """Compare a plan with several looks to one with a single look.

    Args:
        fractions: Information at each planned look over that at the last; the last is 1.
        alpha: Two-sided error rate.
        spending: How it is spent.
        goal: Power, above alpha and below 1.

    Raises:
        InvalidLooks: Fractions are not above 0 or fall.
        InvalidSizing: The goal is no power, or the last fraction is not 1.

    Source: Jennison and Turnbull (2000), sections 2.3 and 7.3.
    """
    if not alpha < goal < 1:
        way_out = "give a probability above the error rate and below 1"
        raise InvalidSizing(goal, field="power", expected=way_out)
    if not fractions or fractions[-1] != 1:
        raise InvalidSizing(fractions, field="looks", expected="let the last planned look be at 1")
    looks = boundaries(fractions, alpha=alpha, spending=spending)
    single = _drift((Boundary(1.0, -float(ndtri(alpha / 2)), alpha, alpha),), goal)
    drift = _drift(looks, goal)
    inflation = (drift / single) ** 2
    stops = [look.either for look in _crossings(looks, drift)]
    until = math.fsum(p * f for p, f in zip(stops, fractions, strict=True)) + 1 - math.fsum(stops)
    return LooksCost(inflation, inflation * until)


def _crossings(looks: tuple[Boundary, ...], drift: float) -> tuple[Crossing, ...]:
    return crossings(tuple(b.fraction for b in looks), tuple(b.z for b in looks), drift=drift)


def _drift(looks: tuple[Boundary, ...], goal: float) -> float:
    """Find the expected z at the last look at which this much power is reached."""
    from scipy.optimize import brentq  # noqa: PLC0415 - takes long to import

    def missing(drift: float) -> float:
        return math.fsum(look.either for look in _crossings(looks, drift)) - goal

    # beyond the highest boundary by the quantile of the power, every path has crossed that much
    return float(brentq(missing, 0.0, CEILING + 1 - float(ndtri(1 - goal)), xtol=PRECISION))
