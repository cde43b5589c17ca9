"""The plots: static, self-contained, and with marks where the numbers say."""

# ruff: noqa: RUF001 - texts have a true minus sign

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree as ET

import pytest

from app.report.drawing import NARROW, WIDE, Layout, draw
from app.report.formatting import Scale
from app.report.plot import Plot, PlotRow, RowKind, Tick, ticks_over
from app.report.svg import KEPT
from app.report.timeline import Timeline, TimePoint
from app.report.timeline_drawing import NARROW_FRAME, WIDE_FRAME, Frame, draw_timeline
from tests.app.report.scorecards import HOSTILE
from tests.app.report.test_formatting import TAIPEI

PIXEL = 0.15  # places are written to a tenth of a pixel
LAYOUTS = pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
PLOT = Plot(
    anchor="plot-0",
    title="Lift of Repurchase rate against control",
    caption="Lift against control",
    rows=(
        PlotRow(RowKind.TREATMENT, "gift", "+10% (−5% to +25%)", 0.1, -0.05, 0.25),
        PlotRow(RowKind.TREATMENT, "trial", "undefined, see the table"),
    ),
    ticks=tuple(Tick(n / 10, f"{n * 10}%") for n in range(-1, 4)),
    margin=-0.02,
    margin_text="margin 2%",
)


def drawn(plot: Plot, layout: Layout) -> ET.Element:
    """Draw a plot and read it back."""
    return ET.fromstring(draw(plot, layout))  # noqa: S314 - our own drawing


def texts_in(root: ET.Element) -> list[str]:
    """Give the texts of a drawing."""
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


@LAYOUTS
def test_a_drawing_holds_shapes_and_texts_only(layout: Layout) -> None:
    """Nothing in a plot can run, link or load."""
    root = drawn(PLOT, layout)
    assert {element.tag for element in root.iter()} <= KEPT
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    assert not {name for name in attributes if name == "style"}
    assert root.get("role") == "img"
    assert root.get("aria-label") == PLOT.title


@LAYOUTS
def test_every_row_is_labelled_with_its_numbers(layout: Layout) -> None:
    """A reader who sees only the picture reads estimate and interval in it."""
    texts = texts_in(drawn(PLOT, layout))
    for row in PLOT.rows:
        assert row.label in texts
        assert row.text in texts
    assert "margin 2%" in texts


def test_marks_lie_where_the_numbers_say() -> None:
    """Point and interval are placed on the scale of the ticks, and 0 has its line."""
    root = drawn(PLOT, WIDE)
    rules = [
        (float(match[1]), float(line.get("x2", "0")), line.get("class", ""))
        for line in root.iter("{http://www.w3.org/2000/svg}line")
        if (match := re.match(r"translate\(([-\d.e]+),", line.get("transform", "")))
    ]
    grid = sorted(x for x, length, kind in rules if "grid" in kind and length == 0)
    assert len(grid) == len(PLOT.ticks)
    per_unit = (grid[-1] - grid[0]) / 0.4

    def place(value: float) -> float:
        return grid[0] + (value + 0.1) * per_unit

    [(x, length)] = [(x, w) for x, w, kind in rules if "treatment" in kind and w != 0]
    assert sorted((x, x + length)) == pytest.approx([place(-0.05), place(0.25)], abs=PIXEL)
    zero = [x for x, w, kind in rules if "ink" in kind and w == 0]
    assert place(0) in [pytest.approx(x, abs=PIXEL) for x in zero]
    assert place(-0.02) in [pytest.approx(x, abs=PIXEL) for x in zero]


def test_control_and_treatment_differ_in_shape() -> None:
    """Whoever does not see the colours tells control from treatment by shape and label."""
    row = PLOT.rows[0]
    treatment = dataclasses.replace(PLOT, rows=(row,))
    control = dataclasses.replace(PLOT, rows=(dataclasses.replace(row, kind=RowKind.CONTROL),))

    def shape(plot: Plot) -> str:
        paths = drawn(plot, WIDE).iter("{http://www.w3.org/2000/svg}path")
        return next(path.get("d", "") for path in paths if "fill-" in path.get("class", ""))

    assert shape(treatment) != shape(control)


@LAYOUTS
def test_any_label_can_be_drawn(layout: Layout) -> None:
    """Hostile, long, Chinese and emoji labels are text; unprintable characters are gone before."""
    clean = HOSTILE.translate(dict.fromkeys((0, 0x1B, 0x202E)))
    plot = dataclasses.replace(
        PLOT,
        rows=tuple(
            PlotRow(RowKind.TREATMENT, label, "+10%", 0.1, 0.0, 0.2)
            for label in (clean, "升級禮物🎁" * 20, "x" * 500)
        ),
    )
    root = drawn(plot, layout)
    assert {element.tag for element in root.iter()} <= KEPT
    assert sum("…" in text for text in texts_in(root)) == 3


@pytest.mark.parametrize("values", [[], [0.0], [1e-9], [-1e12, 5e11], [0.041, 0.205], [-0.3, -0.1]])
def test_ticks_span_the_values_and_0(values: list[float]) -> None:
    """Every value and 0 lie within the ends of the axis, with few ticks."""
    ticks = ticks_over(values, TAIPEI, Scale.LIFT, signed=True)
    assert ticks[0].value <= min([0.0, *values]) + 1e-12
    assert ticks[-1].value >= max([0.0, *values]) * (1 - 1e-9)
    assert 2 <= len(ticks) <= 8
    assert any(tick.text == "0%" for tick in ticks)


TIMELINE = Timeline(
    anchor="plot-days",
    title="Difference by day",
    caption="By day.",
    points=(
        TimePoint("1 Sep", 0.1, 0.0, 0.2),
        TimePoint("2 Sep"),
        TimePoint("3 Sep", -0.1),
    ),
    ticks=(Tick(-0.2, "-20%"), Tick(0.0, "0%"), Tick(0.2, "+20%")),
)


@pytest.mark.parametrize("frame", [WIDE_FRAME, NARROW_FRAME], ids=["wide", "narrow"])
def test_a_timeline_is_shapes_and_texts_with_a_name(frame: Frame) -> None:
    """A plot over time is static, named, and has the labels of its days and ticks."""
    root = ET.fromstring(draw_timeline(TIMELINE, frame))  # noqa: S314 - our own drawing
    assert {element.tag for element in root.iter()} <= KEPT
    assert root.get("aria-label") == "Difference by day"
    assert {"1 Sep", "3 Sep", "0%", "+20%"} <= set(texts_in(root))


def test_a_moment_without_an_estimate_leaves_a_gap() -> None:
    """Nothing is drawn where nothing could be computed, and no interval where there is none."""
    root = ET.fromstring(draw_timeline(TIMELINE, WIDE_FRAME))  # noqa: S314 - our own drawing
    kinds = [element.get("class", "") for element in root.iter()]
    assert kinds.count("line-treatment") == 1
    assert kinds.count("fill-treatment line-treatment") == 2
