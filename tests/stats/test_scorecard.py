"""The scorecard says how far each result is, and its document keeps every digit."""

import hashlib
import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.errors import InvalidScorecard, UndefinedStatus
from stats.inference.outcome import BareValue, Certain, Estimate, Lift, Rate, Undefined
from stats.plan import AnalysisPlan, MetricRole
from stats.scorecard import (
    Scorecard,
    State,
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from tests.stats.facts import (
    ALL_METRICS,
    DAY,
    FUNNEL,
    MICROSECOND,
    START,
    Conversion,
    event,
    fact_tables,
    facts,
    in_use,
    order,
    plan,
    random_facts,
)

NOW = datetime(2027, 6, 1, tzinfo=UTC)
SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}


def scorecard(given: FactTables, the_plan: AnalysisPlan, days: float = 400) -> Scorecard:
    """The scorecard some days after the start."""
    return assemble_scorecard(
        the_plan, aggregate(given, the_plan, START + days * DAY), computed_at=NOW
    )


def exposed(control: int, treatment: int) -> list[tuple[str, str, datetime]]:
    """Members c0, c1, … of the control and t0, t1, … of the treatment."""
    return [(f"c{i}", "control", START) for i in range(control)] + [
        (f"t{i}", "B", START) for i in range(treatment)
    ]


def full() -> Scorecard:
    """A scorecard of random facts with every metric and a funnel."""
    the_plan = plan(*ALL_METRICS, shares=SHARES, funnel=FUNNEL)
    return scorecard(fact_tables(*random_facts(1)), the_plan, 115)


def test_scorecard_survives_json() -> None:
    """Written to JSON text and read back, a scorecard is the same to the last bit."""
    one = full()

    text = json.dumps(scorecard_to_json(one), ensure_ascii=False, allow_nan=False)

    assert scorecard_from_json(json.loads(text)) == one


def test_keys_of_the_document_come_in_the_order_of_the_reference() -> None:
    """The document opens with what it is about and ends with what its texts were made of."""
    keys = list(scorecard_to_json(full()))

    assert keys[:4] == ["schema_version", "campaign", "phase", "state"]
    assert keys[-7:-1] == ["oec", "outlook", "decision", "drivers", "money", "enrolment"]
    assert keys[-1] == "sentences"


def test_same_facts_and_result_have_the_same_hash() -> None:
    """Neither the order of rows nor the time of analysis changes the hash; one cent does."""
    the_plan = plan(in_use("spend_per_member"))
    rows = [order("c0", START, 100), order("t0", START, 200), order("t1", START, 300)]

    def hash_of(conversions: list[Conversion], days: float) -> str:
        return scorecard(facts(exposed(3, 3), conversions), the_plan, days).snapshot_hash

    assert hash_of(rows, 50) == hash_of(rows[::-1], 60)
    assert hash_of(rows, 50) != hash_of([*rows[:2], order("t1", START, 301)], 50)
    assert len(hash_of(rows, 50)) == 64


def test_hash_is_of_the_document_without_its_times() -> None:
    """Anyone can recompute the hash from the stored document, as the reference says."""
    document = scorecard_to_json(full())
    left_out = {"as_of", "computed_at", "snapshot_hash", "sentences"}
    kept = {k: v for k, v in document.items() if k not in left_out}

    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert hashlib.sha256(text.encode()).hexdigest() == document["snapshot_hash"]


def test_document_that_is_no_scorecard_is_refused_by_field() -> None:
    """A missing field is named."""
    document = scorecard_to_json(full())
    del document["metrics"]

    with pytest.raises(InvalidScorecard, match="metrics"):
        scorecard_from_json(document)


@pytest.mark.parametrize(
    ("exposures", "conversions", "days", "state"),
    [
        ((0, 0), [], 400, State.NO_EXPOSURES),
        ((3, 0), [order("c0", START, 1)], 400, State.NO_EXPOSURES),
        ((3, 3), [event("c0", "activity", START)], 400, State.EVENTS_MISSING),
        ((3, 3), [], 10, State.EVENTS_MISSING),
        ((3, 3), [order("c0", START, 1)], 29.9, State.IMMATURE),
        ((3, 3), [order("c0", START, 1)], 30, State.READY),
    ],
)
def test_states_of_a_campaign_are_told_apart(
    exposures: tuple[int, int], conversions: list[Conversion], days: float, state: State
) -> None:
    """No exposures, events missing, immature and ready are four different states."""
    got = scorecard(facts(exposed(*exposures), conversions), plan(), days)

    assert got.state is state
    assert got.metrics[0].state is state
    assert bool(got.metrics[0].sentence) == (state is not State.READY)
    assert bool(got.metrics[0].comparisons) == (state is State.READY)


def test_immature_metric_says_when_first_results_come() -> None:
    """An immature metric says when every variant has a closed window, and when all have."""
    exposures = [*exposed(1, 0), ("t", "B", START + 5 * DAY), ("u", "B", START + 9 * DAY)]

    got = scorecard(facts(exposures, [order("t", START + 6 * DAY, 1)]), plan(), 20).metrics[0]

    assert got.first_results_at == START + 35 * DAY
    assert got.complete_at == START + 39 * DAY
    assert "2026-02-05" in got.sentence


def test_members_whose_window_is_open_stay_apart() -> None:
    """A ready metric counts its open windows beside its units, never among them."""
    exposures = [*exposed(5, 5), ("late", "B", START + MICROSECOND)]

    got = scorecard(facts(exposures, [order("c0", START, 1)]), plan(), 30).metrics[0]

    assert [(row.n, row.immature_units) for row in got.variants] == [(5, 0), (5, 1)]


def test_state_of_the_scorecard_is_that_of_the_oec() -> None:
    """A ready diagnostic does not make a campaign ready whose OEC is immature."""
    oec = in_use("retention_d90", MetricRole.OEC)
    given = facts(exposed(3, 3), [order("c0", START, 1)])

    got = scorecard(given, plan(in_use("repurchase_rate"), oec), 40)

    assert got.metrics[0].state is State.READY
    assert got.state is State.IMMATURE


def test_totals_and_values_are_those_of_the_facts() -> None:
    """Numerator, denominator and value fit together for each kind of metric."""
    rows = [order("c0", START, 100), order("c0", START, 300), order("t0", START, 500)]
    the_plan = plan(*map(in_use, ("repurchase_rate", "spend_per_member", "average_order_value")))

    share, spend, average = scorecard(facts(exposed(4, 2), rows), the_plan).metrics

    assert [(r.numerator_total, r.denominator_total) for r in share.variants] == [(1, 4), (1, 2)]
    assert [(r.numerator_total, r.denominator_total) for r in spend.variants] == [
        (400, 4),
        (500, 2),
    ]
    assert [(r.numerator_total, r.denominator_total) for r in average.variants] == [
        (400, 2),
        (500, 1),
    ]
    assert isinstance(share.variants[0].value, Rate)
    assert share.variants[0].value.estimate == 0.25
    assert isinstance(spend.variants[0].value, Rate)
    assert spend.variants[0].value.estimate == 100
    assert isinstance(average.variants[0].value, Rate | BareValue)
    assert average.variants[0].value.estimate == 200


def test_zero_baseline_has_a_difference_and_no_lift() -> None:
    """A control without any order: the difference stands, the lift says why it does not."""
    rows = [order(f"t{i}", START, 100) for i in range(5)]

    got = scorecard(facts(exposed(10, 10), rows), plan()).metrics[0].comparisons[0]

    assert isinstance(got.difference, Estimate)
    assert isinstance(got.lift, Undefined)
    assert got.lift.status is UndefinedStatus.ZERO_BASELINE


def test_constants_are_certain_and_equal_constants_undefined() -> None:
    """One order each against two each is certain; one each against one each has no test."""
    one = [order(f"{v}{i}", START, 1) for v in "ct" for i in range(3)]
    two = [*one, *(order(f"t{i}", START, 1) for i in range(3))]
    the_plan = plan(in_use("purchase_frequency"))

    def comparison(rows: list[Conversion]) -> object:
        return scorecard(facts(exposed(3, 3), rows), the_plan).metrics[0].comparisons[0].difference

    certain, undefined = comparison(two), comparison(one)

    assert isinstance(certain, Certain)
    assert certain.estimate == 1
    assert isinstance(undefined, Undefined)
    assert undefined.status is UndefinedStatus.NO_VARIANCE


def test_one_unit_a_variant_is_too_few_and_says_so() -> None:
    """With one unit there is a value, no interval, no comparison, and no number in its place."""
    rows = [order("c0", START, 100), order("t0", START, 200)]

    got = scorecard(facts(exposed(1, 1), rows), plan(in_use("spend_per_member"))).metrics[0]

    assert isinstance(got.variants[0].value, BareValue)
    assert isinstance(got.comparisons[0].difference, Undefined)
    assert got.comparisons[0].difference.status is UndefinedStatus.TOO_FEW_UNITS
    assert got.comparisons[0].lift == got.comparisons[0].difference


def test_ratio_without_denominator_is_undefined() -> None:
    """An average order value without orders in one variant is undefined there, not 0."""
    rows = [order("c0", START, 100), order("c1", START, 200)]

    got = scorecard(facts(exposed(2, 2), rows), plan(in_use("average_order_value"))).metrics[0]

    assert isinstance(got.variants[1].value, Undefined)
    assert got.variants[1].value.status is UndefinedStatus.ZERO_DENOMINATOR
    assert isinstance(got.comparisons[0].difference, Undefined)


def test_every_treatment_is_compared_with_the_control() -> None:
    """Comparisons come in the order of the plan, each against the one control."""
    got = full().metrics[3].comparisons

    assert [(c.treatment, c.control) for c in got] == [("B", "control"), ("C", "control")]
    assert all(isinstance(c.lift, Lift) for c in got)


def test_funnel_has_every_step_over_all_exposed() -> None:
    """The share of a step is of all mature units; that of the step before is beside it."""
    rows = [event(f"t{i}", "offer_click", START) for i in range(4)]
    rows += [order("t0", START, 1), event("t0", "tier_change", START, to="gold")]

    got = scorecard(facts(exposed(10, 8), rows), plan(funnel=FUNNEL)).funnel

    assert got is not None
    assert got.state is State.READY
    treatment = [step.variants[1] for step in got.steps]
    assert [(row.units, row.n) for row in treatment] == [(4, 8), (1, 8), (1, 8)]
    assert [row.share_of_previous for row in treatment] == [0.5, 0.25, 1.0]
    assert [step.variants[0].share_of_previous for step in got.steps] == [0.0, None, None]
    assert all(isinstance(step.comparisons[0].difference, Estimate) for step in got.steps)


@pytest.mark.parametrize(
    ("exposures", "rows", "days", "state"),
    [
        ((1, 0), [], 400, State.NO_EXPOSURES),
        ((1, 1), [], 400, State.EVENTS_MISSING),
        ((1, 1), [event("c0", "offer_click", START)], 5, State.IMMATURE),
    ],
)
def test_funnel_has_states_of_its_own(
    exposures: tuple[int, int], rows: list[Conversion], days: int, state: State
) -> None:
    """A funnel without units, events or closed windows says so and compares nothing."""
    got = scorecard(facts(exposed(*exposures), rows), plan(funnel=FUNNEL), days).funnel

    assert got is not None
    assert got.state is state
    assert got.sentence
    assert not any(step.comparisons for step in got.steps)


def test_unplanned_variant_is_shown_and_not_compared() -> None:
    """A variant that the plan does not know has its units counted and no results."""
    got = scorecard(facts([*exposed(3, 3), ("x", "rogue", START)], [order("c0", START, 1)]), plan())

    assert [(row.key, row.in_plan, row.units) for row in got.variants][-1] == ("rogue", False, 1)
    assert [row.variant for row in got.metrics[0].variants] == ["control", "B"]


def test_labels_do_not_matter() -> None:
    """Renaming variants, members and campaign changes no number."""
    rows = [order("c0", START, 100), order("c1", START, 50), order("t0", START, 500)]
    one = scorecard(facts(exposed(4, 4), rows), plan(in_use("spend_per_member")))
    renamed_exposures = [
        (f"會員{m}", {"control": "對照", "B": "😀"}[v], at) for m, v, at in exposed(4, 4)
    ]
    renamed_rows = [(f"會員{row[0]}", *row[1:]) for row in rows]
    the_plan = plan(in_use("spend_per_member"), shares={"對照": "0.5", "😀": "0.5"})

    other = scorecard(facts(renamed_exposures, renamed_rows), the_plan)

    assert other.metrics[0].comparisons[0].difference == one.metrics[0].comparisons[0].difference
    assert other.metrics[0].variants[0].value == one.metrics[0].variants[0].value


def test_no_number_in_a_document_is_nan_or_infinite() -> None:
    """However little there is to analyse, the document is strict JSON."""
    the_plan = plan(*ALL_METRICS, funnel=FUNNEL)
    for exposures in (exposed(0, 0), exposed(1, 1), exposed(2, 0)):
        document = scorecard_to_json(scorecard(facts(exposures), the_plan))
        assert json.dumps(document, allow_nan=False)


def test_computed_at_is_shown_in_utc() -> None:
    """The time of computing is stored in UTC and leaves the hash alone."""
    one = full()

    assert one.computed_at == NOW
    assert math.isclose(one.alpha, 0.05)
    assert replace(one, computed_at=START).snapshot_hash == one.snapshot_hash
