"""Composes the tabs that show one side of the results: funnel, time, segments, money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.console.campaigns.frame import TabName
from app.console.context import words
from app.console.plots import interval_plot, plot_scripts
from app.console.results.nothing import nothing
from app.console.results.parts import Card, Part, drawn, in_words, part_of
from app.console.results.stored import Unread, read
from app.report.driver_blocks import driver_blocks
from app.report.funnel_section import funnel_section
from app.report.metric_section import state_sentence
from app.report.money_section import money_section
from app.report.segment_blocks import segment_blocks
from app.report.survival_blocks import survival_blocks
from app.report.time_blocks import time_blocks
from app.report.words import metric_name, role_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.console.campaigns.frame import Frame
    from app.console.plots import Plot
    from app.console.results.nothing import NothingPage
    from app.console.results.stored import Reading, Standing
    from app.report.block import Block
    from app.report.page import FunnelSection
    from stats.scorecard import MetricResult


@dataclass(frozen=True, slots=True)
class CardsPage:
    """A tab of cards, one a metric or a part.

    Attributes:
        title: For the tab and the heading.
        frame: Of the campaign.
        standing: Which snapshot this is.
        lead: What this shows, in a sentence or two.
        cards: In order; empty where there is nothing to show.
        empty: Why there is nothing, and what would do; empty where there is something.
        assumptions: What the numbers rest on.
        plot_scripts: What draws.
    """

    template: ClassVar[str] = "console/results/cards.html"
    title: str
    frame: Frame
    standing: Standing
    lead: str
    cards: tuple[Card, ...]
    empty: str
    plot_scripts: tuple[str, ...]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunnelPage:
    """The steps from all members to the outcome.

    Attributes:
        title: For the tab and the heading.
        frame: Of the campaign.
        standing: Which snapshot this is.
        funnel: The steps; None where the plan has none.
        level: Of every interval.
        plot: Shares that passed each step.
        parts: The funnel by tier.
        plot_scripts: What draws.
    """

    template: ClassVar[str] = "console/results/funnel.html"
    title: str
    frame: Frame
    standing: Standing
    funnel: FunnelSection | None
    level: str
    plot: Plot | None
    parts: tuple[Part, ...]
    plot_scripts: tuple[str, ...]


def funnel_page(key: str) -> FunnelPage | NothingPage:
    """Compose the funnel."""
    found = read(key, TabName.FUNNEL)
    if isinstance(found, Unread):
        return nothing(found)
    result = found.scorecard.funnel
    section = None if result is None else funnel_section(found.view, result, found.formats)
    return FunnelPage(
        title=found.frame.title,
        frame=found.frame,
        standing=found.standing,
        funnel=in_words(section),
        level=found.formats.level(found.scorecard.alpha),
        plot=drawn(section.plot) if section else None,
        parts=tuple(part_of(one, found.formats) for one in section.blocks) if section else (),
        plot_scripts=plot_scripts(),
    )


def time_page(key: str) -> CardsPage | NothingPage:
    """Compose the effect over time, and times to an event."""
    found = read(key, TabName.TIME)
    if isinstance(found, Unread):
        return nothing(found)
    say = words().say
    return _cards_page(
        found,
        say("How the effect moves: by day of first exposure, by days since, and until an event."),
        (
            _card(
                found,
                metric,
                (
                    *time_blocks(found.view, metric, found.formats),
                    *survival_blocks(found.view, metric, found.formats),
                ),
            )
            for metric in found.scorecard.metrics
        ),
        say(
            "There is no effect over time yet: it comes once days have members enough in every "
            "variant whose window has closed."
        ),
    )


def segments_page(key: str) -> CardsPage | NothingPage:
    """Compose the slices by segment."""
    found = read(key, TabName.SEGMENTS)
    if isinstance(found, Unread):
        return nothing(found)
    say = words().say
    return _cards_page(
        found,
        say(
            "Exploratory: slices suggest ideas, and decide nothing. They are corrected for their "
            "number, small ones are listed without an estimate, and a test says whether the "
            "effect differs between them at all."
        ),
        (
            _card(
                found,
                metric,
                (
                    *segment_blocks(found.view, metric, found.formats),
                    *driver_blocks(found.view, metric, found.formats),
                ),
            )
            for metric in found.scorecard.metrics
        ),
        say(
            "There is nothing by segment: the plan names no segments, or there are no results "
            "yet. Segments are chosen when a campaign is set up."
        ),
    )


def money_page(key: str) -> CardsPage | NothingPage:
    """Compose what the campaign earned and cost."""
    found = read(key, TabName.MONEY)
    if isinstance(found, Unread):
        return nothing(found)
    say = words().say
    planned, result = found.scorecard.plan.money, found.scorecard.money
    if planned is None or result is None:
        why = say(
            "No money is counted: the plan of this campaign asks for none. It is chosen when a "
            "campaign is set up, with margins and the cost of rewards."
        )
        return _cards_page(found, "", (), why)
    section = in_words(money_section(found.view, planned, result, found.formats))
    cards = tuple(
        Card(
            one.anchor,
            one.title,
            one.tag,
            one.note,
            (
                Part(
                    "",
                    readings=one.readings,
                    plots=tuple(interval_plot(plot) for plot in one.plots),
                    table=one.table,
                ),
            ),
        )
        for one in section.parts
    )
    empty = f"{section.state_title}. {section.sentence}" if section.state_title else ""
    return _cards_page(found, section.note, cards, empty, section.assumptions)


def _card(found: Reading, metric: MetricResult, blocks: Iterable[Block]) -> Card:
    return Card(
        metric.key,
        in_words(metric_name(metric)),
        in_words(role_label(metric.role)),
        in_words(state_sentence(metric, found.formats)),
        tuple(part_of(one, found.formats) for one in blocks),
    )


def _cards_page(
    found: Reading,
    lead: str,
    cards: Iterable[Card],
    empty: str,
    assumptions: tuple[str, ...] = (),
) -> CardsPage:
    shown = tuple(card for card in cards if card.parts)
    return CardsPage(
        title=found.frame.title,
        frame=found.frame,
        standing=found.standing,
        lead=lead,
        cards=shown,
        empty="" if shown else empty,
        plot_scripts=plot_scripts(),
        assumptions=assumptions,
    )
