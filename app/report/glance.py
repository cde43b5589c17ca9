"""Composes the matrix: every treatment by the deciding metric, the guardrails and the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.guardrail_blocks import VERDICTS
from app.report.outcomes import lift_agrees, show_difference, show_lift, side_of_zero
from app.report.shown import Shown
from app.report.verdict_words import LABELS
from app.report.words import metric_name, name_of
from stats.inference.outcome import Undefined
from stats.metric import Direction, MetricUnit
from stats.plan import MetricRole
from stats.scorecard import Comparison
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import MetricResult

SIDES: Final = {
    1: said("better than control"),
    -1: said("worse than control"),
    0: said("no clear difference"),
}


def glance(view: ReportView, formats: Formats) -> Table | None:
    """Compose the matrix; `None` while nothing is compared."""
    metrics = [metric for metric in _chosen(view) if metric.comparisons]
    if not metrics:
        return None
    level = formats.level(view.scorecard.alpha)
    decision = view.scorecard.decision
    verdicts = {one.treatment: one.verdict for one in decision.treatments} if decision else {}
    return Table(
        said("At a glance"),
        said("Treatment"),
        tuple(Column(metric_name(metric), _role(view, metric, level)) for metric in metrics),
        (
            Group(
                "",
                tuple(
                    Line(
                        name_of(view, variant.key).name,
                        tuple(_cell(view, metric, variant.key, formats) for metric in metrics),
                        LABELS[verdicts[variant.key]] if variant.key in verdicts else "",
                    )
                    for variant in view.scorecard.plan.treatments
                ),
            ),
        ),
    )


def _chosen(view: ReportView) -> list[MetricResult]:
    """Give what decides, what guards it, and money."""
    metrics = view.scorecard.metrics
    money = [
        metric
        for metric in metrics
        if metric.role is MetricRole.DIAGNOSTIC and metric.definition.unit is MetricUnit.MONEY
    ]
    return [
        *(metric for metric in metrics if metric.role is MetricRole.OEC),
        *(metric for metric in metrics if metric.role is MetricRole.GUARDRAIL),
        *money,
    ]


def _role(view: ReportView, metric: MetricResult, level: str) -> str:
    match metric.role:
        case MetricRole.OEC if view.scorecard.oec is not None:
            return said("decides")
        case MetricRole.OEC:
            return said("decides, {level} interval", level=level)
        case MetricRole.GUARDRAIL:
            return said("guardrail, {level} interval", level=level)
        case MetricRole.DIAGNOSTIC:
            return said("money, {level} interval", level=level)


def _cell(view: ReportView, metric: MetricResult, treatment: str, formats: Formats) -> Cell:
    comparison = next((c for c in metric.comparisons if c.treatment == treatment), None)
    if comparison is None:
        return Cell()
    note = ""
    oec = view.scorecard.oec
    if oec is not None and oec.metric == metric.key:
        found = next(one for one in oec.treatments if one.treatment == treatment)
        comparison = Comparison(treatment, comparison.control, found.difference, found.lift)
        note = formats.level(found.level)
    as_lift = lift_agrees(comparison)
    scale = Scale.of_difference(metric.definition.unit)
    shown = (
        show_lift(comparison.lift, formats)
        if as_lift
        else show_difference(comparison.difference, formats, scale)
    )
    return Cell(
        Shown(shown.estimate, shown.low, shown.high, shown.sentence),
        words=_words(metric, comparison)
        if not note
        else said("{words} ({level} interval)", words=_words(metric, comparison), level=note),
    )


def _words(metric: MetricResult, comparison: Comparison) -> str:
    tested = comparison.non_inferiority
    if tested is not None and not isinstance(tested, Undefined):
        return VERDICTS[tested.verdict].lower()
    side = side_of_zero(comparison.difference)
    if side is None:
        return said("not compared")
    better = side if metric.definition.direction is Direction.HIGHER else -side
    words = SIDES[better]
    return (
        said("{side}, unresolved", side=words)
        if metric.non_inferiority_margin is not None
        else words
    )
