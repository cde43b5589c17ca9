"""The sums of many runs of one variant: what a world gives instead of units.

A run is one campaign; every run of a batch has as many units. Sums are plain and not shifted, since
the worlds here have means of the order of their spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stats.moments import Moments
from stats.summary import MeanSummary, RatioSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Sums over the units of each run.

    Attributes:
        units: Units in each run.
        totals: Σu of each column, runs by k.
        products: Σuv of each pair of columns, runs by k by k.
    """

    units: int
    totals: Floats
    products: Floats

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.totals)

    @property
    def columns(self) -> int:
        """How many values each unit has."""
        return int(self.totals.shape[1])

    @property
    def means(self) -> Floats:
        """Means of each column, runs by k."""
        return self.totals / self.units

    @property
    def centred(self) -> Floats:
        """Σ(u - ū)(v - v̄) of each pair of columns, runs by k by k."""
        centred = self.products - self.totals[:, :, None] * self.totals[:, None, :] / self.units
        diagonal = np.einsum("rkk->rk", centred)
        # a column of one value leaves a rounding error of either sign in place of 0
        diagonal[diagonal < 1e-12 * np.einsum("rkk->rk", self.products)] = 0.0
        return np.asarray(centred, dtype=np.float64)

    def select(self, *columns: int) -> Batch:
        """Give some columns, in this order."""
        chosen = list(columns)
        return Batch(self.units, self.totals[:, chosen], self.products[:, chosen][:, :, chosen])

    def mean_summaries(self, column: int = 0) -> list[MeanSummary]:
        """Give one column of every run as a summary."""
        centred = self.centred[:, column, column]
        return [
            MeanSummary(self.units, total, squares)
            for total, squares in zip(
                self.totals[:, column].tolist(), centred.tolist(), strict=True
            )
        ]

    def ratio_summaries(self, numerator: int = 0, denominator: int = 1) -> list[RatioSummary]:
        """Give two columns of every run as the summary of a ratio."""
        crossed = self.centred[:, numerator, denominator].tolist()
        return [
            RatioSummary(*parts)
            for parts in zip(
                self.mean_summaries(numerator),
                self.mean_summaries(denominator),
                crossed,
                strict=True,
            )
        ]

    def moments(self, *columns: int) -> list[Moments]:
        """Give every run as `Moments` of some columns; of all, where none is named."""
        some = self.select(*columns) if columns else self
        return [
            Moments(self.units, tuple(totals), tuple(map(tuple, centred)))
            for totals, centred in zip(some.totals.tolist(), some.centred.tolist(), strict=True)
        ]


def accrued(steps: Sequence[Batch]) -> tuple[Batch, ...]:
    """Give what each look sees: the sums of the first step, of the first two, and so on."""
    units = np.cumsum([step.units for step in steps])
    totals = np.cumsum([step.totals for step in steps], axis=0)
    products = np.cumsum([step.products for step in steps], axis=0)
    return tuple(
        Batch(int(n), total, product)
        for n, total, product in zip(units, totals, products, strict=True)
    )
