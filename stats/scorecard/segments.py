"""The segments of a metric, from its cells."""

from collections.abc import Sequence
from typing import TypeAlias

from stats.aggregation.aggregates import Cell, MetricAggregates
from stats.errors import CannotEstimate
from stats.inference.cell_effect import CellEffect, EffectScale, cell_effects
from stats.inference.interaction import InteractionTest, explore, interaction
from stats.inference.outcome import Certain, Estimate, Lift, UnboundedLift, Undefined
from stats.plan import AnalysisPlan, SegmentBy
from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome
from stats.scorecard.slices import SegmentEffect, SegmentInteraction, SegmentResult

Effect: TypeAlias = Estimate | Lift | UnboundedLift | Certain | Undefined

MOST_VALUES = 50
"""Values of one segment that are shown, the largest first."""


def segment_results(plan: AnalysisPlan, row: MetricAggregates) -> tuple[SegmentResult, ...]:
    """Estimate the effect in every value of every segment, and test whether the values differ.

    The interaction tests are corrected together over all segments and treatments of the metric.
    """
    listed = []
    for segment in plan.segments:
        cells = [cell for cell in row.by_segment if cell.segment == segment.key]
        shown = _largest(cells)
        listed.append((segment, cells, shown))
    differences = {
        (segment.key, treatment.key): _effects(
            plan, segment, cells, treatment.key, EffectScale.DIFFERENCE
        )
        for segment, cells, _ in listed
        for treatment in plan.treatments
    }
    tests = {key: _test(effects) for key, effects in differences.items()}
    made = {key: test for key, test in tests.items() if isinstance(test, InteractionTest)}
    corrected = dict(
        zip(
            made,
            (
                one.adjusted.p_value
                for one in explore(
                    [(":".join(key), test.p_value) for key, test in made.items()],
                    alpha=plan.alpha,
                )
            ),
            strict=True,
        )
    )
    return tuple(
        SegmentResult(
            key=segment.key,
            name=segment.name or segment.key,
            minimum_units=segment.minimum_units,
            values_left_out=len({cell.value for cell in cells}) - len(shown),
            effects=_shown(plan, segment, cells, shown, differences),
            interactions=tuple(
                SegmentInteraction(
                    treatment.key,
                    tests[segment.key, treatment.key],
                    corrected.get((segment.key, treatment.key)),
                )
                for treatment in plan.treatments
            ),
        )
        for segment, cells, shown in listed
    )


def _largest(cells: Sequence[Cell]) -> tuple[str | None, ...]:
    """Give the values with the most units, those of equal size by name."""
    units: dict[str | None, int] = {}
    for cell in cells:
        units[cell.value] = units.get(cell.value, 0) + cell.summary.n
    order = sorted(units, key=lambda value: (-units[value], value is None, value or ""))
    return tuple(order[:MOST_VALUES])


def _effects(
    plan: AnalysisPlan,
    segment: SegmentBy,
    cells: Sequence[Cell],
    treatment: str,
    scale: EffectScale,
) -> dict[str | None, CellEffect[str | None]]:
    found = cell_effects(
        ((cell.variant, cell.summary, cell.value) for cell in cells),
        control=plan.control.key,
        treatment=treatment,
        alpha=plan.alpha,
        minimum_units=segment.minimum_units,
        scale=scale,
    )
    return {effect.cell: effect for effect in found}


def _test(effects: dict[str | None, CellEffect[str | None]]) -> InteractionTest | Undefined:
    try:
        return interaction(list(effects.values()))
    except CannotEstimate as error:
        return Undefined.because(error)


def _shown(
    plan: AnalysisPlan,
    segment: SegmentBy,
    cells: Sequence[Cell],
    shown: Sequence[str | None],
    differences: dict[tuple[str, str], dict[str | None, CellEffect[str | None]]],
) -> tuple[SegmentEffect, ...]:
    lifts = {
        treatment.key: _effects(plan, segment, cells, treatment.key, EffectScale.LIFT)
        for treatment in plan.treatments
    }
    return tuple(
        SegmentEffect(
            value=value,
            treatment=treatment.key,
            control_units=differences[segment.key, treatment.key][value].control_units,
            treatment_units=differences[segment.key, treatment.key][value].treatment_units,
            difference=as_difference(differences[segment.key, treatment.key][value].effect),
            lift=_as_lift(lifts[treatment.key][value].effect),
        )
        for value in shown
        for treatment in plan.treatments
    )


def as_difference(outcome: Effect) -> DifferenceOutcome:
    """Give the outcome of a cell that was estimated on the scale of the difference."""
    if isinstance(outcome, Estimate | Certain | Undefined):
        return outcome
    message = f"a {type(outcome).__name__} came where a difference was asked for"
    raise TypeError(message)


def _as_lift(outcome: Effect) -> LiftOutcome:
    if isinstance(outcome, Lift | UnboundedLift | Certain | Undefined):
        return outcome
    message = f"a {type(outcome).__name__} came where a lift was asked for"
    raise TypeError(message)
