"""Comparisons from means and variances that somebody computed already, looked at once or often.

One row per variant, and where there are several per metric and look: what was known of all units so
far. Intervals are the scorecard's own; every look has its fixed-horizon interval, which holds only
once, the confidence sequence, which holds at all of them, and with a planned size the repeated
interval of the planned looks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import altair as alt
import pandas as pd

from stats.aggregation.unit_tables import Source
from stats.errors import CannotEstimate, InvalidPlan, UnknownVariant
from stats.inference.adjustment import Adjustment, adjusted_difference
from stats.inference.cuped import cuped
from stats.inference.lift import lift
from stats.inference.point import Point
from stats.metric import MetricKind
from stats.notebook.charts.course import course_chart
from stats.notebook.course import CoursePoint
from stats.notebook.display import Block, Page, effect_blocks
from stats.notebook.effect import (
    Effect,
    EstimateKind,
    Level,
    Pair,
    Where,
    effect_of,
)
from stats.notebook.frames import course_frame
from stats.notebook.looks import (
    Rules,
    SummaryFinding,
    course_of_looks,
    first_out,
    is_out,
    treatments_of,
)
from stats.notebook.numerals import NONE
from stats.notebook.results import Results
from stats.notebook.summary_rows import (
    Columns,
    Known,
    LookValue,
    Missing,
    measure_of,
    read_summaries,
)
from stats.notebook.tables import as_arrow
from stats.plan import Spending
from stats.scorecard.compare import compare
from stats.scorecard.values import or_undefined, point_of, value_of


@dataclass(frozen=True, slots=True, repr=False)
class SummaryAnalysis(Results):
    """Comparisons of summaries, with tables and plots.

    Attributes:
        comparisons: At the last look of each metric that can be compared.
        values: Every variant's own value at that look.
        points: Every look at every treatment, in order.
        findings: What is missing or odd.
    """

    comparisons: tuple[Effect, ...]
    values: tuple[Level, ...]
    points: tuple[CoursePoint, ...]
    findings: tuple[SummaryFinding, ...]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every comparison at the last look."""
        return self.comparisons

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every variant's own value at the last look."""
        return self.values

    @property
    def page(self) -> Page:
        """What a cell shows."""
        looks = self.looks()
        blocks = effect_blocks(self.effects, self.levels)
        header = ("metric", "treatment", "looks", "single look < alpha", "at the end",
                  "sequence", "planned looks")  # fmt: skip
        rows = tuple(
            (
                str(one.metric),
                str(one.treatment),
                str(one.looks),
                _when(one.fixed_first),
                "yes" if one.fixed_at_end else "no",
                _when(one.sequence_first),
                _when(one.planned_first),
            )
            for one in looks.itertuples()
        )
        crossed = Block("Looks: when the interval first left out 0", (), header, rows)
        details = dict.fromkeys(f"{one.metric}: {one.detail}" for one in self.findings)
        found = Block("Findings", tuple(details) or ("None.",))
        several = len(self.points) > len(looks)
        return Page("Comparison of summaries", (*blocks, *((crossed,) if several else ()), found))

    def over_time(self, metric: str | None = None) -> pd.DataFrame:
        """Give one row per treatment and look.

        Args:
            metric: Key of the metric; by default all.

        Raises:
            InvalidPlan: There is no such metric.
        """
        return course_frame(self._points(metric))

    def looks(self) -> pd.DataFrame:
        """Give one row per metric and treatment: when each interval first left out 0.

        `fixed_first` is the first look whose own interval did, which a reader who looks every time
        would have taken for an effect; `fixed_at_end` is whether the last one does;
        `sequence_first` and `planned_first` hold the error rate over all looks.
        """
        groups: dict[tuple[str, str], list[CoursePoint]] = {}
        for point in self.points:
            groups.setdefault((point.measure.key, point.treatment), []).append(point)
        rows = []
        for (metric, treatment), points in groups.items():
            known = [one for one in points if one.fixed_low is not None]
            rows.append(
                (
                    metric,
                    treatment,
                    len(points),
                    len(points) - len(known),
                    first_out(known, "fixed_low", "fixed_high"),
                    bool(known) and is_out(known[-1].fixed_low, known[-1].fixed_high),
                    first_out(known, "ci_low", "ci_high"),
                    first_out(known, "boundary_low", "boundary_high"),
                )
            )
        columns = ["metric", "treatment", "looks", "looks_missing", "fixed_first",
                   "fixed_at_end", "sequence_first", "planned_first"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def plot_over_time(self, metric: str | None = None) -> alt.VConcatChart:
        """Draw the difference at every look with its confidence sequence.

        Args:
            metric: Key of the metric; by default the first one.

        Raises:
            InvalidPlan: There is no such metric, or it has a single look.
        """
        first = self.points[0].measure.key if self.points else None
        points = self._points(metric or first)
        if len({point.at for point in points}) < 2:  # noqa: PLR2004 - a course takes two looks
            way_out = "give a column of looks to analyse_summaries"
            raise InvalidPlan(metric, field="look", expected=way_out)
        return course_chart(points)

    def _points(self, metric: str | None) -> Sequence[CoursePoint]:
        known = list(dict.fromkeys(one.measure.key for one in self.points))
        if metric is not None and metric not in known:
            raise InvalidPlan(metric, field="metric", expected=f"give one of {', '.join(known)}")
        return [one for one in self.points if metric in {None, one.measure.key}]


def analyse_summaries(  # noqa: PLR0913 - all but the first are named and have defaults
    summaries: Source,
    *,
    control: str = "control",
    variant: str = "variant",
    metric: str | None = None,
    look: str | None = None,
    binary: Sequence[str] = (),
    planned_units: int | None = None,
    planned_looks: Sequence[LookValue] | None = None,
    spending: Spending = Spending.OBRIEN_FLEMING,
    alpha: float = 0.05,
) -> SummaryAnalysis:
    """Compare variants by means and variances.

    Args:
        summaries: Columns `n`, `mean` and `variance` (with n - 1), over all units so far; for a
            ratio `denominator_mean`, `denominator_variance` and `covariance` beside them, for CUPED
            `covariate_mean`, `covariate_variance` and `covariance`.
        control: The value of the variant column that the others are compared with.
        variant: The variant column.
        metric: Column of the metric, where there are several.
        look: Column of the look, where there are several: a day or a number of days.
        binary: Metrics of values 0 and 1: their intervals know that, and a variance that is missing
            follows from the mean. The name of the only metric is `value`.
        planned_units: Units of all variants that were planned before any look.
        planned_looks: The looks that were planned; by default all.
        spending: How they spend the error rate.
        alpha: Two-sided error rate.

    A missing variance is a finding, and its look has no interval.

    Raises:
        MissingColumn: A column is not there.
        UnusableValues: A number of units or a mean is missing or not finite.
        InvalidSummary: Something no data can have, or two rows for one variant and look.
        UnknownVariant: The control is not there.
    """
    table = as_arrow(summaries, "summaries")
    known, missing = read_summaries(table, Columns(variant, metric, look, frozenset(binary)))
    rows: list[Known | Missing] = [*known, *missing]
    variants = {row.variant for row in rows}
    if control not in variants:
        raise UnknownVariant(control, variants)
    rules = Rules(
        control,
        alpha,
        planned_units,
        None if planned_looks is None else frozenset(planned_looks),
        spending,
    )
    findings = [SummaryFinding(row.metric, row.look, row.detail) for row in missing]
    comparisons: list[Effect] = []
    values: list[Level] = []
    points: list[CoursePoint] = []
    for key in dict.fromkeys(row.metric for row in rows):
        looks = _looks(key, rows)
        complete = [one for one in looks.values() if len(one) > 1 and control in one]
        if complete:
            comparisons += _compared(complete[-1], rules)
            values += _values(complete[-1], alpha)
        treatments = dict.fromkeys(r.variant for r in rows if r.metric == key)
        treatments.pop(control, None)
        course, odd = course_of_looks(
            measure_of(key, binary=key in binary), looks, tuple(treatments), rules
        )
        points += course
        findings += odd
    return SummaryAnalysis(tuple(comparisons), tuple(values), tuple(points), tuple(findings))


def _looks(key: str, rows: Sequence[Known | Missing]) -> dict[LookValue, dict[str, Known]]:
    """Group the rows of a metric by look, in order; a look without sound rows is empty."""
    at = sorted({row.look for row in rows if row.metric == key}, key=_order)
    looks: dict[LookValue, dict[str, Known]] = {look: {} for look in at}
    for row in rows:
        if row.metric == key and isinstance(row, Known):
            looks[row.look][row.variant] = row
    return looks


def _order(look: LookValue) -> float:
    return look.toordinal() if isinstance(look, date) else look


def _value(infer: Callable[[], Point]) -> float | None:
    try:
        return infer().value
    except CannotEstimate:
        return None


def _pair(rows: Mapping[str, Known], control: str, treatment: str) -> Pair:
    before, after = rows[control], rows[treatment]
    return Pair(
        treatment,
        control,
        before.n,
        after.n,
        _value(lambda: point_of(before.summary)),
        _value(lambda: point_of(after.summary)),
    )


def _compared(rows: Mapping[str, Known], rules: Rules) -> list[Effect]:
    effects = []
    control = rules.control
    measure = rows[control].measure
    for treatment in treatments_of(rows, control):
        pair = _pair(rows, control, treatment)
        found = compare(
            (control, rows[control].summary),
            (treatment, rows[treatment].summary),
            alpha=rules.alpha,
        )
        effects.append(effect_of(measure, pair, found.difference, found.lift))
    moments = [(key, row.moments) for key, row in rows.items() if row.moments is not None]
    if len(moments) < len(rows):
        return effects
    adjustment = cuped(moments, covariates=("covariate",))
    effects += [
        _adjusted(rows, adjustment, treatment, rules) for treatment in treatments_of(rows, control)
    ]
    return effects


def _adjusted(
    rows: Mapping[str, Known], adjustment: Adjustment, treatment: str, rules: Rules
) -> Effect:
    control, alpha = rules.control, rules.alpha
    pair = replace(
        _pair(rows, control, treatment),
        control_value=_value(lambda: adjustment.adjusted(control)),
        treatment_value=_value(lambda: adjustment.adjusted(treatment)),
    )
    difference = or_undefined(
        lambda: adjusted_difference(adjustment, control=control, treatment=treatment, alpha=alpha)
    )
    relative = or_undefined(
        lambda: lift(adjustment.adjusted(control), adjustment.adjusted(treatment), alpha=alpha)
    )
    where = Where(EstimateKind.ADJUSTED)
    return effect_of(rows[control].measure, pair, difference, relative, where)


def _values(rows: Mapping[str, Known], alpha: float) -> list[Level]:
    # a rate's own score interval needs a count; a mean that was rounded has none
    return [
        Level.of(row.measure, key, row.n, value_of(row.summary, MetricKind.MEAN, alpha=alpha))
        for key, row in rows.items()
    ]


def _when(look: object) -> str:
    return NONE if look is None or look != look else str(look)  # noqa: PLR0124 - pandas' missing is NaN
