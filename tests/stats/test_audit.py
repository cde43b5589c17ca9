"""Every logged exposure can be recomputed, and the SQL agrees with the evaluator."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import ibis
import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.assignment import Assignment, NotAssigned, Reason, assign
from experiments.bucketing import shard
from experiments.campaign import Campaign, Phase, State
from experiments.catalogue import CompiledCampaign, compile_catalogue
from experiments.layer import SlotRange
from experiments.member import Member
from stats.aggregation.audit import (
    LOGGED,
    BucketingRule,
    HoldoutSlots,
    LayerSlots,
    Slots,
    VariantSlots,
    audit_exposures,
    audited,
)
from stats.aggregation.audit_counts import AuditCounts, Disagreement
from stats.aggregation.duckdb_engine import DuckDBEngine
from stats.aggregation.slots import (
    DuckDBSlots,
    PostgreSQLSlots,
    SlotFunctions,
    SparkSlots,
    slot_functions,
)
from stats.errors import InvalidBucketing
from tests.experiments.designs import NOW, design, programme

EXPOSURES = ibis.table(LOGGED, name="exposures")
VECTORS = Path(__file__).parents[2] / "docs" / "reference" / "bucketing.md"


def rule_of(campaign: CompiledCampaign) -> BucketingRule:
    """The rule of a compiled campaign, as the application gives it."""
    holdouts = [HoldoutSlots(campaign.holdout_salt, campaign.holdout_slots)]
    layer = campaign.layer
    if layer is not None:
        holdouts.append(HoldoutSlots(layer.holdout_salt, layer.holdout_slots))
    return BucketingRule(
        split_salt=campaign.split_salt,
        variants=tuple(
            VariantSlots(variant.key, Slots(variant.slots.start, variant.slots.end))
            for variant in campaign.variants
        ),
        traffic_salt=campaign.traffic_salt,
        traffic_slots=campaign.traffic_slots,
        holdouts=tuple(holdout for holdout in holdouts if holdout.below),
        layer=None
        if layer is None
        else LayerSlots(layer.salt, tuple(Slots(held.start, held.end) for held in layer.own)),
    )


def rows_of(engine: DuckDBEngine, rule: BucketingRule) -> list[dict[str, object]]:
    """What `audited` gives on DuckDB."""
    return [dict(row) for row in engine.fetch(audited(EXPOSURES, rule, DuckDBSlots()))]


@contextmanager
def engine_over(
    rows: Sequence[tuple[str | None, str]], remembered: Mapping[str, str] | None = None
) -> Iterator[DuckDBEngine]:
    """An engine that holds exposures as unit and variant, and perhaps remembered assignments."""
    with duckdb.connect() as connection:
        exposures = pa.table(
            {
                "member_id": pa.array(["m"] * len(rows), pa.string()),
                "unit_id": pa.array([row[0] for row in rows], pa.string()),
                "variant": pa.array([row[1] for row in rows], pa.string()),
                "exposed_at": pa.array([datetime(2026, 3, 1)] * len(rows), pa.timestamp("us")),  # noqa: DTZ001  # relations hold UTC without a zone
            }
        )
        connection.register("exposures", exposures)
        kept = remembered or {}
        columns = {"unit_id": list(kept), "variant": list(kept.values())}
        connection.register(
            "assignments",
            pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}),
        )
        names = ["exposures"] if remembered is None else ["exposures", "assignments"]
        yield DuckDBEngine(connection, dict.fromkeys(names, frozenset[str]()))


def audit_of(
    rule: BucketingRule,
    rows: Sequence[tuple[str | None, str]],
    remembered: Mapping[str, str] | None = None,
) -> AuditCounts:
    """The audit of exposures on DuckDB."""
    with engine_over(rows, remembered) as engine:
        return audit_exposures(engine, rule, datetime(2026, 3, 2, tzinfo=UTC))


def kinds(audit: AuditCounts) -> dict[str, Disagreement]:
    """The kind of disagreement of each example unit."""
    return {unit: row.kind for row in audit.disagreements for unit in row.examples}


@st.composite
def compiled(draw: st.DrawFn) -> CompiledCampaign:
    """A running campaign of two to four variants, with any traffic, layer and holdouts."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=3)))
    slots = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    variants = [
        {"key": f"v{i}", "planned_share": Decimal(n) / 100, "control": i == 0}
        for i, n in enumerate(slots)
    ]
    changes: dict[str, Any] = {
        "variants": variants,
        "traffic_share": Decimal(draw(st.integers(0, 10_000))) / 100,
        "key": draw(st.sampled_from(["gold-q3", "silver"])),
    }
    held: tuple[SlotRange, ...] = ()
    if draw(st.booleans()):
        bounds = sorted(draw(st.sets(st.integers(0, 10_000), min_size=2, max_size=4)))
        held = tuple(
            SlotRange(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False)
        )  # fmt: skip
        changes["layer"] = {"key": "home", "share": 50}
    made = design(**changes)
    phase = Phase(draw(st.integers(1, 3)), made, datetime(2026, 2, 1, tzinfo=UTC), None, held)
    running = Campaign(made, State.RUNNING, NOW, NOW, (phase,))
    holdouts = st.sampled_from([0, 5, 40])
    house = programme(
        holdout_share=draw(holdouts), layers=[{"key": "home", "holdout_share": draw(holdouts)}]
    )
    return compile_catalogue(house, [running], revision=1).campaigns[made.key]


UNITS = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1),
    min_size=1,
    max_size=30,
    unique=True,
)
BY_REASON = {
    Reason.HELD_OUT: Disagreement.HELD_OUT,
    Reason.OTHER_CAMPAIGN: Disagreement.OUTSIDE_LAYER,
    Reason.TRAFFIC: Disagreement.NOT_ADMITTED,
}


def expected_kind(campaign: CompiledCampaign, unit: str, logged: str) -> Disagreement | None:
    """What the evaluator says of an exposure to a variant."""
    answer = assign(campaign, Member(unit), NOW)
    if isinstance(answer, NotAssigned):
        return BY_REASON[answer.reason]
    return None if answer.variant.key == logged else Disagreement.WRONG_VARIANT


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(campaign=compiled(), units=UNITS, data=st.data())
def test_the_audit_agrees_with_the_evaluator(
    campaign: CompiledCampaign, units: list[str], data: st.DataObject
) -> None:
    """On any campaign, layer, holdout and traffic, SQL finds what `assign` would not have given."""
    keys = [variant.key for variant in campaign.variants]
    rows = [(unit, data.draw(st.sampled_from(keys))) for unit in units]
    with engine_over(rows) as engine:
        got = rows_of(engine, rule_of(campaign))

    assert {(row["unit_id"], row["variant"]): row["kind"] for row in got} == {
        (unit, logged): expected_kind(campaign, unit, logged) for unit, logged in rows
    }
    by_unit = {row["unit_id"]: row["recomputed"] for row in got}
    for unit in units:
        slot = shard(campaign.split_salt, unit)
        holder = next(variant for variant in campaign.variants if slot in variant.slots)
        assert by_unit[unit] == holder.key


def test_what_the_evaluator_gave_has_no_disagreement() -> None:
    """Exposures logged as assigned pass whole; those of unknown units are not counted."""
    made = design(traffic_share=40)
    running = Campaign(
        made, State.RUNNING, NOW, NOW, (Phase(1, made, datetime(2026, 2, 1, tzinfo=UTC)),)
    )
    campaign = compile_catalogue(programme(holdout_share=10), [running], revision=1).campaigns[
        made.key
    ]
    answers = [assign(campaign, Member(f"m-{i}"), NOW) for i in range(2_000)]
    given_ = [(a.unit_id, a.variant.key) for a in answers if isinstance(a, Assignment)]

    got = audit_of(rule_of(campaign), [*given_, *given_, (None, "control")])

    assert got == AuditCounts(len(given_), 2 * len(given_), ())


WHOLE = BucketingRule(
    "gold-q3:1:split",
    (VariantSlots("control", Slots(0, 5_000)), VariantSlots("gift", Slots(5_000, 10_000))),
    "gold-q3:1:traffic",
)


def test_disagreements_are_counted_by_kind_with_examples() -> None:
    """Each row has the logged and the recomputed variant, units, exposures and lowest ids."""
    units = [f"m-{i}" for i in range(40)]
    rows = [(unit, "control") for unit in units] + [(units[0], "control")]

    got = audit_of(WHOLE, rows)

    wrong = sorted(unit for unit in units if shard("gold-q3:1:split", unit) >= 5_000)
    (row,) = got.disagreements
    assert (row.logged, row.recomputed, row.kind) == (
        "control", "gift", Disagreement.WRONG_VARIANT,
    )  # fmt: skip
    assert (row.units, row.examples) == (len(wrong), tuple(wrong[:3]))
    assert (got.units, got.exposures) == (40, 41)
    assert row.exposures == len(wrong) + (units[0] in wrong)


def test_a_remembered_assignment_stands_against_a_holdout_that_grew() -> None:
    """Who was assigned before a holdout grew agrees, as `assign` says with that prior."""
    rule = replace(WHOLE, holdouts=(HoldoutSlots("holdout", 10_000),))
    units = {f"m-{i}": "control" if shard(WHOLE.split_salt, f"m-{i}") < 5_000 else "gift"
             for i in range(5)}  # fmt: skip
    rows = list(units.items())

    without, known = audit_of(rule, rows), audit_of(rule, rows, units)

    assert set(kinds(without).values()) == {Disagreement.HELD_OUT}
    assert known.disagreements == ()


def test_a_remembered_variant_that_the_split_does_not_give_is_still_wrong() -> None:
    """Memory explains who was admitted, never a variant: the split of a phase never changes."""
    units = {f"m-{i}": "control" for i in range(20)}

    got = audit_of(WHOLE, list(units.items()), units)

    assert {row.kind for row in got.disagreements} == {Disagreement.WRONG_VARIANT}
    wrong = sum(shard(WHOLE.split_salt, unit) >= 5_000 for unit in units)
    assert got.disagreements[0].units == wrong


def test_raising_the_traffic_share_keeps_earlier_exposures_right() -> None:
    """Under the present, higher traffic share all who were admitted under a lower one agree."""
    low = replace(WHOLE, traffic_slots=2_000)
    units = [f"m-{i}" for i in range(500)]
    admitted = [unit for unit in units if shard(WHOLE.traffic_salt, unit) < 2_000]
    rows = [
        (unit, "control" if shard(WHOLE.split_salt, unit) < 5_000 else "gift") for unit in admitted
    ]

    assert audit_of(low, rows).disagreements == ()
    assert audit_of(replace(WHOLE, traffic_slots=9_000), rows).disagreements == ()


def vectors() -> list[tuple[str, str, int]]:
    """The published test vectors, made without Tierlift."""
    table = VECTORS.read_text(encoding="utf-8").split("## Test vectors")[1]
    cells = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| `")]
    return [(row[0].strip(" `"), row[1].strip().strip("`"), int(row[3])) for row in cells]


def slots_in(functions: SlotFunctions) -> list[tuple[str, ibis.Expr, int]]:
    """Each vector as an expression over its unit."""
    return [
        (unit, functions.md5_slot(salt, ibis.literal(unit)).name("slot"), slot)
        for salt, unit, slot in vectors()
    ]


def test_duckdb_gives_the_published_slots() -> None:
    """DuckDB's form of the formula gives every published vector."""
    with duckdb.connect() as connection:
        for unit, expression, slot in slots_in(DuckDBSlots()):
            sql = str(ibis.to_sql(expression, dialect="duckdb"))
            assert connection.sql(sql).fetchall() == [(slot,)], unit


def test_postgresql_gives_the_published_slots_and_runs_the_audit(postgresql_server: str) -> None:
    """PostgreSQL's form gives every published vector, and the whole audit runs there."""
    rule = replace(
        WHOLE,
        traffic_slots=9_000,
        holdouts=(HoldoutSlots("holdout", 500),),
        layer=LayerSlots("layer:home", (Slots(0, 3_000), Slots(4_000, 9_000))),
    )
    rows = [(f"會員-{i}", "gift" if i % 2 else "control") for i in range(300)]
    with engine_over(rows) as engine:
        want = {(row["unit_id"], row["recomputed"], row["kind"]) for row in rows_of(engine, rule)}
    sql = str(ibis.to_sql(audited(EXPOSURES, rule, PostgreSQLSlots()), dialect="postgres"))
    with psycopg.connect(postgresql_server) as connection, connection.cursor() as cursor:
        for unit, expression, slot in slots_in(PostgreSQLSlots()):
            cursor.execute(str(ibis.to_sql(expression, dialect="postgres")))  # type: ignore[arg-type]  # compiled, not composed
            assert cursor.fetchone() == (slot,), unit
        cursor.execute(
            "CREATE TEMP TABLE exposures "
            "(member_id text, unit_id text, variant text, exposed_at timestamp)"
        )
        cursor.executemany("INSERT INTO exposures VALUES ('m', %s, %s, '2026-03-01')", rows)
        cursor.execute(sql)  # type: ignore[arg-type]  # compiled, not composed
        names = [column.name for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        connection.rollback()

    assert {(row["unit_id"], row["recomputed"], row["kind"]) for row in found} == want
    assert {row["kind"] for row in found} == {*Disagreement, None}


def test_spark_takes_the_audit() -> None:
    """The audit compiles for Spark, by the form that the reference page gives."""
    sql = str(ibis.to_sql(audited(EXPOSURES, WHOLE, SparkSlots()), dialect="pyspark"))

    assert "CONV(" in sql.upper()


@pytest.mark.parametrize("ranges", [(), ((0, 4_000), (5_000, 10_000)), ((0, 9_999),)])
def test_a_split_that_leaves_slots_out_is_refused(ranges: tuple[tuple[int, int], ...]) -> None:
    """A rule must give every slot one variant: its own gaps would look like wrong exposures."""
    variants = tuple(VariantSlots(str(i), Slots(*held)) for i, held in enumerate(ranges))
    with pytest.raises(InvalidBucketing, match="consecutive"):
        BucketingRule("s", variants, "t")


def test_slots_that_do_not_exist_are_refused() -> None:
    """Slots lie between 0 and 10,000, in order."""
    for start, end in ((-1, 5), (5, 4), (0, 10_001)):
        with pytest.raises(InvalidBucketing, match="slots"):
            Slots(start, end)


def test_an_engine_without_the_formula_is_refused() -> None:
    """An engine whose hash is not written down is named, with those that are."""
    assert isinstance(slot_functions("postgres"), PostgreSQLSlots)
    with pytest.raises(InvalidBucketing, match="duckdb, postgres, pyspark"):
        slot_functions("sqlite")


def test_exposures_after_the_analysis_time_are_not_audited() -> None:
    """The audit is of the facts up to the analysis time."""
    with engine_over([("m-1", "control")]) as engine:
        got = audit_exposures(engine, WHOLE, datetime(2026, 2, 1, tzinfo=UTC))

    assert got == AuditCounts(0, 0, ())


def test_pseudonyms_of_erased_members_are_left_out() -> None:
    """From a pseudonym no slot can be recomputed; what only looks like one is audited as ever."""
    pseudonym, lookalike = "erased-" + "0a" * 16, "erased-1"
    rule = BucketingRule(
        "s", (VariantSlots("control", Slots(0, 0)), VariantSlots("B", Slots(0, 10_000))), "t"
    )

    got = audit_of(rule, [(pseudonym, "control"), (lookalike, "control"), ("m-1", "B")])

    assert (got.units, got.exposures, got.erased) == (2, 2, 1)
    assert kinds(got) == {lookalike: Disagreement.WRONG_VARIANT}
