"""The funnel of the scorecard: every step over all units of its basis, with lifts per step.

Steps of the offer are compared among the variants that show one: a control without an offer has
nobody who clicks it, by construction. Exposure and outcomes are compared with the control. All of
it is exploratory; corrected p-values say what is left after so many comparisons.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from stats.aggregation.aggregates import Aggregates, StepTime
from stats.aggregation.funnel_cells import FunnelCell, StepCount
from stats.inference.exact import ExactTest
from stats.inference.interaction import explore
from stats.inference.outcome import Estimate
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, Basis, Funnel, Track
from stats.plan.funnel import ASSIGNED, EXPOSED
from stats.scorecard.compare import compare
from stats.scorecard.comparison import Comparison
from stats.scorecard.document import (
    FunnelResult,
    FunnelStepResult,
    FunnelStepVariant,
    FunnelTier,
    FunnelTierStep,
    State,
    StepKind,
)
from stats.scorecard.values import value_of
from stats.sentence import said
from stats.summary import MeanSummary


@dataclass(frozen=True, slots=True)
class _Step:
    """A step as it is counted, timed and compared.

    Attributes:
        previous: Key of the step before it; `None` where that is everybody.
        count: Takes its count out of a cell.
        compared: Keys of the variants that are compared, the baseline first.
    """

    key: str
    name: str
    events: tuple[str, ...]
    kind: StepKind
    previous: str | None
    closes_after_days: int | None
    count: Callable[[FunnelCell], StepCount]
    compared: tuple[str, ...]


def funnel_result(plan: AnalysisPlan, aggregates: Aggregates) -> FunnelResult | None:
    """Infer every step from its counts, as far as the funnel has come."""
    funnel = plan.funnel
    if funnel is None:
        return None
    cells = _by_variant(plan, funnel, aggregates)
    steps = _steps(plan, funnel)
    state, sentence = _state(funnel, aggregates, cells)
    ready = state is State.READY
    taken = {row.variant: {one.step: one for one in row.steps} for row in aggregates.step_times}
    results = tuple(_result(plan, step, cells, taken, comparable=ready) for step in steps)
    return FunnelResult(
        window=funnel.window,
        state=state,
        sentence=sentence,
        immature_units={key: cell.units - cell.exposed.mature for key, cell in cells.items()},
        steps=_corrected(plan, results),
        basis=funnel.basis,
        by_tier=_by_tier(plan, funnel, aggregates, steps, comparable=ready),
    )


def _by_variant(
    plan: AnalysisPlan, funnel: Funnel, aggregates: Aggregates
) -> dict[str, FunnelCell]:
    """Give the counts of every planned variant, whatever the funnel is over."""
    if funnel.is_over_assigned:
        return {
            variant.key: FunnelCell.total(
                variant.key,
                [cell for cell in aggregates.funnel_cells if cell.variant == variant.key],
                len(funnel.steps),
            )
            for variant in plan.variants
        }
    found = {}
    for row in aggregates.funnel:
        mature = row.mature_units
        before = (mature, *row.step_units)
        steps = (StepCount(mature, n, before[i]) for i, n in enumerate(row.step_units))
        units = mature + row.immature_units
        found[row.variant] = FunnelCell(
            row.variant, None, units, StepCount(mature, mature, mature), tuple(steps)
        )
    return found


def _steps(plan: AnalysisPlan, funnel: Funnel) -> tuple[_Step, ...]:
    everybody = (plan.control.key, *(treatment.key for treatment in plan.treatments))
    if not funnel.is_over_assigned:
        return tuple(
            _Step(one.key, one.name, one.events, StepKind.OUTCOME, None, None, _nth(i), everybody)
            for i, one in enumerate(funnel.steps)
        )
    offering = tuple(key for key in everybody if key in funnel.offering)
    window = funnel.window.end_days
    first = (
        _Step(ASSIGNED, "Assigned", (), StepKind.ASSIGNED, None, window, _assigned, ()),
        _Step(EXPOSED, "Exposed", (), StepKind.EXPOSED, None, window, _exposed, everybody),
    )
    return first + tuple(
        _Step(
            key=one.key,
            name=one.name,
            events=one.events,
            kind=StepKind.OFFER if one.track is Track.OFFER else StepKind.OUTCOME,
            previous=_previous(funnel, i),
            closes_after_days=funnel.closes_after(i),
            count=_nth(i),
            compared=offering if one.track is Track.OFFER else everybody,
        )
        for i, one in enumerate(funnel.steps)
    )


def _previous(funnel: Funnel, index: int) -> str | None:
    before = funnel.before(index)
    if before is not None:
        return funnel.steps[before].key
    return EXPOSED if funnel.steps[index].track is Track.OFFER else None


def _assigned(cell: FunnelCell) -> StepCount:
    mature = cell.exposed.mature
    return StepCount(mature, mature, mature)


def _exposed(cell: FunnelCell) -> StepCount:
    return cell.exposed


def _nth(index: int) -> Callable[[FunnelCell], StepCount]:
    return lambda cell: cell.steps[index]


def _result(
    plan: AnalysisPlan,
    step: _Step,
    cells: Mapping[str, FunnelCell],
    taken: Mapping[str, Mapping[str, StepTime]],
    *,
    comparable: bool,
) -> FunnelStepResult:
    return FunnelStepResult(
        key=step.key,
        name=step.name,
        events=step.events,
        variants=_variants(plan, step, cells, taken),
        comparisons=_comparisons(plan, step, cells, ExactTest.BOSCHLOO) if comparable else (),
        kind=step.kind,
        previous=step.previous,
        closes_after_days=step.closes_after_days,
    )


def _variants(
    plan: AnalysisPlan,
    step: _Step,
    cells: Mapping[str, FunnelCell],
    taken: Mapping[str, Mapping[str, StepTime]],
) -> tuple[FunnelStepVariant, ...]:
    variants = []
    over_assigned = plan.funnel is not None and plan.funnel.is_over_assigned
    for key, cell in cells.items():
        count, times = step.count(cell), taken.get(key, {}).get(step.key)
        nested = count.before > 0 and (step.previous is not None or not over_assigned)
        variants.append(
            FunnelStepVariant(
                variant=key,
                n=count.mature,
                units=count.passed,
                share=value_of(_summary(count), MetricKind.PROPORTION, alpha=plan.alpha),
                share_of_previous=count.passed / count.before if nested else None,
                median_days=None if times is None else times.median_days,
                mean_days=None if times is None else times.mean_days,
                takes_part=step.kind is not StepKind.OFFER or key in step.compared,
            )
        )
    return tuple(variants)


def _summary(count: StepCount) -> MeanSummary:
    return MeanSummary.from_sums(count.mature, count.passed, count.passed)


def _comparisons(
    plan: AnalysisPlan, step: _Step, cells: Mapping[str, FunnelCell], exact: ExactTest | None
) -> tuple[Comparison, ...]:
    counts = {key: step.count(cells[key]) for key in step.compared}
    if not all(count.mature for count in counts.values()):
        return ()
    return tuple(
        compare(
            (step.compared[0], _summary(counts[step.compared[0]])),
            (key, _summary(counts[key])),
            alpha=plan.alpha,
            exact=exact,
        )
        for key in step.compared[1:]
    )


def _corrected(
    plan: AnalysisPlan, steps: Sequence[FunnelStepResult]
) -> tuple[FunnelStepResult, ...]:
    """Correct the p-values of all comparisons together, and put them beside their own."""
    tests = {
        (step.key, one.treatment): one.difference.p_value
        for step in steps
        for one in step.comparisons
        if isinstance(one.difference, Estimate)
    }
    corrected = dict(
        zip(
            tests,
            (
                one.adjusted.p_value
                for one in explore([(":".join(key), p) for key, p in tests.items()],
                                   alpha=plan.alpha)
            ),
            strict=True,
        )
    )  # fmt: skip
    return tuple(
        replace(
            step,
            corrected_p_values={
                one.treatment: corrected.get((step.key, one.treatment)) for one in step.comparisons
            },
        )
        for step in steps
    )


def _by_tier(
    plan: AnalysisPlan,
    funnel: Funnel,
    aggregates: Aggregates,
    steps: Iterable[_Step],
    *,
    comparable: bool,
) -> tuple[FunnelTier, ...]:
    found = {cell.tier for cell in aggregates.funnel_cells}
    if not funnel.tiers or found <= {None}:
        return ()
    tiers = []
    for tier in (*funnel.tiers, None):
        if tier not in found:
            continue
        cells = {
            variant.key: FunnelCell.total(
                variant.key,
                [
                    one
                    for one in aggregates.funnel_cells
                    if (one.variant, one.tier) == (variant.key, tier)
                ],
                len(funnel.steps),
            )
            for variant in plan.variants
        }
        units = {key: cell.units for key, cell in cells.items()}
        shown = min(cell.exposed.mature for cell in cells.values()) >= funnel.minimum_units
        results = (
            FunnelTierStep(
                step.key,
                _variants(plan, step, cells, {}),
                _comparisons(plan, step, cells, None) if comparable else (),
            )
            for step in steps
        )
        tiers.append(FunnelTier(tier, units, shown, tuple(results) if shown else ()))
    return tuple(tiers)


def _state(
    funnel: Funnel, aggregates: Aggregates, cells: Mapping[str, FunnelCell]
) -> tuple[State, str]:
    empty = [key for key, cell in cells.items() if not cell.units]
    if empty:
        names = ", ".join(empty)
        if funnel.basis is Basis.ASSIGNED:
            return State.NO_EXPOSURES, said("No unit has been assigned to {empty}.", empty=names)
        return State.NO_EXPOSURES, said("No unit has been exposed to {empty}.", empty=names)
    seen = {row.event for row in aggregates.events if row.seen}
    never = [step.name for step in funnel.steps if not seen & set(step.events)]
    if len(never) == len(funnel.steps):
        return State.EVENTS_MISSING, said(
            "The events of no step have been seen: {never}.", never=", ".join(never)
        )
    waiting = [key for key, cell in cells.items() if not cell.exposed.mature]
    if waiting:
        return State.IMMATURE, said(
            "No window has closed yet in {waiting}.", waiting=", ".join(waiting)
        )
    return State.READY, ""
