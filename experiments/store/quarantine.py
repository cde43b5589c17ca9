"""Keeps what was refused, with the reasons, so that nothing that was sent is lost."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, update

from experiments.errors import Problem, shortened
from experiments.store.tables import quarantine
from experiments.store.writes import in_chunks, insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping, Select

_SHOWN_LENGTH: Final = 500
_MAX_INTEGER: Final = 2**63 - 1


class Kind(StrEnum):
    """What the item would have been."""

    EXPOSURE = "exposure"
    CONVERSION = "conversion"


class QuarantineState(StrEnum):
    """What became of the item: OPEN waits, REPLAYED is a fact by now, DISCARDED never will be."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an item ceased to be open.

    Attributes:
        state: What became of it.
        at: When.
        by: Who did it.
        reason: Why it was discarded.
        correction: The text that was replayed in its place; None where it was replayed as it came.
    """

    state: QuarantineState
    at: datetime
    by: str
    reason: str | None = None
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One item that was refused.

    Attributes:
        item_id: The sender's id, where it could be read.
        payload: The item as it came, as text.
        problems: Every reason.
        sender: Who sent it.
        number: Given by the database, rising; None before it is kept.
        settlement: How it ceased to be open; None while it is.
    """

    kind: Kind
    item_id: str | None
    payload: str
    problems: tuple[Problem, ...]
    received_at: datetime
    sender: str | None = None
    number: int | None = None
    settlement: Settlement | None = None

    @property
    def state(self) -> QuarantineState:
        """What became of it."""
        return QuarantineState.OPEN if self.settlement is None else self.settlement.state


@dataclass(frozen=True, slots=True)
class Which:
    """Which items are meant; what is None does not matter.

    Attributes:
        sender: Who sent them.
        received_from: When they came, at the earliest.
        received_before: When they came, earlier than this.
    """

    kind: Kind | None = None
    state: QuarantineState | None = None
    sender: str | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None


def quarantine_items(connection: Connection, items: Iterable[Quarantined]) -> None:
    """Keep refused items, each content once; text that a database cannot keep is escaped.

    A sender that retries a batch, its bad items with it, does not fill the quarantine; what was
    replayed or discarded stays so.
    """
    rows = [
        {
            "kind": str(item.kind),
            "item_id": None if item.item_id is None else _storable(item.item_id),
            "payload": _storable(item.payload),
            "problems": [_problem_values(problem) for problem in item.problems],
            "received_at": item.received_at,
            "sender": item.sender,
            "digest": hashlib.sha256(_storable(item.payload).encode()).hexdigest(),
        }
        for item in items
    ]
    if rows:
        statement = insert_into(connection, quarantine)
        connection.execute(
            statement.on_conflict_do_nothing(index_elements=["kind", "digest"]), rows
        )


def read_quarantine(
    connection: Connection,
    which: Which | None = None,
    *,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Quarantined, ...]:
    """Give refused items, the newest first.

    Args:
        connection: In any transaction.
        which: Only these; all when None.
        before: Only items with a lower number: the last one of the page before.
        limit: At most this many.
    """
    query = _selected(which).order_by(quarantine.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(quarantine.c.id < before)
    return tuple(map(_item, connection.execute(query).mappings()))


def read_quarantine_upwards(
    connection: Connection, which: Which, *, after: int = 0, limit: int = 100
) -> tuple[Quarantined, ...]:
    """Give refused items with a number above `after`, the oldest first."""
    query = _selected(which).where(quarantine.c.id > after)
    found = connection.execute(query.order_by(quarantine.c.id).limit(limit))
    return tuple(map(_item, found.mappings()))


def find_quarantined(connection: Connection, number: int) -> Quarantined | None:
    """Give the item with this number."""
    if not 0 < number <= _MAX_INTEGER:
        return None
    query = select(quarantine).where(quarantine.c.id == number)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _item(row)


def settle(connection: Connection, numbers: Sequence[int], settlement: Settlement) -> None:
    """Settle items, the first time for good; what became a fact is replayed, come what may."""
    statement = update(quarantine).values(
        state=str(settlement.state),
        settled_at=settlement.at,
        settled_by=settlement.by,
        reason=settlement.reason,
        correction=settlement.correction,
    )
    may_change = quarantine.c.state == str(QuarantineState.OPEN)
    if settlement.state is QuarantineState.REPLAYED:
        may_change = quarantine.c.state != str(QuarantineState.REPLAYED)
    for some in in_chunks(sorted(numbers)):
        connection.execute(statement.where(quarantine.c.id.in_(some), may_change))


def count_quarantine(
    connection: Connection, state: QuarantineState | None = None
) -> dict[Kind, int]:
    """Give how many items of each kind were refused; with `state`, how many are so now."""
    query = select(quarantine.c.kind, func.count()).group_by(quarantine.c.kind)
    if state is not None:
        query = query.where(quarantine.c.state == str(state))
    counted = {Kind(kind): number for kind, number in connection.execute(query)}
    return {kind: counted.get(kind, 0) for kind in Kind}


def _selected(which: Which | None) -> Select[Any]:
    query = select(quarantine)
    if which is None:
        return query
    if which.kind is not None:
        query = query.where(quarantine.c.kind == str(which.kind))
    if which.state is not None:
        query = query.where(quarantine.c.state == str(which.state))
    if which.sender is not None:
        query = query.where(quarantine.c.sender == which.sender)
    if which.received_from is not None:
        query = query.where(quarantine.c.received_at >= which.received_from)
    if which.received_before is not None:
        query = query.where(quarantine.c.received_at < which.received_before)
    return query


def _item(row: RowMapping) -> Quarantined:
    state = QuarantineState(row["state"])
    settlement = None
    if state is not QuarantineState.OPEN:
        settlement = Settlement(
            state=state,
            at=row["settled_at"],
            by=row["settled_by"],
            reason=row["reason"],
            correction=row["correction"],
        )
    return Quarantined(
        kind=Kind(row["kind"]),
        item_id=row["item_id"],
        payload=row["payload"],
        problems=tuple(Problem(**values) for values in row["problems"]),
        received_at=row["received_at"],
        sender=row["sender"],
        number=row["id"],
        settlement=settlement,
    )


def _problem_values(problem: Problem) -> dict[str, Any]:
    return {
        "field": _storable(problem.field),
        "value": _storable_value(problem.value),
        "message": _storable(problem.message),
        "way_out": _storable(problem.way_out),
    }


def _storable(text: str) -> str:
    """Give text that both databases keep: without NUL, and valid Unicode."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def _storable_value(value: object) -> str | int | float | bool | None:
    match value:
        case None | bool():
            return value
        case int() if abs(value) <= _MAX_INTEGER:
            return value
        case float() if math.isfinite(value):
            return value
        case str():
            return _storable(value[:_SHOWN_LENGTH])
        case _:
            return shortened(value, _SHOWN_LENGTH)
