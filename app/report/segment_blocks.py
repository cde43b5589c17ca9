"""Composes the segments of a metric: exploratory, whatever they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.known_names import known
from app.report.metric_plot import segment_plot
from app.report.outcomes import show_difference, show_lift
from app.report.shown import Shown
from app.report.words import Unit, metric_label, metric_name, name_of, plain
from stats.inference.outcome import Undefined
from stats.plan import MetricRole
from stats.sentence import labelled, said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.inference.interaction import InteractionTest
    from stats.scorecard import MetricResult
    from stats.scorecard.slices import SegmentEffect, SegmentInteraction, SegmentResult

UNKNOWN = said("not known")
"""Label of units without the attribute."""


def segment_blocks(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose a block per segment."""
    return tuple(
        _block(view, metric, segment, index, formats)
        for index, segment in enumerate(metric.segments)
    )


def _block(
    view: ReportView, metric: MetricResult, segment: SegmentResult, index: int, formats: Formats
) -> Block:
    name = known(plain(segment.name or segment.key))
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    several = len(view.scorecard.plan.treatments) > 1
    smallest = unit.counted(segment.minimum_units, formats.count(segment.minimum_units).text)
    left_out = ""
    if segment.values_left_out:
        more = formats.count(segment.values_left_out).text
        left_out = said(" The largest values are listed; {more} more are left out.", more=more)
    values = tuple(dict.fromkeys(effect.value for effect in segment.effects))
    rows = [
        (_value(value), [effect for effect in segment.effects if effect.value == value])
        for value in values
    ]
    anchor = f"plot-{view.scorecard.metrics.index(metric)}-segment-{index}"
    title = said("{metric_name} by {name}", metric_name=metric_name(metric), name=name)
    # every metric has its slices; only those of the deciding one are drawn
    drawn = metric.role is MetricRole.OEC
    plot = segment_plot(anchor, title, metric, rows, view, formats) if drawn else None
    level = formats.level(view.scorecard.alpha)
    return Block(
        title=said("By {name}", name=name),
        tag=said("exploratory"),
        notes=(
            (
                said(
                    "Look for ideas here, not for results: among many slices some leave out "
                    "0 by chance. A value with fewer than {smallest} in a variant is listed "
                    "and not estimated.{left_out}",
                    smallest=smallest,
                    left_out=left_out,
                )
            ),
        ),
        plots=() if plot is None else (plot,),
        table=Table(
            said("{metric_label} by {name}", metric_label=metric_label(metric), name=name),
            name.capitalize() if not several else said("Treatment"),
            (
                Column(unit.many.capitalize(), said("treatment, control")),
                Column(said("Difference"), said("{level} interval", level=level)),
                Column(said("Lift"), said("{level} interval", level=level)),
            ),
            _groups(view, metric, rows, formats),
        ),
        readings=tuple(_interaction(view, found, formats) for found in segment.interactions),
        fold=said("The numbers by {name}", name=name),
    )


def _value(value: str | None) -> str:
    return UNKNOWN if value is None else plain(value) or said("(empty)")


def _groups(
    view: ReportView,
    metric: MetricResult,
    rows: list[tuple[str, list[SegmentEffect]]],
    formats: Formats,
) -> tuple[Group, ...]:
    scale = Scale.of_difference(metric.definition.unit)

    def line(label: str, one: SegmentEffect) -> Line:
        units = (
            f"{formats.count(one.treatment_units).text}, {formats.count(one.control_units).text}"
        )
        if isinstance(one.difference, Undefined):
            same = Shown(None, sentence=plain(one.difference.sentence))
            return Line(label, (Cell(words=units), Cell(same), _lift(one, formats)))
        shown = show_difference(one.difference, formats, scale)
        return Line(label, (Cell(words=units), Cell(shown), Cell(show_lift(one.lift, formats))))

    if len(view.scorecard.plan.treatments) == 1:
        return (Group("", tuple(line(label, one) for label, ones in rows for one in ones)),)
    return tuple(
        Group(label, tuple(line(name_of(view, one.treatment).name, one) for one in ones))
        for label, ones in rows
    )


def _lift(one: SegmentEffect, formats: Formats) -> Cell:
    """Show the lift, unless it would only repeat why there is no difference."""
    lift = one.lift
    if isinstance(lift, Undefined) and isinstance(one.difference, Undefined):
        return (
            Cell() if lift.sentence == one.difference.sentence else Cell(show_lift(lift, formats))
        )
    return Cell(show_lift(lift, formats))


def _interaction(view: ReportView, found: SegmentInteraction, formats: Formats) -> str:
    name = name_of(view, found.treatment).name
    if isinstance(found.test, Undefined):
        return said(
            "{name}: whether the effect differs between values cannot be tested. {why}",
            name=name,
            why=plain(found.test.sentence),
        )
    return labelled(name, interaction_words(found.test, found.adjusted_p_value, view, formats))


def interaction_words(
    test: InteractionTest, adjusted: float | None, view: ReportView, formats: Formats
) -> str:
    """Say what a test of one effect everywhere shows."""
    alpha = view.scorecard.alpha
    p_value = test.p_value if adjusted is None else adjusted
    shown = p_value < alpha
    verdict = said("the effects differ") if shown else said("the effects are not shown to differ")
    corrected = ""
    if adjusted is not None:
        corrected = said(
            ", corrected over the metric's segments p {equals}",
            equals=_equals(formats, adjusted, alpha),
        )
    spread = formats.share(test.i_squared, 0).text
    cells = formats.count(test.cells).text
    small = (
        said(", {left_out} too small", left_out=formats.count(test.left_out).text)
        if test.left_out
        else ""
    )
    return said(
        "{verdict} (interaction test on the scale of the {scale}, {cells} "
        "compared{small}: p {equals}{corrected}; {spread} of their spread is "
        "more than chance).",
        verdict=verdict,
        scale=said("lift") if test.scale.value == "lift" else said("difference"),
        cells=cells,
        small=small,
        equals=_equals(formats, test.p_value, alpha),
        corrected=corrected,
        spread=spread,
    )


def _equals(formats: Formats, p_value: float, alpha: float) -> str:
    text = formats.p_value(p_value, alpha).text
    return text if text.startswith(("<", ">")) else f"= {text}"
