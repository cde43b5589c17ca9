"""Keeps of an SVG what may stand inside a page: shapes, texts, and classes for its colours."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

SVG: Final = "{http://www.w3.org/2000/svg}"
KEPT: Final = frozenset(
    SVG + name for name in ("svg", "g", "path", "line", "rect", "text", "tspan", "defs", "clipPath")
)
"""Elements that a static plot consists of; anything else is a fault."""

# Colours are names for the style sheet, which gives each its light, dark and print value.
INK, MUTED, GRID, TREATMENT, CONTROL = "#111111", "#555555", "#dddddd", "#0072b2", "#777777"
CLASS_OF: Final = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    TREATMENT: "treatment",
    CONTROL: "control",
}
FONT: Final = "system-ui, sans-serif"
COLUMN: Final = 7.5  # width of a column of text in pixels, a little more than most fonts take

PLACES: Final = frozenset({"transform", "d", "x", "y", "x2", "y2"})
DEFAULTS: Final = {
    "font-family": FONT,  # the style sheet's own
    "font-weight": "400",
    "stroke-opacity": "1",
    "fill-opacity": "1",
}
"""Attributes that say what holds without them."""
_LONG: Final = re.compile(r"-?\d+\.\d{2,}")
"""Numbers in pixels with more digits than anybody sees; a page holds thousands of them."""


class CannotDraw(Exception):
    """The converter gave something that no static plot consists of."""

    def __init__(self, element: str) -> None:
        """Name the element."""
        super().__init__(
            f"a plot holds the element {element!r}; only shapes and texts may stand in a report: "
            "check the versions of altair and vl-convert-python"
        )


def cleaned(svg: str, *, anchor: str, title: str, suffix: str) -> str:
    """Keep shapes and texts, hand colours to the style sheet, name the picture.

    Raises:
        CannotDraw: There is something else.
    """
    ET.register_namespace("", SVG[1:-1])
    root = ET.fromstring(svg)  # noqa: S314 - written by the converter a moment ago
    for element in root.iter():
        if element.tag not in KEPT:
            raise CannotDraw(element.tag)
        for name in [n for n in element.attrib if n.startswith(("role", "aria-", "on", "{"))]:
            del element.attrib[name]
        if "id" in element.attrib:
            element.set("id", f"{anchor}-{suffix}-{element.attrib['id']}")
        clip = element.get("clip-path")
        if clip is not None:
            element.set("clip-path", clip.replace("url(#", f"url(#{anchor}-{suffix}-"))
        classes = [
            f"{prefix}-{CLASS_OF[colour]}"
            for prefix, attribute in (("fill", "fill"), ("line", "stroke"))
            if (colour := element.get(attribute, "")) in CLASS_OF
        ]
        _slim(element)
        element.attrib.pop("class", None)
        if classes:
            element.set("class", " ".join(classes))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("class", f"plot plot-{suffix}")
    root.set("role", "img")
    root.set("aria-label", title)
    return ET.tostring(root, encoding="unicode")


def _slim(element: ET.Element) -> None:
    """Leave out digits and attributes that nobody sees."""
    for name in PLACES & element.attrib.keys():
        element.set(name, _LONG.sub(lambda m: f"{float(m[0]):.1f}", element.attrib[name]))
    for name, value in DEFAULTS.items():
        if element.get(name) == value:
            del element.attrib[name]
