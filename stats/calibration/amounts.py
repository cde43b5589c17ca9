"""Type-I error of the methods that need single values: quantiles and winsorised means."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stats.calibration.judges import ALPHA, rejecting
from stats.calibration.study import Judge, Study, study
from stats.inference.difference import welch_difference
from stats.inference.quantile import quantile_difference
from stats.simulation.trials import REVENUE
from stats.summary import MeanSummary
from stats.summary.order_statistics import (
    OrderStatistic,
    QuantileRanks,
    QuantileSummary,
    centre_rank,
    quantile_ranks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stats.inference.outcome import Certain, Estimate
    from stats.simulation.trials.batch import Floats

QUANTILE = Decimal("0.9")
CAP = Decimal("0.99")


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """The revenue of one variant in one run.

    Attributes:
        units: All of them.
        spent: What those who spent anything spent, in ascending order.
    """

    units: int
    spent: Floats

    def at_rank(self, rank: int) -> OrderStatistic:
        """Give the value at a rank among all units, most of whom spent 0."""
        nothing = self.units - len(self.spent)
        if rank <= nothing:
            return OrderStatistic(rank, 0.0, 0, nothing)
        return OrderStatistic(rank, float(self.spent[rank - nothing - 1]), rank - 1, rank)

    def quantile(self) -> QuantileSummary:
        """Summarise a quantile, as aggregation does."""
        ranks = _ranks(self.units)
        low, centre, high = map(self.at_rank, (ranks.low, ranks.centre, ranks.high))
        return QuantileSummary(self.units, QUANTILE, ALPHA, centre, low, high, ranks.width)

    def capped(self, cap: float) -> MeanSummary:
        """Summarise the mean of values that count no more than the cap."""
        spent = np.minimum(self.spent, cap)
        total = float(spent.sum())
        squares = float(np.square(spent).sum())
        return MeanSummary(self.units, total, squares - total * total / self.units)


@lru_cache
def _ranks(units: int) -> QuantileRanks:
    return quantile_ranks(units, QUANTILE, alpha=ALPHA)


Runs = list[tuple[Amounts, Amounts]]
"""Control and treatment, run by run."""


def _drawing(control: int, treatment: int) -> Callable[[np.random.Generator, int], Runs]:
    def draw(rng: np.random.Generator, runs: int) -> Runs:
        both = [
            [Amounts(n, np.sort(part)) for part in REVENUE.revenues(rng, runs=runs, units=n)]
            for n in (control, treatment)
        ]
        return list(zip(*both, strict=True))

    return draw


def _quantile(pair: tuple[Amounts, Amounts]) -> Estimate | Certain:
    return quantile_difference(pair[0].quantile(), pair[1].quantile(), alpha=ALPHA)


def _winsorised(pair: tuple[Amounts, Amounts]) -> Estimate | Certain:
    """Cap both variants at a percentile of all units together."""
    control, treatment = pair
    units = control.units + treatment.units
    together = np.concatenate([control.spent, treatment.spent])
    place = centre_rank(units, CAP) - 1 - (units - len(together))
    cap = float(np.partition(together, place)[place])
    return welch_difference(control.capped(cap), treatment.capped(cap), alpha=ALPHA)


def _rejecting(
    infer: Callable[[tuple[Amounts, Amounts]], Estimate | Certain],
) -> Callable[[Runs], Iterator[bool | None]]:
    return lambda runs: rejecting(runs, infer)


JUDGES: tuple[Judge[Runs], ...] = (
    Judge("90th percentile, order statistics", _rejecting(_quantile)),
    Judge("Welch, winsorised at the pooled 99th percentile", _rejecting(_winsorised)),
)


def _study(key: str, words: str, control: int, treatment: int, chunk: int) -> Study:
    title = f"{words}; {control:,} units against {treatment:,}"
    return study(f"amounts/{key}", title, _drawing(control, treatment), JUDGES, chunk=chunk)


STUDIES = (
    _study("even", "Skewed revenue", 5_000, 5_000, 1_000),
    _study("20-1", "20:1 split, skewed revenue", 100_000, 5_000, 250),
)
"""A split each."""
