"""What a plot of survival curves shows, as plain values; `curve_drawing` turns them into SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report.plot import RowKind, Tick


@dataclass(frozen=True, slots=True)
class Curve:
    """A variant's curve, which falls in steps.

    Attributes:
        kind: Whether the variant is the control or a treatment.
        label: Its name.
        steps: Day and share, from left to right; the share holds until the next day.
    """

    kind: RowKind
    label: str
    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class CurvePlot:
    """A treatment's curve and the control's, over days since first exposure.

    Attributes:
        anchor: Unique on the page.
        title: Accessible name: what is plotted.
        caption: Whose curves these are, and how to read them.
        curves: The control's first.
        days: Ticks of the level axis; the first and the last one are its ends.
        shares: Ticks of the upright axis, likewise.
    """

    anchor: str
    title: str
    caption: str
    curves: tuple[Curve, ...]
    days: tuple[Tick, ...]
    shares: tuple[Tick, ...]
