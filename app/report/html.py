"""Renders the page: one file that needs nothing else, runs nothing and fetches nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.language import ENGLISH
from app.report.compose import page_of

if TYPE_CHECKING:
    from app.language import Words
    from app.report.curve import CurvePlot
    from app.report.page import Page
    from app.report.plot import Plot
    from app.report.timeline import Timeline
    from app.report.view import ReportView

TEMPLATES: Final = Path(__file__).parents[1] / "templates" / "report"


def render_html(view: ReportView) -> str:
    """Give the report as one self-contained HTML file."""
    return render_page(page_of(view), view.words)


def render_page(page: Page, words: Words = ENGLISH) -> str:
    """Give a composed page as HTML, in the language that it was composed in."""
    template = _environment(words).get_template("report.html")
    return template.render(page=page, language=words.language.value)


@cache
def _environment(words: Words) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=words.say, many=words.say_many)
    environment.filters["drawn"] = _drawn
    environment.filters["drawn_over_time"] = _drawn_over_time
    environment.filters["drawn_as_curves"] = _drawn_as_curves
    return environment


def _drawn(plot: Plot) -> Markup:
    # Altair and the converter take a second and 100 MB; whoever only imports this module, as the
    # server and the command line do, never pays for them.
    from app.report.drawing import NARROW, WIDE, draw  # noqa: PLC0415

    # one drawing for wide windows and paper, one for telephones: text stays legible on both
    return Markup(draw(plot, WIDE) + draw(plot, NARROW))  # noqa: S704 - rebuilt from shapes and escaped texts


def _drawn_over_time(timeline: Timeline) -> Markup:
    from app.report.timeline_drawing import (  # noqa: PLC0415 - as above
        NARROW_FRAME,
        WIDE_FRAME,
        draw_timeline,
    )

    drawings = draw_timeline(timeline, WIDE_FRAME) + draw_timeline(timeline, NARROW_FRAME)
    return Markup(drawings)  # noqa: S704 - as above


def _drawn_as_curves(plot: CurvePlot) -> Markup:
    from app.report.curve_drawing import draw_curves  # noqa: PLC0415 - as above
    from app.report.timeline_drawing import NARROW_FRAME, WIDE_FRAME  # noqa: PLC0415 - as above

    drawings = draw_curves(plot, WIDE_FRAME) + draw_curves(plot, NARROW_FRAME)
    return Markup(drawings)  # noqa: S704 - as above
