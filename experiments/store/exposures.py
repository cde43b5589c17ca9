"""Keeps exposures, appended once per id, never changed; and the first, which analysis reads.

`first_exposures` has one row per campaign, phase, variant, member and unit, with the earliest
moment, the latest, and how many there were. It is written in the transaction of the exposures
themselves, so that it never says anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
from sqlalchemy import select

from experiments.store.appending import Appended, FactTable, append, microseconds
from experiments.store.tables import exposures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Connection

    from experiments.exposure import Exposure

_Key: TypeAlias = tuple[str, int, str, str, str]

_COUNTING: Final = (
    "exposed_at = {least}(first_exposures.exposed_at, excluded.exposed_at), "
    "last_exposed_at = {most}(first_exposures.last_exposed_at, excluded.last_exposed_at), "
    "exposures = first_exposures.exposures + excluded.exposures"
)
_CONFLICT: Final = "ON CONFLICT (campaign_key, phase, variant, member_id, unit_id) DO UPDATE SET "
_SQLITE: Final = (
    "INSERT INTO first_exposures VALUES (?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608  # our own names
    + _CONFLICT
    + _COUNTING.format(least="min", most="max")
)
_POSTGRESQL: Final = (
    "INSERT INTO first_exposures SELECT value->>0, (value->>1)::int, value->>2, value->>3, "
    "value->>4, (value->>5)::timestamptz, (value->>6)::timestamptz, (value->>7)::bigint "
    "FROM json_array_elements(%(rows)s::json) WITH ORDINALITY AS came (value, place) "
    # locked in one order by every writer: two of the same members cannot deadlock
    "ORDER BY place " + _CONFLICT + _COUNTING.format(least="least", most="greatest")
)


def _values(fact: Exposure) -> dict[str, Any]:
    return {
        "exposure_id": fact.exposure_id,
        "campaign_key": fact.campaign,
        "phase": fact.phase,
        "variant": fact.variant,
        "member_id": fact.member_id,
        "unit_id": fact.unit_id,
        "exposed_at": fact.exposed_at,
        "received_at": fact.received_at,
        "sender": fact.sender,
    }


def _sqlite_row(fact: Exposure, number: int) -> tuple[Any, ...]:
    return (
        fact.exposure_id,
        fact.campaign,
        fact.phase,
        fact.variant,
        fact.member_id,
        fact.unit_id,
        microseconds(fact.exposed_at),
        microseconds(fact.received_at),
        fact.sender,
        number,
    )


_KEPT: Final[FactTable[Exposure]] = FactTable(exposures, _values, _sqlite_row)


def append_exposures(
    connection: Connection, facts: Sequence[Exposure], *, untimed: AbstractSet[str] = frozenset()
) -> tuple[Appended, ...]:
    """Keep the exposures that are new and say what became of each, in the order given.

    The campaigns and phases that they name must exist.

    Args:
        connection: In a write transaction.
        facts: In any order; an id may stand more than once.
        untimed: Ids of those without a time of their own; see `append`.
    """
    outcomes = append(connection, _KEPT, facts, untimed=untimed)
    _count(
        connection,
        (fact for fact, outcome in zip(facts, outcomes, strict=True) if outcome is Appended.STORED),
    )
    return outcomes


def has_exposure(connection: Connection, exposure_id: str) -> bool:
    """Say whether an exposure with this id is kept."""
    query = select(exposures.c.exposure_id).where(exposures.c.exposure_id == exposure_id)
    return connection.scalar(query) is not None


def _count(connection: Connection, stored: Iterable[Exposure]) -> None:
    """Keep first, last and number of exposures up with those that were stored."""
    counted: dict[_Key, tuple[datetime, datetime, int]] = {}
    for fact in stored:
        key = (fact.campaign, fact.phase, fact.variant, fact.member_id, fact.unit_id or "")
        at = fact.exposed_at
        seen = counted.get(key)
        if seen is None:
            counted[key] = (at, at, 1)
        else:
            counted[key] = (min(seen[0], at), max(seen[1], at), seen[2] + 1)
    if not counted:
        return
    ordered = sorted(counted)
    if connection.dialect.name == "sqlite":
        rows: list[tuple[Any, ...]] = []
        for key in ordered:
            first, last, number = counted[key]
            at_first = microseconds(first)
            at_last = at_first if last is first else microseconds(last)
            rows.append((*key, at_first, at_last, number))
        connection.exec_driver_sql(_SQLITE, rows)
    else:
        text = orjson.dumps([(*key, *counted[key]) for key in ordered]).decode()
        connection.exec_driver_sql(_POSTGRESQL, {"rows": text})
