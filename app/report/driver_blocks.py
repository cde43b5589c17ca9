"""Composes the table of drivers: what goes with the deciding metric's outcome, as association."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.segment_blocks import UNKNOWN
from app.report.shown import Shown
from app.report.words import Unit, metric_label, name_of, plain
from stats.inference.driver_table import DriverNote
from stats.inference.outcome import Undefined
from stats.plan import MetricRole
from stats.sentence import said, with_commas
from stats.summary import MISSING

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.inference.driver_design import DriverColumn
    from stats.inference.driver_table import DriverCoefficient, Drivers, DriverUndefined, Interval
    from stats.scorecard import MetricResult

TITLE: Final = said("What goes with it")
VARIANT: Final = "variant"
NOTES: Final = {
    DriverNote.RARE_LEVEL: said("rare"),
    DriverNote.FEW_OUTCOMES: said("few outcomes"),
}


def driver_blocks(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose the table on the deciding metric's card; none where there is none."""
    found = view.scorecard.drivers
    if found is None or metric.role is not MetricRole.OEC:
        return ()
    if isinstance(found, Undefined):
        return (Block(title=TITLE, tag=said("association"), notes=(plain(found.sentence),)),)
    return (_table(view, metric, found, formats),)


def _table(view: ReportView, metric: MetricResult, found: Drivers, formats: Formats) -> Block:
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    level = formats.level(found.alpha)
    rows: dict[str, list[Line]] = {}
    for one in found.coefficients:
        rows.setdefault(_heading(view, one.column), []).append(_line(view, one, found, formats))
    for other in found.undefined:
        rows.setdefault(_heading(view, other.column), []).append(_missing(view, other, formats))
    fitted = said(
        "{counted} in the regression, {successes} with the outcome",
        counted=unit.counted(found.units, formats.count(found.units).text),
        successes=formats.count(found.successes).text,
    )
    if found.left_out:
        fitted = said(
            "{fitted}; {left_out} left out, for want of a coefficient",
            fitted=fitted,
            left_out=formats.count(found.left_out).text,
        )
    return Block(
        title=TITLE,
        tag=said("association"),
        notes=(
            plain(found.sentence),
            said(
                "{fitted}. Each value is compared with the one named above it, the "
                "others held equal.",
                fitted=fitted,
            ),
        ),
        table=Table(
            said("What goes with it, {metric_label}", metric_label=metric_label(metric)),
            said("Value"),
            (
                Column(unit.many.capitalize()),
                Column(said("With the outcome")),
                Column(said("Odds ratio"), said("{level} interval", level=level)),
                Column(said("Difference in share"), said("average, {level} interval", level=level)),
                Column("p", said("corrected")),
                Column(said("Mind"), is_text=True),
            ),
            tuple(Group(heading, tuple(lines)) for heading, lines in rows.items()),
        ),
        fold=said("The table of associations"),
    )


def _heading(view: ReportView, column: DriverColumn) -> str:
    factor = _factor(view, column.factor)
    if column.reference is None:
        return said("{factor}, per one", factor=factor)
    return said(
        "{factor}, compared with {level}",
        factor=factor,
        level=_level(view, column.factor, column.reference),
    )


def _factor(view: ReportView, key: str) -> str:
    """Name an attribute as the plan does."""
    names = {segment.key: segment.name for segment in view.scorecard.plan.segments}
    return plain(names.get(key) or key).capitalize()


def _level(view: ReportView, factor: str, level: str) -> str:
    if level == MISSING:
        return UNKNOWN
    return name_of(view, level).name if factor == VARIANT else plain(level)


def _label(view: ReportView, column: DriverColumn) -> str:
    if column.level is None:
        return _factor(view, column.factor)
    return _level(view, column.factor, column.level)


def _line(view: ReportView, one: DriverCoefficient, found: Drivers, formats: Formats) -> Line:
    column = one.column
    return Line(
        _label(view, column),
        (
            Cell(number=formats.count(column.units)),
            Cell(number=formats.count(column.successes)),
            Cell()
            if one.odds_ratio is None
            else Cell(_shown(one.odds_ratio, Scale.COUNT, formats)),
            Cell(_shown(one.marginal, Scale.POINTS, formats)),
            Cell(number=formats.p_value(one.p_adjusted, found.alpha)),
            Cell(words=with_commas(NOTES[note] for note in one.notes)),
        ),
    )


def _missing(view: ReportView, one: DriverUndefined, formats: Formats) -> Line:
    return Line(
        _label(view, one.column),
        (
            Cell(number=formats.count(one.column.units)),
            Cell(number=formats.count(one.column.successes)),
            Cell(),
            Cell(),
            Cell(),
            Cell(words=plain(one.sentence)),
        ),
    )


def _shown(interval: Interval, scale: Scale, formats: Formats) -> Shown:
    bounds = (interval.ci_low, interval.ci_high)
    signed = scale is Scale.POINTS
    return Shown(*formats.with_interval(interval.estimate, bounds, scale, signed=signed))
