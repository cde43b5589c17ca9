"""All that is PostgreSQL's own: the connection, its names of functions, and running a relation.

An analysis is one transaction with one snapshot, so that facts which arrive while it runs are in
none of its numbers. What it keeps are temporary tables, which the rollback at its end removes: it
needs the right to read the facts and to make temporary tables (`TEMPORARY` on the database), and
it writes nothing that stays. A standby server allows no temporary tables.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis import udf
from psycopg import sql as psql
from psycopg.rows import dict_row
from pyarrow import csv

from stats.aggregation.compiling import ORDER_STATISTIC
from stats.aggregation.engine import CompilingEngine, Rows, WholeNumberOverflow
from stats.aggregation.facts import FactTables
from stats.errors import EngineUnavailable

DIALECT: Final = "postgres"
TYPES: Final[Mapping[pa.DataType, str]] = {
    pa.string(): 'text COLLATE "C"',  # by bytes, as everywhere else
    pa.int64(): "bigint",
    pa.timestamp("us"): "timestamp",
}


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
    _compiled, name="json_extract_path_text", signature=(("json", "string"), "string")
)
_whole_statistic = udf.agg.builtin(
    _compiled, name=ORDER_STATISTIC, signature=(("int64", "float64"), "int64")
)
_floating_statistic = udf.agg.builtin(
    _compiled, name=ORDER_STATISTIC, signature=(("float64", "float64"), "float64")
)


@dataclass(frozen=True, slots=True)
class PostgreSQLFunctions:
    """The functions that PostgreSQL has its own way of naming.

    Attributes:
        time_zone: IANA zone in which days are cut.
    """

    time_zone: str

    def local_day(self, at: ir.TimestampValue) -> ir.DateValue:
        """Give the calendar day of a UTC time, by the engine's own zone rules."""
        return _wall_clock(self.time_zone, _instant("UTC", at)).date()

    def property_text(self, properties: ir.StringValue, name: str) -> ir.StringValue:
        """Give a property of a JSON object as text."""
        return _json_text(properties.cast("json"), name)

    def order_statistic(self, values: ir.Column, share: ir.FloatingScalar) -> ir.Scalar:
        """Give the lowest of the values that at least this share of them do not exceed."""
        statistic = _floating_statistic if values.type().is_floating() else _whole_statistic
        return statistic(values, share)


class PostgreSQLEngine(CompilingEngine):
    """Runs relations over the facts of one analysis.

    Attributes:
        dialect: The dialect into which Ibis compiles for it.
        multiplies_safely: A product beyond 64 bits raises here, and sums are of any size.
        relations: Names of the relations it holds, each with its columns.
        events_elsewhere: Names of events that somebody has had.
    """

    dialect = DIALECT
    multiplies_safely = True

    def __init__(self, connection: psycopg.Connection) -> None:
        """Take over a connection in a transaction of its own."""
        self._connection = connection
        self.relations: dict[str, frozenset[str]] = {}
        self.events_elsewhere: frozenset[str] = frozenset()

    @classmethod
    @contextmanager
    def over(cls, url: str, facts: FactTables) -> Iterator[Self]:
        """Open an engine over a database; whatever it made there is gone on leaving.

        Args:
            url: The address, `postgresql://user:password@host/database`.
            facts: Facts in memory are loaded into temporary tables.

        Raises:
            EngineUnavailable: The database cannot be reached.
        """
        with _connected(url) as connection:
            engine = cls(connection)
            for name, table in facts.relations.items():
                engine.load(name, table)
            engine.events_elsewhere = facts.events_elsewhere
            yield engine

    def functions(self, time_zone: str) -> PostgreSQLFunctions:
        """Give its functions, days cut in a zone."""
        return PostgreSQLFunctions(time_zone)

    def store(self, name: str, sql: str) -> None:
        """Compute a compiled relation once and keep it."""
        # the name is this package's own, the SQL is compiled: neither comes from outside
        self._run(f"DROP TABLE IF EXISTS pg_temp.{name}")
        self._run(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {sql}")
        self._run(f"ANALYZE {name}")  # without it, a join guesses at the size

    def answer(self, sql: str) -> Rows:
        """Give the rows of a small compiled relation."""
        return self._run(sql)

    def load(self, name: str, table: pa.Table) -> None:
        """Load a relation from memory into a temporary table."""
        columns = {
            field.name: pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type
            for field in table.schema
        }
        self._run(
            psql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(
                psql.Identifier(name),
                psql.SQL(", ").join(
                    psql.SQL("{} " + TYPES[kind]).format(psql.Identifier(column))
                    for column, kind in columns.items()
                ),
            )
        )
        copy = psql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(psql.Identifier(name))
        with self._connection.cursor() as cursor, cursor.copy(copy) as rows:
            for batch in table.cast(pa.schema(columns)).to_batches(max_chunksize=100_000):
                rows.write(_csv(batch))
        self._run(psql.SQL("ANALYZE {}").format(psql.Identifier(name)))
        self.relations[name] = frozenset(columns)

    def _run(self, statement: str | psql.Composed) -> Rows:
        """Run a statement of this package's own, so that its failure leaves the transaction."""
        try:
            with (
                self._connection.transaction(),
                self._connection.cursor(row_factory=dict_row) as cursor,
            ):
                cursor.execute(statement.encode() if isinstance(statement, str) else statement)
                return cursor.fetchall() if cursor.description else []
        except psycopg.errors.NumericValueOutOfRange as error:
            raise WholeNumberOverflow(str(error)) from error


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    """Open a transaction that sees one snapshot, and is rolled back."""
    address = "postgresql" + url[url.index("://") :]  # without the driver that SQLAlchemy names
    try:
        connection = psycopg.connect(address)
    except psycopg.Error as error:
        shown = f"postgresql://{address.rpartition('@')[2].removeprefix('postgresql://')}"
        way_out = "check the address, and that the server accepts connections from here"
        raise EngineUnavailable(shown, str(error).strip().splitlines()[0], way_out) from error
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.transaction(force_rollback=True):
            yield connection
    finally:
        connection.close()


def _csv(batch: pa.RecordBatch) -> bytes:
    """Write rows so that null and an empty text stay apart, as PostgreSQL reads them."""
    sink = io.BytesIO()
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    csv.write_csv(pa.Table.from_batches([batch]), sink, options)
    return sink.getvalue()
