"""The funnel of the scorecard: every step over all exposed units."""

from stats.aggregation.aggregates import Aggregates, VariantFunnel
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
            _step(plan, step, index, aggregates.funnel, comparable=state is State.READY)
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
    rows: tuple[VariantFunnel, ...],
    *,
    comparable: bool,
) -> FunnelStepResult:
    summaries = {row.variant: _passed(row, index) for row in rows}
    control = plan.control.key
    variants = []
    for row in rows:
        before = row.step_units[index - 1] if index else row.mature_units
        units = row.step_units[index]
        variants.append(
            FunnelStepVariant(
                variant=row.variant,
                n=row.mature_units,
                units=units,
                share=value_of(summaries[row.variant], MetricKind.PROPORTION, alpha=plan.alpha),
                share_of_previous=units / before if before else None,
            )
        )
    comparisons = (
        compare((control, summaries[control]), (t.key, summaries[t.key]), alpha=plan.alpha)
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
