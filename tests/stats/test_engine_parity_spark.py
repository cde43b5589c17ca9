"""Spark gives what the plain computation gives, and what DuckDB gives, to the last bit."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.spark_engine import SparkEngine
from stats.plan import MetricRole
from stats.scorecard import assemble_scorecard, scorecard_to_json
from tests.stats.engine_parity import World, assert_equals_oracle, first_kept_world, rich_world
from tests.stats.facts import START, facts, in_use, order, plan

pytestmark = [
    pytest.mark.spark,
    # PySpark leaves the socket of every answer to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "local[1]"


@pytest.fixture(scope="module", autouse=True)
def spark() -> Iterator[None]:
    """One small Spark in this process, for all tests of the module."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed; run: make spark")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("there is no Java; install a Java 17, on Debian openjdk-17-jre-headless")
    session = (
        sql.SparkSession.builder.master(URL)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.default.parallelism", "1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield
    session.stop()


@pytest.mark.parametrize("world_of", [rich_world, first_kept_world])
def test_spark_equals_the_plain_computation_and_duckdb(world_of: Callable[[], World]) -> None:
    """Whatever aggregation hands over, and so the whole scorecard, is the same on both engines."""
    world = world_of()

    with SparkEngine.over(URL, world.facts) as engine:
        got = aggregate_on(engine, world.plan, world.as_of)

    assert_equals_oracle(got, world)
    embedded = aggregate(world.facts, world.plan, world.as_of)
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
