"""Says how wide the columns of a table on paper are, and how large its letters.

Reckoned from the words, since a page has one width: what may not be broken gets its place first,
and the letters of a table with very many columns are smaller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.report.formatting import columns_of
from app.report.paper import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.paper import Cell, Run

LARGEST, SMALLEST = 8.0, 5.0
"""Sizes of letters, in points."""

ROOM: Final = 112.0
"""Columns of text at the largest size that fit side by side on a page."""

NARROWEST, NEARLY = 0.5, 0.8
"""Shares of the page: a table takes no less than the first, and all of it beyond the second."""

GAP: Final = 2.5
"""Columns between two columns of a table."""

EASY: Final = 30
"""Columns up to which a line had better not be broken."""

BOLD: Final = 1.1
"""How much wider bold letters are."""

MEETING: Final = 0.5
"""Columns between a Han character and one of another script."""

_HAN: Final = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_UNBROKEN: Final = re.compile(rf"[^\s{_HAN}]+|\S")
_MEETINGS: Final = re.compile(rf"(?<=[{_HAN}])(?=[^\s{_HAN}])|(?<=[^\s{_HAN}])(?=[{_HAN}])")


@dataclass(frozen=True, slots=True)
class Measures:
    """How a table lies on a page.

    Attributes:
        widths: Of its columns, relative to one another.
        share: Of the page that all of them take.
        size: Of the letters, in points.
    """

    widths: tuple[float, ...]
    share: float
    size: float


def measured(rows: Sequence[Sequence[Cell]], columns: int) -> Measures:
    """Give how a table lies on a page."""
    needed, wanted = [1.0] * columns, [1.0] * columns
    for row in rows:
        place = 0
        for cell in row:
            if cell.span == 1:
                least, best = _widths(cell)
                needed[place] = max(needed[place], least)
                wanted[place] = max(wanted[place], best)
            place += cell.span
    least_of_all = sum(needed) + GAP * columns
    size = LARGEST
    if least_of_all > ROOM:
        size = max(SMALLEST, LARGEST * ROOM / least_of_all)
    room = max(0.0, ROOM * LARGEST / size - least_of_all)
    missing = [max(0.0, best - least) for least, best in zip(needed, wanted, strict=True)]
    share = min(1.0, room / sum(missing)) if sum(missing) else 0.0
    filled = [least + GAP + more * share for least, more in zip(needed, missing, strict=True)]
    taken = min(1.0, max(NARROWEST, sum(filled) * size / (ROOM * LARGEST)))
    share = 1.0 if taken > NEARLY else taken
    return Measures(tuple(round(width, 2) for width in filled), round(share, 2), round(size, 2))


def _widths(cell: Cell) -> tuple[float, float]:
    """Give the width that a cell needs, and the one in which it looks well."""
    if cell.bar is not None:
        return 10.0, 24.0
    least = best = 1.0
    is_bold = cell.is_head or any(run.style is Style.STRONG for run in cell.runs)
    weight = BOLD if is_bold else 1.0
    for line in _lines(cell.runs):
        words = [columns_of(word) * weight for word in _UNBROKEN.findall(line)]
        least = max(least, *words) if words else least
        # type is set with a little room between Han and other characters
        meetings = len(_MEETINGS.findall(line))
        best = max(best, min((columns_of(line) + meetings * MEETING) * weight, EASY))
    return min(least, EASY), max(least, best)


def _lines(runs: Sequence[Run]) -> list[str]:
    lines = [""]
    for run in runs:
        if run.begins:
            lines.append("")
        lines[-1] += run.text
    return lines
