"""The effect in each cell of the units: a value of a segment, a day, a variant elsewhere.

A cell is any group of units that is fixed before exposure or has nothing to do with the variant, so
that the variants can be compared within it. What the cells mean, and which test joins them, is
left to `interaction` and `effect_over_time`.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from stats.errors import CannotEstimate, InvalidSummary, TooFewUnits
from stats.inference.difference import point_difference
from stats.inference.lift import lift
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift, Undefined
from stats.inference.point import Point, mean_point, ratio_point
from stats.summary import MeanSummary, RatioSummary

Summary: TypeAlias = MeanSummary | RatioSummary
Key = TypeVar("Key", bound=Hashable)


class EffectScale(StrEnum):
    """On which scale effects are compared: equal differences are not equal lifts."""

    DIFFERENCE = "difference"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class CellEffect(Generic[Key]):
    """The effect in one cell, or why it is not shown.

    Attributes:
        cell: Value of the segment, day or whatever tells the cells apart; `None` for units without.
        control_units: Units of the control in it.
        treatment_units: Units of the treatment in it.
        effect: Treatment against control within the cell, on one scale for all cells; `Undefined`
            where the cell is too small or has no error.
    """

    cell: Key
    control_units: int
    treatment_units: int
    effect: Estimate | Lift | UnboundedLift | Certain | Undefined


def cell_effects(
    cells: Iterable[tuple[str, Summary, Key]],
    *,
    control: str,
    treatment: str,
    alpha: float,
    minimum_units: int = 2,
    scale: EffectScale = EffectScale.DIFFERENCE,
) -> tuple[CellEffect[Key], ...]:
    """Estimate the effect within each cell, in the order in which the cells come.

    Args:
        cells: Variant, summary and cell. Summaries of the same variant and cell are added up, so
            that cells by segment and day can be given as they are.
        control: Key of the control.
        treatment: Key of the treatment.
        alpha: Two-sided error rate of each interval, not corrected for the number of cells.
        minimum_units: A cell with fewer units in *any* variant is listed with its units and not
            estimated, in all comparisons alike.
        scale: Difference, or lift with Fieller's interval.

    Raises:
        InvalidSummary: The summaries of one cell are of different kinds.
    """
    grid: dict[Key, dict[str, Summary]] = {}
    variants: set[str] = {control, treatment}
    for variant, summary, cell in cells:
        variants.add(variant)
        row = grid.setdefault(cell, {})
        row[variant] = add_up(row[variant], summary) if variant in row else summary
    return tuple(
        CellEffect(
            cell,
            _units(row, control),
            _units(row, treatment),
            _effect(
                row, control, treatment, alpha=alpha, scale=scale,
                smallest=min(_units(row, variant) for variant in variants), needed=minimum_units,
            ),
        )
        for cell, row in grid.items()
    )  # fmt: skip


def add_up(one: Summary, other: Summary) -> Summary:
    """Summarise both sets of units together.

    Raises:
        InvalidSummary: The one is of a mean, the other of a ratio.
    """
    if isinstance(one, MeanSummary) and isinstance(other, MeanSummary):
        return one + other
    if isinstance(one, RatioSummary) and isinstance(other, RatioSummary):
        return one + other
    message = "a summary of a mean and one of a ratio cannot be added; give cells of one metric"
    raise InvalidSummary(message)


def summary_point(summary: Summary) -> Point:
    """Give the value and its error.

    Raises:
        TooFewUnits: Fewer than two units.
        ZeroDenominator: The denominator of a ratio totals zero.
    """
    return ratio_point(summary) if isinstance(summary, RatioSummary) else mean_point(summary)


def _units(row: dict[str, Summary], variant: str) -> int:
    return row[variant].n if variant in row else 0


def _effect(
    row: dict[str, Summary],
    control: str,
    treatment: str,
    *,
    alpha: float,
    scale: EffectScale,
    smallest: int,
    needed: int,
) -> Estimate | Lift | UnboundedLift | Certain | Undefined:
    try:
        if smallest < max(needed, 2):
            raise TooFewUnits(smallest, max(needed, 2))
        left, right = summary_point(row[control]), summary_point(row[treatment])
        if scale is EffectScale.LIFT:
            return lift(left, right, alpha=alpha)
        ratio = isinstance(row[control], RatioSummary)
        method = Method.DELTA_WELCH if ratio else Method.WELCH
        return point_difference(left, right, alpha=alpha, method=method)
    except CannotEstimate as fault:
        return Undefined.because(fault)
