"""The items of one request, read: what of them is kept, put aside or left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import orjson

from experiments.errors import Problem
from experiments.outcomes import Outcome, Results
from experiments.store.appending import Appended
from experiments.store.quarantine import Kind, Quarantined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from experiments.arrival import Arrival
    from experiments.conversion import Conversion
    from experiments.exposure import Exposure

Fact = TypeVar("Fact", "Exposure", "Conversion")

ID_FIELDS: Final = {Kind.EXPOSURE: "exposure_id", Kind.CONVERSION: "conversion_id"}

_OUTCOMES: Final = {
    Appended.STORED: Outcome.ACCEPTED,
    Appended.REPEATED: Outcome.DUPLICATE,
    Appended.CONFLICTING: Outcome.QUARANTINED,
}


@dataclass(frozen=True, slots=True)
class Intake(Generic[Fact]):
    """The items of one request, read: facts, or what is wrong with them.

    An empty tuple stands for an item of a member who was erased: nothing is kept of it.
    """

    kind: Kind
    items: Sequence[object]
    read: Sequence[Fact | tuple[Problem, ...]]
    arrival: Arrival
    alone: bool
    keep_refused: bool

    @property
    def id_field(self) -> str:
        """Name of the field with the sender's id."""
        return ID_FIELDS[self.kind]

    @property
    def facts(self) -> list[Fact]:
        """The good items, as facts."""
        return [one for one in self.read if not isinstance(one, tuple)]

    def members(self) -> list[str | None]:
        """Give whom each item is about, where it says so."""
        named = (item.get("member_id") if isinstance(item, dict) else None for item in self.items)
        return [one if isinstance(one, str) else None for one in named]

    def without(self, members: AbstractSet[str]) -> Intake[Fact]:
        """Give the batch without what is about these members, good or bad."""
        read = [
            () if member in members else one
            for one, member in zip(self.read, self.members(), strict=True)
        ]
        return replace(self, read=read)

    def untimed(self) -> set[str]:
        """Give the ids of items that say no time: sent again, they are still the same fact."""
        name = self.id_field
        return {
            str(item.get(name))
            for item in self.items
            if isinstance(item, dict)
            and item.get("occurred_at") is None
            and item.get("exposed_at") is None
        }

    def results(self, outcomes: Sequence[Appended]) -> Results:
        """Give what became of the items, from what became of the facts among them."""
        if len(outcomes) == len(self.read) and outcomes.count(Appended.STORED) == len(outcomes):
            return Results(self.items, self.id_field, (Outcome.ACCEPTED,) * len(outcomes))
        problems: dict[int, tuple[Problem, ...]] = {}
        known: list[Outcome] = []
        remaining = iter(outcomes)
        results = Results(self.items, self.id_field, known, problems)
        for index, one in enumerate(self.read):
            if isinstance(one, tuple):
                known.append(Outcome.QUARANTINED if one else Outcome.SUPPRESSED)
                if one:
                    problems[index] = one
                continue
            outcome = next(remaining)
            known.append(_OUTCOMES[outcome])
            if outcome is Appended.CONFLICTING:
                problems[index] = (_conflict(self.id_field, results.item_id(index)),)
        return results

    def refusals(self, results: Results) -> list[Quarantined]:
        """Give the bad items as the quarantine keeps them."""
        if self.alone or not self.keep_refused:
            return []
        return [
            Quarantined(
                kind=self.kind,
                item_id=results.item_id(index),
                payload=_payload(self.items[index]),
                problems=problems,
                received_at=self.arrival.now,
                sender=self.arrival.sender,
            )
            for index, problems in results.problems.items()
        ]


def _conflict(id_field: str, item_id: str | None) -> Problem:
    return Problem(
        id_field,
        item_id,
        "was sent before with other content, which stands",
        "Send a correction as a fact of its own, under a new id.",
    )


def _payload(item: object) -> str:
    """Give a refused item as JSON text, or as Python shows it where JSON cannot."""
    try:
        return orjson.dumps(item, default=str).decode()
    except orjson.JSONEncodeError:
        return repr(item)
