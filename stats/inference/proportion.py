"""The interval of a single proportion."""

import math

from scipy.special import ndtri

from stats.errors import InvalidSummary, TooFewUnits
from stats.inference.outcome import Method, Rate


def wilson(successes: int, n: int, *, alpha: float) -> Rate:
    """Estimate one proportion with Wilson's score interval.

    Args:
        successes: Units with the outcome.
        n: Units.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: There is no unit.
        InvalidSummary: More successes than units, or fewer than none.

    Source: Wilson (1927), JASA 22; equals statsmodels' proportion_confint(method="wilson").
    """
    if n == 0:
        raise TooFewUnits(0, 1)
    if not 0 <= successes <= n:
        message = f"{successes} successes among {n} units; there must be 0 to {n}"
        raise InvalidSummary(message)
    share = successes / n
    z2 = float(ndtri(alpha / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # the ends are exactly 0 and 1 there; rounding leaves 1e-17
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Rate(share, low, high, alpha, Method.WILSON)
