"""Worlds whose units take values from a short list: proportions, households, retention.

A run of a hundred thousand units is then one draw of how many units have each value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.simulation.plan import demand
from stats.simulation.trials.batch import Batch, Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

Chances = Callable[[float], "Sequence[float]"]


@dataclass(frozen=True, slots=True, eq=False)
class CountedWorld:
    """A law over a list of possible units.

    Attributes:
        key: Its name.
        columns: What the values of a unit mean; the outcome first.
        possible: The values of each possible unit, whole numbers.
        chances: Gives the chance of each possible unit under a lift.
    """

    key: str
    columns: tuple[str, ...]
    possible: tuple[tuple[int, ...], ...]
    chances: Chances

    def law(self, lift: float = 0.0) -> Floats:
        """Give the chance of each possible unit.

        Raises:
            InvalidSimulation: The lift leaves a chance below 0 or above 1.
        """
        law = np.array(self.chances(lift), dtype=np.float64)
        wanted = "one under which every chance stays between 0 and 1"
        demand(bool(law.min() >= 0), f"lift of {self.key}", lift, wanted)
        return np.asarray(law / law.sum(), dtype=np.float64)

    def means(self, lift: float = 0.0) -> tuple[float, ...]:
        """Give the true mean of every column."""
        return tuple((self.law(lift) @ np.array(self.possible, dtype=np.float64)).tolist())

    def std_dev(self, lift: float = 0.0) -> float:
        """Give the true standard deviation of the outcome."""
        outcome = np.array(self.possible, dtype=np.float64)[:, 0]
        law = self.law(lift)
        return math.sqrt(float(law @ outcome**2) - float(law @ outcome) ** 2)

    def batch(self, rng: np.random.Generator, *, runs: int, units: int, lift: float = 0.0) -> Batch:
        """Draw many runs of one variant, and keep their sums, which are exact."""
        possible = np.array(self.possible, dtype=np.float64)
        counts = rng.multinomial(units, self.law(lift), size=runs).astype(np.float64)
        crossed = possible[:, :, None] * possible[:, None, :]
        return Batch(units, counts @ possible, np.tensordot(counts, crossed, axes=1))

    def values(self, rng: np.random.Generator, *, units: int, lift: float = 0.0) -> Floats:
        """Draw one run of one variant, units by columns."""
        drawn = rng.choice(len(self.possible), size=units, p=self.law(lift))
        return np.array(self.possible, dtype=np.float64)[drawn]


def binary(key: str, *, rate: float, before: float, correlation: float) -> CountedWorld:
    """Give a proportion with a pre-period proportion that goes with it.

    Args:
        key: Its name.
        rate: Chance of the outcome.
        before: Chance that the unit had the outcome before, too.
        correlation: Between the two, without a lift.
    """

    def chances(lift: float) -> list[float]:
        y = rate * (1 + lift)
        both = y * before + correlation * math.sqrt(rate * (1 - rate) * before * (1 - before))
        return [1 - y - before + both, before - both, y - both, both]

    return CountedWorld(key, ("outcome", "before"), ((0, 0), (0, 1), (1, 0), (1, 1)), chances)


def households(
    key: str, *, sizes: Sequence[float], keen: float, rates: tuple[float, float]
) -> CountedWorld:
    """Give households whose members share a fate: a share of them is keen, the others are not.

    Args:
        key: Its name.
        sizes: Chances of households of one member, two, and so on.
        keen: Share of keen households.
        rates: Chance that a member upgrades, in an ordinary and in a keen household.
    """
    possible, weights = [], []
    for size, share in enumerate(sizes, start=1):
        for upgraded in range(size + 1):
            for before in range(size + 1):
                possible.append((upgraded, size, before))
                weights.append((share, math.comb(size, upgraded), math.comb(size, before)))

    def chances(lift: float) -> list[float]:
        law = []
        for (upgraded, size, before), (share, ways, ways_before) in zip(
            possible, weights, strict=True
        ):
            chance = 0.0
            for kind, rate in ((1 - keen, rates[0]), (keen, rates[1])):
                now = rate * (1 + lift)
                chance += (
                    kind
                    * (ways * now**upgraded * (1 - now) ** (size - upgraded))
                    * (ways_before * rate**before * (1 - rate) ** (size - before))
                )
            law.append(share * chance)
        return law

    return CountedWorld(key, ("upgraded", "members", "before"), tuple(possible), chances)


def non_compliance(
    key: str, *, compliance: tuple[float, float], rates: tuple[float, float], share: float
) -> CountedWorld:
    """Give units of which only some are exposed to what they were assigned.

    Active members are exposed more often, and have the outcome more often in any case: who compares
    those exposed with a control that met nothing compares different people. Only those exposed
    can feel the lift, so the lift of everyone assigned is smaller.

    Args:
        key: Its name.
        compliance: Chance to be exposed, of the others and of active members.
        rates: Chance of the outcome, of the others and of active members.
        share: Share of active members.
    """
    possible = ((0, 0), (0, 1), (1, 0), (1, 1))

    def chances(lift: float) -> list[float]:
        law = [0.0] * 4
        for kind, exposed, rate in (
            (1 - share, compliance[0], rates[0]),
            (share, compliance[1], rates[1]),
        ):
            felt = rate * (1 + lift)
            law[0] += kind * (1 - exposed) * (1 - rate)
            law[1] += kind * exposed * (1 - felt)
            law[2] += kind * (1 - exposed) * rate
            law[3] += kind * exposed * felt
        return law

    return CountedWorld(key, ("outcome", "exposed"), possible, chances)


def retention(
    key: str, *, days: tuple[int, ...], kinds: Sequence[tuple[float, float]]
) -> CountedWorld:
    """Give members who are active or not in each of some windows, such as day 1, 7 and 28.

    Args:
        key: Its name.
        days: The last day of each window; the outcome is the last window, and comes first.
        kinds: Kinds of members: their share, and the chance that one is still active a day later.
    """
    patterns = [tuple(int(bit) for bit in f"{at:0{len(days)}b}") for at in range(2 ** len(days))]
    ordered = tuple(reversed(days))

    def chances(lift: float) -> list[float]:
        law = []
        for pattern in patterns:
            chance = 0.0
            for share, stays in kinds:
                part = share
                for at, (active, day) in enumerate(zip(pattern, ordered, strict=True)):
                    rate = stays**day * (1 + lift if at == 0 else 1)
                    part *= rate if active else 1 - rate
                chance += part
            law.append(chance)
        return law

    columns = tuple(f"active_day_{day}" for day in ordered)
    return CountedWorld(key, columns, tuple(patterns), chances)
