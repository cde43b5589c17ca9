"""Remembers what one process has read of members and of their assignments, with a bound.

Members are asked for on every page. What is remembered here is as true as the store was when its
changes were last applied (`experiments.watch`): a change that happened while something was being
read must not be hidden by what was read, so whoever reads takes a `ticket` first, and what comes
with an old ticket serves its request and is not kept.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from experiments.member import Member
    from experiments.store.assignments import AssignmentKey

Key = TypeVar("Key")
Value = TypeVar("Value")

MEMBERS: Final = 50_000
"""How many members are remembered by default: some 100 MB with ten attributes each."""


class Bounded(Generic[Key, Value]):
    """Keeps at most `limit` values: those that were asked for last, roughly.

    Two generations: when the young one has half of the limit it becomes the old one, and what is
    asked for moves back to the young one. Reading takes no lock.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """Give what is kept under a key."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, in place of what was kept under its key."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def forget(self, key: Key) -> None:
        """Keep nothing under a key."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Keep nothing."""
        self._young, self._old = {}, {}

    def __len__(self) -> int:
        """Give the number of values that are kept."""
        return len(self._young.keys() | self._old.keys())


class Memory:
    """What one process remembers, for all its threads."""

    def __init__(self, members: int = MEMBERS) -> None:
        """Remember at most so many members, and the assignments of as many units."""
        self._members: Bounded[str, Member] = Bounded(members)
        # by unit: the variant that stands in a phase of a campaign, or None for none
        self._variants: Bounded[str, dict[tuple[str, int], str | None]] = Bounded(members)
        self._logged: Bounded[str, bool] = Bounded(members)
        # by campaign, phase and member: the tier at the assignment, empty for none
        self._tiers: Bounded[AssignmentKey, str] = Bounded(members)
        self._full: dict[tuple[str, int], int] = {}
        self._lock = Lock()
        self.ticket = 0

    def member(self, member_id: str) -> Member | None:
        """Give the member, where it is remembered; one nobody has sent has no attributes."""
        return self._members.get(member_id)

    def variants(self, unit_id: str) -> Mapping[tuple[str, int], str | None]:
        """Give what is known of a unit: its variant by campaign and phase, None for none."""
        return self._variants.get(unit_id) or {}

    def is_logged(self, exposure_id: str) -> bool:
        """Say whether an exposure of the server's own is known to be kept."""
        return self._logged.get(exposure_id) is not None

    def tier_at(self, key: AssignmentKey) -> str | None:
        """Give the tier that a member had at the assignment, empty for none; None if not known."""
        return self._tiers.get(key)

    def is_full(self, campaign: str, phase: int, revision: int) -> bool:
        """Say whether a campaign's cap is known to be reached, as it was set at a revision."""
        return self._full.get((campaign, phase)) == revision

    def keep_full(self, campaign: str, phase: int, revision: int) -> None:
        """Remember that a campaign's cap is reached; a change of the campaign may raise it."""
        self._full[campaign, phase] = revision

    def keep_member(self, member: Member, ticket: int) -> None:
        """Remember a member that was read, unless something changed since the ticket was taken."""
        with self._lock:
            if ticket == self.ticket:
                self._members.put(member.member_id, member)

    def keep_variants(
        self, unit_id: str, found: Mapping[tuple[str, int], str | None], ticket: int
    ) -> None:
        """Remember what was read of a unit, unless something changed since the ticket was taken."""
        with self._lock:
            if ticket == self.ticket:
                self._add(unit_id, found)

    def keep_assigned(self, assigned: Iterable[tuple[AssignmentKey, str]]) -> None:
        """Remember assignments that stand; they never change within a phase."""
        with self._lock:
            for (campaign, phase, unit_id), variant in assigned:
                self._add(unit_id, {(campaign, phase): variant})

    def keep_tier_at(self, key: AssignmentKey, tier: str) -> None:
        """Remember the tier that a member had at the assignment; it never changes in a phase."""
        with self._lock:
            self._tiers.put(key, tier)

    def keep_logged(self, exposure_id: str) -> None:
        """Remember that an exposure of the server's own is kept."""
        with self._lock:
            self._logged.put(exposure_id, True)

    def apply(
        self,
        members: Iterable[str] | None,
        assigned: Iterable[tuple[AssignmentKey, str]] | None,
    ) -> None:
        """Take in what changed in the store.

        Args:
            members: Ids of members that changed; None where there were too many to say.
            assigned: Assignments that were made; None where there were too many to say.
        """
        with self._lock:
            self.ticket += 1
            if members is None:
                self._members.clear()
            else:
                for member_id in members:
                    self._members.forget(member_id)
            if assigned is None:
                self._variants.clear()
            else:
                for (campaign, phase, unit_id), variant in assigned:
                    if (known := self._variants.get(unit_id)) is not None:
                        self._variants.put(unit_id, {**known, (campaign, phase): variant})

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.ticket += 1
            self._members.clear()
            self._variants.clear()
            self._logged.clear()
            self._tiers.clear()
            self._full.clear()

    def _add(self, unit_id: str, found: Mapping[tuple[str, int], str | None]) -> None:
        # a new dictionary each time: readers hold no lock
        self._variants.put(unit_id, {**(self._variants.get(unit_id) or {}), **found})
