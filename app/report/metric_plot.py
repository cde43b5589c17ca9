"""Composes plots of effects: of a metric's treatments, and of its segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Scale
from app.report.outcomes import lift_agrees, show_difference, show_lift
from app.report.plot import Plot, PlotRow, RowKind, ticks_over
from app.report.words import direction_words, metric_name, name_of
from stats.inference.outcome import Certain, Estimate, Lift
from stats.metric import Direction
from stats.sentence import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.formatting import Formats
    from app.report.shown import Shown
    from app.report.view import ReportView
    from stats.scorecard import Comparison, MetricResult
    from stats.scorecard.slices import SegmentEffect


def shows_lift(metric: MetricResult) -> bool:
    """Whether every treatment has a lift that says the same of 0 as its difference."""
    return all(lift_agrees(comparison) for comparison in metric.comparisons)


def metric_plot(view: ReportView, metric: MetricResult, formats: Formats) -> Plot | None:
    """Plot a metric's treatments; `None` where nothing is compared."""
    as_lift = shows_lift(metric)
    scale = Scale.LIFT if as_lift else Scale.of_difference(metric.definition.unit)
    rows = tuple(
        _row(name_of(view, comparison.treatment).name, comparison, formats, scale, as_lift=as_lift)
        for comparison in metric.comparisons
    )
    margin = margin_text = None
    if as_lift and metric.non_inferiority_margin is not None:
        allowed = float(metric.non_inferiority_margin)
        margin = -allowed if metric.definition.direction is Direction.HIGHER else allowed
        margin_text = said(
            "margin {exact_share}",
            exact_share=formats.exact_share(metric.non_inferiority_margin).text,
        )
    ends = [end for row in rows for end in (row.low, row.high, row.estimate) if end is not None]
    if not ends:
        return None  # nothing but sentences, and the table has those
    name = metric_name(metric)
    control = name_of(view, view.scorecard.plan.control.key).name
    quantity = said("Lift") if as_lift else said("Difference")
    level = formats.level(view.scorecard.alpha)
    return Plot(
        anchor=f"plot-{view.scorecard.metrics.index(metric)}",
        title=said(
            "{quantity} of {name} against {control}, with {level} intervals",
            quantity=quantity,
            name=name,
            control=control,
            level=level,
        ),
        caption=said(
            "{quantity} against {control}: estimate and {level} interval. {direction_words}.",
            quantity=quantity,
            control=control,
            level=level,
            direction_words=direction_words(metric.definition.direction).capitalize(),
        ),
        rows=rows,
        ticks=ticks_over([*ends, *([margin] if margin else [])], formats, scale, signed=True),
        margin=margin,
        margin_text=margin_text or "",
    )


def segment_plot(
    anchor: str,
    title: str,
    metric: MetricResult,
    values: Sequence[tuple[str, Sequence[SegmentEffect]]],
    view: ReportView,
    formats: Formats,
) -> Plot | None:
    """Plot the difference per value of a segment; `None` without any estimate."""
    scale = Scale.of_difference(metric.definition.unit)
    several = len(view.scorecard.plan.treatments) > 1
    rows: list[PlotRow] = []
    for label, effects in values:
        estimated = [one for one in effects if isinstance(one.difference, Estimate | Certain)]
        if several and estimated:
            rows.append(PlotRow(RowKind.HEADING, label))
        rows += [
            _row(name_of(view, one.treatment).name if several else label, one, formats, scale,
                 as_lift=False)
            for one in estimated
        ]  # fmt: skip
    ends = [end for row in rows for end in (row.low, row.high, row.estimate) if end is not None]
    if not ends:
        return None
    control = name_of(view, view.scorecard.plan.control.key).name
    level = formats.level(view.scorecard.alpha)
    return Plot(
        anchor=anchor,
        title=said(
            "Difference of {title} against {control}, with {level} intervals",
            title=title,
            control=control,
            level=level,
        ),
        caption=said(
            "Difference against {control}: estimate and {level} interval. {direction_words}.",
            control=control,
            level=level,
            direction_words=direction_words(metric.definition.direction).capitalize(),
        ),
        rows=tuple(rows),
        ticks=ticks_over(ends, formats, scale, signed=True),
    )


def _row(
    label: str,
    comparison: Comparison | SegmentEffect,
    formats: Formats,
    scale: Scale,
    *,
    as_lift: bool,
) -> PlotRow:
    outcome = comparison.lift if as_lift else comparison.difference
    shown = (
        show_lift(comparison.lift, formats)
        if as_lift
        else show_difference(comparison.difference, formats, scale)
    )
    match outcome:
        case Lift() | Estimate():
            low, high = outcome.ci_low, outcome.ci_high
            text = interval_text(shown)
            return PlotRow(RowKind.TREATMENT, label, text, outcome.estimate, low, high)
        case Certain():
            text = said(
                "{estimate} for certain", estimate=shown.estimate.text if shown.estimate else ""
            )
            return PlotRow(RowKind.TREATMENT, label, text, outcome.estimate)
        case _:
            return PlotRow(RowKind.TREATMENT, label, said("undefined, see the table"))


def interval_text(shown: Shown) -> str:
    """Write an estimate and its interval in one line."""
    if shown.estimate is None or shown.low is None or shown.high is None:
        return "" if shown.estimate is None else shown.estimate.text
    return said(
        "{estimate} ({low} to {high})",
        estimate=shown.estimate.text,
        low=shown.low.text,
        high=shown.high.text,
    )
