"""The world of membership: days until a member lapses, seen only until the campaign ends.

A life table, how many lapsed and how many left sight on each day, holds all that Kaplan-Meier and
the log-rank test need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.simulation.plan import demand

if TYPE_CHECKING:
    from stats.simulation.trials.batch import Counts, Floats


@dataclass(frozen=True, slots=True, eq=False)
class LifetimesBatch:
    """Life tables of many runs of one variant.

    Attributes:
        units: Units in each run.
        lapsed: Units that lapsed on day 1, 2, …, runs by days.
        left: Units that left sight at the end of that day without having lapsed, runs by days.
    """

    units: int
    lapsed: Counts
    left: Counts

    @property
    def at_risk(self) -> Counts:
        """Units in sight and not lapsed when the day begins, runs by days."""
        gone = np.cumsum(self.lapsed + self.left, axis=1)
        return self.units - np.concatenate([np.zeros_like(gone[:, :1]), gone[:, :-1]], axis=1)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A chance to lapse on each day, and members who join over a while.

    Attributes:
        days: How long the first members can be seen.
        enrolment: Days over which members join evenly, so that some are seen for less long.
        first: Chance to lapse on day 1.
        last: Chance to lapse on the last day; it falls evenly in between.
    """

    days: int = 60
    enrolment: int = 30
    first: float = 0.015
    last: float = 0.003

    def __post_init__(self) -> None:
        """Refuse what is no law."""
        sound = 1 <= self.enrolment <= self.days
        demand(sound, "enrolment", self.enrolment, f"1 to {self.days} days")

    def hazards(self, ratio: float = 1.0) -> Floats:
        """Give the chance to lapse on each day, multiplied by a hazard ratio."""
        return np.asarray(np.linspace(self.first, self.last, self.days) * ratio, dtype=np.float64)

    def survival(self, ratio: float = 1.0) -> Floats:
        """Give the true share that has not lapsed when each day ends."""
        return np.asarray(np.cumprod(1 - self.hazards(ratio)), dtype=np.float64)

    def restricted_mean(self, horizon: int, ratio: float = 1.0) -> float:
        """Give the true mean of days lived, up to a horizon in days."""
        return 1 + float(self.survival(ratio)[: horizon - 1].sum())

    def seen(self) -> Floats:
        """Give the chance to be in sight for exactly 1, 2, … days."""
        chances = np.zeros(self.days)
        chances[self.days - self.enrolment :] = 1 / self.enrolment
        return chances

    def law(self, ratio: float = 1.0) -> Floats:
        """Give the chance to lapse on each day in sight, then to leave sight on each day."""
        survival = self.survival(ratio)
        before = np.concatenate([[1.0], survival[:-1]])
        in_sight = np.cumsum(self.seen()[::-1])[::-1]
        return np.concatenate([before * self.hazards(ratio) * in_sight, survival * self.seen()])

    def batch(
        self, rng: np.random.Generator, *, runs: int, units: int, ratio: float = 1.0
    ) -> LifetimesBatch:
        """Draw the life tables of many runs.

        Args:
            rng: Where randomness comes from.
            runs: How many.
            units: In each of them.
            ratio: Multiplies every chance to lapse; below 1 the offer keeps members.
        """
        law = self.law(ratio)
        drawn = rng.multinomial(units, law / law.sum(), size=runs)
        return LifetimesBatch(units, drawn[:, : self.days], drawn[:, self.days :])


LIFETIMES = Lifetimes()
"""Two months in which about a third of the members lapse, the more the newer they are."""
