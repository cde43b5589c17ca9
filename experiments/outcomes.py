"""What became of the items of a request: kept, known already, put aside or left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from experiments.errors import Problem

_NO_PROBLEMS: Final[Mapping[int, tuple[Problem, ...]]] = MappingProxyType({})


class Outcome(StrEnum):
    """What became of one item; SUPPRESSED: of an erased member, discarded and counted."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item of several.

    Attributes:
        index: Its place among the items, from 0.
        item_id: The sender's id, where it could be read.
        problems: Every reason, for a quarantined item.
    """

    index: int
    item_id: str | None
    outcome: Outcome
    problems: tuple[Problem, ...] = ()


class Results(Sequence[ItemResult]):
    """What became of the items of a request, in their order; one is made when it is looked at."""

    __slots__ = ("_id_field", "_items", "outcomes", "problems")

    def __init__(
        self,
        items: Sequence[object],
        id_field: str,
        outcomes: Sequence[Outcome],
        problems: Mapping[int, tuple[Problem, ...]] = _NO_PROBLEMS,
    ) -> None:
        """Say of `items`, whose ids are in `id_field`, what became of them.

        Args:
            items: As they came.
            id_field: Name of the field with the sender's id.
            outcomes: One per item.
            problems: Every reason, by the place of a quarantined item.
        """
        self._items, self._id_field = items, id_field
        self.outcomes, self.problems = outcomes, problems

    def __len__(self) -> int:
        """Give the number of items."""
        return len(self.outcomes)

    def __iter__(self) -> Iterator[ItemResult]:
        """Give every result, in order."""
        return map(self._result, range(len(self.outcomes)))

    @overload
    def __getitem__(self, place: int) -> ItemResult: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ItemResult]: ...
    def __getitem__(self, place: int | slice) -> ItemResult | Sequence[ItemResult]:
        """Give a result, or some of them, by place."""
        places = range(len(self.outcomes))[place]
        if isinstance(places, range):
            return tuple(map(self._result, places))
        return self._result(places)

    def item_id(self, index: int) -> str | None:
        """Give the sender's id of an item, where it could be read."""
        item = self._items[index]
        value = item.get(self._id_field) if isinstance(item, dict) else None
        return value if isinstance(value, str) else None

    def _result(self, index: int) -> ItemResult:
        problems = self.problems.get(index, ())
        return ItemResult(index, self.item_id(index), self.outcomes[index], problems)
