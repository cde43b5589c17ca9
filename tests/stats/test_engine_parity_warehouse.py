"""What knows no engine runs on any: portable functions, and queries that keep nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import ibis
import psycopg
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.cells import Arithmetic
from stats.aggregation.declared_relations import DeclaredRelations, DeclaredSource
from stats.aggregation.duckdb_engine import DuckDBEngine
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.engines import engine_for
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import COLUMNS, FactTables
from stats.aggregation.portable_functions import PortableFunctions, offsets
from stats.aggregation.postgresql_engine import PostgreSQLEngine
from stats.aggregation.statements import EVERYTHING, compiled
from stats.aggregation.warehouse_engine import WarehouseEngine
from stats.errors import EngineUnavailable, MissingRelation
from tests.conftest import drop_postgresql_database, make_postgresql_database
from tests.stats.engine_parity import World, assert_equals_oracle, first_kept_world, rich_world

READ_ONLY = "-c%20default_transaction_read_only%3Don"
ZONES = ["America/New_York", "Asia/Taipei", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]


def declared(facts: FactTables) -> DeclaredRelations:
    """Tables called t_exposures, t_conversions, …, with the documented columns."""
    return DeclaredRelations(
        {
            name: (
                DeclaredSource(
                    {column: column for column in COLUMNS[name]},
                    table=f"t_{name}",
                    segments_by_name=name == "units",
                ),
            )
            for name in facts.relations
        },
        facts.events_elsewhere,
    )


def in_utc(relations: DeclaredRelations) -> DeclaredRelations:
    """The same, of tables whose times have no zone."""
    return replace(
        relations,
        relations={
            name: tuple(replace(source, times_are_utc=True) for source in sources)
            for name, sources in relations.relations.items()
        },
    )


@pytest.fixture(scope="module")
def postgresql(postgresql_server: str) -> Iterator[str]:
    """An empty database whose texts are sorted by bytes."""
    yield make_postgresql_database(postgresql_server, "tierlift_warehouse")
    drop_postgresql_database(postgresql_server, "tierlift_warehouse")


@pytest.mark.parametrize("world_of", [rich_world, first_kept_world])
def test_a_warehouse_equals_the_plain_computation_and_duckdb(
    postgresql: str, world_of: Callable[[], World]
) -> None:
    """Over tables that it only reads, a backend of Ibis gives all that the embedded engine does.

    The backend is Ibis' own for PostgreSQL, with nothing of `postgresql_engine`, and may not write.
    """
    world = world_of()
    with psycopg.connect(postgresql) as connection, connection.transaction():
        loader = PostgreSQLEngine(connection)
        for name, table in world.facts.relations.items():
            loader.load(name, table)
            connection.execute(f"DROP TABLE IF EXISTS t_{name}".encode())
            connection.execute(f'CREATE TABLE t_{name} AS TABLE "{name}"'.encode())
    reading = f"{postgresql}{'&' if '?' in postgresql else '?'}options={READ_ONLY}"

    with WarehouseEngine.over(reading, in_utc(declared(world.facts))) as engine:
        got = aggregate_on(engine, world.plan, world.as_of)

    assert_equals_oracle(got, world)
    assert got == aggregate(world.facts, world.plan, world.as_of)


class PortableEngine(DuckDBEngine):
    """DuckDB without any function of its own."""

    def functions(self, time_zone: str) -> EngineFunctions:
        """Give those that need nothing of the engine."""
        return PortableFunctions(time_zone)


@pytest.mark.parametrize("world_of", [rich_world, first_kept_world])
def test_portable_functions_equal_those_of_the_engine(world_of: Callable[[], World]) -> None:
    """Days, properties and order statistics in words that every dialect has give the same."""
    world = world_of()

    with PortableEngine.over(world.facts) as engine:
        got = aggregate_on(engine, world.plan, world.as_of)

    assert got == aggregate(world.facts, world.plan, world.as_of)


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "trino"])
def test_all_relations_compile_for_warehouses(dialect: str) -> None:
    """Ibis has words for every relation of a rich plan; whether they run is not tested here."""
    world = rich_world()

    statements = compiled(
        world.plan, EVERYTHING, Arithmetic.DECIMALS, dialect, PortableFunctions("Europe/Berlin")
    )

    assert "SELECT" in statements.by_day


@given(
    zone=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2010, 1, 2), datetime(2049, 12, 30)),  # noqa: DTZ001 - UTC, naive
)
@settings(max_examples=300)
def test_offsets_are_those_of_the_zone(zone: str, at: datetime) -> None:
    """At any time of four decades the listed offset is the zone's."""
    moment = at.replace(tzinfo=UTC)

    listed = [offset for since, offset in offsets(zone) if since <= moment][-1]

    assert listed == moment.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_portable_days_change_when_the_zone_says(zone: str) -> None:
    """A microsecond about each change of the clock, the day is that of Python's zone."""
    moments = [
        since + timedelta(microseconds=step)
        for since, _ in offsets(zone)[1:9]
        for step in (-1, 0, 1)
    ] or [datetime(2026, 1, 1, 23, 59, tzinfo=UTC)]
    day = PortableFunctions(zone).local_day(ibis.table({"moment": "timestamp(6)"}, name="m").moment)
    sql = ibis.to_sql(ibis.table({"moment": "timestamp(6)"}, name="m").select(day=day), "duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE m (moment TIMESTAMP)")
        connection.executemany(
            "INSERT INTO m VALUES (?)", [[moment.replace(tzinfo=None)] for moment in moments]
        )
        days = [row[0] for row in connection.execute(str(sql)).fetchall()]

    assert days == [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]


def test_an_engine_that_cannot_read_such_facts_says_which_can() -> None:
    """Declared tables need a database; facts in memory need an engine that takes them."""
    world = first_kept_world()

    with pytest.raises(EngineUnavailable, match=r"duckdb cannot be used.*DeclaredRelations"):
        engine_for("", declared(world.facts))
    with pytest.raises(EngineUnavailable, match=r"trino cannot be used.*declare tables"):
        engine_for("trino://host/catalogue", world.facts)


def test_a_backend_that_is_not_installed_or_not_there_is_named() -> None:
    """The fault says what to install or to check, and shows no password."""
    world = first_kept_world()

    with (
        pytest.raises(EngineUnavailable, match=r"trino://host/catalogue.*ibis-framework\[trino\]"),
        engine_for("trino://me:secret@host/catalogue", declared(world.facts)),
    ):
        pass
    with (
        pytest.raises(EngineUnavailable, match=r"nonsense:.*check the address"),
        engine_for("nonsense://me:secret@host", declared(world.facts)),
    ):
        pass


def test_a_table_that_a_warehouse_lacks_is_named(postgresql: str) -> None:
    """Which relation, which table, and where it was looked for."""
    absent = DeclaredRelations(
        {
            name: (DeclaredSource({c: c for c in COLUMNS[name]}, table="shop.orders"),)
            for name in ("exposures", "conversions")
        }
    )

    with (
        pytest.raises(MissingRelation, match=r"exposures \(table shop\.orders\).*no such table"),
        WarehouseEngine.over(postgresql, absent),
    ):
        pass


def test_files_equal_tables_in_memory(tmp_path: Path) -> None:
    """Every relation of a rich plan, overlaps included, may come from Parquet files as well."""
    world = rich_world()
    paths = {}
    for name, table in world.facts.relations.items():
        paths[name] = str(tmp_path / f"{name}.parquet")
        pq.write_table(table, paths[name])

    with engine_for("", FactFiles(**paths)) as engine:
        got = aggregate_on(engine, world.plan, world.as_of)

    assert got == aggregate(world.facts, world.plan, world.as_of)
