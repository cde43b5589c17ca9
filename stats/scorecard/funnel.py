"""The funnel of the scorecard: every step over all exposed units."""

from stats.aggregation.aggregates import Aggregates, VariantFunnel
from stats.inference.exact import ExactTest
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, Funnel, FunnelStep
from stats.scorecard.compare import compare
from stats.scorecard.document import FunnelResult, FunnelStepResult, FunnelStepVariant, State
from stats.scorecard.values import value_of
from stats.summary import MeanSummary


def funnel_result(plan: AnalysisPlan, aggregates: Aggregates) -> FunnelResult | None:
    """Infer every step from its counts, as far as the funnel has come."""
    if plan.funnel is None:
        return None
    state, sentence = _state(plan.funnel, aggregates)
    return FunnelResult(
        window=plan.funnel.window,
        state=state,
        sentence=sentence,
        immature_units={row.variant: row.immature_units for row in aggregates.funnel},
        steps=tuple(
            _step(plan, step, index, aggregates, comparable=state is State.READY)
            for index, step in enumerate(plan.funnel.steps)
        ),
    )


def _passed(row: VariantFunnel, index: int) -> MeanSummary:
    units = row.step_units[index]
    return MeanSummary.from_sums(row.mature_units, units, units)


def _step(
    plan: AnalysisPlan,
    step: FunnelStep,
    index: int,
    aggregates: Aggregates,
    *,
    comparable: bool,
) -> FunnelStepResult:
    rows, control = aggregates.funnel, plan.control.key
    summaries = {row.variant: _passed(row, index) for row in rows}
    taken = {times.variant: times.steps[index] for times in aggregates.step_times}
    variants = []
    for row in rows:
        before = row.step_units[index - 1] if index else row.mature_units
        units, times = row.step_units[index], taken.get(row.variant)
        variants.append(
            FunnelStepVariant(
                variant=row.variant,
                n=row.mature_units,
                units=units,
                share=value_of(summaries[row.variant], MetricKind.PROPORTION, alpha=plan.alpha),
                share_of_previous=units / before if before else None,
                median_days=None if times is None else times.median_days,
                mean_days=None if times is None else times.mean_days,
            )
        )
    comparisons = (
        compare(
            (control, summaries[control]),
            (t.key, summaries[t.key]),
            alpha=plan.alpha,
            exact=ExactTest.BOSCHLOO,
        )
        for t in plan.treatments
    )
    return FunnelStepResult(
        key=step.key,
        name=step.name,
        events=step.events,
        variants=tuple(variants),
        comparisons=tuple(comparisons) if comparable else (),
    )


def _state(funnel: Funnel, aggregates: Aggregates) -> tuple[State, str]:
    rows = aggregates.funnel
    empty = [row.variant for row in rows if not row.mature_units and not row.immature_units]
    if empty:
        return State.NO_EXPOSURES, f"No unit has been exposed to {', '.join(empty)}."
    seen = {row.event for row in aggregates.events if row.seen}
    never = [step.name for step in funnel.steps if not seen & set(step.events)]
    if len(never) == len(funnel.steps):
        return State.EVENTS_MISSING, f"The events of no step have been seen: {', '.join(never)}."
    waiting = [row.variant for row in rows if not row.mature_units]
    if waiting:
        return State.IMMATURE, f"No window has closed yet in {', '.join(waiting)}."
    return State.READY, ""
