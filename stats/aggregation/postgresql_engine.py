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
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis import udf
from ibis.backends.sql.datatypes import PostgresType
from psycopg import sql as psql
from psycopg.rows import dict_row
from pyarrow import csv

from stats.aggregation.answers import text
from stats.aggregation.compiling import ORDER_STATISTIC, to_sql
from stats.aggregation.declared_relations import DeclaredRelations, DeclaredSource
from stats.aggregation.declared_sources import open_declared
from stats.aggregation.engine import CompilingEngine, Rows, WholeNumberOverflow
from stats.aggregation.facts import FactTables
from stats.errors import EngineUnavailable, MissingRelation

DIALECT: Final = "postgres"
TYPES: Final[Mapping[pa.DataType, str]] = {
    pa.string(): 'text COLLATE "C"',  # by bytes, as everywhere else
    pa.int64(): "bigint",
    pa.timestamp("us"): "timestamp",
}


DESCRIBE: Final = """
SELECT n.nspname AS schema, c.relname AS name, a.attname AS column,
       CASE WHEN t.typtype = 'e' THEN 'text'
            WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
            ELSE format_type(a.atttypid, a.atttypmod)
       END AS type,
       has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid = to_regclass({})
ORDER BY a.attnum
"""
"""Columns of a table by its name as SQL has it, with the type behind a domain or an enumeration."""


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
    def over(cls, url: str, facts: FactTables | DeclaredRelations) -> Iterator[Self]:
        """Open an engine over a database; whatever it made there is gone on leaving.

        Args:
            url: The address, `postgresql://user:password@host/database`.
            facts: Declared tables are read where they are; facts in memory are loaded into
                temporary tables.

        Raises:
            EngineUnavailable: The database cannot be reached.
            InvalidFacts: A declared table is not there, or not what was declared.
        """
        with _connected(url) as connection:
            engine = cls(connection)
            if isinstance(facts, FactTables):
                for name, table in facts.relations.items():
                    engine.load(name, table)
            else:
                engine.relations |= open_declared(engine, facts)
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

    def describe(self, relation: str, source: DeclaredSource) -> ir.Table:
        """Give a table with its own columns and types, unbound."""
        shown = f"{relation} ({source.shown})"
        if source.table is None:
            raise MissingRelation(shown, "PostgreSQL reads tables, no files: declare a table")
        try:
            rows = self._run(psql.SQL(DESCRIBE).format(psql.Literal(source.table)))
        except (psycopg.errors.InvalidName, psycopg.errors.InvalidSchemaName) as error:
            raise MissingRelation(shown, f"give its name as SQL has it ({error})") from error
        if not rows:
            way_out = "check its name and schema, or make the view that is declared"
            raise MissingRelation(shown, way_out)
        if not rows[0]["readable"]:
            raise MissingRelation(shown, "the user of the address may not read it: grant SELECT")
        schema = {text(row["column"]): PostgresType.from_string(text(row["type"])) for row in rows}
        return ibis.table(schema, name=text(rows[0]["name"]), database=text(rows[0]["schema"]))

    def define(self, name: str, relation: ir.Table) -> None:
        """Make a relation known under a name, without computing it."""
        columns = psql.SQL(", ").join(
            psql.SQL('{0}::text COLLATE "C" AS {0}' if kind.is_string() else "{0}").format(
                psql.Identifier(column)
            )
            for column, kind in relation.schema().items()
        )
        source = psql.SQL(to_sql(relation, DIALECT).replace("{", "{{").replace("}", "}}"))
        view = psql.SQL("CREATE TEMPORARY VIEW {} AS SELECT {} FROM ({}) AS declared")
        self._run(view.format(psql.Identifier(name), columns, source.format()))

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
        parts = urlsplit(address)
        shown = f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"
        way_out = "check the address, and that the server accepts connections from here"
        raise EngineUnavailable(shown, str(error).strip().splitlines()[0], way_out) from error
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL TimeZone TO 'UTC'")  # in which a cast drops a zone
            yield connection
    finally:
        connection.close()


def _csv(batch: pa.RecordBatch) -> bytes:
    """Write rows so that null and an empty text stay apart, as PostgreSQL reads them."""
    sink = io.BytesIO()
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    csv.write_csv(pa.Table.from_batches([batch]), sink, options)
    return sink.getvalue()
