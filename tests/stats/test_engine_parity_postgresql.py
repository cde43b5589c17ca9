"""PostgreSQL gives what the plain computation gives, and what DuckDB gives, to the last bit."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import ibis
import psycopg
import pytest

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.declared_relations import DeclaredRelations
from stats.aggregation.postgresql_engine import PostgreSQLEngine
from stats.errors import EngineUnavailable
from stats.plan import CrossoverRule, MetricRole
from stats.scorecard import assemble_scorecard, scorecard_to_json
from tests.conftest import drop_postgresql_database, make_postgresql_database
from tests.stats.engine_parity import (
    AUDIT,
    World,
    assert_equals_oracle,
    first_kept_world,
    rich_world,
)
from tests.stats.facts import START, event, facts, in_use, order, plan

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(postgresql_server: str) -> Iterator[str]:
    """An empty database."""
    yield make_postgresql_database(postgresql_server, "tierlift_parity")
    drop_postgresql_database(postgresql_server, "tierlift_parity")


@pytest.mark.parametrize("world_of", [rich_world, first_kept_world])
def test_postgresql_equals_the_plain_computation_and_duckdb(
    url: str, world_of: Callable[[], World]
) -> None:
    """Whatever aggregation hands over, and so the whole scorecard, is the same on both engines."""
    world = world_of()

    with PostgreSQLEngine.over(url, world.facts) as engine:
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


def test_amounts_whose_squares_leave_64_bits_stay_exact(url: str) -> None:
    """PostgreSQL refuses such a product; decimals then give it exactly."""
    amounts = (4_000_000_000_000, 4_000_000_000_001, 7)
    members = ("a", "b", "c")
    the_facts = facts(
        [(member, "control", START) for member in members],
        [order(m, START, amount) for m, amount in zip(members, amounts, strict=True)],
    )
    the_plan = plan(in_use("spend_per_member", MetricRole.OEC))
    as_of = START + timedelta(days=60)

    with PostgreSQLEngine.over(url, the_facts) as engine:
        got = aggregate_on(engine, the_plan, as_of)

    assert got == aggregate(the_facts, the_plan, as_of)
    assert got.metrics[0].variants[0].summary.n == 3


def test_postgresql_reads_properties_by_their_whole_name(url: str) -> None:
    """A dot or a slash in a property's name is part of the name, and a number is its JSON text."""
    the_facts = facts(
        [(member, "control", START) for member in "abc"],
        [
            ("a", "tier_change", START, None, None, {"to": "gold"}),
            event("b", "tier_change", START, **{"t.o/x~": "gold"}),
            event("c", "tier_change", START, to="silver"),
        ],
    )
    as_of = START + timedelta(days=60)
    the_plan = plan(in_use("upgrade_conversion", MetricRole.OEC, target_tiers=["gold"]))

    with PostgreSQLEngine.over(url, the_facts) as engine:
        functions = engine.functions("UTC")
        got = aggregate_on(engine, the_plan, as_of)
        rows = ibis.table({"properties": "string"}, name="conversions")
        names = engine.fetch(
            rows.select(value=functions.property_text(rows.properties, "t.o/x~")).distinct()
        )

    assert got.metrics[0].variants[0].nonzero_units == 1
    assert {row["value"] for row in names} == {"gold", None}


def test_text_is_compared_by_bytes_whatever_the_collation(url: str) -> None:
    """Loaded, declared and kept texts all have the collation of bytes, as every other engine has.

    The server of these tests knows no language to sort by, so the collation itself is asked for.
    """
    declared = DeclaredRelations.from_text("""
relations:
  exposures:
    table: shown
    columns: {member_id: who, unit_id: who, variant: arm, exposed_at: at}
  conversions:
    table: shown
    columns: {member_id: who, event: arm, occurred_at: at}
""")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE shown (who text, arm varchar(9), at timestamptz)")
        connection.execute("INSERT INTO shown VALUES ('1', 'B', now() - interval '9 days')")
    the_plan = plan(shares={"B": "0.5", "a": "0.5"}, rule=CrossoverRule.KEEP_FIRST)
    question = "SELECT pg_collation_for(variant) AS variant, pg_collation_for(unit_id) AS unit"
    loaded = facts([("1", "B", START)])

    for the_facts in (declared, loaded):
        with PostgreSQLEngine.over(url, the_facts) as engine:
            aggregate_on(engine, the_plan, datetime.now(UTC))
            for relation in ("exposures", "unit_spans", "exposed_units"):
                by = engine.answer(f"{question} FROM {relation}")
                assert by == [{"variant": '"C"', "unit": '"C"'}], relation


def test_nothing_stays_in_the_database(url: str) -> None:
    """An analysis leaves no relation behind."""
    world = first_kept_world()
    with PostgreSQLEngine.over(url, world.facts) as engine:
        aggregate_on(engine, world.plan, world.as_of)

    with psycopg.connect(url) as connection:
        left = connection.execute(
            "SELECT relname FROM pg_class WHERE relname IN ('exposures', 'unit_spans', 'cells')"
        ).fetchall()

    assert left == []


def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    """The fault says which server, why not, and what to do; never the password."""
    world = first_kept_world()
    url = "postgresql+psycopg://tierlift:secret@127.0.0.1:1/none?connect_timeout=2"

    with (
        pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1:1/none.*check the address") as caught,
        PostgreSQLEngine.over(url, world.facts),
    ):
        pass

    assert "secret" not in str(caught.value)
