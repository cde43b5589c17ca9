"""Composes the results: what every metric shows by one method and on one scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from flask import request

from app.console.campaigns.frame import TabName, address_of_campaign
from app.console.context import words
from app.console.plots import interval_plot, plot_scripts
from app.console.results.counted import counted_cells, counted_columns, counted_part
from app.console.results.nothing import nothing
from app.console.results.parts import Card, Part, drawn, in_words, part_of
from app.console.results.stored import Unread, read
from app.language import marked
from app.report.alternative_blocks import alternative_blocks
from app.report.block import Cell, Column, Group, Line, Table
from app.report.effect_scales import (
    SCALES,
    VIEWS,
    Effect,
    EffectScale,
    View,
    chosen,
    effect_of,
    p_value_of,
    plot_of,
    posterior_effect,
    written_scale,
)
from app.report.formatting import Scale
from app.report.guardrail_blocks import guardrail_blocks
from app.report.look_words import look_note
from app.report.metric_plot import metric_plot
from app.report.metric_section import state_sentence
from app.report.oec_blocks import oec_blocks
from app.report.outcomes import lift_agrees, margin_reading, reading_of
from app.report.words import metric_label, metric_name, name_of, role_label
from stats.metric import Direction, MetricUnit
from stats.plan import LookKind, MetricRole

if TYPE_CHECKING:
    from app.console.campaigns.frame import Frame
    from app.console.plots import Plot
    from app.console.results.nothing import NothingPage
    from app.console.results.stored import Reading, Standing
    from app.report.block import Block
    from stats.scorecard import Comparison, MetricResult
    from stats.scorecard.oec import OecResult

ROLES: Final = (MetricRole.OEC, MetricRole.GUARDRAIL, MetricRole.DIAGNOSTIC)
LOOK_LABELS: Final = {
    LookKind.FIXED: (marked("Fixed horizon: made for one look at the end"), "warn"),
    LookKind.PLANNED: (marked("Sequential-safe: made for the planned looks"), "good"),
    LookKind.CONTINUOUS: (marked("Sequential-safe: valid at every look"), "good"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A choice of view or scale."""

    label: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class EffectsPage:
    """What every metric shows.

    Attributes:
        title: For the tab and the heading.
        frame: Of the campaign.
        standing: Which snapshot this is.
        views: Methods to choose from.
        scales: Scales to choose from; empty where the method has but one.
        look_label: Whether the intervals may be looked at early, in a few words.
        look_tone: How that is to be taken.
        look_note: The same in full, with the looks that were recorded.
        note: What the method is.
        cards: Per metric.
        plot_scripts: What draws.
    """

    template: ClassVar[str] = "console/results/effects.html"
    title: str
    frame: Frame
    standing: Standing
    views: tuple[Link, ...]
    scales: tuple[Link, ...]
    look_label: str
    look_tone: str
    look_note: str
    note: str
    cards: tuple[Card, ...]
    plot_scripts: tuple[str, ...]


def effects_page(key: str) -> EffectsPage | NothingPage:
    """Compose the page for the view and the scale of the address."""
    found = read(key, TabName.RESULTS)
    if isinstance(found, Unread):
        return nothing(found)
    view = chosen(View, request.args.get("view", ""), View.FIXED)
    scale = chosen(EffectScale, request.args.get("scale", ""), EffectScale.RELATIVE)
    if view is not View.FIXED and scale is EffectScale.MONEY:
        scale = EffectScale.RELATIVE
    label, tone = LOOK_LABELS[_looks(found, view)]
    say = words().say
    return EffectsPage(
        title=found.frame.title,
        frame=found.frame,
        standing=found.standing,
        views=tuple(
            Link(say(text), _address(found, one, scale), one is view) for one, text in VIEWS.items()
        ),
        scales=tuple(
            Link(say(text), _address(found, view, one), one is scale)
            for one, text in SCALES.items()
            if view is View.FIXED or (view is View.SEQUENTIAL and one is not EffectScale.MONEY)
        ),
        look_label="" if view is View.BAYESIAN else say(label),
        look_tone=tone,
        look_note=_look_note(found, view),
        note=_note(view, scale),
        cards=_cards(found, view, scale),
        plot_scripts=plot_scripts(),
    )


def _looks(found: Reading, view: View) -> LookKind:
    """Give for which looks the intervals of a view are made."""
    return LookKind.FIXED if view is View.FIXED else found.scorecard.plan.looks.kind


def _address(found: Reading, view: View, scale: EffectScale) -> str:
    query = f"{found.query}&" if found.query else "?"
    return (
        f"{address_of_campaign(found.frame.key, TabName.RESULTS)}{query}view={view}&scale={scale}"
    )


def _look_note(found: Reading, view: View) -> str:
    say_many, count = words().say_many, len(found.snapshots)
    recorded = say_many(
        "One look was recorded: the snapshot is listed on the overview.",
        "{count} looks were recorded: every snapshot is listed on the overview.",
        count,
        count=found.formats.count(count).text,
    )
    return f"{_look_sentence(found, view)} {recorded}"


def _look_sentence(found: Reading, view: View) -> str:
    if view is View.FIXED and found.scorecard.plan.looks.kind is not LookKind.FIXED:
        return words().say(
            "The plan decides by other intervals, which allow its looks: see the sequential view."
        )
    return in_words(look_note(found.scorecard, found.formats))


def _note(view: View, scale: EffectScale) -> str:
    say = words().say
    match view:
        case View.SEQUENTIAL:
            return say(
                "The interval that decides: made for the looks that the plan allows, and "
                "corrected for the number of treatments."
            )
        case View.BAYESIAN:
            return say(
                "How likely each answer is, if every effect was held equally likely beforehand. "
                "It explains, and does not decide."
            )
        case View.FIXED if scale is EffectScale.MONEY:
            return say("Effects on metrics that are amounts of money, per 1,000 members.")
        case View.FIXED:
            return say("Every metric against control, each with an ordinary interval.")


def _cards(found: Reading, view: View, scale: EffectScale) -> tuple[Card, ...]:
    ordered = [
        metric for role in ROLES for metric in found.scorecard.metrics if metric.role is role
    ]
    oec = found.scorecard.oec
    match view:
        case View.FIXED:
            return tuple(
                _fixed(found, metric, scale)
                for metric in ordered
                if scale is not EffectScale.MONEY or metric.definition.unit is MetricUnit.MONEY
            )
        case View.SEQUENTIAL | View.BAYESIAN:
            deciding = [one for one in ordered if oec is not None and one.key == oec.metric]
            if oec is None or not deciding:
                return ()
            return tuple(
                _sequential(found, one, oec, scale)
                if view is View.SEQUENTIAL
                else _bayesian(found, one, oec)
                for one in deciding
            )


def _fixed(found: Reading, metric: MetricResult, scale: EffectScale) -> Card:
    view, formats = found.view, found.formats
    effects = {
        one.treatment: effect_of(scale, one.difference, one.lift, metric.definition.unit, formats)
        for one in metric.comparisons
    }
    parts = []
    if any(variant.n for variant in metric.variants):
        plot = _plot(found, metric, scale, effects)
        readings = tuple(
            f"{name_of(view, one.treatment).name}: {in_words(_reading(found, metric, one))}"
            for one in metric.comparisons
        )
        table = _table(found, metric, scale, effects)
        parts.append(
            Part("", plots=() if plot is None else (plot,), table=table, readings=readings)
        )
    parts += [part_of(one, formats) for one in guardrail_blocks(view, metric, formats)]
    parts += [part_of(one, formats) for one in alternative_blocks(view, metric, formats)]
    return _card(found, metric, tuple(parts))


def _reading(found: Reading, metric: MetricResult, one: Comparison) -> str:
    direction = metric.definition.direction
    if metric.non_inferiority_margin is not None and one.non_inferiority is None:
        return margin_reading(one.lift, metric.non_inferiority_margin, direction, found.formats)
    return reading_of(one, direction)


def _card(found: Reading, metric: MetricResult, parts: tuple[Part, ...]) -> Card:
    name = metric_name(metric)
    sentence = in_words(state_sentence(metric, found.formats))
    return Card(metric.key, in_words(name), in_words(role_label(metric.role)), sentence, parts)


def _table(
    found: Reading,
    metric: MetricResult,
    scale: EffectScale,
    effects: dict[str, Effect],
) -> Table:
    say, formats, view = words().say, found.formats, found.view
    level = formats.level(view.scorecard.alpha)
    interval = say("{level} interval", level=level)
    lines = []
    for row in metric.variants:
        name = name_of(view, row.variant)
        effect = effects.get(row.variant)
        p_value = p_value_of(metric, row.variant)
        lines.append(Line(
            name.name,
            (
                *counted_cells(found, metric, row),
                Cell(words=say("compared with it")) if effect is None
                else Cell(in_words(effect.shown)),
                Cell(number=None if p_value is None
                     else formats.p_value(p_value, view.scorecard.alpha)),
            ),
            tag=say("control") if name.is_control else "",
        ))  # fmt: skip
    return Table(
        in_words(metric_label(metric)),
        say("Variant"),
        (
            *counted_columns(found),
            Column(_quantity(scale), interval),
            Column("p"),
        ),
        (Group("", tuple(lines)),),
    )


def _quantity(scale: EffectScale) -> str:
    say = words().say
    match scale:
        case EffectScale.RELATIVE:
            return say("Lift")
        case EffectScale.ABSOLUTE:
            return say("Difference")
        case EffectScale.MONEY:
            return say("Difference per 1,000")


def _plot(
    found: Reading,
    metric: MetricResult,
    scale: EffectScale,
    effects: dict[str, Effect],
    level: float | None = None,
) -> Plot | None:
    say, formats = words().say, found.formats
    margin = None
    if scale is EffectScale.RELATIVE and metric.non_inferiority_margin is not None:
        allowed = float(metric.non_inferiority_margin)
        is_higher = metric.definition.direction is Direction.HIGHER
        share = formats.exact_share(metric.non_inferiority_margin).text
        margin = (-allowed if is_higher else allowed, say("margin {share}", share=share))
    name, rate = in_words(metric_name(metric)), formats.level(level or found.scorecard.alpha)
    control = name_of(found.view, found.scorecard.plan.control.key).name
    plot = plot_of(
        metric.key,
        say(
            "{quantity} of {metric} against {control}, with {level} intervals",
            quantity=_quantity(scale), metric=name, control=control, level=rate,
        ),
        _caption(metric, _quantity(scale), control, rate),
        [(name_of(found.view, key).name, in_words(one)) for key, one in effects.items()],
        written_scale(scale, metric.definition.unit),
        formats,
        margin,
    )  # fmt: skip
    return None if plot is None else interval_plot(in_words(plot))


def _caption(metric: MetricResult, quantity: str, control: str, level: str) -> str:
    places = {"quantity": quantity, "control": control, "level": level}
    if metric.definition.direction is Direction.HIGHER:
        return words().say(
            "{quantity} against {control}: estimate and {level} interval. Higher is better.",
            **places,
        )
    return words().say(
        "{quantity} against {control}: estimate and {level} interval. Lower is better.", **places
    )


def deciding_plot(found: Reading, metric: MetricResult) -> Plot | None:
    """Draw the metric that decides, with the interval that decides; None without a result."""
    oec, unit = found.scorecard.oec, metric.definition.unit
    by_lift = all(lift_agrees(one) for one in metric.comparisons)
    scale = EffectScale.RELATIVE if by_lift else EffectScale.ABSOLUTE
    if oec is None:
        return drawn(metric_plot(found.view, metric, found.formats))
    effects = {
        one.treatment: effect_of(scale, one.difference, one.lift, unit, found.formats)
        for one in oec.treatments
    }
    return _plot(found, metric, scale, effects, oec.treatments[0].level if effects else None)


def _sequential(found: Reading, metric: MetricResult, oec: OecResult, scale: EffectScale) -> Card:
    unit = metric.definition.unit
    block, *_ = oec_blocks(found.view, metric, found.formats)
    effects = {
        one.treatment: effect_of(scale, one.difference, one.lift, unit, found.formats)
        for one in oec.treatments
    }
    plot = _plot(found, metric, scale, effects, oec.treatments[0].level if effects else None)
    return _card(found, metric, (_with_plot(found, block, plot), counted_part(found, metric)))


def _bayesian(found: Reading, metric: MetricResult, oec: OecResult) -> Card:
    scale = Scale.of_difference(metric.definition.unit)
    effects = {
        one.treatment: posterior_effect(one.posterior, scale, found.formats)
        for one in oec.treatments
        if one.posterior is not None
    }
    if not effects:
        return _card(found, metric, (counted_part(found, metric),))
    block = oec_blocks(found.view, metric, found.formats)[1]
    plot = _plot(found, metric, EffectScale.ABSOLUTE, effects)
    return _card(found, metric, (_with_plot(found, block, plot), counted_part(found, metric)))


def _with_plot(found: Reading, block: Block, plot: Plot | None) -> Part:
    part = part_of(block, found.formats)
    return part if plot is None else replace(part, plots=(plot,))
