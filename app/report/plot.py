"""What a plot shows, as plain values; `drawing` turns them into SVG.

Every text of a plot is written here already, by the report's formats: the drawing only places it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.formatting import Formats, Scale

TICKS: Final = 5
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


class RowKind(StrEnum):
    """What a row of a plot is."""

    HEADING = "heading"
    CONTROL = "control"
    TREATMENT = "treatment"


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One row.

    Attributes:
        kind: What it is.
        label: Name of the variant or the step.
        text: Estimate and interval in words, or why there is none.
        estimate: `None` where there is none.
        low: Lower end of the interval.
        high: Upper end.
    """

    kind: RowKind
    label: str
    text: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of the axis."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Estimates with their intervals, one under the other.

    Attributes:
        anchor: Unique on the page.
        title: Accessible name: what is plotted.
        caption: How to read it.
        rows: From top to bottom.
        ticks: Of the axis; the first and the last one are its ends.
        from_zero: Whether bars grow from 0 (shares), or points stand on either side of it.
        margin: Where a guardrail's margin lies, if there is one.
        margin_text: What is written at it.
    """

    anchor: str
    title: str
    caption: str
    rows: tuple[PlotRow, ...]
    ticks: tuple[Tick, ...]
    from_zero: bool = False
    margin: float | None = None
    margin_text: str = ""

    @property
    def domain(self) -> tuple[float, float]:
        """The ends of the axis."""
        return self.ticks[0].value, self.ticks[-1].value


def ticks_over(
    values: Sequence[float], formats: Formats, scale: Scale, *, signed: bool
) -> tuple[Tick, ...]:
    """Give round ticks that span all values and 0."""
    low, high = min((0.0, *values)), max((0.0, *values))
    if low == high:
        low, high = -1.0, 1.0
    step = round_step((high - low) / TICKS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(
        Tick(number * step, formats.tick(number * step, step, scale, signed=signed))
        for number in range(first, last + 1)
    )


def round_step(rough: float) -> float:
    """Give the next round number that is no smaller."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))
