"""The SQL of times, quantiles, steps and drivers, as reviewed.

To accept a change: TIERLIFT_ACCEPT_SQL=1 python -m pytest tests/stats/test_survival_snapshot.py
"""

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from stats.aggregation import drivers, quantiles, relations, step_times, survival
from stats.aggregation.duckdb_engine import DuckDBFunctions, to_sql
from stats.aggregation.layout import layout_of
from stats.aggregation.parameters import AS_OF
from stats.aggregation.values import unit_totals, unit_values
from stats.metric import (
    Aggregate,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)
from stats.plan import SegmentBy
from tests.stats.facts import FUNNEL, in_use, plan

FOLDER = Path(__file__).parent / "snapshots" / "distributions"
FUNCTIONS = DuckDBFunctions("Asia/Taipei")
ORDERS = in_use(
    MetricDefinition(
        "large_order_p90", "Large order p90", "The order value that 90 % of orders do not exceed.",
        MetricKind.QUANTILE, (Term(("order",), Aggregate.AMOUNT),), MetricUnit.MONEY_PER_ORDER,
        Direction.HIGHER, Window(30), quantile=Decimal("0.9"),
    )
)  # fmt: skip
PLAN = replace(
    plan(
        in_use("upgrade_conversion", target_tiers=["gold"]),
        in_use("time_to_upgrade", target_tiers=["gold"]),
        in_use("repurchase_interval"),
        in_use("large_basket_p90"),
        ORDERS,
        funnel=FUNNEL,
    ),
    segments=(SegmentBy("tier"),),
)
ENGINE_OWN = {"step_times", "survival_counts"}
"""Relations that call a function which every engine names in its own way."""


def _relations() -> dict[str, ir.Table]:
    layout = layout_of(PLAN)
    exposed = ibis.table(relations.EXPOSED_UNITS, name="exposed_units")
    conversions = relations.unit_conversions(PLAN, exposed, AS_OF, layout.reach)
    kept = ibis.table(conversions.schema(), name="unit_conversions")
    totals = unit_totals(layout, kept, FUNCTIONS)
    values = unit_values(PLAN, layout, exposed, totals, AS_OF, FUNCTIONS)
    units = ibis.table(values.schema(), name="unit_values")
    upgrade, to_upgrade, to_order, basket, _ = PLAN.metrics
    spend = quantiles.unit_quantile_values(basket, units, layout.of(basket.key).outcome, AS_OF)
    orders = quantiles.event_quantile_values(ORDERS, exposed, kept, AS_OF, FUNCTIONS)
    kept_orders = ibis.table(orders.schema(), name="quantile_values")
    ranks = {"control": (90, 85, 95), "B": (9,)}
    upgraded = layout.of(upgrade.key).outcome
    return {
        "survival_counts": survival.survival_counts(to_upgrade, exposed, kept, AS_OF, FUNCTIONS),
        "survival_counts_plain": survival.survival_counts(
            to_order, exposed, kept, AS_OF, FUNCTIONS
        ),
        "unit_quantile_values": spend,
        "event_quantile_values": orders,
        "sizes": quantiles.sizes(kept_orders),
        "order_statistics": quantiles.order_statistics(kept_orders, ranks),
        "indicator_sums": quantiles.indicator_sums(kept_orders, {"control": 1200, "B": 1100}),
        "step_times": step_times.step_times(FUNNEL, exposed, kept, AS_OF, FUNCTIONS),
        "driver_patterns": drivers.driver_patterns(PLAN, upgrade, units, upgraded, AS_OF),
    }


@pytest.mark.parametrize("name", sorted(_relations()))
def test_sql_is_as_reviewed(name: str) -> None:
    """Each named relation compiles to the SQL that was reviewed last."""
    path = FOLDER / f"{name}.sql"
    got = to_sql(_relations()[name]) + "\n"
    if os.environ.get("TIERLIFT_ACCEPT_SQL"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8")

    assert got == path.read_text(encoding="utf-8")


def test_every_snapshot_is_of_a_relation() -> None:
    """No file stays behind when a relation goes."""
    assert {path.stem for path in FOLDER.glob("*.sql")} == set(_relations())


@pytest.mark.parametrize("dialect", ["postgres", "pyspark"])
@pytest.mark.parametrize("name", sorted(_relations().keys() - ENGINE_OWN))
def test_relations_compile_for_other_engines_too(name: str, dialect: str) -> None:
    """But for the engine's own functions, other dialects accept relations as they are."""
    assert "SELECT" in str(ibis.to_sql(_relations()[name], dialect=dialect))
