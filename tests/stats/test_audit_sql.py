"""The SQL of the audit and of overlaps, as reviewed, on each engine.

To accept a change: TIERLIFT_ACCEPT_SQL=1 python -m pytest tests/stats/test_audit_sql.py
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from stats.aggregation.audit import (
    LOGGED,
    REMEMBERED,
    BucketingRule,
    HoldoutSlots,
    LayerSlots,
    Slots,
    VariantSlots,
    audit_counts,
    audit_examples,
    audited,
)
from stats.aggregation.overlap import OUTCOMES, OVERLAPS, overlap_cells
from stats.aggregation.relations import EXPOSED_UNITS
from stats.aggregation.slots import slot_functions

FOLDER = Path(__file__).parent / "snapshots_audit"
RULE = BucketingRule(
    split_salt="gold-q3:1:split",
    variants=(VariantSlots("control", Slots(0, 5_000)), VariantSlots("B", Slots(5_000, 10_000))),
    traffic_salt="gold-q3:1:traffic",
    traffic_slots=2_000,
    holdouts=(HoldoutSlots("holdout", 500),),
    layer=LayerSlots("layer:home", (Slots(0, 4_000),)),
)


def _relations(dialect: str) -> dict[str, ir.Table]:
    exposures = ibis.table(LOGGED, name="exposures")
    relation = audited(
        exposures, RULE, slot_functions(dialect),
        remembered=ibis.table(REMEMBERED, name="assignments"),
    )  # fmt: skip
    kept = ibis.table(relation.schema(), name="audited")
    cells = overlap_cells(
        ibis.table(EXPOSED_UNITS, name="exposed_units"),
        ibis.table(OVERLAPS, name="overlaps"),
        datetime(2026, 7, 1, tzinfo=UTC),
        outcomes=ibis.table(OUTCOMES | {"d": "int64"}, name="outcomes"),
    )
    return {
        "audited": relation,
        "audit_counts": audit_counts(kept),
        "audit_examples": audit_examples(kept),
        "overlap_cells": cells,
    }


NAMES = [f"{name}.{dialect}" for dialect in ("duckdb", "postgres") for name in _relations(dialect)]


@pytest.mark.parametrize("name", NAMES)
def test_sql_of_the_audit_is_as_reviewed(name: str) -> None:
    """Each relation compiles to the SQL that was reviewed last, on DuckDB and PostgreSQL."""
    path = FOLDER / f"{name}.sql"
    relation, dialect = name.split(".")
    got = str(ibis.to_sql(_relations(dialect)[relation], dialect=dialect)) + "\n"
    if os.environ.get("TIERLIFT_ACCEPT_SQL"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8")

    assert got == path.read_text(encoding="utf-8")


def test_every_snapshot_of_the_audit_is_of_a_relation() -> None:
    """No file stays behind when a relation goes."""
    assert {path.stem for path in FOLDER.glob("*.sql")} == set(NAMES)
