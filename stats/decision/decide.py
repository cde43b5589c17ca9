"""The rule of the plan, applied: what the scorecard knows becomes a verdict.

In this order: results that cannot be trusted give none; a breached guardrail stops a treatment at
any time, because waiting would cost members; nothing else is read before the plan allows a look;
then the interval of the OEC is held against the threshold. The interval handed over is already the
right one: of the estimate that the rule names, corrected for the number of treatments, and of the
method that the plan's looks ask for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from stats.checks.finding import Finding, Severity
from stats.decision.verdict import (
    Decision,
    Parameter,
    Reason,
    TreatmentDecision,
    Verdict,
)
from stats.inference.duration import Remaining
from stats.plan import AnalysisPlan, LookKind


@dataclass(frozen=True, slots=True)
class DecidingInterval:
    """The OEC of one treatment on the scale of the rule, turned so that higher is better.

    Attributes:
        estimate: The effect.
        low: Lower end of its interval; `None` where it has none (an unbounded lift).
        high: Upper end; `None` where it has none.
        units: Of an incremental margin: the units treated that it is of; `None` elsewhere.
    """

    estimate: float
    low: float | None
    high: float | None
    units: int | None = None


class GuardrailState(StrEnum):
    """What the results say of one guardrail."""

    SAFE = "safe"
    BREACHED = "breached"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class TreatmentResult:
    """What the rule needs to know of one treatment.

    Attributes:
        treatment: Its key.
        interval: Of the OEC; `None` where there is no estimate.
        status: Why there is none; empty where there is one.
        guardrails: State per key of the plan's guardrails.
    """

    treatment: str
    interval: DecidingInterval | None
    status: str
    guardrails: Mapping[str, GuardrailState]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the campaign has come.

    Attributes:
        as_of: The analysis time.
        started_at: First exposure (or assignment); `None` without any.
        ended_at: When enrolment ended, if it has.
        results: Whether the OEC has results; if not, the name of its state.
        mature_at: When the last window of the OEC closes; `None` when none is open.
        units: Mature units of all variants together.
        remaining: What is still missing.
    """

    as_of: datetime
    started_at: datetime | None
    ended_at: datetime | None
    results: bool
    state: str
    mature_at: datetime | None
    units: int
    remaining: Remaining | None


def decide(
    plan: AnalysisPlan,
    findings: Sequence[Finding],
    treatments: Sequence[TreatmentResult],
    progress: Progress,
) -> Decision:
    """Apply the plan's rule to what is known.

    Args:
        plan: With the rule, fixed before start.
        findings: Of every trust check.
        treatments: In the order of the plan; empty while there are no results.
        progress: How far the campaign has come.
    """
    failed = [
        finding.code.value
        for finding in findings
        if finding.severity is Severity.FAILURE
        and finding.code.value not in plan.decision_rule.exempt_checks
    ]
    if not progress.results:
        # missing events fail a check, too, but "nothing yet" says more to the reader
        verdict = Verdict.NOT_TRUSTWORTHY if failed and progress.units else Verdict.KEEP_RUNNING
        parameters: dict[str, Parameter] = {"state": progress.state}
        if progress.mature_at is not None:
            parameters["mature_at"] = progress.mature_at.isoformat()
        if verdict is Verdict.KEEP_RUNNING:
            return Decision(verdict, Reason.NO_RESULTS, None, parameters)
    if failed:
        return Decision(
            Verdict.NOT_TRUSTWORTHY, Reason.CHECK_FAILED, None, {"checks": ", ".join(failed)}
        )
    if plan.oec is None:
        return Decision(Verdict.INCONCLUSIVE, Reason.NO_OEC, None, {})
    waiting = _waiting(plan, progress)
    decided = tuple(_treatment(plan, treatment, waiting) for treatment in treatments)
    return _overall(plan, decided, progress)


def _waiting(plan: AnalysisPlan, progress: Progress) -> tuple[Reason, dict[str, Parameter]] | None:
    """Give why no result is read yet, or `None` once one may be."""
    looks, as_of, ended = plan.looks, progress.as_of, progress.ended_at
    over = ended is not None and ended <= as_of
    days = plan.decision_rule.minimum_days
    if progress.started_at is not None and not over:
        ran = as_of - progress.started_at
        if ran < timedelta(days=days):
            return Reason.MINIMUM_DAYS, {"days": ran.days, "minimum_days": days}
    match looks.kind:
        case LookKind.CONTINUOUS:
            return None
        case LookKind.PLANNED:
            ahead = [date for date in looks.dates if date > as_of]
            if over or not ahead or _is_day_of_look(plan, as_of):
                return None
            return Reason.LOOK_NOT_DUE, {"next_look": ahead[0].isoformat()}
        case LookKind.FIXED:
            return _fixed_horizon(plan, progress, over=over)


def _is_day_of_look(plan: AnalysisPlan, as_of: datetime) -> bool:
    """Whether a planned look is due and it is still its day.

    Another day's data would be another look, which nobody planned and no boundary pays for.
    """
    zone = ZoneInfo(plan.time_zone)
    day = as_of.astimezone(zone).date()
    return any(at <= as_of and at.astimezone(zone).date() == day for at in plan.looks.dates)


def _fixed_horizon(
    plan: AnalysisPlan, progress: Progress, *, over: bool
) -> tuple[Reason, dict[str, Parameter]] | None:
    looks = plan.looks
    ends_at = looks.ends_at
    enough = looks.planned_units is not None and progress.units >= looks.planned_units
    if not (over or enough):
        if ends_at is None and looks.planned_units is None:
            if progress.mature_at is None:
                return None  # every window has closed: nothing more is coming in
            return Reason.NO_PLANNED_END, {"mature_at": progress.mature_at.isoformat()}
        if ends_at is None:
            return Reason.LOOK_NOT_DUE, {"planned_units": looks.planned_units}
        if progress.as_of < ends_at:
            return Reason.LOOK_NOT_DUE, {"next_look": ends_at.isoformat()}
    if progress.mature_at is not None and not enough:
        return Reason.NOT_MATURE, {"mature_at": progress.mature_at.isoformat()}
    return None


def _treatment(
    plan: AnalysisPlan,
    result: TreatmentResult,
    waiting: tuple[Reason, dict[str, Parameter]] | None,
) -> TreatmentDecision:
    breached = _in_state(result, GuardrailState.BREACHED)
    unresolved = _in_state(result, GuardrailState.UNRESOLVED)
    parameters = _parameters(plan, result)
    verdict, reason = _verdict(plan, result, waiting)
    if breached:
        verdict, reason = Verdict.DO_NOT_SHIP, Reason.GUARDRAIL_BREACHED
        parameters["metric"] = ", ".join(breached)
    elif verdict is Verdict.SHIP and unresolved and plan.decision_rule.require_safe_guardrails:
        verdict, reason = Verdict.KEEP_RUNNING, Reason.GUARDRAIL_UNRESOLVED
        parameters["metric"] = ", ".join(unresolved)
    elif waiting is not None:
        parameters |= waiting[1]
    return TreatmentDecision(result.treatment, verdict, reason, parameters, breached, unresolved)


def _verdict(
    plan: AnalysisPlan,
    result: TreatmentResult,
    waiting: tuple[Reason, dict[str, Parameter]] | None,
) -> tuple[Verdict, Reason]:
    if waiting is not None:
        return Verdict.KEEP_RUNNING, waiting[0]
    interval = result.interval
    if interval is None:
        return Verdict.KEEP_RUNNING, Reason.NO_ESTIMATE
    threshold = float(plan.decision_rule.threshold)
    if interval.low is not None and interval.low > threshold:
        return Verdict.SHIP, Reason.ABOVE_THRESHOLD
    if interval.high is not None and interval.high < threshold:
        return Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD
    return Verdict.KEEP_RUNNING, Reason.SPANS_THRESHOLD


def _parameters(plan: AnalysisPlan, result: TreatmentResult) -> dict[str, Parameter]:
    rule = plan.decision_rule
    parameters: dict[str, Parameter] = {
        "threshold": float(rule.threshold),
        "scale": rule.scale.value,
    }
    if result.interval is None:
        return parameters | {"status": result.status}
    interval = result.interval
    if interval.units is not None:
        parameters["units"] = interval.units
    return parameters | {
        "estimate": interval.estimate,
        "low": interval.low,
        "high": interval.high,
    }


def _in_state(result: TreatmentResult, state: GuardrailState) -> tuple[str, ...]:
    return tuple(metric for metric, found in result.guardrails.items() if found is state)


def _overall(
    plan: AnalysisPlan, decided: tuple[TreatmentDecision, ...], progress: Progress
) -> Decision:
    """Ship the best of those to ship; else wait for those that may still be; else give up."""
    decided = tuple(_at_the_end(one, plan, progress) for one in decided)
    for verdict in (
        Verdict.SHIP,
        Verdict.KEEP_RUNNING,
        Verdict.INCONCLUSIVE,
        Verdict.DO_NOT_SHIP,
    ):
        candidates = [one for one in decided if one.verdict is verdict]
        if candidates:
            best = max(candidates, key=_effect)
            return Decision(
                verdict,
                best.reason,
                best.treatment,
                best.parameters,
                decided,
                progress.remaining if verdict is Verdict.KEEP_RUNNING else None,
            )
    return Decision(Verdict.KEEP_RUNNING, Reason.NO_RESULTS, None, {"state": progress.state})


def _effect(one: TreatmentDecision) -> float:
    estimate = one.parameters.get("estimate")
    return float(estimate) if isinstance(estimate, int | float) else float("-inf")


NOTHING_MORE = frozenset({Reason.SPANS_THRESHOLD, Reason.NO_ESTIMATE, Reason.GUARDRAIL_UNRESOLVED})
"""Reasons to keep running that end with the campaign."""


def _at_the_end(
    one: TreatmentDecision, plan: AnalysisPlan, progress: Progress
) -> TreatmentDecision:
    """Call inconclusive what more days would have resolved, once there are none."""
    if one.verdict is not Verdict.KEEP_RUNNING or one.reason not in NOTHING_MORE:
        return one
    if not _is_over(plan, progress):
        return one
    return TreatmentDecision(
        one.treatment,
        Verdict.INCONCLUSIVE,
        one.reason,
        one.parameters,
        one.breached_guardrails,
        one.unresolved_guardrails,
    )


def _is_over(plan: AnalysisPlan, progress: Progress) -> bool:
    """Whether nothing more is to come: enrolment ended or the last look is due, windows closed."""
    looks, as_of = plan.looks, progress.as_of
    ends_at = looks.ends_at
    ended = progress.ended_at is not None and progress.ended_at <= as_of
    planned = ends_at is not None and ends_at <= as_of
    enough = looks.planned_units is not None and progress.units >= looks.planned_units
    if progress.mature_at is not None:
        return enough and looks.kind is not LookKind.CONTINUOUS
    return ended or planned or enough or (ends_at is None and looks.kind is LookKind.FIXED)
