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

    from sqlalchemy import Engine
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
    """Times are integers in the file, and become moments by their type."""
    sql, values = _compiled(query, sqlite.dialect(paramstyle="qmark"))
    with reading(engine) as connection:
        # rows as the driver has them: SQLAlchemy's cost twice
        cursor = connection.connection.cursor()
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
    dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    address = engine.url.set(drivername="postgresql")
    if "connect_timeout" not in address.query:
        address = address.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_S)})
    try:
        connection = adbc.connect(address.render_as_string(hide_password=False))
    except AdbcError as error:
        raise _unusable(engine, error) from error
    with connection, connection.cursor() as cursor:
        try:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(*_compiled(query, dialect))
            for batch in cursor.fetch_record_batch():
                # by place: the types carry PostgreSQL's names as metadata, which are not ours
                yield batch.rename_columns(schema.names).cast(schema)
        except (AdbcError, OSError) as error:  # Arrow wraps what the driver says while it streams
            raise _unusable(engine, error) from error


def _unusable(engine: Engine, error: Exception) -> DatabaseMissing:
    reason = str(error).strip().splitlines()[0]
    way_out = "Start the server, or correct the address, and try again."
    return DatabaseMissing(shown(engine.url), reason, way_out)


def _compiled(query: Selectable, dialect: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ANN401  # SQLAlchemy's dialects have no typed constructor
    """Give the SQL and its values in order; they are bound, never written into it."""
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = compiled.params
    return str(compiled), tuple(values[name] for name in compiled.positiontup or ())
