"""The rule of the plan: what it makes of results, guardrails, looks and findings."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.checks.finding import Finding, FindingCode, Severity
from stats.decision.decide import (
    DecidingInterval,
    GuardrailState,
    Progress,
    TreatmentResult,
    decide,
)
from stats.decision.verdict import Decision, Reason, Verdict
from stats.inference.duration import Remaining
from stats.plan import AnalysisPlan, DecisionRule, LookKind, Looks, MetricRole
from tests.stats.facts import in_use, plan

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=28)
AFTER = END + timedelta(days=1)
REMAINING = Remaining(4_000, 400.0, True, 10, None, None)


def the_plan(rule: DecisionRule | None = None, looks: Looks | None = None) -> AnalysisPlan:
    """A plan with an OEC and an end."""
    made = plan(in_use("spend_per_member", role=MetricRole.OEC))
    return dataclasses.replace(
        made, looks=looks or Looks(planned_end=END), decision_rule=rule or DecisionRule()
    )


def result(
    low: float | None,
    high: float | None,
    *,
    treatment: str = "B",
    estimate: float | None = None,
    guardrails: dict[str, GuardrailState] | None = None,
) -> TreatmentResult:
    """The OEC's interval of a treatment."""
    middle = estimate
    if middle is None:
        middle = 0.0 if low is None or high is None else (low + high) / 2
    interval = DecidingInterval(middle, low, high)
    return TreatmentResult(treatment, interval, "", guardrails or {})


def progress(as_of: datetime = AFTER, **changes: Any) -> Progress:  # noqa: ANN401  # fields of a value
    """A campaign whose windows have closed."""
    values: dict[str, Any] = {
        "started_at": START,
        "ended_at": None,
        "results": True,
        "state": "ready",
        "mature_at": None,
        "units": 10_000,
        "remaining": REMAINING,
    }
    return Progress(as_of, **{**values, **changes})


def finding(severity: Severity) -> Finding:
    """What the sample-ratio check says."""
    return Finding(FindingCode.SAMPLE_RATIO, severity, "", "", "", {})


def decided(*results: TreatmentResult, **changes: Any) -> Decision:  # noqa: ANN401  # as above
    """The verdict after the planned end."""
    return decide(the_plan(), (), results, progress(**changes))


@pytest.mark.parametrize(
    ("low", "high", "verdict", "reason"),
    [
        (0.01, 0.05, Verdict.SHIP, Reason.ABOVE_THRESHOLD),
        (-0.05, -0.01, Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD),
        (-0.01, 0.05, Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD),
        (0.0, 0.05, Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD),
        (None, 0.05, Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD),
        (None, None, Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD),
    ],
)
def test_the_whole_interval_decides_at_the_planned_end(
    low: float | None, high: float | None, verdict: Verdict, reason: Reason
) -> None:
    """Better throughout ships, worse throughout does not, anything else is inconclusive."""
    made = decided(result(low, high))
    assert (made.verdict, made.reason, made.treatment) == (verdict, reason, "B")


def test_the_threshold_of_the_rule_is_what_must_be_beaten() -> None:
    """An effect above 0 but below what was asked for does not ship."""
    rule = DecisionRule(threshold=Decimal("0.02"))
    made = decide(the_plan(rule), (), [result(0.005, 0.015)], progress())
    assert (made.verdict, made.reason) == (Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD)
    assert made.parameters["threshold"] == 0.02


def test_nothing_is_read_before_the_planned_end() -> None:
    """With a fixed horizon an early look decides nothing, however clear it seems."""
    made = decide(the_plan(), (), [result(0.1, 0.2)], progress(END - timedelta(days=5)))
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE)
    assert made.parameters["next_look"] == END.isoformat()
    assert made.remaining == REMAINING


def test_a_stopped_campaign_is_decided_before_its_planned_end() -> None:
    """Nothing more is coming: waiting for the date would change nothing."""
    early = END - timedelta(days=10)
    made = decide(
        the_plan(), (), [result(0.1, 0.2)], progress(early, ended_at=early - timedelta(days=1))
    )
    assert made.verdict is Verdict.SHIP


def test_open_windows_are_waited_for_at_the_end() -> None:
    """Units that came late have not had their time yet."""
    made = decided(result(0.1, 0.2), mature_at=AFTER + timedelta(days=9))
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.NOT_MATURE)


def test_a_horizon_without_an_end_asks_to_stop_first() -> None:
    """Who may look at any time and stop when it pleases has no error rate."""
    open_end = the_plan(looks=Looks())
    waiting = progress(mature_at=AFTER + timedelta(days=3))
    made = decide(open_end, (), [result(0.1, 0.2)], waiting)
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.NO_PLANNED_END)
    done = decide(open_end, (), [result(0.1, 0.2)], progress())
    assert done.verdict is Verdict.SHIP


def test_a_planned_size_is_a_horizon_too() -> None:
    """The campaign is read once it has the units that it was sized for."""
    sized = the_plan(looks=Looks(planned_units=20_000))
    before = decide(sized, (), [result(0.1, 0.2)], progress(units=19_999))
    assert (before.verdict, before.reason) == (Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE)
    after = decide(sized, (), [result(0.1, 0.2)], progress(units=20_000))
    assert after.verdict is Verdict.SHIP


@pytest.mark.parametrize("kind", [LookKind.CONTINUOUS, LookKind.PLANNED])
def test_sequential_looks_may_ship_early(kind: LookKind) -> None:
    """Where the interval allows looks, the first one that is clear decides."""
    dates = (START + timedelta(days=14), END) if kind is LookKind.PLANNED else ()
    early = progress(START + timedelta(days=14, hours=1), mature_at=AFTER)
    made = decide(the_plan(looks=Looks(kind=kind, dates=dates)), (), [result(0.1, 0.2)], early)
    assert made.verdict is Verdict.SHIP
    unclear = decide(the_plan(looks=Looks(kind=kind, dates=dates)), (), [result(-0.1, 0.2)], early)
    assert (unclear.verdict, unclear.reason) == (Verdict.KEEP_RUNNING, Reason.SPANS_THRESHOLD)


def test_no_look_before_the_first_planned_one() -> None:
    """A planned look spends the error rate; one before it would spend it twice."""
    looks = Looks(kind=LookKind.PLANNED, dates=(START + timedelta(days=14), END))
    made = decide(
        the_plan(looks=looks), (), [result(0.1, 0.2)], progress(START + timedelta(days=10))
    )
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE)
    assert made.parameters["next_look"] == looks.dates[0].isoformat()


def test_a_planned_look_is_read_on_its_day() -> None:
    """The day after has other data, and would be a look that no boundary pays for."""
    looks = Looks(kind=LookKind.PLANNED, dates=(START + timedelta(days=14), END))
    made = decide(
        the_plan(looks=looks), (), [result(0.1, 0.2)], progress(START + timedelta(days=16))
    )
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE)
    assert made.parameters["next_look"] == END.isoformat()
    last = decide(the_plan(looks=looks), (), [result(0.1, 0.2)], progress(END + timedelta(days=9)))
    assert last.verdict is Verdict.SHIP


def test_the_minimum_of_days_holds_for_every_kind_of_look() -> None:
    """A week of data balances the weekdays, even where looks are free."""
    looks = Looks(kind=LookKind.CONTINUOUS)
    made = decide(
        the_plan(looks=looks), (), [result(0.1, 0.2)], progress(START + timedelta(days=6))
    )
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.MINIMUM_DAYS)
    assert (made.parameters["days"], made.parameters["minimum_days"]) == (6, 7)


@pytest.mark.parametrize("as_of", [AFTER, START + timedelta(days=2)])
def test_a_breached_guardrail_overrides_a_ship_at_any_time(as_of: datetime) -> None:
    """Waiting would cost members, so no look needs to be due."""
    guardrails = {"churn": GuardrailState.BREACHED, "refund_rate": GuardrailState.SAFE}
    made = decide(the_plan(), (), [result(0.1, 0.2, guardrails=guardrails)], progress(as_of))
    assert (made.verdict, made.reason) == (Verdict.DO_NOT_SHIP, Reason.GUARDRAIL_BREACHED)
    assert made.parameters["metric"] == "churn"
    assert made.treatments[0].breached_guardrails == ("churn",)


def test_an_unresolved_guardrail_is_named_and_stops_only_where_the_rule_says_so() -> None:
    """Otherwise an underpowered guardrail would veto every offer."""
    results = [result(0.1, 0.2, guardrails={"churn": GuardrailState.UNRESOLVED})]
    shipped = decide(the_plan(), (), results, progress())
    assert shipped.verdict is Verdict.SHIP
    assert shipped.treatments[0].unresolved_guardrails == ("churn",)
    strict = the_plan(DecisionRule(require_safe_guardrails=True))
    stopped = decide(strict, (), results, progress())
    assert (stopped.verdict, stopped.reason) == (
        Verdict.INCONCLUSIVE,
        Reason.GUARDRAIL_UNRESOLVED,
    )


def test_a_failed_check_takes_every_verdict_away() -> None:
    """A result that cannot be trusted is no result; a warning leaves it be."""
    failed = decide(the_plan(), [finding(Severity.FAILURE)], [result(0.1, 0.2)], progress())
    assert (failed.verdict, failed.reason) == (Verdict.NOT_TRUSTWORTHY, Reason.CHECK_FAILED)
    assert failed.parameters == {"checks": "sample_ratio"}
    assert failed.treatments == ()
    warned = decide(the_plan(), [finding(Severity.WARNING)], [result(0.1, 0.2)], progress())
    assert warned.verdict is Verdict.SHIP


def test_a_check_that_the_rule_exempts_does_not() -> None:
    """Who argued beforehand that a check cannot hold here has said so in the plan."""
    rule = DecisionRule(exempt_checks=("sample_ratio",))
    made = decide(the_plan(rule), [finding(Severity.FAILURE)], [result(0.1, 0.2)], progress())
    assert made.verdict is Verdict.SHIP


def test_without_results_the_campaign_keeps_running() -> None:
    """Nothing yet is neither good nor bad."""
    when = AFTER + timedelta(days=3)
    made = decide(
        the_plan(), (), (), progress(results=False, state="immature", mature_at=when, units=0)
    )
    assert (made.verdict, made.reason) == (Verdict.KEEP_RUNNING, Reason.NO_RESULTS)
    assert made.parameters == {"state": "immature", "mature_at": when.isoformat()}


def test_without_an_oec_nothing_decides() -> None:
    """A campaign that only watches has no verdict."""
    watching = dataclasses.replace(
        plan(in_use("spend_per_member", role=MetricRole.DIAGNOSTIC)),
        looks=Looks(planned_end=END),
    )
    made = decide(watching, (), (), progress())
    assert (made.verdict, made.reason) == (Verdict.INCONCLUSIVE, Reason.NO_OEC)


def test_an_estimate_that_does_not_exist_is_named() -> None:
    """A lift over zero is no reason to ship, and none to give up before the end."""
    missing = TreatmentResult("B", None, "zero_baseline", {})
    made = decide(the_plan(), (), [missing], progress())
    assert (made.verdict, made.reason) == (Verdict.INCONCLUSIVE, Reason.NO_ESTIMATE)
    assert made.parameters["status"] == "zero_baseline"


def test_of_several_to_ship_the_best_is_named() -> None:
    """One campaign ships one offer: the one with the largest effect."""
    made = decided(
        result(0.01, 0.05, treatment="B"),
        result(0.04, 0.09, treatment="C"),
        result(-0.2, -0.1, treatment="D"),
    )
    assert (made.verdict, made.treatment) == (Verdict.SHIP, "C")
    assert [one.verdict for one in made.treatments] == [
        Verdict.SHIP,
        Verdict.SHIP,
        Verdict.DO_NOT_SHIP,
    ]


ENDS = st.one_of(st.none(), st.floats(-1, 1, allow_nan=False))


@given(low=ENDS, width=st.floats(0, 1), days=st.integers(0, 60), threshold=st.integers(-50, 50))
def test_a_ship_always_has_its_whole_interval_above_the_threshold(
    low: float | None, width: float, days: int, threshold: int
) -> None:
    """Whatever the interval, the day and the threshold: never ship on less."""
    high = None if low is None else low + width
    rule = DecisionRule(threshold=Decimal(threshold) / 100)
    made = decide(the_plan(rule), (), [result(low, high)], progress(START + timedelta(days=days)))
    if made.verdict is Verdict.SHIP:
        assert low is not None
        assert low > threshold / 100
        assert days >= 28
