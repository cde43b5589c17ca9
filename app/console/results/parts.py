"""Turns the report's blocks into what the console's templates place: plots, tables, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.console.context import words
from app.console.plots import Plot, curve_plot, interval_plot, timeline_plot
from app.report.translating import translated

if TYPE_CHECKING:
    from app.report.block import Block, Table
    from app.report.formatting import Formats
    from app.report.plot import Plot as IntervalPlot

Whole = TypeVar("Whole")


@dataclass(frozen=True, slots=True)
class Part:
    """A titled part of a page.

    Attributes:
        title: What it is.
        tag: How it is to be taken, in a word or two: exploratory; may be empty.
        notes: Sentences before the numbers.
        readings: Sentences after them.
        plots: Above the table that has their numbers.
        table: The numbers.
        fold: Title of the fold that the table waits in; empty for an open table.
    """

    title: str
    tag: str = ""
    notes: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    table: Table | None = None
    fold: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What there is to see of one metric.

    Attributes:
        key: Its key, an anchor on the page.
        name: Its name.
        role: What it is for.
        sentence: Why there is nothing, or what is special; may be empty.
        parts: In order.
    """

    key: str
    name: str
    role: str
    sentence: str
    parts: tuple[Part, ...]


def in_words(value: Whole) -> Whole:
    """Give something of the report in the reader's language."""
    return translated(value, words())


def part_of(block: Block, formats: Formats) -> Part:
    """Give a block of the report as a part of a page, in the reader's language."""
    spoken = in_words(block)
    days = words().say("Days since first exposure")
    return Part(
        spoken.title,
        spoken.tag,
        spoken.notes,
        spoken.readings,
        (
            *(interval_plot(one) for one in spoken.plots),
            *(timeline_plot(one) for one in spoken.timelines),
            *(curve_plot(one, formats, days) for one in spoken.curves),
        ),
        spoken.table,
        spoken.fold,
    )


def drawn(plot: IntervalPlot | None) -> Plot | None:
    """Give a plot of the report, in the reader's language; a table beside it has its numbers."""
    return None if plot is None else interval_plot(in_words(plot))
