"""Reports of the cast as trees, and what is found in them."""

from __future__ import annotations

from functools import cache

from lxml import html as markup

from app.report import render_html
from tests.app.report.scorecards import CAST


@cache
def rendered(name: str) -> markup.HtmlElement:
    """Give a report of the cast as a tree."""
    return markup.document_fromstring(render_html(CAST[name]()))


def classed(element: markup.HtmlElement, *names: str) -> list[markup.HtmlElement]:
    """Give the elements below, in order, that have one of these classes."""
    return [e for e in element.iterdescendants() if set(names) & set(e.get("class", "").split())]


def texts_of(element: markup.HtmlElement) -> str:
    """Give the text of an element with single spaces."""
    return " ".join(element.text_content().split())
