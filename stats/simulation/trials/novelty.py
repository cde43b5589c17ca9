"""The world of novelty: an effect that wears off with the days since exposure.

A unit's days are alike, since some units are active and others are not: the estimates of two days
are correlated, as they are in life.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.simulation.trials.batch import Batch, Floats

if TYPE_CHECKING:
    from stats.simulation.trials.batch import Counts


@dataclass(frozen=True, slots=True, eq=False)
class NoveltyBatch:
    """Active units by day since exposure, in many runs of one variant.

    Attributes:
        units: Units in each run.
        active: Units active on day 1, 2, …, runs by days.
    """

    units: int
    active: Counts

    def day(self, day: int) -> Batch:
        """Give one day since exposure, counted from 1, as a batch of one column of 0 and 1."""
        totals = self.active[:, day - 1 : day].astype(np.float64)
        return Batch(self.units, totals, totals[:, :, None])


@dataclass(frozen=True, slots=True)
class Novelty:
    """Daily activity of two kinds of units, with a lift that decays.

    Attributes:
        days: How many days each unit is seen.
        kinds: Share and daily chance to be active, of each of two kinds.
        half_life: Days after which half of the lift is left.
    """

    days: int = 14
    kinds: tuple[tuple[float, float], tuple[float, float]] = ((0.7, 0.05), (0.3, 0.3))
    half_life: float = 3.0

    def lifts(self, lift: float) -> Floats:
        """Give the true lift of each day, `lift` on the first."""
        return np.asarray(lift * 0.5 ** (np.arange(self.days) / self.half_life), dtype=np.float64)

    def rates(self, lift: float = 0.0) -> Floats:
        """Give the true share of active units on each day."""
        base = sum(share * rate for share, rate in self.kinds)
        return base * (1 + self.lifts(lift))

    def batch(
        self, rng: np.random.Generator, *, runs: int, units: int, lift: float = 0.0
    ) -> NoveltyBatch:
        """Draw many runs of one variant."""
        calm = rng.binomial(units, self.kinds[0][0], size=(runs, 1))
        active = np.zeros((runs, self.days), dtype=np.int64)
        for count, (_, rate) in zip((calm, units - calm), self.kinds, strict=True):
            active += rng.binomial(count, rate * (1 + self.lifts(lift)), size=(runs, self.days))
        return NoveltyBatch(units, active)


NOVELTY = Novelty()
"""Two weeks of activity in which an effect halves every three days."""
