"""Sums of a unit's values with fixed weights: what becomes of its moments, without its rows.

Gross margin less reward less contact cost is such a sum. Its mean and error in a variant, and how
two such sums move together, follow from the cross moments of the values.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stats.errors import TooFewUnits
from stats.inference.point import Point
from stats.moments import Moments

ROUNDING = 1e-12
"""A variance below this share of its parts is the rounding error of a zero."""


@dataclass(frozen=True, slots=True)
class Combination:
    """A weighted sum of a unit's values, and a constant.

    Attributes:
        weights: One per column of the moments.
        constant: Added to every unit's sum.
    """

    weights: tuple[float, ...]
    constant: float = 0.0

    def minus(self, other: "Combination", times: float = 1.0) -> "Combination":
        """Subtract so many times another sum of the same columns."""
        weights = zip(self.weights, other.weights, strict=True)
        return Combination(
            tuple(own - times * its for own, its in weights),
            self.constant - times * other.constant,
        )


def combined_point(moments: Moments, combination: Combination) -> Point:
    """Give the mean over units of a weighted sum, and its standard error with ddof 1.

    Raises:
        TooFewUnits: Fewer than two units, so the variance is undefined.
    """
    variance = combined_covariance(moments, combination, combination)
    return Point(combined_mean(moments, combination), math.sqrt(variance), moments.n)


def combined_mean(moments: Moments, combination: Combination) -> float:
    """Give the mean over units of a weighted sum.

    Raises:
        TooFewUnits: There is no unit.
    """
    if moments.n == 0:
        raise TooFewUnits(0, 1)
    parts = [
        weight * total / moments.n
        for weight, total in zip(combination.weights, moments.totals, strict=True)
    ]
    return math.fsum([*parts, combination.constant])


def combined_covariance(moments: Moments, left: Combination, right: Combination) -> float:
    """Give the covariance of the means of two weighted sums, with ddof 1.

    Raises:
        TooFewUnits: Fewer than two units, so it is undefined.
    """
    n = moments.n
    if n < 2:  # noqa: PLR2004 - a variance takes two
        raise TooFewUnits(n, 2)
    parts = [
        a * b * moments.centred[i][j]
        for i, a in enumerate(left.weights)
        for j, b in enumerate(right.weights)
    ]
    total = math.fsum(parts)
    if abs(total) <= ROUNDING * math.fsum(map(abs, parts)):
        total = 0.0
    if left == right:
        total = max(total, 0.0)
    return total / (n - 1) / n


def combined_moments(moments: Moments, rows: Sequence[Combination]) -> Moments:
    """Give the moments of several weighted sums, one column each; constants shift the totals."""
    totals = tuple(
        math.fsum(
            [
                *(w * t for w, t in zip(row.weights, moments.totals, strict=True)),
                moments.n * row.constant,
            ]
        )
        for row in rows
    )
    if moments.n == 0:
        return Moments(0, tuple(0 for _ in rows), tuple(tuple(0.0 for _ in rows) for _ in rows))
    k = range(moments.columns)
    centred = [
        [
            math.fsum(
                left.weights[i] * right.weights[j] * moments.centred[i][j] for i in k for j in k
            )
            for right in rows
        ]
        for left in rows
    ]
    for i in range(len(rows)):
        centred[i][i] = max(centred[i][i], 0.0)
        for j in range(i):
            bound = math.sqrt(centred[i][i]) * math.sqrt(centred[j][j])
            centred[i][j] = centred[j][i] = max(-bound, min(bound, centred[i][j]))
    return Moments(moments.n, totals, tuple(tuple(row) for row in centred))
