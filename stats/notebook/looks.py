"""Looks at summaries: what each says by itself, and what it may say when there are many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from stats.errors import CannotEstimate
from stats.inference.boundary import Boundary, boundaries
from stats.inference.confidence_sequence import Progress
from stats.inference.difference import point_difference
from stats.inference.outcome import Estimate
from stats.notebook.course import CoursePoint, LookSoFar, course_point
from stats.notebook.effect import Measure
from stats.notebook.summary_rows import Known, LookValue
from stats.plan import Spending
from stats.scorecard.values import point_of


@dataclass(frozen=True, slots=True)
class SummaryFinding:
    """Something about the summaries that a reader must know.

    Attributes:
        metric: Key of the metric.
        look: At which look; `None` for all of them.
        detail: What was found.
    """

    metric: str
    look: LookValue | None
    detail: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How summaries are compared.

    Attributes:
        control: Key of the control.
        alpha: Two-sided error rate.
        planned_units: Units of all variants that were planned before any look; `None` where no size
            was, and there are no planned looks.
        planned_looks: Looks that were planned; by default all.
        spending: How planned looks spend the error rate.
    """

    control: str
    alpha: float
    planned_units: int | None
    planned_looks: frozenset[LookValue] | None
    spending: Spending


def treatments_of(rows: Mapping[str, Known], control: str) -> list[str]:
    """Name the treatments of a look."""
    return [key for key in rows if key != control]


def course_of_looks(
    measure: Measure,
    looks: Mapping[LookValue, Mapping[str, Known]],
    treatments: Sequence[str],
    rules: Rules,
) -> tuple[list[CoursePoint], list[SummaryFinding]]:
    """Judge every look; planned ones by their boundary, too.

    Args:
        measure: The metric.
        looks: Its rows by look, in order, and variant; a look without sound rows is empty.
        treatments: All of them, with sound rows or without.
        rules: How they are compared.

    Returns:
        One point per look and treatment, and what is odd about the looks.

    Raises:
        InvalidLooks: The units at planned looks make no information fractions.
    """
    control = rules.control
    alpha = rules.alpha / max(1, len(treatments))
    units = {at: sum(row.n for row in rows.values()) for at, rows in looks.items() if rows}
    steps = list(units.items())
    findings = [
        SummaryFinding(measure.key, later[0], "fewer units than at the look before: not cumulative")
        for earlier, later in pairwise(steps)
        if later[1] < earlier[1]
    ]
    limits = {} if findings else _boundaries(units, rules, alpha)
    points = []
    for at, rows in looks.items():
        for treatment in treatments:
            if control not in rows or treatment not in rows:
                sentence = "A mean or a variance is missing."
                points.append(
                    CoursePoint(
                        measure, treatment, control, at, units.get(at, 0), sentence=sentence
                    )
                )
                continue
            points.append(_point(at, (rows[control], rows[treatment]), units[at], rules, alpha,
                                 limits.get(at)))  # fmt: skip
    return points, findings


def _boundaries(
    units: Mapping[LookValue, int], rules: Rules, alpha: float
) -> dict[LookValue, Boundary]:
    if rules.planned_units is None:
        return {}
    planned = [at for at in units if rules.planned_looks is None or at in rules.planned_looks]
    if not planned:
        return {}
    fractions = tuple(units[at] / rules.planned_units for at in planned)
    final = fractions[-1] >= 1
    found = boundaries(fractions, alpha=alpha, spending=rules.spending, final=final)
    return dict(zip(planned, found, strict=True))


def _point(
    at: LookValue,
    pair: tuple[Known, Known],
    units: int,
    rules: Rules,
    alpha: float,
    limit: Boundary | None,
) -> CoursePoint:
    before, after = pair
    measure, keys = before.measure, (before.variant, after.variant)
    try:
        values = (point_of(before.summary), point_of(after.summary))
    except CannotEstimate as error:
        return CoursePoint(measure, keys[1], keys[0], at, units, sentence=str(error))
    counts = [one.nonzero_units for one in pair]
    nonzero = None if None in counts else sum(count or 0 for count in counts)
    progress = Progress(units, rules.planned_units)
    point = course_point(measure, keys, values, LookSoFar(at, units, nonzero, progress, alpha))
    if limit is None or point.fixed_low is None:
        return point
    repeated = point_difference(*values, alpha=limit.nominal_alpha)
    if not isinstance(repeated, Estimate):
        return point
    return replace(point, boundary_low=repeated.ci_low, boundary_high=repeated.ci_high)


def is_out(low: float | None, high: float | None) -> bool:
    """Whether an interval leaves out 0; without one it does not."""
    return low is not None and high is not None and (low > 0 or high < 0)


def first_out(points: Sequence[CoursePoint], low: str, high: str) -> LookValue | None:
    """Give the first look at which the interval with these ends leaves out 0."""
    return next((p.at for p in points if is_out(getattr(p, low), getattr(p, high))), None)
