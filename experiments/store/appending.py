"""Appends facts once per id: a repeat changes nothing, and other content under an id is told.

What happened is compared, not when it arrived or who sent it: a retry by another route is the same
fact. Facts go to the driver as it takes them, past SQLAlchemy's typed parameters, which cost more
than the database does: tuples to SQLite's ``executemany``, one JSON text to PostgreSQL, whose
server makes rows of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import orjson
from sqlalchemy import BigInteger, Integer, Table, select

from experiments.store.tables import WRITTEN_BY
from experiments.store.types import EPOCH, MICROSECOND, JsonText, UtcDateTime
from experiments.store.writes import in_chunks, next_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

Fact = TypeVar("Fact")

_DERIVED: Final = frozenset({"received_at", "sender", "phase", "unit_id", WRITTEN_BY})
"""What the sender did not say: how it arrived, and what was looked up then."""

_TIMES: Final = frozenset({"exposed_at", "occurred_at"})


class Appended(StrEnum):
    """What became of one fact.

    STORED: it is new. REPEATED: it was there already, the same. CONFLICTING: its id was there with
    other content, which stands; nothing was changed.
    """

    STORED = "stored"
    REPEATED = "repeated"
    CONFLICTING = "conflicting"


@dataclass(frozen=True)
class FactTable(Generic[Fact]):
    """Where facts of a kind are kept, and how one becomes a row.

    Attributes:
        table: With a single column as its primary key, and `written_by` as its last one.
        values: Gives a fact's values, by column without `written_by`.
        sqlite_row: Gives a fact as a row of SQLite, in the order of the columns, with the number of
            its writer: times in microseconds, JSON as text.
    """

    table: Table
    values: Callable[[Fact], Mapping[str, Any]]
    sqlite_row: Callable[[Fact, int], tuple[Any, ...]]

    @cached_property
    def id_name(self) -> str:
        """Name of the column with the sender's id, and of the fact's attribute."""
        name: str = next(iter(self.table.primary_key.columns)).name
        return name

    @cached_property
    def id_of(self) -> Callable[[Fact], str]:
        """Gives the id of a fact."""
        return attrgetter(self.id_name)

    @cached_property
    def sqlite_insert(self) -> str:
        """The statement for rows as `sqlite_row` gives them."""
        names = [column.name for column in self.table.columns]
        return (
            f"INSERT INTO {self.table.name} ({', '.join(names)}) "  # noqa: S608  # our own names
            f"VALUES ({', '.join('?' * len(names))}) ON CONFLICT ({self.id_name}) DO NOTHING"
        )

    @cached_property
    def postgresql_insert(self) -> str:
        """The statement for one JSON array of `values`; it gives the ids that are new."""
        columns = [column for column in self.table.columns if column.name != WRITTEN_BY]
        names = ", ".join(column.name for column in columns)
        typed = ", ".join(f"{column.name} {_json_type(column.type)}" for column in columns)
        return (
            f"INSERT INTO {self.table.name} ({names}) "  # noqa: S608  # our own names
            f"SELECT {names} FROM json_to_recordset(%(rows)s::json) AS came ({typed}) "
            f"ON CONFLICT ({self.id_name}) DO NOTHING RETURNING {self.id_name}"
        )


def append(
    connection: Connection,
    kept: FactTable[Fact],
    facts: Sequence[Fact],
    *,
    untimed: AbstractSet[str] = frozenset(),
) -> tuple[Appended, ...]:
    """Insert the facts whose id is not there yet.

    Args:
        connection: In a write transaction.
        kept: Where they belong.
        facts: In any order; an id may stand more than once.
        untimed: Ids of facts whose sender gave no time; the time of arrival, which stands in for
            it, is not compared.

    Returns:
        What became of each fact, in the order given.
    """
    if not facts:
        return ()
    id_of = kept.id_of
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(id_of(fact), fact)
    # in the order of the index: fewer pages, and two writers of the same ids cannot deadlock
    insert = _insert_sqlite if connection.dialect.name == "sqlite" else _insert_postgresql
    stored = insert(connection, kept, [first[fact_id] for fact_id in sorted(first)])
    if stored is None:
        if len(first) == len(facts):
            return (Appended.STORED,) * len(facts)
        stored = first.keys()
    older = _find(connection, kept, [fact_id for fact_id in first if fact_id not in stored])
    new = set(stored)
    outcomes = []
    for fact in facts:
        fact_id = id_of(fact)
        if fact_id in new:  # the first of its id
            new.remove(fact_id)
            outcomes.append(Appended.STORED)
        else:
            standing = older.get(fact_id) or kept.values(first[fact_id])
            outcomes.append(_judged(kept, fact, standing, timed=fact_id not in untimed))
    return tuple(outcomes)


def microseconds(moment: datetime) -> int:
    """Give a moment as SQLite's columns hold it."""
    return (moment - EPOCH) // MICROSECOND


def _insert_sqlite(
    connection: Connection, kept: FactTable[Fact], facts: Sequence[Fact]
) -> AbstractSet[str] | None:
    """Insert what is new and give its ids; None where all were."""
    number = next_number(connection)
    sqlite_row = kept.sqlite_row
    rows = [sqlite_row(fact, number) for fact in facts]
    if connection.exec_driver_sql(kept.sqlite_insert, rows).rowcount == len(rows):
        return None
    # nobody else has had this number, nor will
    new = select(kept.table.c[kept.id_name]).where(kept.table.c[WRITTEN_BY] == number)
    return set(connection.scalars(new))


def _insert_postgresql(
    connection: Connection, kept: FactTable[Fact], facts: Sequence[Fact]
) -> AbstractSet[str] | None:
    """Insert what is new and give its ids; None where all were."""
    new: set[str] = set()
    for some in in_chunks(facts):
        rows = orjson.dumps([kept.values(fact) for fact in some]).decode()
        new.update(connection.exec_driver_sql(kept.postgresql_insert, {"rows": rows}).scalars())
    return None if len(new) == len(facts) else new


def _find(
    connection: Connection, kept: FactTable[Fact], ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Give the rows that stand under these ids."""
    found: dict[str, Mapping[str, Any]] = {}
    name = kept.id_name
    for some in in_chunks(ids):
        query = select(kept.table).where(kept.table.c[name].in_(some))
        found |= {row[name]: row for row in connection.execute(query).mappings()}
    return found


def _judged(
    kept: FactTable[Fact], fact: Fact, standing: Mapping[str, Any], *, timed: bool
) -> Appended:
    """Compare a fact with what stands under its id."""
    unsaid = {kept.id_name, *_DERIVED, *(() if timed else _TIMES)}
    came = kept.values(fact)
    if all(_same(standing[name], came[name]) for name in came.keys() - unsaid):
        return Appended.REPEATED
    return Appended.CONFLICTING


def _json_type(kind: TypeEngine[Any]) -> str:
    """Give the PostgreSQL type that a value has on its way from JSON into a column."""
    match kind:
        case UtcDateTime():
            return "timestamptz"
        case JsonText():
            return "jsonb"
        case BigInteger() | Integer():
            return "bigint"
        case _:
            return "text"


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
