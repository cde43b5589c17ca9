"""The audit of exposures and overlaps with other campaigns, from facts to the scorecard."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.bucketing import shard
from stats.aggregation.aggregate import aggregate
from stats.aggregation.audit import BucketingRule, Slots, VariantSlots
from stats.aggregation.audit_counts import AuditCounts, Disagreement, NotAudited
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import FactTables
from stats.checks.finding import Finding, FindingCode, Severity
from stats.decision.verdict import Verdict
from stats.metric import (
    Window,
)
from stats.plan import MetricRole
from stats.scorecard import (
    Scorecard,
    assemble_scorecard,
)
from tests.stats.facts import (
    DAY,
    START,
    TIME,
    facts,
    in_use,
    order,
    plan,
)

WINDOW = 30
INTERVAL = in_use("repurchase_interval", MetricRole.OEC, window=Window(WINDOW))
RULE = BucketingRule(
    "gold-q3:1:split",
    (VariantSlots("control", Slots(0, 5_000)), VariantSlots("B", Slots(5_000, 10_000))),
    "gold-q3:1:traffic",
)


def campaign(wrong: int = 0) -> FactTables:
    """Members split by the rule, of whom the first few of control were shown B."""
    exposures = []
    for i in range(2_000):
        given = "control" if shard("gold-q3:1:split", f"m{i}") < 5_000 else "B"
        shown = "B" if given == "control" and wrong > 0 else given
        wrong -= shown != given
        exposures.append((f"m{i}", shown, START))
    return facts(exposures, [order(f"m{i}", START + DAY, 1) for i in range(100)])


def test_planted_wrong_variants_reach_the_scorecard() -> None:
    """The audit runs on the facts of the analysis, and its finding stops the verdict."""
    the_plan, as_of = plan(), START + 60 * DAY

    aggregates = aggregate(campaign(30), the_plan, as_of, audit=RULE)
    got = assemble_scorecard(the_plan, aggregates, computed_at=as_of)

    assert isinstance(aggregates.audit, AuditCounts)
    (row,) = aggregates.audit.disagreements
    assert (row.kind, row.logged, row.recomputed, row.units) == (
        Disagreement.WRONG_VARIANT, "B", "control", 30,
    )  # fmt: skip
    assert _finding(got, FindingCode.ASSIGNMENT).severity is Severity.FAILURE
    assert got.decision is not None
    assert got.decision.verdict is Verdict.NOT_TRUSTWORTHY


def test_a_sound_assignment_passes_and_a_foreign_one_is_not_audited() -> None:
    """Exposures as assigned pass; a split made elsewhere says why nothing was recomputed."""
    the_plan, as_of = plan(), START + 60 * DAY
    given = campaign()

    found = {
        str(rule): _finding(
            assemble_scorecard(
                the_plan, aggregate(given, the_plan, as_of, audit=rule), computed_at=as_of
            ),
            FindingCode.ASSIGNMENT,
        )
        for rule in (RULE, NotAudited("The split was made elsewhere."))
    }

    sound, foreign = found.values()
    assert sound.severity is Severity.PASSED
    assert "The split was made elsewhere." in foreign.detail


def shared_with(rates: Mapping[tuple[str, str], float]) -> FactTables:
    """Members of ours who are in one variant each of another campaign, with shares of orders."""
    rng = np.random.default_rng(4)
    exposures, orders, others = [], [], []
    for (ours, other), share in rates.items():
        for i in range(1_000):
            unit = f"{ours}-{other}-{i}"
            exposures.append((unit, ours, START))
            others.append((unit, "tea", other, START))
            if rng.random() < share:
                orders.append(order(unit, START + DAY, 1))
    overlaps = pa.table(
        {
            **{
                name: pa.array([row[i] for row in others], pa.string())
                for i, name in enumerate(("unit_id", "campaign", "variant"))
            },
            "exposed_at": pa.array([row[3] for row in others], TIME),
        }
    )
    return replace(facts(exposures, orders), overlaps=overlaps)


def test_a_planted_interaction_reaches_the_scorecard() -> None:
    """Where our effect exists in one variant of the other campaign alone, a finding warns."""
    rates = {("control", "x"): 0.2, ("control", "y"): 0.2, ("B", "x"): 0.4, ("B", "y"): 0.2}
    given = shared_with(rates)

    aggregates = aggregate(given, plan(), START + 60 * DAY)
    got = assemble_scorecard(plan(), aggregates, computed_at=START + 60 * DAY)

    assert aggregates.overlaps is not None
    cells = {(c.variant, str(c.other)): c for c in aggregates.overlaps.cells}
    assert {key: cell.units for key, cell in cells.items()} == dict.fromkeys(rates, 1_000)
    finding = _finding(got, FindingCode.INTERFERENCE)
    assert finding.severity is Severity.WARNING
    assert "The effect of B differs between the variants of tea" in finding.detail


def test_overlaps_in_files_are_those_in_memory(tmp_path: Path) -> None:
    """Exposures to other campaigns may lie in Parquet, as all facts may."""
    rates = {("control", "x"): 0.2, ("control", "y"): 0.2, ("B", "x"): 0.4, ("B", "y"): 0.2}
    given = shared_with(rates)
    for name, table in given.relations.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    paths = {name: tmp_path / f"{name}.parquet" for name in given.relations}

    got = aggregate(FactFiles(**paths), plan(), START + 60 * DAY)

    assert got == aggregate(given, plan(), START + 60 * DAY)
    assert got.overlaps is not None


def test_overlaps_of_an_oec_without_sums_have_no_outcome() -> None:
    """A survival OEC has its splits and entries tested; its effects are not compared."""
    rates = {("control", "x"): 0.2, ("control", "y"): 0.2, ("B", "x"): 0.4, ("B", "y"): 0.2}

    aggregates = aggregate(shared_with(rates), plan(INTERVAL), START + 60 * DAY)

    assert aggregates.overlaps is not None
    assert [cell.summary for cell in aggregates.overlaps.cells] == [None] * 4


def _finding(got: Scorecard, code: FindingCode) -> Finding:
    return next(finding for finding in got.findings if finding.code is code)
