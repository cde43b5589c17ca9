"""Several tests that share one error rate: adjusted p-values, and the level of each interval.

An adjusted p-value below alpha means that the test counts. The interval of that comparison, made at
its `level` in place of alpha, leaves out 0 exactly then. Levels are those at which the procedure
itself judged each test, so that decision and interval agree. Only Bonferroni's intervals promise to
hold all at once with probability 1 - alpha.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Self

from stats.errors import InvalidPValue
from stats.plan.rules import Multiplicity


class Correction(StrEnum):
    """How several tests share an error rate."""

    NONE = "none"  # each at alpha
    HOLM = "holm"  # step-down; any dependence
    HOCHBERG = "hochberg"  # step-up; independent or positively dependent tests
    BONFERRONI = "bonferroni"  # each at alpha over their number; any dependence
    BENJAMINI_HOCHBERG = "benjamini_hochberg"  # share of false findings, for diagnostics

    @classmethod
    def of(cls, multiplicity: Multiplicity) -> Self:
        """Read the plan's choice."""
        return cls(multiplicity.value)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A test among several.

    Attributes:
        p_value: The adjusted p-value; below `alpha` it counts.
        significant: Whether it counts.
        level: Error rate at which its own interval leaves out 0 exactly when it counts.
        alpha: Error rate shared by the family.
        correction: How it is shared.
        family: How many tests share it.
    """

    p_value: float
    significant: bool
    level: float
    alpha: float
    correction: Correction
    family: int


def adjust(
    p_values: Sequence[float | None],
    *,
    alpha: float,
    correction: Correction = Correction.HOLM,
    family: int | None = None,
) -> tuple[Adjusted, ...]:
    """Correct several p-values together, in the order in which they came.

    Args:
        p_values: One a test, all of them there.
        alpha: Error rate that they share.
        correction: How.
        family: How many tests were planned, if more than were made: those that were not made count
            as if nothing had been found.

    Raises:
        InvalidPValue: One is missing, NaN or outside 0 to 1; then none is corrected.

    Source: Holm (1979), Scandinavian Journal of Statistics 6; Hochberg (1988), Biometrika 75;
    Benjamini and Hochberg (1995), JRSS B 57, intervals Benjamini and Yekutieli (2005), JASA 100.
    Equals statsmodels' multipletests.
    """
    known = _checked(p_values)
    size = max(len(known), family or 0)
    order = sorted(range(len(known)), key=known.__getitem__)
    ranked = [known[place] for place in order]
    stepped = [_factor(correction, rank, size) * p for rank, p in enumerate(ranked)]
    adjusted = [min(1.0, p) for p in _in_order(correction, stepped)]
    counted = sum(p < alpha for p in adjusted)
    results = {}
    for place, p_value in zip(order, adjusted, strict=True):
        rank = bisect_left(ranked, known[place])  # equal p-values have equal levels
        significant = p_value < alpha
        level = alpha / _factor(correction, _judged_at(correction, rank, counted), size)
        if (known[place] < level) != significant:
            # product and quotient are rounded apart; the adjusted p-value has the last word
            level = math.nextafter(known[place], 1) if significant else known[place]
        results[place] = Adjusted(p_value, significant, level, alpha, correction, size)
    return tuple(results[place] for place in range(len(known)))


def _checked(p_values: Sequence[float | None]) -> list[float]:
    known = []
    for place, p_value in enumerate(p_values):
        if p_value is None or not 0 <= p_value <= 1:  # NaN fails both comparisons
            raise InvalidPValue(p_value, place)
        known.append(float(p_value))
    return known


def _factor(correction: Correction, rank: int, size: int) -> float:
    """Give what the p-value of a rank, from 0, is multiplied by."""
    match correction:
        case Correction.NONE:
            return 1
        case Correction.BONFERRONI:
            return size
        case Correction.HOLM | Correction.HOCHBERG:
            return size - rank
        case Correction.BENJAMINI_HOCHBERG:
            return size / (rank + 1)


def _in_order(correction: Correction, stepped: list[float]) -> list[float]:
    """Let no smaller p-value come out above a larger one."""
    match correction:
        case Correction.NONE | Correction.BONFERRONI:
            return stepped
        case Correction.HOLM:  # from the smallest up
            return list(accumulate(stepped, max))
        case Correction.HOCHBERG | Correction.BENJAMINI_HOCHBERG:  # from the largest down
            return list(accumulate(reversed(stepped), min))[::-1]


def _judged_at(correction: Correction, rank: int, counted: int) -> int:
    """Give the rank whose level decided over this one, where the first `counted` were found."""
    match correction:
        case Correction.NONE | Correction.BONFERRONI:
            return rank
        case Correction.HOLM:  # it stops at the first that is not found
            return min(rank, counted)
        case Correction.HOCHBERG:  # the last that is found carries those before it
            return max(rank, counted - 1)
        case Correction.BENJAMINI_HOCHBERG:
            return counted - 1 if rank < counted else counted
