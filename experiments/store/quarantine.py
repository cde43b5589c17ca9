"""Keeps what was refused, with the reasons, so that nothing that was sent is lost."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from experiments.errors import Problem, shortened
from experiments.store.tables import quarantine
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

_SHOWN_LENGTH: Final = 500
_MAX_INTEGER: Final = 2**63 - 1


class Kind(StrEnum):
    """What the item would have been."""

    EXPOSURE = "exposure"
    CONVERSION = "conversion"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One item that was refused.

    Attributes:
        item_id: The sender's id, where it could be read.
        payload: The item as it came, as text.
        problems: Every reason.
        sender: Who sent it.
        number: Given by the database, rising; None before it is kept.
    """

    kind: Kind
    item_id: str | None
    payload: str
    problems: tuple[Problem, ...]
    received_at: datetime
    sender: str | None = None
    number: int | None = None


def quarantine_items(connection: Connection, items: Iterable[Quarantined]) -> None:
    """Keep refused items, each content once; text that a database cannot keep is escaped.

    A sender that retries a batch, its bad items with it, does not fill the quarantine.
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
    connection: Connection, *, kind: Kind | None = None, before: int | None = None, limit: int = 100
) -> tuple[Quarantined, ...]:
    """Give refused items, the newest first.

    Args:
        connection: In any transaction.
        kind: Only these; all when None.
        before: Only items with a lower number: the last one of the page before.
        limit: At most this many.
    """
    query = select(quarantine).order_by(quarantine.c.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(quarantine.c.kind == str(kind))
    if before is not None:
        query = query.where(quarantine.c.id < before)
    return tuple(
        Quarantined(
            kind=Kind(row["kind"]),
            item_id=row["item_id"],
            payload=row["payload"],
            problems=tuple(Problem(**values) for values in row["problems"]),
            received_at=row["received_at"],
            sender=row["sender"],
            number=row["id"],
        )
        for row in connection.execute(query).mappings()
    )


def count_quarantine(connection: Connection) -> dict[Kind, int]:
    """Give how many items of each kind were refused."""
    query = select(quarantine.c.kind, func.count()).group_by(quarantine.c.kind)
    counted = {Kind(kind): number for kind, number in connection.execute(query)}
    return {kind: counted.get(kind, 0) for kind in Kind}


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
