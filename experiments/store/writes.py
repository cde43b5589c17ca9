"""Writes rows the same way on both databases: upserts, in pieces that neither refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Table

Item = TypeVar("Item")

CHUNK_ROWS: Final = 1_000
"""Rows or ids in one statement: far below SQLite's 32,766 parameters, even with 15 columns."""


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an INSERT that knows ON CONFLICT, which SQLAlchemy has per dialect."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def in_chunks(items: Sequence[Item], size: int = CHUNK_ROWS) -> Iterator[Sequence[Item]]:
    """Give the items in order, in pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
