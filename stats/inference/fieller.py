"""The set of ratios that a t test does not reject, on the scale of the lift.

With C and T the values, c and t their standard errors and q the critical value, the ratio r is kept
when (T - r C)² <= q² (t² + r² c²). Around a hypothesis r0, with x = r - r0, that is

    a x² - 2 b x + k <= 0,   a = C² - q² c²,   b = C (T - r0 C) + q² r0 c²,
                             k = (T - r0 C)² - q² (t² + r0² c²),

whose discriminant b² - a k = q² (c² T² + t² a). The sign of k says whether r0 itself is rejected,
the sign of a whether the control can be told from 0. Both are taken from differences of two numbers
before anything is squared, so that no rounding turns them.

Source: Fieller (1954), JRSS B 16, 175-185.
"""

import math
from typing import NamedTuple

from stats.inference.point import Point


class Span(NamedTuple):
    """Both ends of a set of lifts; `None` where it has no end on that side."""

    low: float | None
    high: float | None


def span_of_lift(
    control: Point, treatment: Point, *, half: float, critical: float, at: float = 0.0
) -> Span:
    """Give the lifts that the test does not reject, with the ends that they have.

    Where the control can be told from 0 there are two. Elsewhere the control may be tiny, of either
    sign: a lift, over the size of the control, then has no upper bound if the treatment is above 0,
    no lower one if it is below, and neither if both may be 0.

    Args:
        control: The control's value, which is not 0, and its error.
        treatment: The treatment's.
        half: Critical value times the standard error of T - (1 + L) C at the lift L = `at`.
        critical: The critical value, in standard errors.
        at: The lift around which it is solved: its side of the ends is exact.
    """
    # every length in units of the control's size, mirrored so that the control is above 0
    size = abs(control.value)
    sign = 1.0 if control.value > 0 else -1.0
    at_ratio = sign + at  # T - C - L |C| = T - (sign + L) |C|
    spread_c = critical * control.std_error
    g = (spread_c / size) ** 2
    a = (size - spread_c) / size * ((size + spread_c) / size)
    gap = treatment.value - control.value - at * size
    k = (abs(gap) - half) / size * ((abs(gap) + half) / size)
    ratio = treatment.value / size
    spread_t = critical * treatment.std_error / size
    b = gap / size + g * at_ratio
    discriminant = g * ratio * ratio + spread_t * spread_t * a
    if discriminant < 0 or not math.isfinite(discriminant) or (a <= 0 and ratio == 0):
        return Span(None, None)
    root = math.sqrt(discriminant)
    far = b + math.copysign(root, b)  # no cancellation here; the other root is k / far
    if far == 0:
        # b = root = 0: the treatment is 0 for certain, the only lift kept is at
        return Span(at, at) if a > 0 else Span(None, None)
    near = k / far
    if a > 0:
        other = far / a
        low, high = min(near, other), max(near, other)
        ends = (at + low, at + high)
        return Span(*ends) if all(map(math.isfinite, ends)) else Span(None, None)
    return _one_sided(near, far, a, above=treatment.value > 0, at=at)


def _one_sided(near: float, far: float, a: float, *, above: bool, at: float) -> Span:
    """Join the two branches, one for each sign of the control, on the scale of the lift."""
    # of a = 0 the far root is at infinity, on the side away from the set
    ends = (at + near, at + far / a if a else -math.copysign(math.inf, far))
    # with a control of the other sign, treatment over size of the control changes its sign as well
    end = min(max(ends), -min(ends)) if above else max(min(ends), -max(ends))
    return Span(end, None) if above else Span(None, end)
