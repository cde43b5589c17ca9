"""A report as PDF: what the page says, read back by a reader of others."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html as markup
from pypdf import PdfReader

from app.language import Language, Words
from app.report import ReportView, render_html
from app.report.files import FileKind
from app.report.pdf import render_pdf
from app.report.workshop import Workshop
from experiments.errors import InvalidValues, Overloaded
from tests.app.report.scorecards import CAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ENGLISH, TAIWAN, MAINLAND = Language
SPOKEN = {"small": ENGLISH, "money": TAIWAN, "broken_split": MAINLAND}
EACH = pytest.mark.parametrize("name", SPOKEN)
TEXTS = "//h1 | //h2 | //h3 | //h4 | //p | //td | //th | //dt | //dd | //li | //figcaption"
HOSTILE = '#panic() $x^2$ *bold* _it_ \\u{41} [#image("/etc/passwd")] "quotes\' <b>'
LONG = "很長的名字" * 30
RIGHT_TO_LEFT = "שלום مرحبا"


def view_of(name: str) -> ReportView:
    """Give a report of the cast in its language."""
    return replace(CAST[name](), words=Words(SPOKEN[name]))


def read(view: ReportView) -> PdfReader:
    """Give a report, read back."""
    return PdfReader(io.BytesIO(render_pdf(view)))


@cache
def made(name: str) -> PdfReader:
    """Give a report of the cast, read back; made once."""
    return read(view_of(name))


@cache
def pages(name: str) -> tuple[str, ...]:
    """Give the text of each page of a report of the cast."""
    return tuple(page.extract_text() for page in made(name).pages)


def squeezed(text: str) -> str:
    """Give a text without the spaces and line ends that a page breaks it by."""
    return re.sub(r"\s", "", text)


def words_of(pages: Iterable[str]) -> str:
    """Give all that pages say, without what stands below each."""
    parts = []
    for number, text in enumerate(pages):
        feet = list(re.finditer(r"\n[^\n]* [0-9a-f]{64}\b", text))
        assert feet, f"page {number + 1} does not carry the hash"
        parts.append(text[: feet[-1].start()])
    return squeezed("".join(parts))


@cache
def shown(name: str) -> markup.HtmlElement:
    """Give the same report as a page, drawings and what only a screen has left out."""
    body = markup.document_fromstring(render_html(view_of(name))).find("body")
    for drawing in body.xpath("//*[local-name()='svg'] | //*[@class='away'] | //*[@class='skip']"):
        drawing.drop_tree()
    return body


def texts_of(body: markup.HtmlElement) -> Iterator[str]:
    """Give every text of a page."""
    for element in body.xpath(TEXTS):
        if not element.xpath("./p | ./h3"):
            for line in element.xpath(".//text()"):
                yield squeezed(line)


@EACH
def test_paper_says_what_the_page_says(name: str) -> None:
    """Every text and every number of the HTML stands in the PDF, the numbers in the same order."""
    whole = words_of(pages(name))
    missing = {text for text in texts_of(shown(name)) if text not in whole}
    assert not missing
    place = 0
    for number in shown(name).iterfind(".//data"):
        text = squeezed(number.text_content())
        place = whole.find(text, place)
        assert place >= 0, f"{text} does not stand where the page has it"
        place += len(text)


@EACH
def test_every_page_tells_its_snapshot(name: str) -> None:
    """The hash and the analysis time stand on each page, and the hash in the file's keywords."""
    scorecard = view_of(name).scorecard
    for text in pages(name):
        assert f"{scorecard.as_of:%Y}" in text.rpartition(scorecard.snapshot_hash)[2]
    metadata = made(name).metadata
    assert metadata is not None
    assert metadata["/Keywords"] == scorecard.snapshot_hash


@EACH
def test_who_hears_the_file_is_told_its_parts(name: str) -> None:
    """It says that it is PDF/UA-1, its language and title, and has bookmarks and alt texts."""
    root: Any = made(name).trailer["/Root"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert root["/Lang"] == {ENGLISH: "en", TAIWAN: "zh-TW", MAINLAND: "zh-CN"}[SPOKEN[name]]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert made(name).outline


def fonts_in(reader: PdfReader) -> dict[str, Any]:
    """Give every font of a file: its name without the mark of a subset, and what describes it."""
    found: dict[str, Any] = {}
    for page in reader.pages:
        resources: list[Any] = [page["/Resources"]]
        while resources:
            one = resources.pop().get_object()
            for drawn in one.get("/XObject", {}).values():
                resources.extend([drawn["/Resources"]] if "/Resources" in drawn else [])
            for font in one.get("/Font", {}).values():
                base = font.get_object()
                inner = base.get("/DescendantFonts", [base])[0].get_object()
                found[str(base["/BaseFont"]).partition("+")[2]] = inner["/FontDescriptor"]
    return found


@EACH
def test_every_font_is_within_and_has_the_forms_of_the_region(name: str) -> None:
    """All fonts are embedded; Han characters are those of the reader's region and no other's."""
    fonts = fonts_in(made(name))
    assert all({"/FontFile2", "/FontFile3"} & set(font) for font in fonts.values())
    families = {family.partition("-")[0] for family in fonts}
    assert "NotoSans" in families
    han = {TAIWAN: "NotoSansTC", MAINLAND: "NotoSansSC", ENGLISH: ""}[SPOKEN[name]]
    assert families - {"NotoSans"} == ({han} if han else set())


def test_a_broken_split_hides_the_verdict_on_paper_too() -> None:
    """Where a check has failed, the first thing said is that, and no effect is quoted."""
    view = view_of("broken_split")
    first = pages("broken_split")[0]
    assert squeezed(view.words.say("Not trustworthy")) in squeezed(first)
    assert squeezed(view.words.say("No verdict")) in squeezed(first)
    assert view.words.say("{level} interval", level="95%") not in first


def test_names_are_text_and_nothing_else() -> None:
    """Markup of the typesetter, long names and names from right to left are set as they are."""
    brief = replace(CAST["small"]().brief, name=f"{HOSTILE} {RIGHT_TO_LEFT}", hypothesis=LONG)
    view = replace(CAST["small"](), brief=replace(brief, owner=HOSTILE, programme=HOSTILE))
    reader = read(view)
    whole = words_of(page.extract_text() for page in reader.pages)
    assert whole.count(squeezed(HOSTILE)) >= 3
    assert LONG in whole
    assert reader.metadata is not None
    assert HOSTILE in str(reader.metadata.title)


def test_a_character_that_no_font_has_does_not_stop_the_file() -> None:
    """It is drawn as an empty box, and the file does not say that it keeps the standard."""
    brief = replace(CAST["small"]().brief, name="Gift 🎁 week")
    reader = read(replace(CAST["small"](), brief=brief))
    assert "week" in reader.pages[0].extract_text()
    root: Any = reader.trailer["/Root"]
    assert b"pdfuaid" not in root["/Metadata"].get_data()
    assert root["/MarkInfo"]["/Marked"]


def test_the_same_report_gives_the_same_bytes() -> None:
    """Neither the clock nor the machine has a part in the file."""
    assert render_pdf(CAST["small"]()) == render_pdf(CAST["small"]())


def test_without_fonts_there_is_no_pdf(tmp_path: Path) -> None:
    """A file in some other font is not made; the refusal says what to install."""
    with pytest.raises(InvalidValues, match="pdf"):
        render_pdf(CAST["small"](), tmp_path)


def test_a_server_makes_a_file_once_and_few_at_a_time() -> None:
    """What was made is kept; who comes when all places are taken is refused, as is what lasts."""
    workshop, view = Workshop(places=1), CAST["small"]()
    file = workshop.file_of(view, FileKind.HTML)
    assert file == render_html(view).encode()
    assert workshop.file_of(view, FileKind.HTML) is file
    with workshop.gate.passing(1), pytest.raises(Overloaded):
        workshop.file_of(view, FileKind.PDF)
    with pytest.raises(Overloaded):
        Workshop(limit_s=0.01).file_of(view, FileKind.PDF)
