"""Draws plots: an Altair specification becomes a static SVG that can stand inside a page.

Loading Altair and the converter takes a second and 100 MB, so only `html` imports this module, and
only once a page is rendered. No font is fetched and no script is left: the SVG holds shapes and
texts. Its texts are placed by pixel, not by measuring a font, because the reader's font is unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import vl_convert

from app.report.formatting import clipped, columns_of
from app.report.plot import RowKind
from app.report.svg import COLUMN, CONTROL, FONT, GRID, INK, MUTED, TREATMENT, cleaned

if TYPE_CHECKING:
    from app.report.plot import Plot, PlotRow, Tick

DASH: Final = [5, 4]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are, in pixels of the drawing.

    Attributes:
        width: Of the whole drawing.
        beside: Whether labels and numbers stand beside the row, or on a line above it.
        row: Height of a row.
        size: Of the text.
    """

    width: int
    beside: bool
    row: int
    size: float


WIDE: Final = Layout(width=840, beside=True, row=34, size=13)
NARROW: Final = Layout(width=330, beside=False, row=66, size=12)
TOP: Final = 22
BOTTOM: Final = 26
LABEL_COLUMNS: Final = 26


def draw(plot: Plot, layout: Layout) -> str:
    """Draw a plot as an SVG element.

    Raises:
        CannotDraw: The converter's output holds something besides shapes and texts.
    """
    svg = vl_convert.vegalite_to_svg(_specification(plot, layout), allowed_base_urls=[])
    suffix = "beside" if layout.beside else "above"
    return cleaned(svg, anchor=plot.anchor, title=plot.title, suffix=suffix)


def _specification(plot: Plot, layout: Layout) -> dict[str, Any]:
    left, right = _margins(plot, layout)
    canvas = _Canvas(plot, layout, left, layout.width - left - right)
    chart = (
        alt.layer(*_layers(canvas))
        .properties(
            width=canvas.width,
            height=canvas.height,
            autosize=alt.AutoSizeParams(type="none"),
            padding={"left": left, "right": right, "top": TOP, "bottom": BOTTOM},
        )
        .configure(aria=False, font=FONT, background="transparent")
        .configure_view(stroke=None)
    )
    # Altair's validation takes half of the time, and the converter refuses what it cannot read
    specification: dict[str, Any] = chart.to_dict(validate=False)
    return specification


def _margins(plot: Plot, layout: Layout) -> tuple[int, int]:
    if not layout.beside:
        return 14, 14
    labels = max(min(columns_of(row.label), LABEL_COLUMNS) for row in plot.rows)
    texts = max(columns_of(row.text) for row in plot.rows)
    return int(max(labels, 10) * COLUMN) + 16, int(texts * COLUMN) + 16


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A plot, and where things lie on it: x in the plot's quantity, y in pixels from the top."""

    plot: Plot
    layout: Layout
    left: int
    width: int

    @property
    def height(self) -> int:
        return self.layout.row * len(self.plot.rows)

    @property
    def x(self) -> alt.X:
        scale = alt.Scale(domain=list(self.plot.domain), nice=False)
        return alt.X("x:Q", scale=scale, axis=None)

    @property
    def y(self) -> alt.Y:
        scale = alt.Scale(domain=[0, self.height], range=[0, self.height], nice=False)
        return alt.Y("y:Q", scale=scale, axis=None)

    def at_pixel(self, pixel: float) -> float:
        """Give the x of a pixel, which may lie beside the axis."""
        low, high = self.plot.domain
        return low + (high - low) * pixel / self.width

    def middle_of(self, index: int) -> float:
        """Give the y of a row's point."""
        row = self.layout.row
        return row * (index + (0.5 if self.layout.beside else 0.76))

    def label_of(self, index: int) -> float:
        """Give the y of a row's label."""
        row = self.layout.row
        if self.plot.rows[index].kind is RowKind.HEADING:
            return row * (index + 0.7)
        return row * (index + (0.5 if self.layout.beside else 0.2))


def _layers(canvas: _Canvas) -> list[alt.Chart]:
    # few layers with many encodings, not one per kind of line: Altair copies every layer many times
    lines = alt.Chart(alt.InlineData(values=_lines(canvas)))
    points = alt.Chart(alt.InlineData(values=_points(canvas)))
    texts = alt.Chart(alt.InlineData(values=_texts(canvas)))
    layers = [
        lines.mark_rule().encode(
            x=canvas.x,
            x2="x2",
            y=canvas.y,
            y2="y2",
            stroke=alt.Stroke("colour:N", scale=None),
            strokeWidth=alt.StrokeWidth("thickness:Q", scale=None),
            strokeOpacity=alt.StrokeOpacity("opacity:Q", scale=None),
        ),
        points.mark_point(size=70, fillOpacity=1, strokeWidth=1).encode(
            x=canvas.x,
            y=canvas.y,
            shape=alt.Shape("shape:N", scale=None),
            fill=alt.Fill("colour:N", scale=None),
            stroke=alt.Stroke("colour:N", scale=None),
        ),
        texts.mark_text(
            baseline="middle",
            align=alt.expr("datum.align"),
            fontWeight=alt.expr("datum.weight"),
        ).encode(
            x=canvas.x,
            y=canvas.y,
            text="text:N",
            size=alt.Size("size:Q", scale=None),
            fill=alt.Fill("colour:N", scale=None),
        ),
    ]
    if canvas.plot.margin is not None:
        margin = _line(canvas.plot.margin, canvas.plot.margin, 0, canvas.height, INK)
        layers.append(
            alt.Chart(alt.InlineData(values=[margin]))
            .mark_rule(stroke=INK, strokeWidth=1.4, strokeDash=DASH)
            .encode(x=canvas.x, y=canvas.y, y2="y2")
        )
    return layers


def _line(
    x: float,
    x2: float,
    y: float,
    y2: float,
    colour: str,
    *,
    thickness: float = 1.0,
    opacity: float = 1.0,
) -> dict[str, Any]:
    return {"x": x, "x2": x2, "y": y, "y2": y2, "colour": colour, "thickness": thickness,
            "opacity": opacity}  # fmt: skip


def _lines(canvas: _Canvas) -> list[dict[str, Any]]:
    bottom = canvas.height
    lines = [_line(tick.value, tick.value, 0, bottom, GRID) for tick in canvas.plot.ticks]
    lines.append(_line(0.0, 0.0, 0, bottom, INK, thickness=1.4))
    for index, row in enumerate(canvas.plot.rows):
        y, colour = canvas.middle_of(index), _colour(row)
        if canvas.plot.from_zero and row.estimate is not None:
            lines.append(_line(0.0, row.estimate, y, y, colour, thickness=14, opacity=0.3))
        if row.low is not None and row.high is not None:
            lines.append(_line(row.low, row.high, y, y, colour, thickness=2.5))
            lines += [_line(x, x, y - 6, y + 6, colour, thickness=2.5) for x in (row.low, row.high)]
    return lines


def _points(canvas: _Canvas) -> list[dict[str, Any]]:
    return [
        {
            "x": row.estimate,
            "y": canvas.middle_of(index),
            "colour": _colour(row),
            # the control differs in shape, too: colour alone says nothing
            "shape": "square" if row.kind is RowKind.CONTROL else "circle",
        }
        for index, row in enumerate(canvas.plot.rows)
        if row.estimate is not None
    ]


def _text(
    x: float,
    y: float,
    text: str,
    align: str,
    *,
    size: float,
    colour: str = INK,
    weight: int = 400,
) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "align": align, "size": size, "colour": colour,
            "weight": weight}  # fmt: skip


def _texts(canvas: _Canvas) -> list[dict[str, Any]]:
    plot, layout, bottom = canvas.plot, canvas.layout, canvas.height
    texts = [
        _text(tick.value, bottom + 14, tick.text, "center", size=11.5, colour=MUTED)
        for tick in _legible(canvas)
    ]
    if plot.margin is not None:
        align = "left" if plot.margin < canvas.at_pixel(canvas.width / 2) else "right"
        texts.append(_text(plot.margin, -9, plot.margin_text, align, size=11.5))
    label_x = canvas.at_pixel(2 - canvas.left if layout.beside else 5)
    text_x = canvas.at_pixel(canvas.width + 14 if layout.beside else 5)
    for index, row in enumerate(plot.rows):
        y = canvas.label_of(index)
        weight = 600 if row.kind is RowKind.HEADING else 400
        label = clipped(row.label, _columns_for(row, layout))
        texts.append(_text(label_x, y, label, "left", size=layout.size, weight=weight))
        below = 0 if layout.beside else layout.row * 0.26
        texts.append(_text(text_x, y + below, row.text, "left", size=layout.size))
    return texts


def _legible(canvas: _Canvas) -> list[Tick]:
    """Leave out ticks whose texts would touch or be cut off at an edge; 0 stays."""
    ticks = canvas.plot.ticks
    room = canvas.width / max(1, len(ticks) - 1)
    widest = max(columns_of(tick.text) for tick in ticks) * COLUMN * 11.5 / 13 + 10
    every = max(1, math.ceil(widest / room))
    zero = min(range(len(ticks)), key=lambda index: abs(ticks[index].value))
    spaced = [tick for index, tick in enumerate(ticks) if (index - zero) % every == 0]
    return [tick for tick in spaced if tick is ticks[zero] or _is_within(canvas, tick)]


def _is_within(canvas: _Canvas, tick: Tick) -> bool:
    """Whether the text of a tick, which stands at its middle, stays inside the drawing."""
    low, high = canvas.plot.domain
    middle = canvas.left + (tick.value - low) / (high - low) * canvas.width
    half = columns_of(tick.text) * COLUMN * 11.5 / 13 / 2
    return half <= middle <= canvas.layout.width - half


def _columns_for(row: PlotRow, layout: Layout) -> int:
    if row.kind is RowKind.HEADING:
        return int(layout.width / COLUMN) - 2
    return LABEL_COLUMNS if layout.beside else int(layout.width / COLUMN) - 4


def _colour(row: PlotRow) -> str:
    return CONTROL if row.kind is RowKind.CONTROL else TREATMENT
