"""Values of the parts of a metric's card: a titled block with sentences, plots and one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report.curve import CurvePlot
    from app.report.formatting import Number
    from app.report.plot import Plot
    from app.report.shown import Shown
    from app.report.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: What it holds.
        sub: How it is to be read, in smaller type: the level of an interval.
        is_text: Whether it holds words and not numbers.
    """

    title: str
    sub: str = ""
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; an empty one is written as a dash.

    Attributes:
        shown: An estimate with its interval, or why there is none.
        number: A number that has no interval: a count, a p-value, a probability.
        words: What is said beside them, or in their place.
    """

    shown: Shown | None = None
    number: Number | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table.

    Attributes:
        label: What the row is of.
        cells: One a column.
        tag: A word beside the label.
        note: What it is, below the label.
    """

    label: str
    cells: tuple[Cell, ...]
    tag: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows below one heading; an empty heading is left out."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        label: Accessible name.
        head: Title of the column of labels.
        columns: The others.
        groups: Rows, in order.
    """

    label: str
    head: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One view of a metric, below its main table.

    Attributes:
        title: What it is.
        tag: How it is to be taken, in a word: exploratory, descriptive, a view; may be empty.
        notes: Sentences before the numbers.
        plots: Intervals, one under the other.
        timelines: Effects over time, one a treatment.
        curves: Survival curves, one a treatment beside the control's.
        table: The numbers.
        readings: Sentences after them.
        fold: Title of the fold that the table waits in; empty for an open table.
        folds_plots: Whether the plots wait in that fold, too.
    """

    title: str
    tag: str = ""
    notes: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    curves: tuple[CurvePlot, ...] = ()
    table: Table | None = None
    readings: tuple[str, ...] = ()
    fold: str = ""
    folds_plots: bool = False
