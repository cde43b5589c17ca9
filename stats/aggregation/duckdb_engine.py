"""All that is DuckDB's own: the connection, the calendar day of a zone, and running a relation.

Another engine takes the place of this module; the relations stay as they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import udf

from stats.aggregation.facts import FactTables
from stats.aggregation.terms import LocalDay

DIALECT = "duckdb"
NAIVE = pa.timestamp("us")


def _timezone(zone: str, at: object) -> object:
    """Stand for the engine's function of this name; Ibis reads the signature given below."""
    message = f"timezone({zone!r}, {at!r}) is compiled, never called"
    raise NotImplementedError(message)


WALL_CLOCK, INSTANT = "timestamp(6)", "timestamp('UTC', 6)"
_instant = udf.scalar.builtin(
    _timezone, name="timezone", signature=(("string", WALL_CLOCK), INSTANT)
)
_wall_clock = udf.scalar.builtin(
    _timezone, name="timezone", signature=(("string", INSTANT), WALL_CLOCK)
)


def local_day(time_zone: str) -> LocalDay:
    """Give the calendar day of a UTC time in a zone, by the engine's own zone rules."""

    def day(at: ir.TimestampValue) -> ir.DateValue:
        # Ibis' cast to a zone compiles to a no-op on DuckDB, so the function is named here
        return _wall_clock(time_zone, _instant("UTC", at)).date()

    return day


def to_sql(relation: ir.Table) -> str:
    """Compile a relation."""
    return str(ibis.to_sql(relation, dialect=DIALECT))


class DuckDBEngine:
    """Runs relations over the facts of one analysis."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take over an open connection."""
        self._connection = connection

    @classmethod
    @contextmanager
    def over(cls, facts: FactTables) -> Iterator[Self]:
        """Open an engine in memory whose relations are the facts; closed on leaving."""
        with duckdb.connect(
            config={"autoinstall_known_extensions": "false", "TimeZone": "UTC"}
        ) as connection:
            connection.register("exposures", _naive(facts.exposures))
            connection.register("conversions", _naive(facts.conversions))
            if facts.unit_members is not None:
                connection.register("unit_members", facts.unit_members)
            yield cls(connection)

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        """Compute a relation once, under a name, for those that read it more than once."""
        # the name is this package's own, the SQL is compiled: neither comes from outside
        self._connection.sql(f"CREATE TEMP TABLE {name} AS {to_sql(relation)}")
        return ibis.table(relation.schema(), name=name)

    def fetch(self, relation: ir.Table) -> list[dict[str, object]]:
        """Give the rows of a small relation."""
        rows: list[dict[str, object]] = (
            self._connection.sql(to_sql(relation)).to_arrow_table().to_pylist()
        )
        return rows


def _naive(table: pa.Table) -> pa.Table:
    """Drop the zone from times, which are UTC: no copy, and no zone arithmetic per row."""
    schema = pa.schema(
        [field.with_type(NAIVE) if pa.types.is_timestamp(field.type) else field
         for field in table.schema]
    )  # fmt: skip
    return table.cast(schema)
