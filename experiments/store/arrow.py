"""Streams a query's rows as Arrow, a few thousand at a time, from one snapshot.

`experiments.store.facts` says why PostgreSQL is read through ADBC and SQLite is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi as adbc
from sqlalchemy.dialects import postgresql, sqlite

from experiments.errors import DatabaseMissing
from experiments.store.engine import CONNECT_TIMEOUT_S, reading, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql import Selectable

_BATCH_ROWS: Final = 10_000


def stream_arrow(engine: Engine, query: Selectable, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Give what the query selects, in batches of the schema; its columns go by their place.

    However long it takes: no timeout ends it.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    read = _read_sqlite if engine.dialect.name == "sqlite" else _read_postgresql
    yield from read(engine, query, schema)


def _read_sqlite(engine: Engine, query: Selectable, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with reading(engine) as connection:
        yield from sqlite_batches(connection, query, schema)


def sqlite_batches(
    connection: Connection, query: Selectable, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Give the rows as Arrow; times are integers in the file, and become moments by their type."""
    sql, values = compiled(query, sqlite.dialect(paramstyle="qmark"))
    cursor = connection.connection.cursor()  # rows as the driver has them: SQLAlchemy's cost twice
    try:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_BATCH_ROWS):
            columns = zip(*rows, strict=True)
            yield pa.record_batch(
                [
                    pa.array(column, field.type)
                    for column, field in zip(columns, schema, strict=True)
                ],
                schema=schema,
            )
    finally:
        cursor.close()


def _read_postgresql(
    engine: Engine, query: Selectable, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    with open_adbc(engine) as connection, connection.cursor() as cursor:
        try:
            begin_snapshot(cursor, timeout_s=0)
            cursor.execute(*for_adbc(query))
            for batch in cursor.fetch_record_batch():
                # by place: the types carry PostgreSQL's names as metadata, which are not ours
                yield batch.rename_columns(schema.names).cast(schema)
        except (AdbcError, OSError) as error:  # Arrow wraps what the driver says while it streams
            raise _unusable(engine, error) from error


def open_adbc(engine: Engine) -> adbc.Connection:
    """Open a connection of ADBC's own to the engine's PostgreSQL.

    Raises:
        DatabaseMissing: The server is absent or does not answer.
    """
    address = engine.url.set(drivername="postgresql")
    if "connect_timeout" not in address.query:
        address = address.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_S)})
    try:
        return adbc.connect(address.render_as_string(hide_password=False))
    except AdbcError as error:
        raise _unusable(engine, error) from error


def begin_snapshot(cursor: adbc.Cursor, *, timeout_s: int) -> None:
    """Let every query of the transaction see one moment, and write nothing; 0 is no timeout."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    cursor.execute(f"SET LOCAL statement_timeout = '{timeout_s}s'")


def for_adbc(query: Selectable) -> tuple[str, tuple[Any, ...]]:
    """Give the SQL and its values as ADBC takes them."""
    return compiled(query, postgresql.dialect(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def first_line(error: Exception) -> str:
    """Give what a driver says first; the rest is its own."""
    return str(error).strip().splitlines()[0]


def _unusable(engine: Engine, error: Exception) -> DatabaseMissing:
    way_out = "Start the server, or correct the address, and try again."
    return DatabaseMissing(shown(engine.url), first_line(error), way_out)


def compiled(query: Selectable, dialect: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ANN401  # SQLAlchemy's dialects have no typed constructor
    """Give the SQL and its values in order; they are bound, never written into it."""
    found = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = found.params
    return str(found), tuple(values[name] for name in found.positiontup or ())
