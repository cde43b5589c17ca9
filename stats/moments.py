"""Means and co-moments of several values per unit: what covariates need beside a plain summary.

Column 0 is the outcome (column 1 the denominator of a ratio metric), the others are covariates.
Like `stats.summary`, moments are exact where the values are integral, and two of disjoint units add
up (Chan, Golub and LeVeque, 1983).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self, TypeAlias

from stats.errors import InvalidSummary, NonFiniteValue, TooFewUnits
from stats.summary import ROUNDING, MeanSummary, RatioSummary

Matrix: TypeAlias = tuple[tuple[float, ...], ...]


def in_unit(steps: int, scale: int) -> int | float:
    """Give a number of steps in its unit: whole where it is, otherwise rounded once."""
    whole, rest = divmod(steps, scale)
    return steps / scale if rest else whole


@dataclass(frozen=True, slots=True)
class Moments:
    """Sufficient statistics of k values per unit, over the same units.

    Attributes:
        n: Units.
        totals: Σu of every column, k long.
        centred: Σ(u - ū)(v - v̄) of every pair of columns, k by k and symmetric.
    """

    n: int
    totals: tuple[int | float, ...]
    centred: Matrix

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        k = len(self.totals)
        if self.n < 0 or k == 0:
            message = f"{self.n} units of {k} columns; at least 0 units of 1 column are needed"
            raise InvalidSummary(message)
        if len(self.centred) != k or any(len(row) != k for row in self.centred):
            message = f"co-moments must be a square of {k} columns"
            raise InvalidSummary(message)
        for number in (*self.totals, *(value for row in self.centred for value in row)):
            # an integer is finite however large; math.isfinite would overflow on it
            if isinstance(number, float) and not math.isfinite(number):
                name = "a moment"
                raise NonFiniteValue(name, number)
        for i in range(k):
            for j in range(i):
                self._check_pair(i, j)
            # MeanSummary knows what a single column can have
            MeanSummary(self.n, self.totals[i], self.centred[i][i])

    def _check_pair(self, i: int, j: int) -> None:
        if self.centred[i][j] != self.centred[j][i]:
            message = f"co-moments of columns {i} and {j} differ by order"
            raise InvalidSummary(message)
        bound = math.sqrt(self.centred[i][i]) * math.sqrt(self.centred[j][j])
        if abs(self.centred[i][j]) > bound * (1 + ROUNDING):
            message = (
                f"co-moment {self.centred[i][j]} of columns {i} and {j} exceeds {bound}, the most "
                "their second moments allow (Cauchy-Schwarz)"
            )
            raise InvalidSummary(message)

    @classmethod
    def from_sums(
        cls,
        n: int,
        totals: Sequence[int],
        products: Sequence[Sequence[int]],
        *,
        scales: Sequence[int] = (),
    ) -> Self:
        """Summarise integral values from Σu and Σuv (k by k, symmetric), exactly.

        Args:
            n: Units.
            totals: Of every column.
            products: Of every pair of columns.
            scales: How many steps of each column make one of its unit; by default one.
        """
        k = len(totals)
        if n == 0:
            return cls(0, (0,) * k, ((0.0,) * k,) * k)
        one = tuple(scales) or (1,) * k
        centred = [
            [
                float((products[i][j] - Fraction(totals[i] * totals[j], n)) / (one[i] * one[j]))
                for j in range(k)
            ]
            for i in range(k)
        ]
        in_units = tuple(in_unit(total, one[i]) for i, total in enumerate(totals))
        return cls(n, in_units, tuple(tuple(row) for row in centred))

    @classmethod
    def from_shifted(
        cls,
        n: int,
        pilots: Sequence[float],
        sums: Sequence[float],
        products: Sequence[Sequence[float]],
    ) -> Self:
        """Summarise any values from Σ(u - p) and Σ(u - p)(v - q), p and q near the means.

        The shift keeps the digits that Σu² - (Σu)²/n would cancel.
        """
        k = len(sums)
        if n == 0:
            return cls(0, (0,) * k, ((0.0,) * k,) * k)
        totals = tuple(sums[i] + n * pilots[i] for i in range(k))
        centred = [[products[i][j] - sums[i] * sums[j] / n for j in range(k)] for i in range(k)]
        for i in range(k):
            # a constant column leaves a rounding error of either sign in place of 0
            floor = ROUNDING * 1e-3 * abs(products[i][i])
            centred[i][i] = centred[i][i] if centred[i][i] > floor else 0.0
        for i in range(k):
            for j in range(i):
                bound = math.sqrt(centred[i][i]) * math.sqrt(centred[j][j])
                centred[i][j] = centred[j][i] = max(-bound, min(bound, centred[i][j]))
        return cls(n, totals, tuple(tuple(row) for row in centred))

    @property
    def columns(self) -> int:
        """How many values each unit has."""
        return len(self.totals)

    def mean(self, column: int) -> float:
        """Give the mean of a column.

        Raises:
            TooFewUnits: There is no unit.
        """
        if self.n == 0:
            raise TooFewUnits(0, 1)
        return self.totals[column] / self.n

    def mean_summary(self, column: int = 0) -> MeanSummary:
        """Give one column as a summary."""
        return MeanSummary(self.n, self.totals[column], self.centred[column][column])

    def ratio_summary(self, numerator: int = 0, denominator: int = 1) -> RatioSummary:
        """Give two columns as the summary of a ratio."""
        return RatioSummary(
            self.mean_summary(numerator),
            self.mean_summary(denominator),
            self.centred[numerator][denominator],
        )

    def select(self, *columns: int) -> Self:
        """Give some columns, in this order."""
        return type(self)(
            self.n,
            tuple(self.totals[i] for i in columns),
            tuple(tuple(self.centred[i][j] for j in columns) for i in columns),
        )

    def __add__(self, other: Self) -> Self:
        """Summarise both sets of units together.

        Raises:
            InvalidSummary: They have different numbers of columns.
        """
        if self.columns != other.columns:
            message = f"{self.columns} columns cannot be added to {other.columns}"
            raise InvalidSummary(message)
        if self.n == 0 or other.n == 0:
            return self if other.n == 0 else other
        n, k = self.n + other.n, range(self.columns)
        weight = self.n * other.n / n
        gaps = [other.mean(i) - self.mean(i) for i in k]
        return type(self)(
            n,
            tuple(self.totals[i] + other.totals[i] for i in k),
            tuple(
                tuple(
                    self.centred[i][j] + other.centred[i][j] + gaps[i] * gaps[j] * weight for j in k
                )
                for i in k
            ),
        )
