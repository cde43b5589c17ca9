"""From the results to the verdict: what the plan's rule is given."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from stats.aggregation.aggregates import Aggregates, MetricAggregates, VariantSummary
from stats.checks.finding import Finding
from stats.decision.decide import (
    DecidingInterval,
    GuardrailState,
    Progress,
    TreatmentResult,
    decide,
)
from stats.decision.verdict import Decision
from stats.inference.duration import Remaining
from stats.inference.noninferiority import NonInferiority
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift, Undefined
from stats.metric import Direction
from stats.plan import AnalysisPlan, DecisionScale, EstimateUsed, LookKind, MetricInUse, MetricRole
from stats.scorecard.adjusted import adjustment_of
from stats.scorecard.costs import costs_of, counted_units
from stats.scorecard.document import MetricResult, State
from stats.scorecard.looks import Counted, Information, LookDue
from stats.scorecard.oec import OecResult, OecTreatment, Points, oec_result
from stats.scorecard.outlook import Outlook, outlook
from stats.scorecard.values import Summary, method_of, or_undefined, point_of, summaries_of
from stats.scorecard.without_lifts import without_lifts
from stats.summary import SurvivalSummary


def judge_oec(
    plan: AnalysisPlan,
    aggregates: Aggregates,
    results: tuple[MetricResult, ...],
    ended_at: datetime | None,
) -> tuple[OecResult | None, Outlook | None]:
    """Judge the OEC under the plan's looks, and say what it can find.

    Both are `None` without an OEC, or before it has results.
    """
    found = _oec(plan, aggregates, results)
    if found is None or found[2].state is not State.READY:
        return None, None
    metric, row, _ = found
    started_at = _started_at(aggregates)
    if started_at is None:
        return None, None
    over = ended_at is not None and ended_at <= aggregates.as_of
    information = Information(
        as_of=aggregates.as_of,
        started_at=started_at,
        units=sum(variant.summary.n for variant in row.variants),
        looks=_looks(plan, metric, row, aggregates.as_of, over=over),
        over=over,
        nonzero={v.variant: _outcomes(v) for v in row.variants},
        counted=counted_units(aggregates),
    )
    points = _points(plan, metric, row)
    found_now = outlook(plan, metric, points, aggregates, information.units)
    method = _method(plan, metric, row)
    result = oec_result(plan, metric, points, information, method=method)
    if metric.definition.shows_lift:
        return result, found_now
    return without_lifts(result), without_lifts(found_now)


def verdict_of(
    plan: AnalysisPlan,
    aggregates: Aggregates,
    results: tuple[MetricResult, ...],
    findings: tuple[Finding, ...],
    oec: OecResult | None,
    *,
    ended_at: datetime | None,
    remaining: Remaining | None,
) -> Decision:
    """Apply the plan's rule."""
    found = _oec(plan, aggregates, results)
    immature = [] if found is None else [v for v in found[1].variants if v.immature_units]
    units = 0 if found is None else sum(v.summary.n for v in found[1].variants)
    state = State.READY if found is None else found[2].state
    closing = [v.last_window_closes_at for v in immature if v.last_window_closes_at]
    progress = Progress(
        as_of=aggregates.as_of,
        started_at=_started_at(aggregates),
        ended_at=ended_at,
        results=state is State.READY,
        state=state.value,
        mature_at=max(closing, default=None),
        units=units,
        remaining=remaining,
    )
    treatments = (
        ()
        if oec is None or found is None
        else tuple(
            TreatmentResult(
                one.treatment,
                _interval(plan, found[0], one, aggregates),
                _status(plan, one),
                _guardrails(results, one.treatment),
            )
            for one in oec.treatments
        )
    )
    return decide(plan, findings, treatments, progress)


def _oec(
    plan: AnalysisPlan, aggregates: Aggregates, results: tuple[MetricResult, ...]
) -> tuple[MetricInUse, MetricAggregates, MetricResult] | None:
    for metric, row, result in zip(plan.metrics, aggregates.metrics, results, strict=True):
        if metric.role is MetricRole.OEC:
            return metric, row, result
    return None


def _started_at(aggregates: Aggregates) -> datetime | None:
    firsts = [row.first_exposed_at for row in aggregates.variants if row.first_exposed_at]
    return min(firsts, default=None)


def _outcomes(row: VariantSummary) -> int | None:
    """Count the units that say something: with a value, or of a survival metric the event."""
    times = row.distribution
    return times.total_events if isinstance(times, SurvivalSummary) else row.nonzero_units


def _points(plan: AnalysisPlan, metric: MetricInUse, row: MetricAggregates) -> Points:
    """Give the values that the rule decides by."""
    match plan.decision_rule.estimate:
        case EstimateUsed.ADJUSTED if (adjustment := adjustment_of(metric, row)) is not None:
            return {
                v.variant: or_undefined(lambda v=v: adjustment.adjusted(v.variant))  # type: ignore[misc] # mypy cannot type a lambda with a default
                for v in row.variants
            }
        case EstimateUsed.CAPPED:
            summaries: dict[str, Summary] = {v.variant: v.capped or v.summary for v in row.variants}
        case _:
            summaries = summaries_of(metric, row)
    return {key: or_undefined(lambda s=summary: point_of(s)) for key, summary in summaries.items()}  # type: ignore[misc] # as above


def _method(plan: AnalysisPlan, metric: MetricInUse, row: MetricAggregates) -> Method:
    """Name the differences of the values that the rule decides by."""
    if plan.decision_rule.estimate is EstimateUsed.ADJUSTED:
        adjustment = adjustment_of(metric, row)
        if adjustment is not None:
            return adjustment.method
    return method_of(summaries_of(metric, row)[plan.control.key])


def _looks(
    plan: AnalysisPlan,
    metric: MetricInUse,
    row: MetricAggregates,
    as_of: datetime,
    *,
    over: bool,
) -> tuple[LookDue, ...]:
    """Give every planned look that is due, with the mature units then; the last with those now.

    Enrolment that ended before the last look is due makes the present a look of its own: what an
    earlier one spent is spent.
    """
    if plan.looks.kind is not LookKind.PLANNED:
        return ()
    due = [at for at in plan.looks.dates if at <= as_of]
    if over and len(due) < len(plan.looks.dates):
        due.append(as_of)
    zone = ZoneInfo(plan.time_zone)
    looks = [_past_look(at, metric, row, zone) for at in due[:-1]]
    if due:
        now = {v.variant: Counted(v.summary.n, _outcomes(v)) for v in row.variants}
        looks.append(LookDue(due[-1], sum(one.units for one in now.values()), now))
    return tuple(looks)


def _past_look(at: datetime, metric: MetricInUse, row: MetricAggregates, zone: ZoneInfo) -> LookDue:
    """Count the units that were mature at a time, by whole days of exposure.

    As information none too many: the days before the one whose windows were closing. What the look
    may have seen, for it stands until its day is over: that day, too.
    """
    last_day = (at - timedelta(days=metric.effective_window.end_days)).astimezone(zone).date()
    cells = [cell for cell in row.by_day if cell.day and cell.day <= last_day]
    seen: dict[str, Counted] = {}
    for cell in cells:
        before = seen.get(cell.variant, Counted(0, 0))
        known = before.nonzero is not None and cell.nonzero_units is not None
        nonzero = (before.nonzero or 0) + (cell.nonzero_units or 0) if known else None
        seen[cell.variant] = Counted(before.units + cell.summary.n, nonzero)
    units = sum(cell.summary.n for cell in cells if cell.day != last_day)
    return LookDue(at, units, seen)


def _interval(
    plan: AnalysisPlan, metric: MetricInUse, one: OecTreatment, aggregates: Aggregates
) -> DecidingInterval | None:
    """Give the interval on the scale of the rule, turned so that higher is better."""
    outcome = one.lift if plan.decision_rule.scale is DecisionScale.LIFT else one.difference
    match outcome:
        case Undefined():
            return None
        case Certain():
            low: float | None = outcome.estimate
            high: float | None = outcome.estimate
        case Estimate() | Lift() | UnboundedLift():
            low, high = outcome.ci_low, outcome.ci_high
    if plan.decision_rule.scale is DecisionScale.INCREMENTAL_MARGIN:
        costs = costs_of(plan, one.treatment, counted_units(aggregates))
        return DecidingInterval(
            costs.total(outcome.estimate),
            None if low is None else costs.total(low),
            None if high is None else costs.total(high),
            costs.units,
        )
    if metric.definition.direction is Direction.HIGHER:
        return DecidingInterval(outcome.estimate, low, high)
    return DecidingInterval(
        -outcome.estimate, None if high is None else -high, None if low is None else -low
    )


def _status(plan: AnalysisPlan, one: OecTreatment) -> str:
    outcome = one.lift if plan.decision_rule.scale is DecisionScale.LIFT else one.difference
    return outcome.status.value if isinstance(outcome, Undefined) else ""


def _guardrails(results: tuple[MetricResult, ...], treatment: str) -> dict[str, GuardrailState]:
    return {
        result.key: _guardrail(result, treatment)
        for result in results
        if result.role is MetricRole.GUARDRAIL and result.non_inferiority_margin is not None
    }


def _guardrail(result: MetricResult, treatment: str) -> GuardrailState:
    """Say what is shown; a guardrail without results is unresolved, never safe."""
    for comparison in result.comparisons:
        if comparison.treatment == treatment and isinstance(
            comparison.non_inferiority, NonInferiority
        ):
            return GuardrailState(comparison.non_inferiority.verdict.value)
    return GuardrailState.UNRESOLVED
