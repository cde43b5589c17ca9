"""Decides the history of a simulated programme; what campaigns do to it is decided in `outcomes`.

Every draw comes from a stream of its own, by the seed of the plan and the name of what is drawn.
The same plan gives the same bytes with the same release of NumPy, on every platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.simulation.events import (
    activity_events,
    conversions,
    gathered,
    opt_out_events,
    purchase_events,
)
from stats.simulation.membership import Rung, ladder_of, members_table, standing_at
from stats.simulation.people import People, draw_people
from stats.simulation.plan import demand, demand_aware
from stats.simulation.purchases import Presence, Purchases, draw_purchases
from stats.simulation.seasons import SeasonClock, microseconds
from stats.simulation.streams import stream

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from stats.simulation.events import Events
    from stats.simulation.membership import Standing
    from stats.simulation.plan import WorldPlan


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A programme with its members and all that happened.

    Attributes:
        plan: What it was drawn from.
        ladder: Tiers with the entry thresholds that 12-month spend is held against.
        clock: The seasons.
        people: Members with the truth behind their behaviour.
        purchases: Orders.
        others: Visits, opt-outs, and what campaigns added.
    """

    plan: WorldPlan
    ladder: tuple[Rung, ...]
    clock: SeasonClock
    people: People
    purchases: Purchases
    others: Events

    @property
    def end(self) -> int:
        """End of the history in microseconds since 1970."""
        return microseconds(self.plan.end)

    def standing_at(self, moment: int) -> Standing:
        """Give where every member stands at a moment in microseconds."""
        return standing_at(self.people, self.purchases, self.ladder, moment)

    def members_at(self, moment: datetime) -> pa.Table:
        """Give the members who have joined, with their attributes as they were at that moment.

        Take the moment at or before the first exposure of a campaign: later attributes would
        depend on what the campaign did.

        Raises:
            InvalidSimulation: The moment has no time zone or lies outside the history.
        """
        demand_aware("moment", moment)
        demand(
            self.plan.start <= moment <= self.plan.end,
            "moment",
            moment,
            f"a time from {self.plan.start} to {self.plan.end}",
        )
        at = microseconds(moment)
        return members_table(self.people, self.standing_at(at), self.ladder, at)

    def members(self) -> pa.Table:
        """Give all members with their attributes at the end of the history."""
        return self.members_at(self.plan.end)

    def events(self) -> Events:
        """Give everything that happened, in the order of time."""
        bought = purchase_events(self.purchases, self.plan.currency, self.end)
        return gathered([*bought, self.others])

    def conversions(self) -> pa.Table:
        """Give everything that happened as conversions, in the order of time."""
        return conversions(self.people, self.events())

    def orders(self) -> pa.Table:
        """Give the orders as conversions, in the order of time."""
        return conversions(self.people, purchase_events(*self._purchase_arguments())[0])

    def refunds(self) -> pa.Table:
        """Give the refunds as conversions, each with the ``order_id`` that it belongs to."""
        return conversions(self.people, gathered([purchase_events(*self._purchase_arguments())[1]]))

    def _purchase_arguments(self) -> tuple[Purchases, str, int]:
        return self.purchases, self.plan.currency, self.end


def simulate_world(plan: WorldPlan) -> World:
    """Simulate the history of a programme.

    Orders of a member are a Poisson process whose rate is the member's own, gamma-distributed
    within a habit, times the season; amounts are log-normal with a Pareto share on top.
    """
    clock, people = SeasonClock.of(plan), draw_people(plan)
    start, end = microseconds(plan.start), microseconds(plan.end)
    begins, ends = np.maximum(people.joined, start), np.minimum(people.leaves, end)
    expected = people.orders_per_year * clock.elapsed(begins, ends)
    everyone = np.arange(plan.members)
    purchases = draw_purchases(
        plan.orders,
        clock,
        people,
        Presence(everyone, begins, ends, expected),
        random=stream(plan.seed, "orders"),
        prefix="o-",
    )
    random = stream(plan.seed, "activity")
    visits = np.repeat(everyone, random.poisson(expected * plan.activity_per_order))
    visited = clock.draw(begins[visits], ends[visits], random.random(visits.size))
    in_time = np.argsort(visited, kind="stable")
    others = gathered(
        [
            activity_events(visits[in_time], visited[in_time]),
            opt_out_events(people, start, end),
        ]
    )
    ladder = ladder_of(plan, people, purchases)
    return World(plan, ladder, clock, people, purchases, others)
