"""Spark gives what the plain computation gives, and what DuckDB gives, to the last bit."""

import importlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.declared_relations import DeclaredRelations, DeclaredSource
from stats.aggregation.fact_archive import FactArchive
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import COLUMNS
from stats.aggregation.spark_engine import SparkEngine
from stats.aggregation.statements import SUMS_ALONE
from stats.errors import EngineUnavailable, MissingRelation, WrongColumnType
from stats.plan import MetricRole
from stats.scorecard import assemble_scorecard, scorecard_to_json
from tests.stats.engine_parity import (
    AUDIT,
    World,
    assert_equals_oracle,
    first_kept_world,
    rich_world,
)
from tests.stats.facts import START, facts, in_use, order, plan

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.spark,
    # PySpark leaves the socket of every answer to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "local[1]"


@pytest.fixture(scope="module", autouse=True)
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """One small Spark in this process, for all tests of the module."""
    if os.environ.get("CI") == "true":  # there it is installed, and a skip would hide its loss
        assert shutil.which("java"), "CI has no Java"
        importlib.import_module("pyspark.sql")
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed; run: make spark")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("there is no Java; install a Java 17, on Debian openjdk-17-jre-headless")
    session = (
        sql.SparkSession.builder.master(URL)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.default.parallelism", "1")
        # hundreds of small queries: compiling each to Java would take five times as long
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.mark.parametrize("world_of", [rich_world, first_kept_world])
def test_spark_equals_the_plain_computation_and_duckdb(world_of: Callable[[], World]) -> None:
    """Whatever aggregation hands over, and so the whole scorecard, is the same on both engines."""
    world = world_of()

    with SparkEngine.over(URL, world.facts) as engine:
        got = aggregate_on(engine, world.plan, world.as_of, audit=AUDIT)

    assert_equals_oracle(got, world)
    embedded = aggregate(world.facts, world.plan, world.as_of, audit=AUDIT)
    assert got.overlaps
    assert got.audit
    assert got == embedded
    scorecards = [
        scorecard_to_json(assemble_scorecard(world.plan, one, computed_at=NOW))
        for one in (got, embedded)
    ]
    assert scorecards[0] == scorecards[1]


def test_amounts_whose_squares_leave_64_bits_stay_exact() -> None:
    """Products are decimals of 38 digits from the start."""
    amounts = (4_000_000_000_000, 4_000_000_000_001, 7)
    members = ("a", "b", "c")
    the_facts = facts(
        [(member, "control", START) for member in members],
        [order(m, START, amount) for m, amount in zip(members, amounts, strict=True)],
    )
    the_plan = plan(in_use("spend_per_member", MetricRole.OEC))
    as_of = START + timedelta(days=60)

    with SparkEngine.over(URL, the_facts) as engine:
        got = aggregate_on(engine, the_plan, as_of)

    assert got == aggregate(the_facts, the_plan, as_of)
    assert got.metrics[0].variants[0].summary.n == 3


def written(folder: Path, name: str, table: pa.Table, *, parts: int = 1) -> tuple[str, ...]:
    """Parquet files with the rows of a table."""
    folder.mkdir(exist_ok=True)
    size = -(-table.num_rows // parts)
    paths = []
    for i in range(parts):
        path = folder / f"{name}-{i}.parquet"
        pq.write_table(table.slice(i * size, size), path)
        paths.append(str(path))
    return tuple(paths)


def test_spark_reads_files_where_they_lie(tmp_path: Path) -> None:
    """Parquet files of several parts, with segments, give what they give on DuckDB."""
    world = rich_world()
    files = FactFiles(
        **{
            name: written(tmp_path, name, table, parts=2)
            for name, table in world.facts.relations.items()
        }
    )
    detail = SUMS_ALONE

    with SparkEngine.over(URL, files) as engine:
        got = aggregate_on(engine, world.plan, world.as_of, detail=detail)

    assert got == aggregate(files, world.plan, world.as_of, detail=detail)


def test_spark_reads_an_archive(tmp_path: Path) -> None:
    """Of an archive, Spark reads the same households, segments, conversions and overlaps."""
    world = rich_world()
    assert world.facts.assignments is not None
    starts = world.facts.assignments
    n = starts.num_rows
    attributes = [
        json.dumps({"tier": "gold" if i % 3 else None, "country": "TW", "a.b": i}) for i in range(n)
    ]
    firsts = starts.append_column(
        "member_id", pa.array([f"m{i % 200}" for i in range(n)], pa.string())
    ).append_column("attributes", pa.array(attributes, pa.string()))
    # one assignment a unit, as the store has it
    seen: dict[str, int] = {}
    for i, unit in enumerate(starts["unit_id"].to_pylist()):
        seen.setdefault(unit, i)
    members = world.facts.unit_members
    assert members is not None
    archive = FactArchive(
        exposures=written(tmp_path, "exposures", world.facts.exposures),
        assignments=written(tmp_path, "assignments", firsts.take(list(seen.values()))),
        conversions=written(tmp_path, "conversions", world.facts.conversions, parts=3),
        households=written(
            tmp_path, "households", members.rename_columns(["member_id", "household_id"])
        )[0],
        events=world.plan.events,
        by_household=True,
        assigned=True,
        segments=("tier", "country"),
        exposures_elsewhere=written(
            tmp_path,
            "elsewhere",
            world.facts.exposures.drop_columns(["unit_id"]).append_column(
                "campaign_key", pa.array(["other"] * world.facts.exposures.num_rows, pa.string())
            ),
        ),
    )
    detail = replace(SUMS_ALONE, checks=True)

    with SparkEngine.over(URL, archive) as engine:
        got = aggregate_on(engine, world.plan, world.as_of, detail=detail)

    assert got.units_by_segment
    assert got.overlaps
    assert got == aggregate(archive, world.plan, world.as_of, detail=detail)


def test_spark_reads_declared_tables(spark: "SparkSession") -> None:
    """A lake's own tables, one of them with the name of a relation, give what memory gives."""
    world = first_kept_world()
    spark.sql("CREATE DATABASE IF NOT EXISTS shop")
    exposures, conversions = (
        world.facts.exposures.rename_columns(["who", "unit", "arm", "exposed_at"]),
        world.facts.conversions,
    )
    units = world.facts.units
    assert units is not None
    for name, table in (
        ("shop.shown", exposures),
        ("exposures", conversions),
        ("shop.attributes", units),
    ):
        spark.createDataFrame(table).write.mode("overwrite").saveAsTable(name)
    declared = DeclaredRelations.from_text("""
relations:
  exposures:
    table: shop.shown
    columns: {member_id: who, unit_id: unit, variant: arm, exposed_at: exposed_at}
  conversions:
    table: exposures
    columns:
      {member_id: member_id, event: event, occurred_at: occurred_at, amount_minor: amount_minor,
       currency: currency, properties: properties}
  units:
    table: shop.attributes
    columns: {unit_id: unit_id}
    segments_by_name: true
""")

    with SparkEngine.over(URL, declared) as engine:
        got = aggregate_on(engine, world.plan, world.as_of, detail=SUMS_ALONE)

    in_memory = replace(world.facts, overlaps=None)
    assert got == aggregate(in_memory, world.plan, world.as_of, detail=SUMS_ALONE)


def test_spark_names_a_table_that_is_not_there(tmp_path: Path) -> None:
    """A missing table, a missing file and a wrong type are named before anything is computed."""
    world = first_kept_world()
    paths = written(tmp_path, "exposures", world.facts.exposures)
    own = {
        name: DeclaredSource({c: c for c in COLUMNS[name]}, path=paths) for name in ("exposures",)
    }
    absent = DeclaredSource({c: c for c in COLUMNS["conversions"]}, table="shop.orders")
    mistyped = DeclaredSource({**own["exposures"].columns, "exposed_at": "variant"}, path=paths)

    for exposures, conversions, fault, said in (
        (own["exposures"], absent, MissingRelation, r"conversions \(table shop\.orders\)"),
        (replace(own["exposures"], path="/none/*.parquet"), absent, MissingRelation, "/none/"),
        (mistyped, replace(absent, table=None, path=paths), WrongColumnType, "a time with its"),
    ):
        declared = DeclaredRelations({"exposures": (exposures,), "conversions": (conversions,)})
        with pytest.raises(fault, match=said), SparkEngine.over(URL, declared):
            pass


def test_without_java_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has PySpark but no Java reads what to install."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    world = first_kept_world()

    with (
        pytest.raises(EngineUnavailable, match=r"there is no Java; install .*Java 17"),
        SparkEngine.over("local[1]", world.facts),
    ):
        pass
