"""All that is DuckDB's own: the connection, its names of functions, and running a relation.

Another engine takes the place of this module; the relations stay as they are.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb
import ibis
import ibis.expr.types as ir
from ibis import udf

from stats.aggregation.engine import CompilingEngine, Rows, WholeNumberOverflow

if TYPE_CHECKING:
    from stats.aggregation.facts import Facts

DIALECT = "duckdb"


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
_whole_statistic = udf.agg.builtin(
    _compiled, name="quantile_disc", signature=(("int64", "float64"), "int64")
)
_floating_statistic = udf.agg.builtin(
    _compiled, name="quantile_disc", signature=(("float64", "float64"), "float64")
)


@dataclass(frozen=True, slots=True)
class DuckDBSettings:
    """What the engine may use.

    Attributes:
        memory_limit: How much memory, such as `1GB`; beyond it, it spills to disk. DuckDB's own
            default is four fifths of the machine's.
        threads: How many; by default one a core.
        spill_directory: Where it spills; by default the system's temporary directory.
    """

    memory_limit: str | None = None
    threads: int | None = None
    spill_directory: Path | None = None

    def config(self) -> dict[str, str | bool | int | float | list[str]]:
        """Give DuckDB's own names for it."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "TimeZone": "UTC",
            "preserve_insertion_order": "false",  # none matters here, and it costs memory
            "temp_directory": str(self.spill_directory or tempfile.gettempdir()),
        }
        if self.memory_limit is not None:
            config["memory_limit"] = self.memory_limit
        if self.threads is not None:
            config["threads"] = str(self.threads)
        return config


DEFAULTS = DuckDBSettings()


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

    def order_statistic(self, values: ir.Column, share: ir.FloatingScalar) -> ir.Scalar:
        """Give the lowest of the values that at least this share of them do not exceed."""
        statistic = _floating_statistic if values.type().is_floating() else _whole_statistic
        return statistic(values, share)


def to_sql(relation: ir.Table) -> str:
    """Compile a relation."""
    return str(ibis.to_sql(relation, dialect=DIALECT))


class DuckDBEngine(CompilingEngine):
    """Runs relations over the facts of one analysis.

    Attributes:
        dialect: The dialect into which Ibis compiles for it.
        multiplies_safely: A product beyond 64 bits raises here, and sums have 128.
        relations: Names of the relations it holds, each with its columns.
        events_elsewhere: Names of events that somebody has had.
    """

    dialect = DIALECT
    multiplies_safely = True

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relations: Mapping[str, frozenset[str]] | None = None,
        events_elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        """Take over an open connection."""
        self._connection = connection
        self.relations = relations or {}
        self.events_elsewhere = events_elsewhere

    @classmethod
    @contextmanager
    def over(cls, facts: "Facts", settings: DuckDBSettings = DEFAULTS) -> Iterator[Self]:
        """Open an engine in memory whose relations are the facts; closed on leaving."""
        # Arrow is 40 MB, which those who read unit values from files do not need
        from stats.aggregation.duckdb_facts import open_facts  # noqa: PLC0415

        with duckdb.connect(config=settings.config()) as connection:
            yield cls(connection, open_facts(connection, facts), facts.events_elsewhere)

    def functions(self, time_zone: str) -> DuckDBFunctions:
        """Give its functions, days cut in a zone."""
        return DuckDBFunctions(time_zone)

    def store(self, name: str, sql: str) -> None:
        """Compute a compiled relation once and keep it."""
        # the name is this package's own, the SQL is compiled: neither comes from outside
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def answer(self, sql: str) -> Rows:
        """Give the rows of a small compiled relation."""
        result = self.run(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def run(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run a statement of this package's own."""
        try:
            return self._connection.execute(sql)
        except duckdb.OutOfRangeException as error:
            raise WholeNumberOverflow(str(error)) from error
