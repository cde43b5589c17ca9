"""The SQL that DuckDB runs, as reviewed.

To accept a change: TIERLIFT_ACCEPT_SQL=1 python -m pytest tests/stats/test_sql_snapshot.py
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from stats.aggregation import relations
from stats.aggregation.duckdb_engine import DuckDBFunctions, to_sql
from stats.aggregation.funnel import funnel_counts
from stats.aggregation.summaries import summaries, unit_totals, unit_values
from stats.plan import CrossoverRule, RandomizationUnit
from tests.stats.facts import FUNNEL, in_use, plan

FOLDER = Path(__file__).parent / "snapshots"
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
FUNCTIONS = DuckDBFunctions("Asia/Taipei")
EXPOSED_UNITS = ibis.table(relations.EXPOSED_UNITS, name="exposed_units")


def _relations() -> dict[str, ir.Table]:
    the_plan = plan(
        in_use("upgrade_conversion", target_tiers=["gold"]),
        in_use("retention_d30"),
        in_use("average_order_value"),
        in_use("activity"),
        funnel=FUNNEL,
    )
    households = plan(rule=CrossoverRule.KEEP_FIRST, unit=RandomizationUnit.HOUSEHOLD)
    exposures = relations.exposure_relations(the_plan, AS_OF)
    conversions = relations.unit_conversions(the_plan, EXPOSED_UNITS, AS_OF)
    kept = ibis.table(conversions.schema(), name="unit_conversions")
    totals = unit_totals(the_plan, kept, FUNCTIONS)
    values = unit_values(the_plan, EXPOSED_UNITS, totals)
    return {
        "exposed_units": exposures.exposed_units,
        "exposed_units_keep_first": relations.exposure_relations(households, AS_OF).exposed_units,
        "crossovers": relations.crossovers(exposures),
        "unknown_unit_members": relations.unknown_unit_members(exposures),
        "logged_per_variant": relations.logged_per_variant(exposures),
        "units_per_variant": relations.units_per_variant(EXPOSED_UNITS),
        "events_seen": relations.events_seen(AS_OF),
        "other_currencies": relations.other_currencies(the_plan, AS_OF),
        "unit_conversions": conversions,
        "unit_conversions_household": relations.unit_conversions(households, EXPOSED_UNITS, AS_OF),
        "summaries": summaries(the_plan, values, AS_OF),
        "funnel_counts": funnel_counts(FUNNEL, EXPOSED_UNITS, kept, AS_OF, FUNCTIONS),
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


@pytest.mark.parametrize("name", sorted(_relations().keys() - {"summaries", "funnel_counts"}))
def test_relations_compile_for_postgresql_too(name: str) -> None:
    """But for the engine's own functions, PostgreSQL's dialect accepts relations as they are."""
    assert "SELECT" in str(ibis.to_sql(_relations()[name], dialect="postgres"))
