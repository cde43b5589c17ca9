"""The money of units: sums and products against pandas, on DuckDB and PostgreSQL alike."""

from collections.abc import Iterator
from fractions import Fraction

import pandas as pd
import pytest

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.aggregates import Aggregates
from stats.aggregation.postgresql_engine import PostgreSQLEngine
from stats.moments import Moments
from stats.plan import MetricRole
from tests.conftest import drop_postgresql_database, make_postgresql_database
from tests.stats.facts import in_use
from tests.stats.money_world import (
    AS_OF,
    BY_ORDER,
    COLUMNS,
    World,
    money_plan,
    money_world,
)


@pytest.fixture(scope="module")
def url(postgresql_server: str) -> Iterator[str]:
    """An empty database."""
    yield make_postgresql_database(postgresql_server, "tierlift_money")
    drop_postgresql_database(postgresql_server, "tierlift_money")


@pytest.fixture(scope="module")
def world() -> World:
    """One seeded world."""
    return money_world(20_260_731)


def expected(rows: pd.DataFrame, *columns: str) -> Moments:
    """Totals and co-moments of the rows, as exact fractions and rounded once."""
    values = [[Fraction(value) for value in rows[column]] for column in columns]
    n = len(rows)
    means = [sum(column, Fraction(0)) / n for column in values]
    centred = [
        [
            float(sum(((a - p) * (b - q) for a, b in zip(left, right, strict=True)), Fraction(0)))
            for right, q in zip(values, means, strict=True)
        ]
        for left, p in zip(values, means, strict=True)
    ]
    totals = [sum(column, Fraction(0)) for column in values]
    return Moments(
        n,
        tuple(float(total) for total in totals),
        tuple(tuple(row) for row in centred),
    )


def assert_equals_pandas(got: Aggregates, world: World, columns: tuple[str, ...]) -> None:
    """Every total and every co-moment of every variant and tier is that of the rows."""
    assert got.money is not None
    mature = world.units[world.units["mature"]]
    for row in got.money.variants:
        rows = mature[mature["variant"] == row.variant]
        assert_close(row.moments, expected(rows, *columns))
        everybody = world.units[world.units["variant"] == row.variant]
        assert row.immature_units == len(everybody) - len(rows)
    tiers = mature.groupby(["variant", "tier"], sort=False)
    assert {(cell.variant, cell.tier) for cell in got.money.by_tier} == set(tiers.groups)
    for cell in got.money.by_tier:
        assert_close(cell.moments, expected(tiers.get_group((cell.variant, cell.tier)), *columns))


def assert_close(got: Moments, want: Moments) -> None:
    """Alike but for the last digits."""
    assert got.n == want.n
    assert got.totals == pytest.approx(want.totals, rel=1e-12)
    for i in range(want.columns):
        assert got.centred[i] == pytest.approx(want.centred[i], rel=1e-11, abs=1e-9)


def test_moments_equal_those_of_the_rows(world: World, url: str) -> None:
    """DuckDB and PostgreSQL give the moments that pandas gives, and the same bits."""
    the_plan = money_plan(in_use("repurchase_rate", MetricRole.OEC))
    # with a rate no order lacks a margin
    units = world.units.assign(without_margin=0)

    got = aggregate(world.facts, the_plan, AS_OF)

    assert_equals_pandas(got, World(world.facts, units), COLUMNS)
    with PostgreSQLEngine.over(url, world.facts) as engine:
        assert aggregate_on(engine, the_plan, AS_OF) == got


def test_orders_without_margin_are_counted(world: World, url: str) -> None:
    """Without a rate, orders that say neither margin nor cost are counted, and count as 0."""
    the_plan = money_plan(in_use("repurchase_rate", MetricRole.OEC), money=BY_ORDER)

    got = aggregate(world.facts, the_plan, AS_OF)

    assert got.money is not None
    mature = world.units[world.units["mature"]]
    for row in got.money.variants:
        rows = mature[mature["variant"] == row.variant]
        assert row.moments.totals[5] == sum(rows["without_margin"]) > 0
    with PostgreSQLEngine.over(url, world.facts) as engine:
        assert aggregate_on(engine, the_plan, AS_OF) == got


def test_metrics_stay_what_they_are_beside_the_money(world: World) -> None:
    """A plan that asks for money gives every metric what a plan without it gives."""
    deciding = in_use("repurchase_rate", MetricRole.OEC)
    with_money = aggregate(world.facts, money_plan(deciding), AS_OF)
    the_plan = money_plan(deciding, money=BY_ORDER)

    other = aggregate(world.facts, the_plan, AS_OF)

    assert with_money.metrics == other.metrics
