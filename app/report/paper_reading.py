"""Reads what a report says on paper from its page.

The page as HTML is where the report is put together, so whatever stands there stands here, in the
same order and words, and can say nothing else. What only a screen has (links, icons) is left out;
what waits in a fold stands open.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from app.report.paper import (
    Box,
    Cell,
    Facts,
    Heading,
    Paper,
    Paragraph,
    Picture,
    Points,
    Run,
    Style,
    Table,
)
from app.report.paper_columns import measured
from app.report.svg import SVG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.report.fonts import Fonts
    from app.report.paper import Part

_SPACES: Final = re.compile(r"[ \t\r\n\f]+")  # a no-break space stays
_NO_BREAK: Final = "\u00a0"

_STYLES: Final = {
    **dict.fromkeys(("estimate", "severity"), Style.STRONG),
    **dict.fromkeys(
        ("interval", "of", "none", "sub", "gloss", "beside", "call", "utc", "quantity", "muted"),
        Style.MUTED,
    ),
    "key": Style.CODE,
    "tag": Style.TAG,
}
_LINES_OF_THEIR_OWN: Final = frozenset(
    {"interval", "of", "none", "sub", "gloss", "beside", "call", "key"}
)
_LEADING: Final = frozenset({"lead", "about", "label", "state-title", "distrust", "who", "summary"})
_BOXED_LISTS: Final = frozenset({"effects", "findings"})
_BOXES: Final = frozenset({"headline", "finding", "state"})
_HEADINGS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}


def read_paper(page: str, fonts: Fonts) -> Paper:
    """Give what a page says, as it was rendered for paper.

    Args:
        page: As `html` renders it for paper; within its body every element is closed.
        fonts: What drawings are lettered with.
    """
    end = "</body>"
    body = ET.fromstring(page[page.index("<body") : page.index(end) + len(end)])  # noqa: S314 - rendered a moment ago
    top = next(one for one in body if one.tag == "header")
    title, around = "", []
    for one in top:
        if one.tag == "h1":
            title = "".join(run.text for run in _runs(one))
        else:
            around.append(_runs(one))
    parts = tuple(part for one in body if one is not top for part in _parts(one, fonts))
    return Paper(title, around[0], around[-1], _without_gaps(parts))


def _parts(element: ET.Element, fonts: Fonts) -> Iterator[Part]:
    classes = _classes(element)
    inside = (part for one in element for part in _parts(one, fonts))
    match element.tag:
        case "a" | "svg":
            return
        case "h1" | "h2" | "h3" | "h4":
            yield Heading(_HEADINGS[element.tag], _runs(element))
        case "p" | "summary":
            role = next(iter(classes), "") if element.tag == "p" else "summary"
            yield Paragraph(_runs(element), role, leads=role in _LEADING)
        case "ul" | "dl" if not _BOXED_LISTS & set(classes):
            yield _listed(element, classes)
        case "figure":
            yield _picture(element, fonts)
        case "div" if "scroll" in classes:
            yield _table(element[0], element.get("aria-label", ""))
        case _ if element.tag == "footer" or _BOXES & set(classes):
            yield Box(next(reversed(classes), "foot"), tuple(inside))
        case _:
            yield from inside


def _listed(element: ET.Element, classes: list[str]) -> Part:
    if element.tag == "dl":
        return Facts(tuple((_runs(one[0]), _runs(one[1])) for one in element))
    items = [_runs(one) for one in element]
    if "facts" in classes:
        return Paragraph(_in_a_row(items), "facts", leads=True)
    return Points(tuple(items))


def _picture(element: ET.Element, fonts: Fonts) -> Picture:
    caption = next(_runs(one) for one in element if one.tag == "figcaption")
    drawing = next(one for one in element if one.tag == f"{SVG}svg")
    for text in drawing.iter(f"{SVG}text"):
        text.set("font-family", fonts.of("".join(text.itertext())))
    return Picture(ET.tostring(drawing, encoding="unicode"), drawing.get("aria-label", ""), caption)


def _table(element: ET.Element, label: str) -> Table:
    head = tuple(_cell(one) for one in element.findall("./thead/tr/*"))
    rows = tuple(tuple(_cell(one) for one in row) for row in element.findall("./tbody/tr"))
    columns = sum(one.span for one in head)
    lies = measured([head, *rows], columns)
    return Table(label, lies.widths, lies.share, lies.size, head, rows)


def _cell(element: ET.Element) -> Cell:
    classes, bar = _classes(element), element.find("./svg/rect")
    words = () if bar is not None else _runs(element)
    if "when" in classes:  # the time of the programme above the one of the world
        words = tuple(replace(run, begins=run.style is Style.MUTED) for run in words)
    if "colspan" in element.attrib:  # room enough for one line
        words = tuple(
            replace(run, text=f" {run.text}", begins=False) if run.begins else run for run in words
        )
    return Cell(
        runs=words,
        span=int(element.get("colspan", "1")),
        is_number="num" in classes and "base" not in classes,
        is_head=element.tag == "th",
        bar=None if bar is None else float(bar.get("width", "0")),
    )


def _runs(element: ET.Element) -> tuple[Run, ...]:
    """Give the words within an element, spaces as a browser shows them."""
    runs: list[Run] = []
    own = Style.MUTED if "base" in _classes(element) else Style.PLAIN
    for text, style, begins in _pieces(element, own):
        shown = _SPACES.sub(" ", text)
        if not runs or begins or runs[-1].text.endswith(" "):
            shown = shown.removeprefix(" ")
        if begins and runs:
            runs[-1] = replace(runs[-1], text=runs[-1].text.removesuffix(" "))
        if not shown:
            continue
        if runs and not begins and runs[-1].style is style:
            runs[-1] = replace(runs[-1], text=runs[-1].text + shown)
        else:
            runs.append(Run(shown, style, begins and bool(runs)))
    if runs:
        runs[-1] = replace(runs[-1], text=runs[-1].text.removesuffix(" "))
    return tuple(run for run in runs if run.text)


def _pieces(element: ET.Element, style: Style) -> Iterator[tuple[str, Style, bool]]:
    if element.text:
        yield element.text, style, False
    for one in element:
        classes = _classes(one)
        if one.tag != "svg" and "away" not in classes:
            yield from _piece(one, classes, style)
        if one.tail:
            yield one.tail, style, False


def _piece(
    element: ET.Element, classes: list[str], style: Style
) -> Iterator[tuple[str, Style, bool]]:
    own = next((_STYLES[name] for name in classes if name in _STYLES), style)
    own = {"strong": Style.STRONG, "code": Style.CODE}.get(element.tag, own)
    begins = bool(_LINES_OF_THEIR_OWN & set(classes))
    for text, of, starts in _pieces(element, own):
        shown = _SPACES.sub(_NO_BREAK, text.strip()) if element.tag == "data" else text
        yield shown, of, begins or starts
        begins = False
    if "severity" in classes:
        yield " ·", Style.MUTED, False


def _in_a_row(items: list[tuple[Run, ...]]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for item in items:
        if runs:
            runs.append(Run(" · ", Style.MUTED))
        runs.extend(item)
    return tuple(runs)


def _without_gaps(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Raise headings that skip a level: whoever hears a document goes through it by its levels."""
    last = 1

    def closed(part: Part) -> Part:
        nonlocal last
        match part:
            case Heading():
                last = min(part.level, last + 1)
                return replace(part, level=last)
            case Box():
                return replace(part, parts=tuple(closed(one) for one in part.parts))
            case _:
                return part

    return tuple(closed(part) for part in parts)


def _classes(element: ET.Element) -> list[str]:
    return element.get("class", "").split()
