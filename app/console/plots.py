"""Gives plots to pages: a Vega-Lite specification that `plots.js` draws, and the numbers as text.

What a plot shows and every text on it comes from `app.report`; this module only places it. A
specification names no colour: `plots.js` gives each series the colours of the theme, the first one
(the control) a neutral one. Specifications are plain values, as Altair takes a second to load and
tens of milliseconds a chart; a test holds them to Altair's schema.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.console.assets import address_of
from app.report.formatting import columns_of
from app.report.plot import RowKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.curve import CurvePlot
    from app.report.formatting import Formats
    from app.report.plot import Plot as IntervalPlot
    from app.report.plot import PlotRow, Tick
    from app.report.timeline import Timeline

PLOT_SCRIPTS: Final = (
    "vega.js",
    "vega-lite.js",
    "vega-embed.js",
    "vega-interpreter.js",
    "plots.js",
)
"""Names of the assets that draw plots, in the order in which they load."""

FACED: Final = 20
PHONE: Final = 300
"""What a telephone leaves for a plot, in pixels."""

SHORTEST_LABEL: Final = 110
DASHES: Final = ([6, 4], [1, 0], [2, 2], [8, 2, 2, 2], [4, 2], [1, 3], [10, 3], [3, 3])
NONE: Final = "\N{EN DASH}"
HEIGHT: Final = 220
ONE_ROW: Final = 36
MEMBERS: Final = ("control", "treatment")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of intervals: its height in pixels, and where things lie in it, as shares of that.

    Attributes:
        height: Of the whole row.
        label: Where its label stands.
        text: Where its numbers stand.
        upright: Where the line of 0 begins, which crosses no words.
        mark: Where its estimate and interval lie.
    """

    height: int
    label: float
    text: float
    upright: float
    mark: float


ONE_LINE: Final = _Row(50, label=0.3, text=0.3, upright=0.5, mark=0.74)
TWO_LINES: Final = _Row(70, label=0.2, text=0.46, upright=0.64, mark=0.82)


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot and the table behind it.

    Attributes:
        specification: Vega-Lite as JSON, ``"width": "container"``.
        label: Accessible name: what is plotted.
        caption: How to read it; may be empty.
        columns: Titles of the table; empty where a table beside the plot has the numbers.
        rows: Its cells.
    """

    specification: str
    label: str
    caption: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def plot_scripts() -> tuple[str, ...]:
    """Give the addresses of what draws plots, for pages that have some."""
    return tuple(address_of(name) for name in PLOT_SCRIPTS)


def specification_of(chart: dict[str, Any]) -> str:
    """Write a chart, as wide as its place and as high as it says, as JSON."""
    sized = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}} | chart
    return json.dumps(sized, ensure_ascii=False, separators=(",", ":"))


def interval_plot(plot: IntervalPlot, columns: tuple[str, ...] = (), *, caption: str = "") -> Plot:
    """Draw estimates with their intervals, one under the other.

    Args:
        plot: As the report composes it.
        columns: Titles of the plot's own table: of what a row is, and its estimate and interval.
        caption: In place of the plot's own.
    """
    row = _row_of(plot)
    height = row.height * len(plot.rows)
    x = {
        "field": "x",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": list(plot.domain), "nice": False},
        "axis": _axis(plot.ticks),
    }
    y = {"field": "y", "type": "quantitative", "axis": None,
         "scale": {"domain": [0, height], "range": [0, height], "nice": False}}  # fmt: skip
    colour = {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(MEMBERS)},
    }
    found = [(index, one) for index, one in enumerate(plot.rows) if one.estimate is not None]
    marks = [_mark(index, one, row) for index, one in found]
    spans = [one for one in marks if one["low"] is not None]
    layers: list[dict[str, Any]] = [_uprights(0.0, "zero", plot, y)]
    if plot.margin is not None:
        layers.append(_uprights(plot.margin, "margin", plot, y))
        layers.append(_margin_text(plot))
    if plot.from_zero:
        layers.append({
            "data": {"values": marks},
            "mark": {"type": "rule", "strokeWidth": 12, "opacity": 0.25},
            "encoding": {"x": x | {"field": "zero"}, "x2": {"field": "x"}, "y": y, "color": colour},
        })  # fmt: skip
    if spans:
        layers.append({
            "data": {"values": spans},
            "mark": {"type": "rule", "strokeWidth": 3},
            "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y,
                         "color": colour},
        })  # fmt: skip
    layers.append({
        "data": {"values": marks},
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {
            "x": x, "y": y, "color": colour,
            # the control differs in shape, too: colour alone says nothing
            "shape": {"field": "kind", "type": "nominal", "legend": None,
                      "scale": {"domain": list(MEMBERS), "range": ["square", "circle"]}},
            "tooltip": [{"field": "label", "type": "nominal", "title": " "},
                        {"field": "text", "type": "nominal", "title": "  "}],
        },
    })  # fmt: skip
    layers += _names(plot, y)
    above = {"left": 5, "right": 5, "bottom": 5, "top": 22 if plot.margin is not None else 5}
    return Plot(
        specification_of({"height": height, "padding": above, "layer": layers}),
        plot.title,
        caption or plot.caption,
        columns,
        tuple((one.label, one.text) for one in plot.rows) if columns else (),
    )


def timeline_plot(timeline: Timeline) -> Plot:
    """Draw effects with upright intervals, from left to right; a table has the numbers."""
    points = [
        {"i": index, "label": one.label, "x": one.estimate, "low": one.low, "high": one.high}
        for index, one in enumerate(timeline.points)
    ]
    texts = json.dumps([one.label for one in timeline.points], ensure_ascii=False)
    x = {"field": "i", "type": "ordinal", "title": None, "scale": {"paddingOuter": 0.2},
         "axis": {"labelExpr": f"{texts}[datum.value]", "labelOverlap": True, "labelAngle": 0,
                  "labelSeparation": 8, "grid": False}}  # fmt: skip
    y = {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": list(timeline.domain), "nice": False},
        "axis": _axis(timeline.ticks),
    }
    layers: list[dict[str, Any]] = [
        {"data": {"values": [{}]}, "mark": {"type": "rule", "style": "zero"},
         "encoding": {"y": {"datum": 0.0, "type": "quantitative"}}},
        {"data": {"values": [one for one in points if one["low"] is not None]},
         "mark": {"type": "rule", "style": "treatment", "strokeWidth": 2.5},
         "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}},
        {"data": {"values": [one for one in points if one["x"] is not None]},
         "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "style": "treatment"},
         "encoding": {"x": x, "y": y | {"field": "x"}}},
    ]  # fmt: skip
    return Plot(
        specification_of({"height": HEIGHT, "layer": layers}), timeline.title, timeline.caption
    )


def curve_plot(plot: CurvePlot, formats: Formats, days: str) -> Plot:
    """Draw survival curves; the table has their height at every tick.

    Args:
        plot: As the report composes it.
        formats: How shares are written.
        days: Title of the days.
    """
    names = [curve.label for curve in plot.curves]
    values = [
        {"day": day, "share": share, "name": curve.label}
        for curve in plot.curves
        for day, share in curve.steps
    ]
    legend = {"orient": "top", "title": None, "symbolType": "stroke", "labelLimit": 260,
              "columns": 1 if sum(columns_of(name) for name in names) > ONE_ROW else 2}  # fmt: skip
    series = {"field": "name", "type": "nominal", "legend": legend, "scale": {"domain": names}}
    layer = {
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "day", "type": "quantitative", "title": days,
                  "scale": {"domain": _ends(plot.days), "nice": False},
                  "axis": _axis(plot.days) | {"grid": False}},
            "y": {"field": "share", "type": "quantitative", "title": None,
                  "scale": {"domain": _ends(plot.shares), "nice": False, "zero": False},
                  "axis": _axis(plot.shares)},
            "color": series,
            "strokeDash": series | {"scale": {"domain": names, "range": DASHES[: len(names)]}},
        },
    }  # fmt: skip
    rows = tuple(
        (tick.text, *(_at(curve.steps, tick.value, formats) for curve in plot.curves))
        for tick in plot.days
    )
    return Plot(
        specification_of({"height": HEIGHT + 20, "layer": [layer]}),
        plot.title,
        plot.caption,
        (days, *names),
        rows,
    )


def _at(steps: Sequence[tuple[float, float]], day: float, formats: Formats) -> str:
    """Write the share that holds on a day."""
    share = next((share for at, share in reversed(steps) if at <= day), None)
    return NONE if share is None else formats.share(share, 1).text


def _ends(ticks: Sequence[Tick]) -> list[float]:
    return [ticks[0].value, ticks[-1].value]


def _axis(ticks: Sequence[Tick]) -> dict[str, Any]:
    """Place ticks whose texts are written already."""
    texts = json.dumps([tick.text for tick in ticks], ensure_ascii=False)
    return {
        "values": [tick.value for tick in ticks],
        # `index` runs from 0 at the first tick to 1 at the last one
        "labelExpr": f"{texts}[round(datum.index * {len(ticks) - 1})]",
        "labelOverlap": True,
        "labelFlush": True,
    }


def _row_of(plot: IntervalPlot) -> _Row:
    """Put numbers below their label where a telephone has no room for both on one line."""
    return ONE_LINE if _widest(plot) + SHORTEST_LABEL <= PHONE else TWO_LINES


def _widest(plot: IntervalPlot) -> int:
    return max(columns_of(one.text) for one in plot.rows) * 7 + FACED


def _mark(index: int, one: PlotRow, row: _Row) -> dict[str, Any]:
    kind = MEMBERS[0] if one.kind is RowKind.CONTROL else MEMBERS[1]
    return {"x": one.estimate, "low": one.low, "high": one.high,
            "y": (index + row.mark) * row.height, "zero": 0, "kind": kind,
            "label": one.label, "text": one.text}  # fmt: skip


def _uprights(value: float, style: str, plot: IntervalPlot, y: dict[str, Any]) -> dict[str, Any]:
    """Draw a line beside every interval, and none through the words above it."""
    row = _row_of(plot)
    spans = [
        {"top": (index + row.upright) * row.height, "bottom": (index + 1) * row.height}
        for index, one in enumerate(plot.rows)
        if one.kind is not RowKind.HEADING
    ]
    return {
        "data": {"values": spans},
        "mark": {"type": "rule", "style": style},
        "encoding": {
            "x": {"datum": value, "type": "quantitative"},
            "y": y | {"field": "top"},
            "y2": {"field": "bottom"},
        },
    }


def _margin_text(plot: IntervalPlot) -> dict[str, Any]:
    low, high = plot.domain
    is_left = (plot.margin or 0.0) < (low + high) / 2
    return {
        "data": {"values": [{}]},
        "mark": {"type": "text", "align": "left" if is_left else "right", "y": -8,
                 "fontSize": 12, "text": plot.margin_text, "style": "ink"},
        "encoding": {"x": {"datum": plot.margin, "type": "quantitative"}},
    }  # fmt: skip


def _names(plot: IntervalPlot, y: dict[str, Any]) -> list[dict[str, Any]]:
    """Write what a row is and its numbers above its interval: at both ends, or on two lines."""
    row = _row_of(plot)
    is_one_line = row is ONE_LINE
    shared = {"type": "text", "baseline": "middle", "fontSize": 13, "style": "ink"}
    values = [
        {
            "y": (index + (0.6 if one.kind is RowKind.HEADING else row.label)) * row.height,
            "below": (index + row.text) * row.height,
            "label": one.label,
            "text": one.text,
            "weight": 600 if one.kind is RowKind.HEADING else 400,
        }
        for index, one in enumerate(plot.rows)
    ]
    room = f"width - {_widest(plot)}" if is_one_line else "width"
    return [
        {
            "data": {"values": values},
            "mark": shared | {"align": "left", "x": 0, "limit": {"expr": room},
                              "fontWeight": {"expr": "datum.weight"}},
            "encoding": {"y": y, "text": {"field": "label", "type": "nominal"}},
        },
        {
            "data": {"values": values},
            "mark": shared | ({"align": "right", "x": {"expr": "width"}} if is_one_line
                              else {"align": "left", "x": 0}),
            "encoding": {"y": y | {"field": "below"},
                         "text": {"field": "text", "type": "nominal"}},
        },
    ]  # fmt: skip
