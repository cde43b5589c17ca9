"""Appends facts once per id: a repeat changes nothing, and other content under an id is told.

What happened is compared, not when it arrived or who sent it: a retry by another route is the same
fact.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from experiments.store.writes import in_chunks, insert_into, numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection, Table

_DERIVED: Final = frozenset({"received_at", "sender", "phase", "unit_id", "written_by"})
"""What the sender did not say: how it arrived, and what was looked up then."""

_TIMES: Final = frozenset({"exposed_at", "occurred_at", "granted_at"})


class Appended(StrEnum):
    """What became of one fact.

    STORED: it is new. REPEATED: it was there already, the same. CONFLICTING: its id was there with
    other content, which stands; nothing was changed.
    """

    STORED = "stored"
    REPEATED = "repeated"
    CONFLICTING = "conflicting"


def append(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    untimed: AbstractSet[str] = frozenset(),
) -> tuple[Appended, ...]:
    """Insert the rows whose id is not there yet.

    Args:
        connection: In a write transaction.
        table: A table of facts, with a single column as its primary key.
        rows: Values by column; an id may stand more than once.
        untimed: Ids of facts whose sender gave no time; the time of arrival, which stands in for
            it, is not compared.

    Returns:
        What became of each row, in the order given.
    """
    id_name = next(iter(table.primary_key.columns)).name
    first: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        first.setdefault(row[id_name], row)
    # in the order of the index: fewer pages, and two writers of the same ids cannot deadlock
    stored = _insert(connection, table, id_name, [first[row_id] for row_id in sorted(first)])
    older = _find(connection, table, id_name, [row_id for row_id in first if row_id not in stored])
    outcomes = []
    for row in rows:
        row_id = row[id_name]
        standing = older.get(row_id, first[row_id])
        if standing is row:
            outcomes.append(Appended.STORED)
        elif _same(_content(standing, id_name, untimed), _content(row, id_name, untimed)):
            outcomes.append(Appended.REPEATED)
        else:
            outcomes.append(Appended.CONFLICTING)
    return tuple(outcomes)


def _insert(
    connection: Connection, table: Table, id_name: str, rows: Sequence[Mapping[str, Any]]
) -> set[str]:
    """Insert what is new and give its ids."""
    if not rows:
        return set()
    statement = insert_into(connection, table).on_conflict_do_nothing(index_elements=[id_name])
    returning = statement.returning(table.c[id_name])
    return set(connection.scalars(returning, numbered(connection, rows)))


def _find(
    connection: Connection, table: Table, id_name: str, ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Give the rows that stand under these ids."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in in_chunks(ids):
        query = select(table).where(table.c[id_name].in_(some))
        found |= {row[id_name]: row for row in connection.execute(query).mappings()}
    return found


def _content(row: Mapping[str, Any], id_name: str, untimed: AbstractSet[str]) -> dict[str, Any]:
    unsaid = _DERIVED | _TIMES if row[id_name] in untimed else _DERIVED
    return {name: value for name, value in row.items() if name != id_name and name not in unsaid}


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401  # a JSON value or a column's
    """Say whether two values are the same, one of them perhaps as a database gave it back."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
        case list() | tuple(), list() | tuple():
            return len(one) == len(other) and all(map(_same, one, other))
        case (bool(), _) | (_, bool()):  # which Python takes for 1 and 0
            return one is other
        # jsonb writes a float of 1e17 as an integer with more digits than the float has
        case (float(), int()) | (int(), float()):
            return float(one) == float(other)
        case _:
            return bool(one == other)
