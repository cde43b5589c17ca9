"""Renders the page: one file that needs nothing else, runs nothing and fetches nothing."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.language import ENGLISH
from app.report.compose import page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.language import Words
    from app.report.curve import CurvePlot
    from app.report.memo import MemoPage
    from app.report.page import Page
    from app.report.plot import Plot
    from app.report.timeline import Timeline
    from app.report.view import ReportView

TEMPLATES: Final = Path(__file__).parents[1] / "templates" / "report"


def render_html(view: ReportView) -> str:
    """Give the report as one self-contained HTML file."""
    return render_page(page_of(view), view.words)


def render_page(page: Page, words: Words = ENGLISH, *, for_paper: bool = False) -> str:
    """Give a composed page as HTML, in the language that it was composed in.

    Args:
        page: What it says.
        words: Its language.
        for_paper: Leave out the drawings that only telephones show.
    """
    template = _environment(words, for_paper=for_paper).get_template("report.html")
    return template.render(page=page, language=words.language.value)


def render_memo(page: MemoPage, words: Words) -> str:
    """Give a version of a decision memo as one self-contained HTML file."""
    return (
        _environment(words)
        .get_template("memo.html")
        .render(page=page, language=words.language.value)
    )


@cache
def _environment(words: Words, *, for_paper: bool = False) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=words.say, many=words.say_many)
    drawings: dict[str, Callable[..., Markup]] = {
        "drawn": _drawn,
        "drawn_over_time": _drawn_over_time,
        "drawn_as_curves": _drawn_as_curves,
    }
    for name, draw in drawings.items():
        environment.filters[name] = partial(draw, for_paper=for_paper)
    return environment


def _drawn(plot: Plot, *, for_paper: bool) -> Markup:
    # Altair and the converter take a second and 100 MB; whoever only imports this module, as the
    # server and the command line do, never pays for them.
    from app.report.drawing import NARROW, WIDE, draw  # noqa: PLC0415

    # one drawing for wide windows and paper, one for telephones: text stays legible on both
    frames = (WIDE,) if for_paper else (WIDE, NARROW)
    return Markup("".join(draw(plot, one) for one in frames))  # noqa: S704 - rebuilt from shapes and escaped texts


def _drawn_over_time(timeline: Timeline, *, for_paper: bool) -> Markup:
    from app.report.timeline_drawing import (  # noqa: PLC0415 - as above
        NARROW_FRAME,
        WIDE_FRAME,
        draw_timeline,
    )

    frames = (WIDE_FRAME,) if for_paper else (WIDE_FRAME, NARROW_FRAME)
    return Markup("".join(draw_timeline(timeline, one) for one in frames))  # noqa: S704 - as above


def _drawn_as_curves(plot: CurvePlot, *, for_paper: bool) -> Markup:
    from app.report.curve_drawing import draw_curves  # noqa: PLC0415 - as above
    from app.report.timeline_drawing import NARROW_FRAME, WIDE_FRAME  # noqa: PLC0415 - as above

    frames = (WIDE_FRAME,) if for_paper else (WIDE_FRAME, NARROW_FRAME)
    return Markup("".join(draw_curves(plot, one) for one in frames))  # noqa: S704 - as above
