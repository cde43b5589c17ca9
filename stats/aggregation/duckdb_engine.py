"""All that is DuckDB's own: the connection, its names of functions, and running a relation.

Another engine takes the place of this module; the relations stay as they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import udf

from stats.aggregation.facts import FactTables

DIALECT = "duckdb"
NAIVE = pa.timestamp("us")


def _compiled(left: object, right: object) -> object:
    """Stand for a function of the engine; Ibis reads the names and signatures given below."""
    message = f"compiled into SQL, never called; called with {left!r}, {right!r}"
    raise NotImplementedError(message)


WALL_CLOCK, INSTANT = "timestamp(6)", "timestamp('UTC', 6)"
_instant = udf.scalar.builtin(
    _compiled, name="timezone", signature=(("string", WALL_CLOCK), INSTANT)
)
_wall_clock = udf.scalar.builtin(
    _compiled, name="timezone", signature=(("string", INSTANT), WALL_CLOCK)
)
_json_text = udf.scalar.builtin(
    _compiled, name="json_extract_string", signature=(("string", "string"), "string")
)


@dataclass(frozen=True, slots=True)
class DuckDBFunctions:
    """The functions that DuckDB has its own way of naming.

    Attributes:
        time_zone: IANA zone in which days are cut.
    """

    time_zone: str

    def local_day(self, at: ir.TimestampValue) -> ir.DateValue:
        """Give the calendar day of a UTC time, by the engine's own zone rules."""
        # Ibis' cast to a zone compiles to a no-op on DuckDB, so the function is named here
        return _wall_clock(self.time_zone, _instant("UTC", at)).date()

    def property_text(self, properties: ir.StringValue, name: str) -> ir.StringValue:
        """Give a property of a JSON object as text."""
        # a pointer (RFC 6901), not a path: Ibis' own path would read a.b as b within a
        return _json_text(properties, "/" + name.replace("~", "~0").replace("/", "~1"))


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
