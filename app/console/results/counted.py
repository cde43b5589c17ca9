"""Shows what the numbers of a metric were counted from: the same in every view of the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.console.context import words
from app.console.results.parts import Part, in_words
from app.report.block import Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.outcomes import show_value
from app.report.totals import MONEY, TotalUnits
from app.report.words import Unit, metric_label, name_of

if TYPE_CHECKING:
    from app.console.results.stored import Reading
    from stats.scorecard import MetricResult, VariantResult


def counted_part(found: Reading, metric: MetricResult) -> Part:
    """Give the units, the sums and the value of every variant as a part of its own."""
    say = words().say
    lines = [
        Line(
            (name := name_of(found.view, row.variant)).name,
            counted_cells(found, metric, row),
            tag=say("control") if name.is_control else "",
        )
        for row in metric.variants
    ]
    table = Table(
        in_words(metric_label(metric)),
        say("Variant"),
        counted_columns(found),
        (Group("", tuple(lines)),),
    )
    return Part(say("What was counted"), table=table)


def counted_columns(found: Reading) -> tuple[Column, ...]:
    """Give the heads of `counted_cells`."""
    say, plan = words().say, found.scorecard.plan
    level = found.formats.level(found.scorecard.alpha)
    return (
        Column(in_words(Unit.of(plan.randomization_unit).many).capitalize()),
        Column(say("Numerator")),
        Column(say("Denominator")),
        Column(say("Value"), say("{level} interval", level=level)),
    )


def counted_cells(found: Reading, metric: MetricResult, row: VariantResult) -> tuple[Cell, ...]:
    """Give what was counted in one variant."""
    formats, definition = found.formats, metric.definition
    counted = TotalUnits.of(definition, found.scorecard.plan.randomization_unit)
    above = formats.total(row.numerator_total, is_money=counted.numerator == MONEY)
    below = formats.total(row.denominator_total, is_money=counted.denominator == MONEY)
    value = show_value(row.value, formats, Scale.of_value(definition.unit))
    return (
        Cell(number=formats.count(row.n)),
        Cell(number=above),
        Cell(number=below),
        Cell(in_words(value)),
    )
