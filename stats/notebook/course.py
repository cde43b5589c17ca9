"""The course of an effect: all units so far, at every day or look, valid however often one looks.

Cohorts by day of first exposure add up to what was known at the end of each day, as if every window
had closed: the last point rests on the same units as the scorecard.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from stats.aggregation.aggregates import Cell, MetricAggregates
from stats.errors import CannotEstimate
from stats.inference.confidence_sequence import Progress, sequence_difference
from stats.inference.cuped import cuped
from stats.inference.difference import point_difference
from stats.inference.outcome import Certain, Estimate
from stats.inference.point import Point, mean_point, ratio_point
from stats.metric import MetricKind
from stats.notebook.effect import EstimateKind, Measure
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import MeanSummary, RatioSummary


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """The effect of one treatment on all units so far.

    Attributes:
        measure: The metric.
        treatment: Key of the treatment.
        control: Key of the control.
        at: Days since the start, or the day itself.
        units: Units of all variants so far.
        difference: Treatment minus control; `None` where there is none yet.
        ci_low: Lower end of the interval that holds at every look.
        ci_high: Upper end.
        p_value: Valid at every look.
        fixed_low: Lower end of the interval of a single look, which does not hold at several.
        fixed_high: Upper end.
        fixed_p_value: Of a single look.
        boundary_low: Lower end of the repeated interval of a planned look; `None` without plan.
        boundary_high: Upper end.
        alpha: Two-sided error rate of each interval over its looks; several treatments share the
            analysis' own.
        sentence: Why something is missing; empty where nothing is.
    """

    measure: Measure
    treatment: str
    control: str
    at: date | float
    units: int
    difference: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    fixed_low: float | None = None
    fixed_high: float | None = None
    fixed_p_value: float | None = None
    boundary_low: float | None = None
    boundary_high: float | None = None
    alpha: float | None = None
    sentence: str = ""

    @property
    def moment(self) -> float | datetime:
        """Where it stands on the axis: a time, or days."""
        return datetime.combine(self.at, time()) if isinstance(self.at, date) else self.at


@dataclass(frozen=True, slots=True)
class LookSoFar:
    """What is known at one look.

    Attributes:
        at: When.
        units: Units of all variants.
        nonzero_units: Units of control and treatment whose value is not 0; `None` where unknown.
        progress: How far the campaign is.
        alpha: Two-sided error rate over all looks of this treatment.
    """

    at: date | float
    units: int
    nonzero_units: int | None
    progress: Progress
    alpha: float


def course_point(
    measure: Measure, keys: tuple[str, str], points: tuple[Point, Point], look: LookSoFar
) -> CoursePoint:
    """Estimate one look: the interval of a sequence, and beside it that of a single look.

    Args:
        measure: The metric.
        keys: Control and treatment.
        points: Their values.
        look: What is known.
    """
    scaled = measure.scaled
    sentence = ""
    fixed: Estimate | Certain | None = None
    found: Estimate | Certain | None = None
    try:
        fixed = point_difference(*points, alpha=look.alpha)
        found = sequence_difference(
            *points, progress=look.progress, alpha=look.alpha, nonzero_units=look.nonzero_units
        )
    except CannotEstimate as error:
        sentence = str(error)
    low, high, p_value = _ends(found)
    fixed_low, fixed_high, fixed_p = _ends(fixed)
    return CoursePoint(
        measure, keys[1], keys[0], look.at, look.units,
        difference=scaled(points[1].value - points[0].value),
        ci_low=scaled(low), ci_high=scaled(high), p_value=p_value,
        fixed_low=scaled(fixed_low), fixed_high=scaled(fixed_high), fixed_p_value=fixed_p,
        alpha=look.alpha, sentence=sentence,
    )  # fmt: skip


def _ends(
    outcome: Estimate | Certain | None,
) -> tuple[float | None, float | None, float | None]:
    match outcome:
        case Estimate():
            return outcome.ci_low, outcome.ci_high, outcome.p_value
        case Certain():
            return outcome.estimate, outcome.estimate, None
        case None:
            return None, None, None


def course_of(
    plan: AnalysisPlan,
    metric: MetricInUse,
    row: MetricAggregates,
    measure: Measure,
    estimate: EstimateKind = EstimateKind.RAW,
) -> tuple[CoursePoint, ...]:
    """Cumulate a metric's cohorts day by day.

    Args:
        plan: Names the control, the treatments, the error rate and the planned size.
        metric: The metric in use.
        row: Its cells by day.
        measure: How it is called and measured.
        estimate: Raw, or adjusted by the metric's covariates.
    """
    keys = [variant.key for variant in plan.variants]
    alpha = plan.alpha / len(plan.treatments)
    result = []
    for day, so_far in _cumulated(row.by_day):
        if any(key not in so_far for key in keys):
            continue
        units = sum(cell.summary.n for cell in so_far.values())
        points = _points(metric, so_far, keys, estimate)
        for treatment in (variant.key for variant in plan.treatments):
            pair = (plan.control.key, treatment)
            if any(key not in points for key in pair):
                continue
            look = LookSoFar(
                day,
                units,
                _nonzero(metric, row, [so_far[key] for key in pair]),
                Progress(units, plan.looks.planned_units),
                alpha,
            )
            result.append(course_point(measure, pair, (points[pair[0]], points[treatment]), look))
    return tuple(result)


def _cumulated(cells: Sequence[Cell]) -> Iterator[tuple[date, Mapping[str, Cell]]]:
    by_day: dict[date, list[Cell]] = {}
    for cell in cells:
        if cell.day is not None:
            by_day.setdefault(cell.day, []).append(cell)
    so_far: dict[str, Cell] = {}
    for day in sorted(by_day):
        for cell in by_day[day]:
            before = so_far.get(cell.variant)
            so_far[cell.variant] = cell if before is None else _together(before, cell)
        yield day, dict(so_far)


def _together(left: Cell, right: Cell) -> Cell:
    moments = None
    if left.moments is not None and right.moments is not None:
        moments = left.moments + right.moments
    return Cell(left.variant, _sum(left.summary, right.summary), day=right.day, moments=moments)


def _sum(
    left: MeanSummary | RatioSummary, right: MeanSummary | RatioSummary
) -> MeanSummary | RatioSummary:
    if isinstance(left, MeanSummary) and isinstance(right, MeanSummary):
        return left + right
    if isinstance(left, RatioSummary) and isinstance(right, RatioSummary):
        return left + right
    message = "a mean and a ratio came for one metric"
    raise TypeError(message)


def _points(
    metric: MetricInUse, so_far: Mapping[str, Cell], keys: Sequence[str], estimate: EstimateKind
) -> dict[str, Point]:
    moments = [
        (key, cell.moments)
        for key, cell in ((key, so_far[key]) for key in keys)
        if cell.moments is not None
    ]
    if estimate is EstimateKind.ADJUSTED and len(moments) == len(keys):
        adjustment = cuped(
            moments,
            covariates=metric.covariate_columns,
            ratio=metric.definition.kind is MetricKind.RATIO,
        )
        return {
            one.variant: one.adjusted
            for one in adjustment.variants
            if isinstance(one.adjusted, Point)
        }
    points = {}
    for key in keys:
        try:
            summary = so_far[key].summary
            points[key] = (
                ratio_point(summary) if isinstance(summary, RatioSummary) else mean_point(summary)
            )
        except CannotEstimate:
            continue
    return points


def _nonzero(metric: MetricInUse, row: MetricAggregates, pair: Sequence[Cell]) -> int | None:
    """Count the units of both variants that are not 0: known of a proportion, else in proportion.

    Cells do not count them, so that those of all days are spread evenly over the units; at the last
    day it is the count that the scorecard uses.
    """
    if metric.definition.kind is MetricKind.PROPORTION:
        totals = [cell.summary.total for cell in pair if isinstance(cell.summary, MeanSummary)]
        return int(sum(totals)) if len(totals) == len(pair) else None
    whole = {one.variant: (one.nonzero_units, one.summary.n) for one in row.variants}
    total = 0.0
    for cell in pair:
        nonzero, n = whole[cell.variant]
        if nonzero is None or not n:
            return None
        total += nonzero * cell.summary.n / n
    return math.floor(total + 0.5)
