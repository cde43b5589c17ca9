"""One metric of the scorecard."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from stats.aggregation.aggregates import Aggregates, MetricAggregates, VariantSummary
from stats.checks.events_missing import is_events_missing
from stats.inference.exact import ExactTest
from stats.metric import MetricDefinition, MetricKind
from stats.plan import AnalysisPlan, MetricInUse, MetricRole
from stats.scorecard.adjusted import adjusted_result, adjustment_of, capped_result
from stats.scorecard.compare import Guardrail, compare
from stats.scorecard.comparison import Comparison
from stats.scorecard.document import MetricResult, State, VariantResult
from stats.scorecard.over_time import time_result
from stats.scorecard.segments import segment_results
from stats.scorecard.survival import survival_result
from stats.scorecard.values import Summary, summaries_of, value_of
from stats.scorecard.without_lifts import without_lifts
from stats.sentence import said
from stats.summary import RatioSummary, SurvivalSummary


def metric_result(
    plan: AnalysisPlan, metric: MetricInUse, row: MetricAggregates, aggregates: Aggregates
) -> MetricResult:
    """Infer one metric from its summaries, as far as it has come."""
    closes_first = [v.first_window_closes_at for v in row.variants if v.first_window_closes_at]
    closes_last = [v.last_window_closes_at for v in row.variants if v.last_window_closes_at]
    first_results_at = max(closes_first, default=None)
    state, sentence = _state(metric.definition, row, aggregates, first_results_at)
    ready = state is State.READY
    summed = ready and metric.definition.kind.is_summed
    adjustment = adjustment_of(metric, row) if summed else None
    summaries = summaries_of(metric, row)
    result = MetricResult(
        key=metric.key,
        definition=metric.definition,
        role=metric.role,
        window=metric.effective_window,
        non_inferiority_margin=metric.non_inferiority_margin,
        state=state,
        sentence=sentence,
        first_results_at=first_results_at,
        complete_at=max(closes_last, default=None),
        variants=tuple(_variant_result(plan, metric, v, summaries) for v in row.variants)
        if state is not State.EVENTS_MISSING
        else (),
        comparisons=_comparisons(plan, metric, summaries) if ready else (),
        adjusted=None if adjustment is None else adjusted_result(plan, metric, adjustment),
        capped=capped_result(plan, metric, row) if ready else None,
        segments=segment_results(plan, row) if summed else (),
        over_time=time_result(plan, row) if summed and metric.role is MetricRole.OEC else None,
        survival=survival_result(plan, metric, row),
        forecast_share=float(metric.definition.forecast_share(metric.effective_window)),
    )
    return result if metric.definition.shows_lift else without_lifts(result)


def _comparisons(
    plan: AnalysisPlan, metric: MetricInUse, summaries: Mapping[str, Summary]
) -> tuple[Comparison, ...]:
    control, definition = plan.control.key, metric.definition
    margin = metric.non_inferiority_margin
    return tuple(
        compare(
            (control, summaries[control]),
            (treatment.key, summaries[treatment.key]),
            alpha=plan.alpha,
            lift_method=metric.lift_method,
            exact=ExactTest.BOSCHLOO if definition.kind is MetricKind.PROPORTION else None,
            guardrail=None if margin is None else Guardrail(float(margin), definition.direction),
        )
        for treatment in plan.treatments
    )


def _variant_result(
    plan: AnalysisPlan,
    metric: MetricInUse,
    row: VariantSummary,
    summaries: Mapping[str, Summary],
) -> VariantResult:
    summary, of_units = row.summary, row
    numerator: int | float
    if isinstance(summary, RatioSummary):
        numerator, denominator = summary.numerator.total, summary.denominator.total
    else:
        numerator, denominator = summary.total, summary.n
    n = summary.n
    if isinstance(row.distribution, SurvivalSummary):
        times = row.distribution
        n, numerator, denominator = times.n, times.total_events, times.n
        # a unit is 1 or 0 here, which says nothing of days
        of_units = replace(row, nonzero_units=None, minimum=None, maximum=None)
    return VariantResult(
        variant=row.variant,
        n=n,
        immature_units=row.immature_units,
        last_window_closes_at=row.last_window_closes_at,
        numerator_total=_whole(numerator),
        denominator_total=_whole(denominator),
        value=value_of(summaries[row.variant], metric.definition.kind, alpha=plan.alpha),
        nonzero_units=of_units.nonzero_units,
        minimum=of_units.minimum,
        maximum=of_units.maximum,
    )


def _whole(total: float) -> int | float:
    return int(total) if total == int(total) else total


def _state(
    definition: MetricDefinition,
    row: MetricAggregates,
    aggregates: Aggregates,
    first_results_at: datetime | None,
) -> tuple[State, str]:
    empty = [v.variant for v in row.variants if not v.summary.n and not v.immature_units]
    if len(empty) == len(row.variants):
        return State.NO_EXPOSURES, said("No unit has been exposed yet.")
    if is_events_missing(definition, aggregates):
        names = ", ".join(definition.events)
        return State.EVENTS_MISSING, said(
            "The events it is made of have never been seen: {names}.", names=names
        )
    if empty:
        return State.NO_EXPOSURES, said(
            "No unit has been exposed to {empty}.", empty=", ".join(empty)
        )
    waiting = [v.variant for v in row.variants if not v.summary.n]
    if waiting and first_results_at is not None:
        when = first_results_at.isoformat(timespec="minutes")
        sentence = said(
            "No window has closed yet in {waiting}; the first will be at {when}.",
            waiting=", ".join(waiting),
            when=when,
        )
        return State.IMMATURE, sentence
    return State.READY, ""
