"""What a report says on paper, as plain values that the template of the PDF is given.

`paper_reading` reads them from the page, `paper_columns` says how wide columns are, and the
template in `app/templates/report/report.typ` alone knows how everything looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Style(StrEnum):
    """How a few words look."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    CODE = "code"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look.

    Attributes:
        text: As it is read.
        style: How it looks.
        begins: Whether it begins a line of its own.
    """

    text: str
    style: Style = Style.PLAIN
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; levels follow one another without a gap."""

    level: int
    runs: tuple[Run, ...]
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    Attributes:
        runs: Its words.
        role: What it is for: a lead, a note, a label; empty for one like others.
        leads: Whether it may not be parted from what follows.
    """

    runs: tuple[Run, ...]
    role: str = ""
    leads: bool = False
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a list."""

    items: tuple[tuple[Run, ...], ...]
    kind: str = field(default="points", init=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms, and what each is here."""

    pairs: tuple[tuple[tuple[Run, ...], tuple[Run, ...]], ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing.

    Attributes:
        svg: The drawing.
        label: What it shows, for who cannot see it.
        caption: How to read it.
    """

    svg: str
    label: str
    caption: tuple[Run, ...]
    kind: str = field(default="picture", init=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        runs: Its words.
        span: How many columns it covers.
        is_number: Whether it stands at the right.
        is_head: Whether it names a row or a column.
        bar: Length of the bar that it holds, of 100; None for words.
    """

    runs: tuple[Run, ...]
    span: int = 1
    is_number: bool = False
    is_head: bool = False
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        label: What it shows.
        widths: Of its columns, relative to one another.
        share: Of the page that it takes.
        size: Of its letters, in points.
        head: Titles of the columns.
        rows: In order; a row of one cell that covers all columns heads those below it.
    """

    label: str
    widths: tuple[float, ...]
    share: float
    size: float
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Box:
    """Parts in one frame; `tone` is how it looks."""

    tone: str
    parts: tuple[Part, ...]
    kind: str = field(default="box", init=False)


Part = Heading | Paragraph | Points | Facts | Picture | Table | Box


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole report.

    Attributes:
        title: Of the campaign.
        above: What stands above the title.
        below: What stands below it.
        parts: In order.
    """

    title: str
    above: tuple[Run, ...]
    below: tuple[Run, ...]
    parts: tuple[Part, ...]
