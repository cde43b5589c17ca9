"""What a plot over time shows, as plain values; `timeline_drawing` turns them into SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report.plot import Tick


@dataclass(frozen=True, slots=True)
class TimePoint:
    """One moment.

    Attributes:
        label: What is written below it.
        estimate: `None` where there is none.
        low: Lower end of its interval.
        high: Upper end.
    """

    label: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Estimates with their intervals, from left to right.

    Attributes:
        anchor: Unique on the page.
        title: Accessible name: what is plotted.
        caption: Whose effect this is, and how to read it.
        points: From left to right, evenly spaced.
        ticks: Of the upright axis; the first and the last one are its ends.
    """

    anchor: str
    title: str
    caption: str
    points: tuple[TimePoint, ...]
    ticks: tuple[Tick, ...]

    @property
    def domain(self) -> tuple[float, float]:
        """The ends of the upright axis."""
        return self.ticks[0].value, self.ticks[-1].value
