"""Sufficient statistics of one variant: all that inference ever sees of the members.

A summary is exact where the values are: totals of integral values are Python integers, and
`from_sums` computes centred moments by exact integer arithmetic, so that a mean of 1e8 with a
standard deviation of 1 loses nothing, and the same facts give the same bits on every engine.
Two summaries of disjoint units add up (Chan, Golub and LeVeque, 1983).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from stats.errors import InvalidSummary, NonFiniteValue, TooFewUnits

ROUNDING = 1e-9
"""Relative slack for sums that arrive rounded."""


def _refuse_non_finite(**values: float) -> None:
    for name, value in values.items():
        # an integer is finite however large; math.isfinite would overflow on it
        if not isinstance(value, int) and not math.isfinite(value):
            raise NonFiniteValue(name, value)


def _centred(n: int, product: int, left: int, right: int) -> float:
    """Sum of centred products from exact sums: Σab - ΣaΣb/n, rounded once."""
    return 0.0 if n == 0 else float(Fraction(n * product - left * right, n))


def _refuse_impossible(n: int, total: float, centred_squares: float) -> None:
    if n < 0:
        message = f"a summary of {n} units; the number of units cannot be negative"
        raise InvalidSummary(message)
    if centred_squares < 0:
        message = f"centred squares of {centred_squares}; a sum of squares cannot be negative"
        raise InvalidSummary(message)
    if n == 0 and (total != 0 or centred_squares != 0):
        message = f"no units, but a total of {total}; without units every sum is 0"
        raise InvalidSummary(message)
    if n == 1 and centred_squares != 0:
        message = f"one unit, but centred squares of {centred_squares}; one unit has none"
        raise InvalidSummary(message)


@dataclass(frozen=True, slots=True)
class MeanSummary:
    """One value per unit: their number, total, and sum of squares about the mean.

    Attributes:
        n: Units.
        total: Sum of the values; an `int` when every value is integral.
        centred_squares: Σ(y - ȳ)², in the square of the metric's unit.
    """

    n: int
    total: int | float
    centred_squares: float

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        _refuse_non_finite(total=self.total, centred_squares=self.centred_squares)
        _refuse_impossible(self.n, self.total, self.centred_squares)

    @classmethod
    def from_sums(cls, n: int, total: int, squares: int) -> Self:
        """Summarise integral values from Σy and Σy², exactly."""
        return cls(n, total, _centred(n, squares, total, total))

    @property
    def mean(self) -> float:
        """The mean over units.

        Raises:
            TooFewUnits: There is no unit.
        """
        if self.n == 0:
            raise TooFewUnits(0, 1)
        return self.total / self.n

    def __add__(self, other: Self) -> Self:
        """Summarise both sets of units together."""
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        n = self.n + other.n
        gap = other.mean - self.mean
        weight = self.n * other.n / n
        squares = self.centred_squares + other.centred_squares + gap * gap * weight
        return type(self)(n, self.total + other.total, squares)


@dataclass(frozen=True, slots=True)
class RatioSummary:
    """Two values per unit, a numerator and a denominator, and how they move together.

    Attributes:
        numerator: Summary of the numerators.
        denominator: Summary of the denominators, over the same units.
        co_moment: Σ(y - ȳ)(d - d̄).
    """

    numerator: MeanSummary
    denominator: MeanSummary
    co_moment: float

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        _refuse_non_finite(co_moment=self.co_moment)
        if self.numerator.n != self.denominator.n:
            message = (
                f"numerator over {self.numerator.n} units, denominator over "
                f"{self.denominator.n}; both must be over the same units"
            )
            raise InvalidSummary(message)
        bound = math.sqrt(self.numerator.centred_squares) * math.sqrt(
            self.denominator.centred_squares
        )
        if abs(self.co_moment) > bound * (1 + ROUNDING):
            message = (
                f"co-moment {self.co_moment} exceeds {bound}, the most these two second "
                "moments allow (Cauchy-Schwarz)"
            )
            raise InvalidSummary(message)

    @classmethod
    def from_sums(cls, n: int, *, y: int, d: int, yy: int, dd: int, yd: int) -> Self:
        """Summarise integral pairs from Σy, Σd, Σy², Σd² and Σyd, exactly."""
        return cls(
            MeanSummary.from_sums(n, y, yy),
            MeanSummary.from_sums(n, d, dd),
            _centred(n, yd, y, d),
        )

    @property
    def n(self) -> int:
        """Units."""
        return self.numerator.n

    def __add__(self, other: Self) -> Self:
        """Summarise both sets of units together."""
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        weight = self.n * other.n / (self.n + other.n)
        gap_y = other.numerator.mean - self.numerator.mean
        gap_d = other.denominator.mean - self.denominator.mean
        return type(self)(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.co_moment + other.co_moment + gap_y * gap_d * weight,
        )
