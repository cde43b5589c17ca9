"""Keeps conversions: appended once per id, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import select, true

from experiments.store.appending import FactTable, append, microseconds
from experiments.store.tables import conversions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Connection

    from experiments.conversion import Conversion
    from experiments.store.appending import Appended


def _values(fact: Conversion) -> dict[str, Any]:
    return {
        "conversion_id": fact.conversion_id,
        "member_id": fact.member_id,
        "event": fact.event,
        "occurred_at": fact.occurred_at,
        "received_at": fact.received_at,
        "amount_minor": fact.amount_minor,
        "currency": fact.currency,
        "properties": dict(fact.properties) or None,
        "sender": fact.sender,
    }


def _sqlite_row(fact: Conversion, number: int) -> tuple[Any, ...]:
    properties = fact.properties
    return (
        fact.conversion_id,
        fact.member_id,
        fact.event,
        microseconds(fact.occurred_at),
        microseconds(fact.received_at),
        fact.amount_minor,
        fact.currency,
        orjson.dumps(dict(properties)).decode() if properties else None,
        fact.sender,
        number,
    )


_KEPT: Final[FactTable[Conversion]] = FactTable(conversions, _values, _sqlite_row)


def append_conversions(
    connection: Connection, facts: Sequence[Conversion], *, untimed: AbstractSet[str] = frozenset()
) -> tuple[Appended, ...]:
    """Keep the conversions that are new and say what became of each, in the order given."""
    return append(connection, _KEPT, facts, untimed=untimed)


def events_seen(
    connection: Connection, events: Iterable[str], as_of: datetime | None = None
) -> frozenset[str]:
    """Give those of the events that anybody has had, by a moment; one index look-up each."""
    before = conversions.c.occurred_at <= as_of if as_of is not None else true()
    return frozenset(
        event
        for event in set(events)
        if connection.scalar(
            select(conversions.c.event).where(conversions.c.event == event, before).limit(1)
        )
        is not None
    )
