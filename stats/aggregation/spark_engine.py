"""All that is Spark's own: the session, its names of functions, and running a relation.

PySpark and a Java 17 are not part of a plain installation (`make spark`), so they are imported
when an engine is opened. The session runs in UTC with times that have no zone, in ANSI mode, so
that what does not fit raises. Whole numbers are multiplied as decimals from the start: Spark adds
64 bits up in 64 bits, which the squares of money soon outgrow.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, assert_never

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
from ibis import udf

from stats.aggregation.archive_relations import open_archive
from stats.aggregation.compiling import ORDER_STATISTIC, to_sql
from stats.aggregation.declared_relations import DeclaredRelations, DeclaredSource
from stats.aggregation.declared_sources import open_declared
from stats.aggregation.engine import CompilingEngine, Rows
from stats.aggregation.fact_archive import FactArchive
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import Facts, FactTables
from stats.errors import EngineUnavailable, MissingRelation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DIALECT: Final = "pyspark"
MOST_PLACES: Final = 2
"""Catalogue and schema."""
NAIVE: Final = pa.timestamp("us")
SETTINGS: Final[Mapping[str, str]] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # what Ibis writes as TIMESTAMP has no zone
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
WAY_OUT: Final = "install PySpark with `make spark`, and a Java 17 with JAVA_HOME or on the PATH"


KINDS: Final[Mapping[str, dt.DataType]] = {
    "string": dt.string,
    "tinyint": dt.int8,
    "smallint": dt.int16,
    "int": dt.int32,
    "bigint": dt.int64,
    "double": dt.float64,
    "float": dt.float32,
    "boolean": dt.boolean,
    "date": dt.date,
    "timestamp": dt.Timestamp(timezone="UTC"),
    "timestamp_ntz": dt.Timestamp(),
}


def _compiled(left: object, right: object) -> object:
    """Stand for a function of the engine; Ibis reads the names and signatures given below."""
    message = f"compiled into SQL, never called; called with {left!r}, {right!r}"
    raise NotImplementedError(message)


def _compiled_three(left: object, middle: object, right: object) -> object:
    """Stand for a function of three arguments; never called."""
    raise NotImplementedError(left, middle, right)


WALL_CLOCK: Final = "timestamp(6)"
_convert = udf.scalar.builtin(
    _compiled_three,
    name="convert_timezone",
    signature=(("string", "string", WALL_CLOCK), WALL_CLOCK),
)
_properties = udf.scalar.builtin(
    _compiled, name="from_json", signature=(("string", "string"), "map<string, string>")
)
_entry = udf.scalar.builtin(
    _compiled, name="try_element_at", signature=(("map<string, string>", "string"), "string")
)
_statistic = udf.agg.builtin(
    _compiled, name=ORDER_STATISTIC, signature=(("float64", "float64"), "float64")
)


@dataclass(frozen=True, slots=True)
class SparkFunctions:
    """The functions that Spark has its own way of naming.

    Attributes:
        time_zone: IANA zone in which days are cut.
    """

    time_zone: str

    def local_day(self, at: ir.TimestampValue) -> ir.DateValue:
        """Give the calendar day of a UTC time, by the engine's own zone rules."""
        return _convert("UTC", self.time_zone, at).date()

    def property_text(self, properties: ir.StringValue, name: str) -> ir.StringValue:
        """Give a property of a JSON object as text."""
        # a map, not a path: a path would read a.b as b within a, and has no way to quote a quote
        return _entry(_properties(properties, "map<string,string>"), name)

    def order_statistic(self, values: ir.Column, share: ir.FloatingScalar) -> ir.Scalar:
        """Give the lowest of the values that at least this share of them do not exceed.

        Spark answers in floating point, so a whole number beyond 2^53 is given to 53 bits.
        """
        statistic = _statistic(values.cast("float64"), share)
        return statistic if values.type().is_floating() else statistic.cast("!int64")


class SparkEngine(CompilingEngine):
    """Runs relations over the facts of one analysis.

    Attributes:
        dialect: The dialect into which Ibis compiles for it.
        multiplies_safely: Products are decimals from the start.
        relations: Names of the relations it holds, each with its columns.
        events_elsewhere: Names of events that somebody has had.
    """

    dialect = DIALECT
    multiplies_safely = False

    def __init__(self, session: "SparkSession") -> None:
        """Take over a session of its own."""
        self._session = session
        self._kept: dict[str, DataFrame] = {}
        self.relations: dict[str, frozenset[str]] = {}
        self.events_elsewhere: frozenset[str] = frozenset()

    @classmethod
    @contextmanager
    def over(cls, url: str, facts: Facts | DeclaredRelations) -> Iterator[Self]:
        """Open an engine on a session of its own; what it kept is let go on leaving.

        Args:
            url: A Spark master (`local[*]`, `spark://host:7077`, `yarn`) or a Spark Connect server
                (`sc://host`). A Spark that runs in this process already is used, and left running.
            facts: Files and declared tables are read where they are, by addresses that the
                cluster understands; facts in memory are sent to it.

        Raises:
            EngineUnavailable: PySpark or Java is missing, or the cluster cannot be reached.
            InvalidFacts: A file or a declared table is not there, or not what was declared.
        """
        engine = cls(_session(url))
        try:
            if isinstance(facts, FactTables):
                for name, table in facts.relations.items():
                    engine.load(name, table)
            else:
                engine.relations |= _open(engine, facts)
            engine.events_elsewhere = facts.events_elsewhere
            yield engine
        finally:
            engine.close()

    def functions(self, time_zone: str) -> SparkFunctions:
        """Give its functions, days cut in a zone."""
        return SparkFunctions(time_zone)

    def store(self, name: str, sql: str) -> None:
        """Compute a compiled relation once and keep it."""
        self._view(name, self._session.sql(sql).persist())

    def answer(self, sql: str) -> Rows:
        """Give the rows of a small compiled relation."""
        return [row.asDict() for row in self._session.sql(sql).collect()]

    def describe(self, relation: str, source: DeclaredSource) -> ir.Table:
        """Give a table or files with their own columns and types, unbound."""
        from pyspark.errors import AnalysisException  # noqa: PLC0415 - an extra

        shown = f"{relation} ({source.shown})"
        *place, name = source.table.split(".") if source.table else (f"declared_{len(self._kept)}",)
        if len(place) > MOST_PLACES:
            raise MissingRelation(shown, "give its name as catalogue.schema.table at most")
        try:
            if source.table is None:
                frame = self._session.read.parquet(*source.paths)
                self._view(name, frame)
            else:  # unqualified, it could be taken for a relation of the same name
                place = place or [self._session.catalog.currentDatabase()]
                frame = self._session.table(".".join((*place, name)))
            kinds = {field.name: _kind(field.dataType.simpleString()) for field in frame.schema}
        except AnalysisException as error:
            raise MissingRelation(shown, str(error).strip().splitlines()[0]) from error
        database = place[-1] if place else None
        catalog = place[0] if len(place) == MOST_PLACES else None
        return ibis.table(kinds, name=name, database=database, catalog=catalog)

    def define(self, name: str, relation: ir.Table) -> None:
        """Make a relation known under a name, without computing it."""
        self._view(name, self._session.sql(to_sql(relation, DIALECT)))

    def load(self, name: str, table: pa.Table) -> None:
        """Send a relation from memory."""
        columns = {
            field.name: NAIVE if pa.types.is_timestamp(field.type) else field.type
            for field in table.schema
        }
        self._view(name, self._session.createDataFrame(table.cast(pa.schema(columns))))
        self.relations[name] = frozenset(columns)

    def close(self) -> None:
        """Let go of what was kept."""
        for name, kept in self._kept.items():
            self._session.catalog.dropTempView(name)
            kept.unpersist()
        self._kept.clear()

    def _view(self, name: str, frame: "DataFrame") -> None:
        before = self._kept.pop(name, None)
        frame.createOrReplaceTempView(name)
        if before is not None:
            before.unpersist()
        self._kept[name] = frame


def _open(
    engine: SparkEngine, facts: FactFiles | FactArchive | DeclaredRelations
) -> dict[str, frozenset[str]]:
    match facts:
        case FactFiles():
            return open_declared(engine, DeclaredRelations.of_files(facts))
        case FactArchive():
            return open_archive(engine, facts)
        case DeclaredRelations():
            return open_declared(engine, facts)
        case _:
            assert_never(facts)


def _kind(spark: str) -> dt.DataType:
    """Give the type that Ibis has for one of Spark's, a time with a zone apart from one without."""
    if spark.startswith("decimal"):
        digits, places = spark.removeprefix("decimal(").removesuffix(")").split(",")
        return dt.Decimal(int(digits), int(places))
    return KINDS.get(spark, dt.unknown)


def _session(url: str) -> "SparkSession":
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra, and a second to load
    except ImportError as error:
        raise EngineUnavailable(url, f"PySpark is not installed ({error})", WAY_OUT) from error
    remote = url.startswith("sc://")
    if not remote and not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise EngineUnavailable(url, "there is no Java", WAY_OUT)
    builder = SparkSession.builder.appName("tierlift")
    session: SparkSession
    try:
        if remote:
            session = builder.remote(url).create()
        else:  # a session of its own: views and settings of others stay theirs
            if url.startswith("local"):  # its pages would show facts to whoever can reach the port
                builder = builder.config("spark.ui.enabled", "false")
            session = builder.master(url).getOrCreate().newSession()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
    except Exception as error:  # Spark raises what its transport raises
        reason = str(error).strip().splitlines()[0]
        raise EngineUnavailable(url, reason, "check the address of the cluster") from error
    return session
