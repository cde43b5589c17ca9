"""A variant's own value with its standard error: what every comparison starts from.

A mean is a ratio whose denominator is the unit, so means, proportions and ratio metrics meet here
and share one machinery afterwards.
"""

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from stats.errors import NonFiniteValue, TooFewUnits, ZeroDenominator
from stats.summary import MeanSummary, RatioSummary

ROUNDING = 1e-12
"""Residual variance below this share of its parts is the rounding error of a zero."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value, the standard error of it, and the units it rests on.

    Attributes:
        value: In the metric's unit.
        std_error: In the metric's unit; 0 when every unit has the same value.
        n: Units, at least two.
    """

    value: float
    std_error: float
    n: int

    def __post_init__(self) -> None:
        """Refuse what no summary can give."""
        for name, number in (("value", self.value), ("std_error", self.std_error)):
            if not math.isfinite(number):
                raise NonFiniteValue(name, number)

    @property
    def df(self) -> float:
        """Degrees of freedom of its standard error."""
        return self.n - 1


def mean_point(summary: MeanSummary) -> Point:
    """Give the mean over units and its standard error, with ddof 1.

    Raises:
        TooFewUnits: Fewer than two units, so the variance is undefined.
    """
    if summary.n < 2:  # noqa: PLR2004 - a variance takes two
        raise TooFewUnits(summary.n, 2)
    return Point(
        summary.mean, math.sqrt(summary.centred_squares / (summary.n - 1) / summary.n), summary.n
    )


def ratio_point(summary: RatioSummary) -> Point:
    """Give total numerator over total denominator and its standard error by the delta method.

    (Var(y) - 2 r Cov(y, d) + r² Var(d)) / (mean(d)² n), with ddof 1 and unit-level sums, so that
    a unit with many orders counts as one draw.

    Raises:
        TooFewUnits: Fewer than two units, so the variance is undefined.
        ZeroDenominator: The denominator totals zero.

    Source: Deng, Knoblich and Lu (2018), KDD, section 3.2.
    """
    if summary.n < 2:  # noqa: PLR2004 - a variance takes two
        raise TooFewUnits(summary.n, 2)
    if summary.denominator.total == 0:
        raise ZeroDenominator
    ratio = summary.numerator.total / summary.denominator.total
    spread_y = summary.numerator.centred_squares
    spread_d = ratio * ratio * summary.denominator.centred_squares
    residual = spread_y - 2 * ratio * summary.co_moment + spread_d
    # y = r·d for every unit leaves a rounding error of either sign in place of 0
    if residual <= ROUNDING * (spread_y + spread_d):
        residual = 0.0
    variance = residual / (summary.n - 1) / summary.n
    return Point(ratio, math.sqrt(variance) / abs(summary.denominator.mean), summary.n)


def t_quantile(df: float, alpha: float) -> float:
    """Give the two-sided critical value: the 1 - alpha/2 quantile of t."""
    # -q(alpha/2) keeps the digits that 1 - alpha/2 would lose
    return -float(stdtrit(df, alpha / 2))
