"""Decides the orders of a simulated programme and their refunds, as columns of equal length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from stats.simulation.people import numbered
from stats.simulation.seasons import DAY_US, HOUR_US

if TYPE_CHECKING:
    import numpy.typing as npt

    from stats.simulation.people import People
    from stats.simulation.plan import OrderPlan
    from stats.simulation.seasons import Floats, Microseconds, SeasonClock

    Rows = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """Stretches of time in which members may order, one row each.

    Attributes:
        member: Rows of `People`.
        begins: Microseconds since 1970.
        ends: Microseconds, not included.
        expected: How many orders fall in it on average.
    """

    member: Rows
    begins: Microseconds
    ends: Microseconds
    expected: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """Orders in the order of time, each with all that decides its refund.

    Attributes:
        order_id: Text, unique.
        member: Row of `People`.
        at: Microseconds since 1970.
        amount_minor: Positive.
        refund_probability: Chance of a refund.
        refund_draw: Uniform; the order is refunded where this is below the chance.
        refund_delay: Microseconds from the order to its refund.
        refund_part: Share of the amount that the refund returns.
    """

    order_id: pa.Array
    member: Rows
    at: Microseconds
    amount_minor: npt.NDArray[np.int64]
    refund_probability: Floats
    refund_draw: Floats
    refund_delay: Microseconds
    refund_part: Floats

    def take(self, rows: Rows | Mask) -> Purchases:
        """Give the orders at these rows."""
        chosen = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Purchases(
            self.order_id.take(pa.array(chosen)),
            self.member[chosen],
            self.at[chosen],
            self.amount_minor[chosen],
            self.refund_probability[chosen],
            self.refund_draw[chosen],
            self.refund_delay[chosen],
            self.refund_part[chosen],
        )

    def with_terms(self, factor: Floats, refund_probability: Floats) -> Purchases:
        """Give the same orders with amounts times a factor, and other chances of a refund."""
        return Purchases(
            self.order_id,
            self.member,
            self.at,
            _whole(self.amount_minor * factor),
            refund_probability,
            self.refund_draw,
            self.refund_delay,
            self.refund_part,
        )

    @property
    def refund_at(self) -> Microseconds:
        """When the refund is made, if there is one."""
        return self.at + self.refund_delay

    @property
    def refund_minor(self) -> npt.NDArray[np.int64]:
        """What the refund returns, if there is one: at least one minor unit."""
        return _whole(self.amount_minor * self.refund_part)

    def refunded_before(self, moment: int) -> Mask:
        """Say which orders were refunded before a moment in microseconds."""
        refunded = self.refund_draw < self.refund_probability
        return refunded & (self.refund_at < moment)


def _whole(amount: Floats) -> npt.NDArray[np.int64]:
    return np.maximum(np.rint(amount), 1.0).astype(np.int64)


def draw_purchases(
    plan: OrderPlan,
    clock: SeasonClock,
    people: People,
    presence: Presence,
    *,
    random: np.random.Generator,
    prefix: str,
) -> Purchases:
    """Draw a Poisson number of orders for each stretch, and spread them by the seasons.

    Args:
        plan: The law of amounts and refunds.
        clock: The seasons.
        people: Whose orders they are, with their price levels.
        presence: When they may order and how much is expected.
        random: The stream to draw from.
        prefix: Start of the order ids; differs between calls for one world.
    """
    counts = random.poisson(presence.expected)
    stretch = np.repeat(np.arange(counts.size), counts)
    at = clock.draw(presence.begins[stretch], presence.ends[stretch], random.random(stretch.size))
    in_time = np.argsort(at, kind="stable")
    at, member = at[in_time], presence.member[stretch[in_time]]
    size = at.size
    tail = np.where(
        random.random(size) < plan.large_share, 1 + random.pareto(plan.large_exponent, size), 1.0
    )
    amount = people.price_minor[member] * np.exp(random.normal(0, plan.order_sigma, size)) * tail
    delay = random.exponential(plan.refund_days * DAY_US, size).astype(np.int64) + HOUR_US
    whole = random.random(size) < plan.full_refund_share
    return Purchases(
        order_id=numbered(prefix, size, width=8),
        member=member,
        at=at,
        amount_minor=_whole(amount),
        refund_probability=np.full(size, plan.refund_share),
        refund_draw=random.random(size),
        refund_delay=delay,
        refund_part=np.where(whole, 1.0, random.random(size)),
    )


def merged(parts: list[Purchases]) -> Purchases:
    """Give all orders of several tables in the order of time."""
    together = Purchases(
        pa.concat_arrays([part.order_id for part in parts]),
        np.concatenate([part.member for part in parts]),
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.amount_minor for part in parts]),
        np.concatenate([part.refund_probability for part in parts]),
        np.concatenate([part.refund_draw for part in parts]),
        np.concatenate([part.refund_delay for part in parts]),
        np.concatenate([part.refund_part for part in parts]),
    )
    return together.take(np.argsort(together.at, kind="stable"))
