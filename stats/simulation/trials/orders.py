"""The world of money: most units order nothing, the others log-normal amounts.

A unit's orders are alike (clustered), and so are its orders of the period before and after.
Only units that order are drawn one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.simulation.plan import demand
from stats.simulation.trials.batch import Batch, Counts, Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 100_000
"""Units with orders that are drawn at once: as many as a processor's cache holds."""


@dataclass(frozen=True, slots=True)
class OrdersWorld:
    """Numbers of orders from a short list, log-normal order values.

    A unit with d orders of a period spends d · exp(level + s_d z), where s_d² is
    spread_between² + spread_within²/d, and z is standard normal: the larger part of the spread is
    the unit's own. The z of both periods have a correlation; so have the numbers of orders, by
    way of `loyal`, the share of units which order as often as they did before.

    Attributes:
        key: Its name.
        order_shares: Chance of 0 orders, 1, 2, and so on.
        level: Mean of the logarithm of an order value.
        spread_between: Standard deviation of that logarithm between units.
        spread_within: And between the orders of one unit.
        loyal: Share of units with the same number of orders in both periods.
        correlation: Between the z of both periods.
        counts_orders: Whether columns of order counts stand beside those of spending.
    """

    key: str
    order_shares: tuple[float, ...]
    level: float
    spread_between: float
    spread_within: float = 0.0
    loyal: float = 0.0
    correlation: float = 0.0
    counts_orders: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no law."""
        sound = math.isclose(sum(self.order_shares), 1) and min(self.order_shares) >= 0
        wanted = "shares between 0 and 1 that add up to 1"
        demand(sound, "order_shares", self.order_shares, wanted)

    @property
    def columns(self) -> tuple[str, ...]:
        """What the values of a unit mean; the outcome first."""
        if self.counts_orders:
            return ("revenue", "orders", "revenue_before", "orders_before")
        return ("revenue", "revenue_before")

    @property
    def pairs(self) -> Floats:
        """Chance of each pair of order counts, in the period and before it, row by row."""
        shares = np.array(self.order_shares)
        apart = (1 - self.loyal) * np.outer(shares, shares)
        return (apart + self.loyal * np.diag(shares)).ravel()

    def means(self, lift: float = 0.0) -> tuple[float, ...]:
        """Give the true mean of every column."""
        orders = sum(d * share for d, share in enumerate(self.order_shares))
        revenue = sum(
            share * d * math.exp(self.level + self._variance(d) / 2)
            for d, share in enumerate(self.order_shares)
            if d
        )
        if self.counts_orders:
            return (revenue * (1 + lift), orders, revenue, orders)
        return (revenue * (1 + lift), revenue)

    def moment(self, power: int) -> float:
        """Give the true mean of a unit's revenue to a power, without a lift."""
        return self.expected(power, 0)

    def expected(self, of_revenue: int, of_orders: int) -> float:
        """Give the true mean of revenue to a power times orders to another, without a lift."""
        level = self.level * of_revenue
        return math.fsum(
            share
            * d ** (of_revenue + of_orders)
            * math.exp(level + of_revenue**2 * self._variance(d) / 2)
            for d, share in enumerate(self.order_shares)
            if d
        )

    def correlation_with_before(self) -> float:
        """Give the true correlation of a unit's revenue with that of the period before."""
        size = len(self.order_shares)
        together = math.fsum(
            float(share)
            * (d * x)
            * math.exp(
                2 * self.level
                + (self._variance(d) + self._variance(x)) / 2
                + self.correlation * math.sqrt(self._variance(d) * self._variance(x))
            )
            for (d, x), share in np.ndenumerate(self.pairs.reshape(size, size))
            if d and x
        )
        return (together - self.moment(1) ** 2) / self.std_dev() ** 2

    def std_dev(self, lift: float = 0.0) -> float:
        """Give the true standard deviation of the outcome."""
        return (1 + lift) * math.sqrt(self.moment(2) - self.moment(1) ** 2)

    def _variance(self, orders: int) -> float:
        return self.spread_between**2 + self.spread_within**2 / orders

    def batch(self, rng: np.random.Generator, *, runs: int, units: int, lift: float = 0.0) -> Batch:
        """Draw many runs of one variant, and keep their sums."""
        parts = [
            self._sums(counts, active, ends, lift)
            for counts, active, ends in self._active(rng, runs=runs, units=units)
        ]
        totals = np.concatenate([total for total, _ in parts])
        products = np.concatenate([product for _, product in parts])
        return Batch(units, totals, products)

    def values(self, rng: np.random.Generator, *, units: int, lift: float = 0.0) -> Floats:
        """Draw one run of one variant, units by columns."""
        ((_, active, _),) = self._active(rng, runs=1, units=units, chunk=units)
        rows = np.zeros((units, len(active)))
        rows[: active.shape[1]] = active.T
        rows = rng.permutation(rows)[:, self._shown()]
        rows[:, 0] *= 1 + lift
        return np.asarray(rows, dtype=np.float64)

    def revenues(
        self, rng: np.random.Generator, *, runs: int, units: int, lift: float = 0.0
    ) -> Iterator[Floats]:
        """Draw the revenue of each unit that has any, run by run; the other units have 0."""
        size = len(self.order_shares)
        most = max(1, int(CHUNK / max(1, units * (1 - self.order_shares[0]))))
        for begin in range(0, runs, most):
            some = min(most, runs - begin)
            counts = rng.multinomial(units, self.order_shares, size=some)[:, 1:]
            orders = np.repeat(np.tile(np.arange(1, size), some), counts.ravel())
            z = rng.standard_normal(len(orders))
            spent = (1 + lift) * orders * np.exp(self.level + self._spreads()[orders] * z)
            yield from np.split(spent, np.cumsum(counts.sum(axis=1))[:-1])

    def _spreads(self) -> Floats:
        """Give s_d for each number of orders d; that for 0 is never used."""
        return np.array(
            [math.sqrt(self._variance(max(1, d))) for d in range(len(self.order_shares))]
        )

    def _shown(self) -> list[int]:
        return [0, 1, 2, 3] if self.counts_orders else [0, 2]

    def _active(
        self, rng: np.random.Generator, *, runs: int, units: int, chunk: int = CHUNK
    ) -> Iterator[tuple[Counts, Floats, Counts]]:
        """Draw the units with an order in either period, some runs at a time.

        Gives how many units of each run have each pair of counts; spending, orders, and the same
        of the period before, of each active unit; and where the units of each run end.
        """
        pairs = self.pairs
        size = len(self.order_shares)
        most = max(1, int(chunk / max(1, units * (1 - pairs[0]))))
        d, x = np.divmod(np.arange(1, size * size), size)
        table = self._spreads()
        for begin in range(0, runs, most):
            some = min(most, runs - begin)
            counts = rng.multinomial(units, pairs, size=some)[:, 1:]
            repeats = counts.ravel()
            orders = np.repeat(np.tile(d, some), repeats)
            before = np.repeat(np.tile(x, some), repeats)
            z = rng.standard_normal(len(orders))
            own = math.sqrt(1 - self.correlation**2)
            z_before = self.correlation * z + own * rng.standard_normal(len(orders))
            active = np.empty((4, len(orders)))
            active[0] = orders * np.exp(self.level + table[orders] * z)
            active[1] = orders
            active[2] = before * np.exp(self.level + table[before] * z_before)
            active[3] = before
            yield counts, active, np.cumsum(counts.sum(axis=1))

    def _sums(
        self, counts: Counts, active: Floats, ends: Counts, lift: float
    ) -> tuple[Floats, Floats]:
        shown = active[self._shown()]
        shown[0] *= 1 + lift
        k, runs = len(shown), len(counts)
        # reduceat gives the element itself, and not 0, for a run without an active unit
        starts = np.concatenate([[0], ends[:-1]]).astype(np.intp)
        empty = counts.sum(axis=1) == 0
        totals = np.zeros((runs, k))
        products = np.zeros((runs, k, k))
        if shown.size:
            starts = np.minimum(starts, shown.shape[1] - 1)
            for i in range(k):
                totals[:, i] = np.add.reduceat(shown[i], starts)
                for j in range(i + 1):
                    summed = np.add.reduceat(shown[i] * shown[j], starts)
                    products[:, i, j] = products[:, j, i] = summed
        totals[empty] = 0
        products[empty] = 0
        return totals, products
