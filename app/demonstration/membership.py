"""Decides which tier a member of the demonstration holds at a moment, and what is known of them.

The club reviews tiers once, before its first campaign, by the spend of the twelve months before;
after that a tier changes by a ``tier_change`` event and by nothing else. So members, events and
assignments tell one story.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.member import checked_member
from stats.simulation.seasons import microseconds

if TYPE_CHECKING:
    import numpy.typing as npt

    from experiments.member import Member
    from stats.simulation import World

    Rows = npt.NDArray[np.int64]

REVIEW_BEFORE_END: Final = timedelta(days=160)
_CHANGE: Final = "tier_change"
_CONSENT: Final = "personalisation_consent"


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """The members of a world as the club knows them.

    Attributes:
        world: With the campaigns so far.
        reviewed: Rung of every member at the review, 0 for the lowest.
        by_hand: Whether that rung was set by hand.
    """

    world: World
    reviewed: Rows
    by_hand: npt.NDArray[np.bool_]

    @classmethod
    def reviewed_at(cls, world: World, moment: datetime) -> Membership:
        """Give the members with the tiers that a review at a moment finds."""
        standing = world.standing_at(microseconds(moment))
        return cls(world, standing.rank, standing.by_hand)

    def after(self, world: World) -> Membership:
        """Give the same members in the world after another campaign."""
        return Membership(world, self.reviewed, self.by_hand)

    def ranks_at(self, moment: datetime) -> Rows:
        """Give the rung of every member: each change since the review is one step up."""
        others = self.world.others
        changed = pc.equal(others.facts["event"], _CHANGE).to_numpy()
        changed &= others.at < microseconds(moment)
        steps = np.bincount(others.member[changed], minlength=self.reviewed.size)
        ranks: Rows = np.minimum(self.reviewed + steps, len(self.world.ladder) - 1)
        return ranks

    def known_at(self, moment: datetime) -> pa.Table:
        """Give those who have joined by a moment, with their attributes as they were then.

        Returns:
            The columns of `World.members_at`; tier, its source and the distance to the next tier
            are those of the club.
        """
        world = self.world
        table = world.members_at(moment)
        at = microseconds(moment)
        rows = np.flatnonzero(world.people.joined < at)
        rank = self.ranks_at(moment)[rows]
        top = len(world.ladder) - 1
        thresholds = np.array([rung.entry_threshold_minor for rung in world.ladder])
        spend = table["spend_12m_minor"].to_numpy()
        missing = np.maximum(thresholds[np.minimum(rank + 1, top)] - spend, 0)
        by_hand = self.by_hand[rows] & (rank == self.reviewed[rows])
        keys = pa.array([rung.key for rung in world.ladder])
        decided = {
            "tier": keys.take(pa.array(rank)),
            "tier_source": pa.array(["spend", "manual"]).take(pa.array(by_hand.astype(np.int64))),
            "distance_to_next_minor": pa.array(missing, mask=rank == top),
        }
        for name, column in decided.items():
            table = table.set_column(table.column_names.index(name), name, column)
        return table

    def conversions(self, since: datetime) -> pa.Table:
        """Give what happened since a moment, with the tiers of the club in every change of one.

        Returns:
            The columns of `World.conversions`, in the order of time. The change of a member who
            was at the top already is left out.
        """
        table = self.world.conversions()
        changes = pc.equal(table["event"], _CHANGE)
        happened = table.filter(changes)
        member = pc.index_in(happened["member_id"], self.world.people.member_id).to_numpy()
        before = self.reviewed[member] + _earlier(member)
        top = len(self.world.ladder) - 1
        keys = pa.array([rung.key for rung in self.world.ladder])
        for name, rank in (("from", before), ("to", before + 1)):
            place = pa.array(np.minimum(rank, top).astype(np.int64))
            happened = happened.set_column(
                happened.column_names.index(name), name, keys.take(place)
            )
        kept = happened.filter(pa.array(before < top))
        together = pa.concat_tables([table.filter(pc.invert(changes)), kept])
        recent = together.filter(pc.greater_equal(together["occurred_at"], pa.scalar(since)))
        return recent.sort_by([("occurred_at", "ascending"), ("conversion_id", "ascending")])


def members_of(table: pa.Table) -> list[Member]:
    """Give a table of members as the store takes them; times become text."""
    return [
        checked_member(
            row["member_id"],
            {name: _attribute(value) for name, value in row.items() if name not in _NOT_ATTRIBUTES},
            personalisation_consent=row[_CONSENT],
        )
        for row in table.to_pylist()
    ]


_NOT_ATTRIBUTES: Final = frozenset({"member_id", _CONSENT})


def _attribute(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _earlier(member: Rows) -> Rows:
    """Give how often the same member stands before each place."""
    order = np.argsort(member, kind="stable")
    ordered = member[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    earlier = np.empty_like(order)
    earlier[order] = np.arange(member.size) - starts
    return earlier
