"""Serves the documentation within the console, with a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from app.console import help_pages
from app.console.access import open_to
from app.console.context import wiring, words
from app.console.help_pages import INDEX, Heading, HelpText
from app.console.rendering import show
from app.language import Language

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("help", __name__, url_prefix="/help")


@dataclass(frozen=True, slots=True)
class HelpPage:
    """One page of the documentation.

    Attributes:
        html: Empty where the documentation is not installed.
        is_index: Whether it is the first page.
        is_foreign: Whether the reader's language is another than the documentation's.
    """

    template: ClassVar[str] = "console/help/page.html"
    title: str
    html: Markup
    headings: tuple[Heading, ...]
    is_index: bool
    is_foreign: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a search of the documentation found: title, address and excerpt of each page."""

    template: ClassVar[str] = "console/help/search.html"
    title: str
    asked: str
    hits: tuple[tuple[str, str, str], ...]


@blueprint.get("/")
@open_to()
def index() -> tuple[str, int]:
    """Show the table of contents."""
    found = help_pages.page_of(_folder(), INDEX)
    return show(_page(found or HelpText(INDEX, "", "", (), "")))


@blueprint.get("/search")
@open_to()
def search() -> tuple[str, int]:
    """Show the pages in which some words stand."""
    asked = request.args.get("words", "").strip()
    hits = help_pages.search(_folder(), asked)
    shown = tuple((one.title, _address(one.name), one.excerpt) for one in hits)
    return show(SearchPage(words().say("Search the help"), asked, shown))


@blueprint.get("/files/<path:name>")
@open_to()
def file(name: str) -> AnyResponse:
    """Give an image of the documentation."""
    found = help_pages.image_of(_folder(), name)
    if found is None:
        raise NotFound
    answer = Response(found[0], content_type=found[1])
    answer.cache_control.private = True
    answer.cache_control.max_age = 3_600
    return answer


@blueprint.get("/<path:name>")
@open_to()
def page(name: str) -> tuple[str, int] | AnyResponse:
    """Show one page; the address of a file leads to its page."""
    if name.endswith(".md"):
        return redirect(_address(name.removesuffix(".md")))
    found = help_pages.page_of(_folder(), name)
    if found is None:
        raise NotFound
    return show(_page(found))


def _folder() -> Path:
    """Give the folder of the documentation, beside the packages for browsers."""
    return wiring().assets.parent / "docs"


def _address(name: str) -> str:
    if name == INDEX:
        return url_for("console.help.index")
    return url_for("console.help.page", name=name)


def _page(found: HelpText) -> HelpPage:
    is_index = found.name == INDEX
    return HelpPage(
        words().say("Help") if is_index else found.title,
        Markup(found.html),  # noqa: S704  # made of our own files, raw HTML escaped
        () if is_index else found.headings,
        is_index,
        words().language is not Language.ENGLISH,
    )
