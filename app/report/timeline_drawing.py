"""Draws effects over time: points with upright intervals, from left to right.

As `drawing` does for rows; like it, loaded only once a page is rendered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import vl_convert

from app.report.drawing import COLUMN, FONT
from app.report.formatting import columns_of
from app.report.svg import GRID, INK, MUTED, TREATMENT, cleaned

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
    canvas = _Canvas(timeline, frame.width - left - RIGHT, frame.height - TOP - BOTTOM, left)
    chart = (
        alt.layer(*_layers(canvas))
        .properties(
            width=canvas.width,
            height=canvas.height,
            autosize=alt.AutoSizeParams(type="none"),
            padding={"left": left, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        )
        .configure(aria=False, font=FONT, background="transparent")
        .configure_view(stroke=None)
    )
    specification: dict[str, Any] = chart.to_dict()
    svg = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return cleaned(svg, anchor=timeline.anchor, title=timeline.title, suffix=frame.suffix)


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A timeline, and where things lie on it: x in pixels, y in the plot's quantity."""

    timeline: Timeline
    width: int
    height: int
    left: int

    @property
    def x(self) -> alt.X:
        scale = alt.Scale(domain=[0, self.width], range=[0, self.width], nice=False)
        return alt.X("x:Q", scale=scale, axis=None)

    @property
    def y(self) -> alt.Y:
        scale = alt.Scale(domain=list(self.timeline.domain), nice=False)
        return alt.Y("y:Q", scale=scale, axis=None)

    def at(self, index: int) -> float:
        """Give the x of a point."""
        return self.width * (index + 0.5) / len(self.timeline.points)

    def below(self, pixels: float) -> float:
        """Give the y that lies some pixels below the axis."""
        low, high = self.timeline.domain
        return low - (high - low) * pixels / self.height


def _layers(canvas: _Canvas) -> list[alt.Chart]:
    rules = alt.Chart(alt.InlineData(values=_lines(canvas)))
    points = alt.Chart(alt.InlineData(values=_points(canvas)))
    texts = alt.Chart(alt.InlineData(values=_texts(canvas)))
    return [
        rules.mark_rule().encode(
            x=canvas.x,
            x2="x2",
            y=canvas.y,
            y2="y2",
            stroke=alt.Stroke("colour:N", scale=None),
            strokeWidth=alt.StrokeWidth("thickness:Q", scale=None),
        ),
        points.mark_point(size=34, fillOpacity=1, strokeWidth=1).encode(
            x=canvas.x,
            y=canvas.y,
            fill=alt.Fill("colour:N", scale=None),
            stroke=alt.Stroke("colour:N", scale=None),
        ),
        texts.mark_text(baseline="middle", align=alt.expr("datum.align"), fontSize=SIZE).encode(
            x=canvas.x, y=canvas.y, text="text:N", fill=alt.Fill("colour:N", scale=None)
        ),
    ]


def _lines(canvas: _Canvas) -> list[dict[str, Any]]:
    def line(x: tuple[float, float], y: tuple[float, float], colour: str, thickness: float) -> Any:  # noqa: ANN401 - a datum of Altair
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
