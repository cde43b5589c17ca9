"""Draws survival curves: lines in steps, a treatment's and the control's in one frame.

As `timeline_drawing` does for effects; like it, loaded only once a page is rendered.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import vl_convert

from app.report.formatting import clipped, columns_of
from app.report.plot import RowKind
from app.report.svg import COLUMN, CONTROL, FONT, GRID, MUTED, TREATMENT, cleaned
from app.report.timeline_drawing import BOTTOM, RIGHT, SIZE

if TYPE_CHECKING:
    from app.report.curve import CurvePlot
    from app.report.timeline_drawing import Frame

TOP: Final = 30  # the names of the curves stand above them
SWATCH: Final = 18
COLOURS: Final = {RowKind.CONTROL: CONTROL, RowKind.TREATMENT: TREATMENT}


def draw_curves(plot: CurvePlot, frame: Frame) -> str:
    """Draw curves as an SVG element.

    Raises:
        CannotDraw: The converter's output holds something besides shapes and texts.
    """
    left = int(max(columns_of(tick.text) for tick in plot.shares) * COLUMN) + 14
    width, height = frame.width - left - RIGHT, frame.height - TOP - BOTTOM
    specification: dict[str, Any] = {
        "width": width,
        "height": height,
        "autosize": {"type": "none"},
        "padding": {"left": left, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "layer": _layers(plot, width, height),
        "config": {
            "aria": False,
            "font": FONT,
            "background": "transparent",
            "view": {"stroke": None},
        },
    }
    svg = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return cleaned(svg, anchor=plot.anchor, title=plot.title, suffix=frame.suffix)


def _layers(plot: CurvePlot, width: int, height: int) -> list[dict[str, Any]]:
    def axis(field: str, ends: list[float]) -> dict[str, Any]:
        # in pixels: places are reckoned here, so that names may stand outside the frame
        return {"field": field, "type": "quantitative", "axis": None,
                "scale": {"domain": ends, "range": ends, "nice": False}}  # fmt: skip

    def as_it_is(field: str, kind: str = "nominal") -> dict[str, Any]:
        return {"field": field, "type": kind, "scale": None}

    place = {"x": axis("x", [0, width]), "y": axis("y", [0, height])}
    named = _names(plot, width)
    curves = [
        {
            "data": {"values": [{"x": x, "y": y} for x, y in _path(plot, index, width, height)]},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2,
                     "stroke": COLOURS[curve.kind]},
            "encoding": place,
        }
        for index, curve in enumerate(plot.curves)
    ]  # fmt: skip
    return [
        {
            "data": {"values": [*_grid(plot, width, height), *named[0]]},
            "mark": {"type": "rule"},
            "encoding": {**place, "x2": {"field": "x2"}, "y2": {"field": "y2"},
                         "stroke": as_it_is("colour"),
                         "strokeWidth": as_it_is("thickness", "quantitative")},
        },
        *curves,
        {
            "data": {"values": [*_ticks(plot, width, height), *named[1]]},
            "mark": {"type": "text", "baseline": "middle", "fontSize": SIZE,
                     "align": {"expr": "datum.align"}},
            "encoding": {**place, "text": {"field": "text", "type": "nominal"},
                         "fill": as_it_is("colour")},
        },
    ]  # fmt: skip


def _right(plot: CurvePlot, day: float, width: int) -> float:
    first, last = plot.days[0].value, plot.days[-1].value
    return width * (day - first) / (last - first)


def _down(plot: CurvePlot, share: float, height: int) -> float:
    low, high = plot.shares[0].value, plot.shares[-1].value
    return height * (high - share) / (high - low)


def _path(plot: CurvePlot, index: int, width: int, height: int) -> list[tuple[float, float]]:
    return [
        (_right(plot, day, width), _down(plot, share, height))
        for day, share in plot.curves[index].steps
    ]


def _grid(plot: CurvePlot, width: int, height: int) -> list[dict[str, Any]]:
    places = [_down(plot, tick.value, height) for tick in plot.shares]
    return [{"x": 0, "x2": width, "y": y, "y2": y, "colour": GRID, "thickness": 1} for y in places]


def _ticks(plot: CurvePlot, width: int, height: int) -> list[dict[str, Any]]:
    texts = [
        {"x": -8, "y": _down(plot, tick.value, height), "text": tick.text, "align": "right",
         "colour": MUTED}
        for tick in plot.shares
    ]  # fmt: skip
    widest = max(columns_of(tick.text) for tick in plot.days) * COLUMN * SIZE / 13 + 12
    skip = max(1, math.ceil(widest * (len(plot.days) - 1) / width))
    last = len(plot.days) - 1
    texts += [
        {"x": _right(plot, tick.value, width), "y": height + 15, "text": tick.text,
         "align": "right" if index == last else "center", "colour": MUTED}
        for index, tick in enumerate(plot.days)
        if index % skip == 0
    ]  # fmt: skip
    return texts


def _names(plot: CurvePlot, width: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Place a line and a name for each curve, side by side above the frame."""
    column = COLUMN * SIZE / 13
    swatches: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    x = 0.0
    for index, curve in enumerate(plot.curves):
        room = (width - x) / (len(plot.curves) - index)  # what a short name leaves, the next has
        text = clipped(curve.label, int((room - SWATCH - 6) / column))
        colour = COLOURS[curve.kind]
        swatches.append(
            {"x": x, "x2": x + SWATCH, "y": -16, "y2": -16, "colour": colour, "thickness": 2}
        )
        names.append({"x": x + SWATCH + 6, "y": -16, "text": text, "align": "left",
                      "colour": colour})  # fmt: skip
        x += SWATCH + 20 + columns_of(text) * column
    return swatches, names
