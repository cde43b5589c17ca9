"""Composes the effect over time: by day of first exposure, and by days since exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.outcomes import show_difference
from app.report.plot import ticks_over
from app.report.segment_blocks import interaction_words
from app.report.timeline import Timeline, TimePoint
from app.report.words import Unit, metric_label, metric_name, name_of, plain
from stats.inference.cell_effect import EffectScale
from stats.inference.outcome import Certain, Estimate, Undefined
from stats.sentence import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import MetricResult
    from stats.scorecard.comparison import DifferenceOutcome
    from stats.scorecard.slices import TimeResult, TimeTests


MANY: Final = 3
"""With more treatments than this, the plots over time are folded away."""


def time_blocks(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose both; none where the metric has no days."""
    found = metric.over_time
    if found is None:
        return ()
    blocks = []
    if found.by_day:
        blocks.append(_days(view, metric, found, formats))
    if found.by_horizon:
        blocks.append(_horizons(view, metric, found, formats))
    return tuple(blocks)


def _days(view: ReportView, metric: MetricResult, found: TimeResult, formats: Formats) -> Block:
    scale = Scale.of_difference(metric.definition.unit)
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    treatments = tuple(dict.fromkeys(one.treatment for one in found.by_day))
    drawn = {
        treatment: [
            _point(formats.day(one.day, with_year=False), one.difference)
            for one in found.by_day
            if one.treatment == treatment
        ]
        for treatment in treatments
    }
    lines = {
        treatment: tuple(
            Line(
                formats.day(one.day),
                (
                    Cell(number=formats.count(one.treatment_units)),
                    Cell(number=formats.count(one.control_units)),
                    Cell(show_difference(one.difference, formats, scale)),
                ),
            )
            for one in found.by_day
            if one.treatment == treatment
        )
        for treatment in treatments
    }
    level = formats.level(view.scorecard.alpha)
    return Block(
        title=said("By day of first exposure"),
        tag=said("does it wear off?"),
        notes=(
            (
                said(
                    "Each day's newcomers are other {unit}, so their effects can be "
                    "compared. An effect that shrinks from day to day may be novelty.",
                    unit=unit.many,
                )
            ),
        ),
        timelines=_timelines(view, metric, drawn, said("day of first exposure"), formats),
        table=Table(
            said("{metric_label} by day of first exposure", metric_label=metric_label(metric)),
            said("Day"),
            (
                Column(unit.many.capitalize(), said("treatment")),
                Column(unit.many.capitalize(), said("control")),
                Column(said("Difference"), said("{level} interval", level=level)),
            ),
            _groups(view, lines),
        ),
        readings=tuple(
            sentence for one in found.tests for sentence in _tests(view, metric, one, formats)
        ),
        fold=said("The numbers by day"),
        folds_plots=len(treatments) > MANY,
    )


def _horizons(view: ReportView, metric: MetricResult, found: TimeResult, formats: Formats) -> Block:
    many = Unit.of(view.scorecard.plan.randomization_unit).many
    scale = Scale.of_difference(metric.definition.unit)
    treatments = tuple(dict.fromkeys(one.treatment for one in found.by_horizon))
    drawn = {
        treatment: [
            _point(said("day {days}", days=formats.count(one.days).text), one.difference)
            for one in found.by_horizon
            if one.treatment == treatment
        ]
        for treatment in treatments
    }
    lines = {
        treatment: tuple(
            Line(
                said("until day {days}", days=formats.count(one.days).text),
                (Cell(show_difference(one.difference, formats, scale)),),
            )
            for one in found.by_horizon
            if one.treatment == treatment
        )
        for treatment in treatments
    }
    level = formats.level(view.scorecard.alpha)
    return Block(
        title=said("By days since first exposure"),
        tag=said("descriptive"),
        notes=(
            (
                said(
                    "The difference as it had built up by then, always over the same {many}: "
                    "those mature for the whole window. Differences between horizons are not "
                    "tested.",
                    many=many,
                )
            ),
        ),
        timelines=_timelines(view, metric, drawn, said("days since first exposure"), formats),
        table=Table(
            said("{metric_label} by days since first exposure", metric_label=metric_label(metric)),
            said("Horizon"),
            (Column(said("Difference"), said("{level} interval", level=level)),),
            _groups(view, lines),
        ),
        fold=said("The numbers by days since exposure"),
        folds_plots=len(treatments) > MANY,
    )


def _groups(view: ReportView, lines: dict[str, tuple[Line, ...]]) -> tuple[Group, ...]:
    return tuple(
        Group(name_of(view, treatment).name if len(lines) > 1 else "", rows)
        for treatment, rows in lines.items()
    )


def _point(label: str, outcome: DifferenceOutcome) -> TimePoint:
    match outcome:
        case Estimate():
            return TimePoint(label, outcome.estimate, outcome.ci_low, outcome.ci_high)
        case Certain():
            return TimePoint(label, outcome.estimate)
        case Undefined():
            return TimePoint(label)


def _timelines(
    view: ReportView,
    metric: MetricResult,
    drawn: dict[str, Sequence[TimePoint]] | dict[str, list[TimePoint]],
    along: str,
    formats: Formats,
) -> tuple[Timeline, ...]:
    """Give one a treatment, all on the same scale so that they can be compared."""
    ends = [
        end
        for points in drawn.values()
        for point in points
        for end in (point.low, point.high, point.estimate)
        if end is not None
    ]
    if not ends:
        return ()
    ticks = ticks_over(ends, formats, Scale.of_difference(metric.definition.unit), signed=True)
    level = formats.level(view.scorecard.alpha)
    control = name_of(view, view.scorecard.plan.control.key).name
    place = view.scorecard.metrics.index(metric)
    kind = "day" if along.startswith("day of") else "horizon"
    return tuple(
        Timeline(
            anchor=f"plot-{place}-{kind}-{index}",
            title=said(
                "Difference of {metric_name}, {name_of} against {control}, by {along}, "
                "with {level} intervals",
                metric_name=metric_name(metric),
                name_of=name_of(view, treatment).name,
                control=control,
                along=along,
                level=level,
            ),
            caption=said(
                "{name_of} against {control}: difference and {level} interval by {along}.",
                name_of=name_of(view, treatment).name,
                control=control,
                level=level,
                along=along,
            ),
            points=tuple(points),
            ticks=ticks,
        )
        for index, (treatment, points) in enumerate(drawn.items())
    )


def _tests(
    view: ReportView, metric: MetricResult, found: TimeTests, formats: Formats
) -> tuple[str, ...]:
    name = name_of(view, found.treatment).name
    return (
        said("{name}, trend: {trend}", name=name, trend=_trend(view, metric, found, formats)),
        said("{name}, weekdays: {weekdays}", name=name, weekdays=_weekdays(view, found, formats)),
    )


def _trend(view: ReportView, metric: MetricResult, found: TimeTests, formats: Formats) -> str:
    slope = found.novelty
    if isinstance(slope, Undefined):
        return said("it cannot be told. {found}", found=plain(slope.sentence))
    scale = Scale.LIFT
    if slope.scale is EffectScale.DIFFERENCE:
        scale = Scale.of_difference(metric.definition.unit)
    estimate, low, high = formats.with_interval(
        slope.per_day, (slope.ci_low, slope.ci_high), scale, signed=True
    )
    changes = slope.p_value < view.scorecard.alpha
    verdict = said("the effect changes") if changes else said("the effect is not shown to change")
    cohorts = formats.count(slope.cohorts).text
    small = (
        said(", {left_out} too small", left_out=formats.count(slope.left_out).text)
        if slope.left_out
        else ""
    )
    p_value = formats.p_value(slope.p_value, slope.alpha).text
    return said(
        "{verdict}: {estimate} a day ({level} interval {low} to {high}; "
        "{cohorts} days{small}; p {p_value}).",
        verdict=verdict,
        estimate=estimate.text,
        level=formats.level(slope.alpha),
        low=low.text,
        high=high.text,
        cohorts=cohorts,
        small=small,
        p_value=p_value,
    )


def _weekdays(view: ReportView, found: TimeTests, formats: Formats) -> str:
    if isinstance(found.weekdays, Undefined):
        return said("they cannot be compared. {found}", found=plain(found.weekdays.sentence))
    return interaction_words(found.weekdays, None, view, formats)
