"""All checks over facts, from members to findings: a sound campaign, and planted faults."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from experiments.bucketing import shard
from stats.aggregation.aggregate import aggregate
from stats.aggregation.audit import BucketingRule, Slots, VariantSlots, audit_exposures
from stats.aggregation.duckdb_engine import DuckDBEngine
from stats.aggregation.overlaps import Overlaps
from stats.checks.all import run_checks
from stats.checks.finding import Finding, FindingCode, Severity
from stats.metric import builtin
from stats.plan import AnalysisPlan, Covariate, Looks, MetricInUse, MetricRole, SegmentBy
from tests.stats.facts import DAY, START, Conversion, Exposure, facts, in_use, order, plan

DAYS = 28
AS_OF = START + 60 * DAY
RULE = BucketingRule(
    "gold-q3:1:split",
    (VariantSlots("control", Slots(0, 5_000)), VariantSlots("B", Slots(5_000, 10_000))),
    "gold-q3:1:traffic",
)


@dataclass(frozen=True)
class World:
    """Facts of a campaign, before faults."""

    exposures: Sequence[Exposure]
    orders: Sequence[Conversion]
    segments: dict[str, dict[str, str | None]]


def the_plan() -> AnalysisPlan:
    """Spend decides, with what was spent before; by app."""
    spend = MetricInUse(
        builtin("spend_per_member"), MetricRole.OEC, covariates=(Covariate("before", 28),)
    )
    return replace(
        plan(spend, in_use("repurchase_rate"), time_zone="UTC"),
        segments=(SegmentBy("app", "App"),),
        looks=Looks(planned_end=START + DAYS * DAY),
    )


def world() -> World:
    """Four thousand members over four weeks, who order as much in either variant."""
    rng = np.random.default_rng(5)
    exposures: list[Exposure] = []
    orders: list[Conversion] = []
    segments: dict[str, dict[str, str | None]] = {}
    for i in range(4_000):
        member = f"會員-{i}"
        variant = "control" if shard("gold-q3:1:split", member) < 5_000 else "B"
        at = START + (i % DAYS) * DAY + timedelta(minutes=int(rng.integers(0, 1_400)))
        exposures.append((member, variant, at))
        segments[member] = {"app": str(rng.choice(["old", "new"]))}
        orders += [
            order(member, _when(rng, at, side), int(rng.lognormal(6, 0.7)))
            for side in (-1, 1)
            for _ in range(rng.poisson(1))
        ]
    return World(exposures, orders, segments)


def _when(rng: np.random.Generator, at: datetime, side: int) -> datetime:
    return at + side * timedelta(minutes=int(rng.integers(1, 28 * 1_440)))


def findings_of(facts_: World) -> dict[FindingCode, Finding]:
    """Findings on facts, with their audit."""
    given = facts(facts_.exposures, facts_.orders, segments=facts_.segments)
    aggregates = aggregate(given, the_plan(), AS_OF)
    with DuckDBEngine.over(given) as engine:
        audit = audit_exposures(engine, RULE, AS_OF)
    found = run_checks(the_plan(), aggregates, audit=audit, overlaps=Overlaps(()), closings=())
    return {finding.code: finding for finding in found}


@pytest.fixture(scope="module")
def sound() -> World:
    """The campaign without a fault."""
    return world()


def test_a_sound_campaign_passes_every_check(sound: World) -> None:
    """Four whole weeks of a sound campaign have nothing to say against them, but for refunds."""
    got = findings_of(sound)

    speaking = {code for code, finding in got.items() if finding.severity is not Severity.PASSED}
    assert speaking == {FindingCode.EVENTS_MISSING}  # nobody has sent a refund yet
    assert got[FindingCode.SAMPLE_RATIO].evidence["slices_tested"] == DAYS + 2
    assert got[FindingCode.ASSIGNMENT].evidence["units"] == 4_000
    assert got[FindingCode.PRE_PERIOD].evidence["tests"] == 1


def test_exposures_lost_in_one_app_are_traced_to_it(sound: World) -> None:
    """Where the old app loses B's exposures, the mismatch names the old app."""
    lost = [
        one
        for i, one in enumerate(sound.exposures)
        if not (one[1] == "B" and sound.segments[one[0]]["app"] == "old" and i // DAYS % 2)
    ]

    got = findings_of(replace(sound, exposures=lost))[FindingCode.SAMPLE_RATIO]

    assert got.severity is Severity.FAILURE
    assert set(got.evidence["slices_off"]) == {"App = old"}


def test_an_own_split_of_a_channel_is_found_by_the_audit(sound: World) -> None:
    """A channel that shows control's members B is named, though the sample ratio may look fine."""
    wrong = [
        (member, "B" if i < 200 and variant == "control" else variant, at)
        for i, (member, variant, at) in enumerate(sound.exposures)
    ]

    got = findings_of(replace(sound, exposures=wrong))[FindingCode.ASSIGNMENT]

    planted = sum(one != other for one, other in zip(wrong, sound.exposures, strict=True))
    assert got.severity is Severity.FAILURE
    assert got.evidence["units_by_disagreement"] == {
        "wrong_variant: B, recomputed control": planted
    }


def test_a_day_without_orders_is_found(sound: World) -> None:
    """A day on which the feed of orders was down is named with its date."""
    hole = (START + 12 * DAY).date()
    orders = [one for one in sound.orders if one[2].date() != hole]

    got = findings_of(replace(sound, orders=orders))[FindingCode.EVENT_GAPS]

    assert got.severity is Severity.WARNING
    assert list(got.evidence["gaps"]) == [f"order {hole}"]


def test_one_member_with_half_of_all_revenue_is_found_in_the_facts(sound: World) -> None:
    """One member's order as large as all others together dominates, and no proportion with it."""
    total = sum(one[3] or 0 for one in sound.orders)
    member, _, at = sound.exposures[0]

    got = findings_of(replace(sound, orders=[*sound.orders, order(member, at, total)]))

    assert got[FindingCode.OUTLIERS].severity is Severity.WARNING
    assert got[FindingCode.OUTLIERS].evidence["metrics"] == "spend_per_member"


def test_a_split_by_what_members_spent_before_is_found(sound: World) -> None:
    """Where big spenders were moved to B, the time before shows it, though counts are equal."""
    spent: dict[str, int] = {}
    starts = {member: at for member, _, at in sound.exposures}
    for member, _, at, amount, *_ in sound.orders:
        if at < starts[member]:
            spent[member] = spent.get(member, 0) + (amount or 0)
    ranked = sorted(starts, key=lambda member: spent.get(member, 0))
    rng = np.random.default_rng(6)
    place = {member: i for i, member in enumerate(ranked)}
    moved = [
        (member, "B" if rng.random() < 0.4 + 0.2 * place[member] / 4_000 else "control", at)
        for member, _, at in sound.exposures
    ]

    got = findings_of(replace(sound, exposures=moved))

    assert got[FindingCode.PRE_PERIOD].severity is Severity.FAILURE
    assert got[FindingCode.SAMPLE_RATIO].severity is Severity.PASSED
