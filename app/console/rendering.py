"""Renders a page: one frozen dataclass for what is on it, and the shell that all pages share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from flask import render_template, request
from jinja2 import StrictUndefined
from markupsafe import Markup

from app.console.assets import address_of
from app.console.context import wiring, words
from app.console.shell import shell_of

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

PARTIAL_HEADER: Final = "HX-Request"


class Page(Protocol):
    """What a page shows: a frozen dataclass that names its template."""

    template: ClassVar[str]

    @property
    def title(self) -> str:
        """What the page is, in the reader's language; for the tab and the heading."""
        ...


def register(app: Flask) -> None:
    """Give the templates of `app` what they all use."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(_=_say, many=_say_many, icon=icon, asset=address_of)


def show(page: Page, status: int = 200) -> tuple[str, int]:
    """Give a page as HTML, in the shell that all pages share."""
    return render_template(page.template, page=page, shell=shell_of(page.title)), status


def show_part(template: str, **values: object) -> str:
    """Give a part of a page that htmx swaps in; the same file that the whole page includes."""
    return render_template(template, shell=shell_of(""), **values)


def is_part() -> bool:
    """Say whether htmx asks, for a part of the page that it has."""
    return PARTIAL_HEADER in request.headers


def icon(name: str, label: str = "") -> Markup:
    """Give an icon of Tabler as SVG within the page.

    Args:
        name: As Tabler names it: ``chart-line``; an outline.
        label: What it says, where no word beside it does; hidden from screen readers otherwise.
    """
    shape = _icon(wiring().assets, name)
    if not label:
        return Markup('<span class="icon-box" aria-hidden="true">{}</span>').format(shape)
    return Markup('<span class="icon-box" role="img" aria-label="{}">{}</span>').format(
        label, shape
    )


@cache
def _icon(assets: Path, name: str) -> Markup:
    path = assets / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Markup("")  # the browser assets are not installed: words stand beside every icon
    drawn = text[text.index("<svg") :].replace("<svg", '<svg focusable="false"', 1)
    return Markup(drawn)  # noqa: S704  # a file of the installed package


def _say(sentence: str, **places: Any) -> str:  # noqa: ANN401  # whatever a template shows
    return words().say(sentence, **places)


def _say_many(one: str, several: str, number: float, **places: Any) -> str:  # noqa: ANN401  # as above
    return words().say_many(one, several, number, **places)
