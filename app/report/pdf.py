"""Makes a report as PDF: what its page says, set in type, with its fonts, bookmarks and tags.

The content is data for a template of ours: no text of a person is ever read as markup. Nothing is
fetched, and neither the machine's fonts nor its clock have a part in the file, so the same report
gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import orjson

from app.report.compose import page_of
from app.report.fonts import fonts_of
from app.report.formatting import clipped
from app.report.html import TEMPLATES, render_page
from app.report.paper_reading import read_paper
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from app.report.view import ReportView

ASSETS: Final = Path(__file__).parents[2] / "node_modules"
STANDARD: Final = "ua-1"
"""PDF/UA-1: who hears the file is told its headings, tables and drawings."""


def render_pdf(view: ReportView, assets: Path = ASSETS) -> bytes:
    """Give the report as a PDF.

    Args:
        view: The report.
        assets: The folder that npm packages are installed in; fonts are among them.

    Raises:
        InvalidValues: The fonts are not installed.
    """
    words = view.words
    fonts = fonts_of(words.language)
    folders = fonts.folders(assets)
    if not all(folder.is_dir() for folder in folders):
        message, way_out = "needs fonts that are not installed", "Run make setup, or choose html."
        raise InvalidValues([Problem("format", "pdf", message, way_out)])
    # Deferred: 60 MB that whoever makes no PDF never loads.
    import typst  # noqa: PLC0415

    page = page_of(view)
    paper = read_paper(render_page(page, words, for_paper=True), fonts)
    at = view.scorecard.computed_at.replace(microsecond=0)
    document = {
        "paper": paper,
        "fonts": fonts,
        "language": words.language.value,
        "date": [at.year, at.month, at.day],
        "snapshot": page.snapshot_hash,
        "labels": {
            "title": words.say("{name} – results", name=page.title),  # noqa: RUF001  # as the page has it
            "programme": clipped(page.programme, 30),
            "running": clipped(page.title, 70),
            "snapshot": words.say("Snapshot"),
            "as_of": f"{words.say('as of')} {page.as_of.text}",
            "page": words.say("Page {page} of {pages}"),
        },
    }
    compiler = typst.Compiler(
        str(TEMPLATES / "report.typ"),
        root=str(TEMPLATES),
        font_paths=[str(folder) for folder in folders],
        ignore_system_fonts=True,
        sys_inputs={"document": orjson.dumps(document).decode()},
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=at)
    except typst.TypstError as fault:
        # A name has a character that none of the fonts has. It is drawn as an empty box, and only
        # the standard, which allows none, is not claimed.
        if "PDF/UA-1" not in str(fault):
            raise
        made = compiler.compile(format="pdf", timestamp=at)
    return cast("bytes", made)
