"""The boundaries of planned looks, and how often a path crosses them.

The statistic times the root of its information fraction is a Brownian motion: increments between
looks are independent and normal. So the density of the paths that have not crossed yet is carried
from look to look by numerical integration, and each boundary is solved for what its look may spend.

Fractions are those of the looks as they happened; neither their number nor their spacing need be
planned. A fraction above 1 is over-running; a last look below 1 is under-running and spends all
that is left.

Source: Armitage, McPherson and Rowe (1969), JRSS A 132; Lan and DeMets (1983), Biometrika 70;
Jennison and Turnbull (2000), chapter 19.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.special import ndtr, ndtri

from stats.errors import InvalidLooks
from stats.inference.quadrature import NODES, WEIGHTS, Floats
from stats.inference.spending import spent_by
from stats.plan.looks import Spending

CEILING = 8.0
"""No boundary is higher: |z| > 8 has probability 1.2e-15 (ldbounds truncates there, too)."""
SMALLEST_STEP = 1e-4
"""A look that adds less of the planned information than this spends nothing and tests nothing."""
FINEST_STEP = 1e-6
"""A last look may add as little as this to the one before; below, the grid is no finer."""
PANEL = 3.0
"""Width of a quadrature panel, in standard deviations of the narrowest kernel beside it."""
ROUNDING = 1e-14
"""What sums of a spent error rate differ by; less than this is not left to spend."""
SOLVED = 1e-13
STEPS = 200


@dataclass(frozen=True, slots=True)
class Boundary:
    """What one look may claim.

    Attributes:
        fraction: Information at this look over the information planned.
        z: The effect is found where |z| is beyond this; at most 8.
        nominal_alpha: Two-sided error rate at which a test or interval of this look alone is made,
            so that all looks together keep theirs.
        spent: Error rate spent by this look and all before it, both sides together.
    """

    fraction: float
    z: float
    nominal_alpha: float
    spent: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """Probability to cross for the first time at one look, by side."""

    below: float
    above: float

    @property
    def either(self) -> float:
        """Both sides together."""
        return self.below + self.above


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths that have not crossed, as weighted points of the Brownian motion at one time."""

    time: float
    points: Floats
    weights: Floats

    def tails(self, time: float, z: float, drift: float) -> Crossing:
        """Give the probability that they are beyond ±z at a later time."""
        step = time - self.time
        ahead, edge = self.points + drift * step, z * math.sqrt(time)
        if step <= 0:  # no new information: each path stays where it is
            return Crossing(
                float(self.weights @ (ahead < -edge)), float(self.weights @ (ahead > edge))
            )
        scale = math.sqrt(step)
        return Crossing(
            float(self.weights @ ndtr((-edge - ahead) / scale)),
            float(self.weights @ ndtr((ahead - edge) / scale)),
        )

    def density(self, time: float, value: float) -> float:
        """Give their density at a value of the motion, without drift, at a later time."""
        step = time - self.time
        if step <= 0:
            return 0.0
        kernel = np.exp((value - self.points) ** 2 / (-2 * step))
        return float(self.weights @ kernel) / math.sqrt(2 * math.pi * step)

    def carried(self, time: float, z: float, drift: float, next_step: float) -> "Paths":
        """Carry them to a later time and leave out those beyond ±z."""
        step = time - self.time
        edge, centre, reach = z * math.sqrt(time), drift * time, (CEILING + 1) * math.sqrt(time)
        low, high = max(-edge, centre - reach), min(edge, centre + reach)
        width = PANEL * math.sqrt(min(step, next_step))
        ends = np.linspace(low, high, max(math.ceil((high - low) / width), 1) + 1)
        half = np.diff(ends)[:, None] / 2
        points = (ends[:-1, None] + half * (1 + NODES)).ravel()
        lengths = (half * WEIGHTS).ravel()
        distance = points[:, None] - (self.points + drift * step)
        density = np.exp(distance * distance / (-2 * step)) @ self.weights
        return Paths(time, points, density * lengths / math.sqrt(2 * math.pi * step))


def started(time: float = 0.0, value: float = 0.0) -> Paths:
    """Give the one path that is at a value at a time; by default the start of the campaign."""
    return Paths(time, np.array([value]), np.ones(1))


def crossings(
    fractions: tuple[float, ...], zs: tuple[float, ...], *, drift: float, start: Paths | None = None
) -> tuple[Crossing, ...]:
    """Give the probability to cross for the first time at each look.

    Args:
        fractions: Information fractions of the looks, rising.
        zs: Boundary of |z| at each look.
        drift: Expected z at information fraction 1; 0 without an effect.
        start: Where the motion stands already; by default at its beginning.
    """
    paths, found = start or started(), []
    for place, (fraction, z) in enumerate(zip(fractions, zs, strict=True)):
        found.append(paths.tails(fraction, z, drift))
        if place + 1 < len(fractions):
            paths = paths.carried(fraction, z, drift, fractions[place + 1] - fraction)
    return tuple(found)


def check_fractions(fractions: tuple[float, ...]) -> None:
    """Refuse looks without information and looks that know less than those before.

    Raises:
        InvalidLooks: Names the fractions.
    """
    if not fractions or not all(math.isfinite(f) and f > 0 for f in fractions):
        raise InvalidLooks(fractions, expected="give each look a share of the plan above 0")
    if any(later < earlier for earlier, later in pairwise(fractions)):
        raise InvalidLooks(fractions, expected="give them in order: information only grows")


@lru_cache(maxsize=4096)
def boundaries(
    fractions: tuple[float, ...], *, alpha: float, spending: Spending, final: bool = False
) -> tuple[Boundary, ...]:
    """Give the boundary of each look, two-sided and symmetric.

    Args:
        fractions: Information fractions of the looks so far, in order; the last is this look.
        alpha: Two-sided error rate of the campaign.
        spending: How it is spent.
        final: Whether the last look ends the campaign and spends all that is left.

    Returns:
        One for each look. Those of earlier looks do not depend on later ones. A look that adds
        less than 0.0001 of the plan (and is not final), and every look after all has been spent,
        has the boundary 8: there is nothing left to spend on it.

    Raises:
        InvalidLooks: There is no look, or a fraction is not above 0 or falls.
    """
    check_fractions(fractions)
    paths, looks, spent = started(), [], 0.0
    for place, fraction in enumerate(fractions):
        last = final and place == len(fractions) - 1
        step = fraction - paths.time
        if step < SMALLEST_STEP and not last and place:
            looks.append(Boundary(fraction, CEILING, 2 * float(ndtr(-CEILING)), spent))
            continue
        goal = alpha if last else spent_by(fraction, alpha=alpha, spending=spending)
        z = _solve(paths, fraction, goal - spent)
        spent += paths.tails(fraction, z, 0.0).either
        looks.append(Boundary(fraction, z, 2 * float(ndtr(-z)), spent))
        if place + 1 < len(fractions):
            paths = paths.carried(fraction, z, 0.0, _next_step(fractions, place))
    return tuple(looks)


def _next_step(fractions: tuple[float, ...], place: int) -> float:
    """Give the information that the next look with news adds; a repeat needs no finer a grid."""
    steps = [later - fractions[place] for later in fractions[place + 1 :]]
    return next((step for step in steps if step >= SMALLEST_STEP), max(steps[-1], FINEST_STEP))


def _solve(paths: Paths, fraction: float, spend: float) -> float:
    """Find the boundary beyond which the paths have this probability; the ceiling without any."""
    if spend <= max(paths.tails(fraction, CEILING, 0.0).either, ROUNDING):
        return CEILING
    low, high, z = 0.0, CEILING, -float(ndtri(min(spend, 0.5) / 2))
    for _ in range(STEPS):
        excess = paths.tails(fraction, z, 0.0).either / spend
        low, high = (z, high) if excess > 1 else (low, z)
        slope = -2 * paths.density(fraction, z * math.sqrt(fraction)) * math.sqrt(fraction) / spend
        # Newton on the logarithm, which is nearly straight in the tail; bisection where it leaves
        usable = excess > 0 and slope < 0
        further = z - math.log(excess) * excess / slope if usable else low
        z, before = (further if low < further < high else (low + high) / 2), z
        if abs(z - before) < SOLVED:
            break
    return z
