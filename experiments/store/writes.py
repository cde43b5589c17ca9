"""Writes rows the same way on both databases: upserts, in pieces that neither refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

from experiments.store.tables import write_counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Table

Item = TypeVar("Item")

_FIRST_NUMBER: Final = 2
"""1 is what rows have that were there before there were numbers."""

# built once: every assignment and every fact on SQLite takes a number
_counting = sqlite.insert(write_counter).values(id=1, number=_FIRST_NUMBER)
_NEXT_NUMBER: Final = _counting.on_conflict_do_update(
    index_elements=["id"], set_={"number": write_counter.c.number + 1}
).returning(write_counter.c.number)

CHUNK_ROWS: Final = 1_000
"""Rows or ids in one statement: far below SQLite's 32,766 parameters, even with 15 columns."""


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an INSERT that knows ON CONFLICT, which SQLAlchemy has per dialect."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def next_number(connection: Connection) -> int:
    """Take the next number of a SQLite writer; nothing else has it, now or later."""
    return int(connection.execute(_NEXT_NUMBER).scalar_one())


def numbered(
    connection: Connection, rows: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Give the rows with the number of the transaction that is about to write them.

    SQLite's writers take turns, so a counter that each raises within its transaction orders them as
    they become visible, and a deleted row's number never comes again. PostgreSQL fills the column
    by itself.
    """
    if connection.dialect.name != "sqlite":
        return rows
    number = next_number(connection)
    return [{**row, "written_by": number} for row in rows]


def in_chunks(items: Sequence[Item], size: int = CHUNK_ROWS) -> Iterator[Sequence[Item]]:
    """Give the items in order, in pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
