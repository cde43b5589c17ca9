"""Draws effects over time: points with upright intervals, from left to right.

As `drawing` does for rows; like it, loaded only once a page is rendered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import vl_convert

from app.report.formatting import columns_of
from app.report.svg import COLUMN, FONT, GRID, INK, MUTED, TREATMENT, cleaned

if TYPE_CHECKING:
    from app.report.timeline import Timeline

RIGHT: Final = 16
TOP: Final = 12
BOTTOM: Final = 26
SIZE: Final = 11.5


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of the whole drawing in pixels, and which of the two it is."""

    width: int
    height: int
    suffix: str


WIDE_FRAME: Final = Frame(width=840, height=190, suffix="beside")
NARROW_FRAME: Final = Frame(width=330, height=190, suffix="above")


def draw_timeline(timeline: Timeline, frame: Frame) -> str:
    """Draw a timeline as an SVG element.

    Raises:
        CannotDraw: The converter's output holds something besides shapes and texts.
    """
    left = int(max(columns_of(tick.text) for tick in timeline.ticks) * COLUMN) + 14
    canvas = _Canvas(timeline, frame.width - left - RIGHT, frame.height - TOP - BOTTOM)
    # a plain Vega-Lite specification: a page may hold many of these, and Altair takes its time
    specification: dict[str, Any] = {
        "width": canvas.width,
        "height": canvas.height,
        "autosize": {"type": "none"},
        "padding": {"left": left, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "layer": _layers(canvas),
        "config": {
            "aria": False,
            "font": FONT,
            "background": "transparent",
            "view": {"stroke": None},
        },
    }
    svg = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return cleaned(svg, anchor=timeline.anchor, title=timeline.title, suffix=frame.suffix)


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A timeline, and where things lie on it: x in pixels, y in the plot's quantity."""

    timeline: Timeline
    width: int
    height: int

    @property
    def x(self) -> dict[str, Any]:
        """From left to right, in pixels."""
        ends = [0, self.width]
        return {"field": "x", "type": "quantitative", "axis": None,
                "scale": {"domain": ends, "range": ends, "nice": False}}  # fmt: skip

    @property
    def y(self) -> dict[str, Any]:
        """Upwards, in the plot's quantity."""
        return {"field": "y", "type": "quantitative", "axis": None,
                "scale": {"domain": list(self.timeline.domain), "nice": False}}  # fmt: skip

    def at(self, index: int) -> float:
        """Give the x of a point."""
        return self.width * (index + 0.5) / len(self.timeline.points)

    def below(self, pixels: float) -> float:
        """Give the y that lies some pixels below the axis."""
        low, high = self.timeline.domain
        return low - (high - low) * pixels / self.height


def _layers(canvas: _Canvas) -> list[dict[str, Any]]:
    def as_it_is(field: str, kind: str = "nominal") -> dict[str, Any]:
        return {"field": field, "type": kind, "scale": None}

    place = {"x": canvas.x, "y": canvas.y}
    colour = as_it_is("colour")
    return [
        {
            "data": {"values": _lines(canvas)},
            "mark": {"type": "rule"},
            "encoding": {**place, "x2": {"field": "x2"}, "y2": {"field": "y2"}, "stroke": colour,
                         "strokeWidth": as_it_is("thickness", "quantitative")},
        },
        {
            "data": {"values": _points(canvas)},
            "mark": {"type": "point", "size": 34, "fillOpacity": 1, "strokeWidth": 1},
            "encoding": {**place, "fill": colour, "stroke": colour},
        },
        {
            "data": {"values": _texts(canvas)},
            "mark": {"type": "text", "baseline": "middle", "fontSize": SIZE,
                     "align": {"expr": "datum.align"}},
            "encoding": {**place, "text": {"field": "text", "type": "nominal"}, "fill": colour},
        },
    ]  # fmt: skip


def _lines(canvas: _Canvas) -> list[dict[str, Any]]:
    def line(
        x: tuple[float, float], y: tuple[float, float], colour: str, thickness: float
    ) -> dict[str, Any]:
        return {"x": x[0], "x2": x[1], "y": y[0], "y2": y[1], "colour": colour,
                "thickness": thickness}  # fmt: skip

    across = (0.0, float(canvas.width))
    lines = [line(across, (t.value, t.value), GRID, 1.0) for t in canvas.timeline.ticks]
    lines.append(line(across, (0.0, 0.0), INK, 1.4))
    for index, point in enumerate(canvas.timeline.points):
        if point.low is not None and point.high is not None:
            x = canvas.at(index)
            lines.append(line((x, x), (point.low, point.high), TREATMENT, 2.0))
    return lines


def _points(canvas: _Canvas) -> list[dict[str, Any]]:
    return [
        {"x": canvas.at(index), "y": point.estimate, "colour": TREATMENT}
        for index, point in enumerate(canvas.timeline.points)
        if point.estimate is not None
    ]


def _texts(canvas: _Canvas) -> list[dict[str, Any]]:
    def text(x: float, y: float, written: str, align: str) -> dict[str, Any]:
        return {"x": x, "y": y, "text": written, "align": align, "colour": MUTED}

    upright = canvas.timeline.ticks
    step = canvas.height / max(1, len(upright) - 1)
    every = max(1, math.ceil(15 / step))
    zero = min(range(len(upright)), key=lambda index: abs(upright[index].value))
    texts = [
        text(-8, tick.value, tick.text, "right")
        for index, tick in enumerate(upright)
        if (index - zero) % every == 0
    ]
    points = canvas.timeline.points
    widest = max(columns_of(point.label) for point in points) * COLUMN * SIZE / 13 + 12
    skip = max(1, math.ceil(widest / (canvas.width / len(points))))
    texts += [
        text(canvas.at(index), canvas.below(15), point.label, "center")
        for index, point in enumerate(points)
        if index % skip == 0
    ]
    return texts
