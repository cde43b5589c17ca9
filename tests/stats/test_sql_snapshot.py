"""The SQL that DuckDB runs, as reviewed.

To accept a change: TIERLIFT_ACCEPT_SQL=1 python -m pytest tests/stats/test_sql_snapshot.py
"""

import os
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from stats.aggregation import prepass, relations
from stats.aggregation.cells import Arithmetic, cells, rolled_up
from stats.aggregation.duckdb_engine import DuckDBFunctions, to_sql
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.funnel import funnel_counts
from stats.aggregation.layout import layout_of
from stats.aggregation.parameters import AS_OF, CLOCK_STARTS
from stats.aggregation.statements import CELL_KEYS
from stats.aggregation.unusable_events import events_unusable
from stats.aggregation.values import unit_totals, unit_values
from stats.metric import Rates, builtin
from stats.plan import (
    Basis,
    Cap,
    Covariate,
    CrossoverRule,
    MetricInUse,
    MetricRole,
    RandomizationUnit,
    SegmentBy,
)
from tests.stats.facts import FUNNEL, in_use, plan

FOLDER = Path(__file__).parent / "snapshots"
FUNCTIONS = DuckDBFunctions("Asia/Taipei")
SPANS = ibis.table(relations.UNIT_SPANS, name="unit_spans")
PLAN = replace(
    plan(
        in_use("upgrade_conversion", target_tiers=["gold"]),
        in_use("retention_d30"),
        replace(
            in_use("average_order_value", MetricRole.OEC), covariates=(Covariate("before", 28),)
        ),
        replace(in_use("spend_per_member"), cap=Cap(percentile=Decimal("0.99"))),
        in_use("activity"),
        funnel=FUNNEL,
    ),
    segments=(SegmentBy("tier"),),
)
HOUSEHOLDS = replace(
    plan(rule=CrossoverRule.KEEP_FIRST, unit=RandomizationUnit.HOUSEHOLD), basis=Basis.ASSIGNED
)
RATES = Rates(Decimal("0.4"), 2_000, 5)
PROPERTIES = plan(
    *(
        MetricInUse(builtin(key, rates=RATES), MetricRole.DIAGNOSTIC)
        for key in (
            "contribution_margin_per_member",
            "points_redemption",
            "progress_completion",
            "nps",
            "clv_6m",
            "unsubscribe",
        )
    )
)
ENGINE_OWN = {
    *("unit_values", "events_seen", "funnel_counts", "order_statistic", "high_statistic"),
    *("property_values", "events_unusable"),
}
"""Relations that call a function which every engine names in its own way."""


@cache
def relations_of(functions: EngineFunctions) -> dict[str, ir.Table]:
    """All reviewed relations, by name, with the functions of an engine."""
    layout = layout_of(PLAN)
    exposed = relations.exposed_units(PLAN, SPANS, AS_OF)
    conversions = relations.unit_conversions(PLAN, exposed, AS_OF, layout.reach, CLOCK_STARTS)
    kept = ibis.table(conversions.schema(), name="unit_conversions")
    totals = unit_totals(layout, kept, functions)
    values = unit_values(PLAN, layout, exposed, totals, AS_OF, functions)
    kept_values = ibis.table(values.schema(), name="unit_values")
    keys = (*CELL_KEYS, "s0")
    capped = prepass.with_caps(kept_values, layout.metrics)
    summed = cells(capped, layout.summed, keys, binary=layout.binary)
    spend = layout.of("spend_per_member")
    planned = tuple(variant.key for variant in PLAN.variants)
    households = relations.exposed_units(HOUSEHOLDS, SPANS, AS_OF)
    properties = layout_of(PROPERTIES)
    reached = relations.unit_conversions(PROPERTIES, exposed, AS_OF, properties.reach, CLOCK_STARTS)
    read = ibis.table(reached.schema(), name="unit_conversions")
    property_totals = unit_totals(properties, read, functions)
    unusable = events_unusable(PROPERTIES, AS_OF, functions)
    assert unusable is not None
    return {
        "property_conversions": reached,
        "property_values": unit_values(
            PROPERTIES, properties, exposed, property_totals, AS_OF, functions
        ),
        "events_unusable": unusable,
        "unit_spans": relations.unit_spans(PLAN, AS_OF),
        "clock_range": relations.clock_range(SPANS),
        "unit_spans_assigned": relations.unit_spans(HOUSEHOLDS, AS_OF),
        "exposed_units": exposed,
        "exposed_units_keep_first": households,
        "crossovers": relations.crossovers(PLAN, SPANS, AS_OF),
        "unknown_unit_members": relations.unknown_unit_members(AS_OF),
        "logged_per_variant": relations.logged_per_variant(AS_OF),
        "events_seen": relations.events_seen(PLAN, AS_OF, functions),
        "unit_conversions": conversions,
        "unit_conversions_household": relations.unit_conversions(HOUSEHOLDS, households, AS_OF),
        "unit_values": values,
        "cells": summed,
        "cells_in_decimals": cells(
            capped,
            layout.summed,
            keys,
            binary=layout.binary,
            arithmetic=Arithmetic.DECIMALS,
        ),
        "cells_by_segment": rolled_up(
            ibis.table(summed.schema(), name="cells"), ("variant", "closed", "s0")
        ),
        "pooled_units": prepass.pooled_units(kept_values, (spend,), planned),
        "order_statistic": prepass.order_statistic(kept_values, spend, planned, functions),
        "high_statistic": prepass.high_statistic(kept_values, spend, planned, functions),
        "above": prepass.above(kept_values, spend, planned),
        "funnel_counts": funnel_counts(FUNNEL, exposed, kept, AS_OF, functions),
    }


@pytest.mark.parametrize("name", sorted(relations_of(FUNCTIONS)))
def test_sql_is_as_reviewed(name: str) -> None:
    """Each named relation compiles to the SQL that was reviewed last."""
    path = FOLDER / f"{name}.sql"
    got = to_sql(relations_of(FUNCTIONS)[name]) + "\n"
    if os.environ.get("TIERLIFT_ACCEPT_SQL"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8")

    assert got == path.read_text(encoding="utf-8")


def test_every_snapshot_is_of_a_relation() -> None:
    """No file stays behind when a relation goes."""
    assert {path.stem for path in FOLDER.glob("*.sql")} == set(relations_of(FUNCTIONS))


@pytest.mark.parametrize("name", sorted(relations_of(FUNCTIONS).keys() - ENGINE_OWN))
def test_relations_compile_for_postgresql_too(name: str) -> None:
    """But for the engine's own functions, PostgreSQL's dialect accepts relations as they are."""
    assert "SELECT" in str(ibis.to_sql(relations_of(FUNCTIONS)[name], dialect="postgres"))
