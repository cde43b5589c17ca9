"""The report in a real browser: accessible, still, self-contained, never wider than the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest

from app.report import render_html
from tests.app.report.scorecards import CAST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
LOOKED_AT = ("story", "broken_split", "preliminary", "immature", "events_missing", "hostile",
             "eight_variants", "refunds", "households", "planned_looks", "small",
             "funnel", "money", "money_unknown")  # fmt: skip
WIDTHS = (360, 768, 1280)
A4_PRINTABLE = 688  # pixels between margins of 14 mm


TOUCHING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.plot')) {
    const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent);
    const boxes = texts.map(text => text.getBoundingClientRect());
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, k) => {
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (a.width && b.width && over > 1 && down > 4)
        found.push([texts[i].textContent, texts[i + 1 + k].textContent]);
    }));
  }
  return found;
}"""
"""Pairs of texts of one plot whose boxes overlap."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A report in the browser, and what it did.

    Attributes:
        page: The page.
        requests: Addresses asked for, besides the file itself.
        complaints: Messages on the console, and errors.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write every report to a file of its own, as it would be sent."""
    folder = tmp_path_factory.mktemp("reports")
    written = {}
    for name in LOOKED_AT:
        written[name] = folder / f"{name}.html"
        written[name].write_text(render_html(CAST[name]()), encoding="utf-8")
    return written


def opened(
    browser: Browser,
    file: Path,
    *,
    width: int = 1280,
    scheme: Scheme = "light",
    script: bool = True,
) -> Iterator[Opened]:
    """Open a report and watch it."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=script,
        bypass_csp=False,
    )
    page = context.new_page()
    seen = Opened(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.goto(file.as_uri(), wait_until="load")
    seen.requests.remove(file.as_uri())
    yield seen
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(
    browser: Browser, axe: str, files: dict[str, Path], name: str, scheme: Scheme
) -> None:
    """No report has a fault that axe knows, contrast included, in either colour scheme."""
    for report in opened(browser, files[name], scheme=scheme):
        report.page.evaluate(axe)  # from outside: the page's own policy allows no script
        found = report.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        faults = [
            (fault["id"], node["html"][:120], node["failureSummary"][:300])
            for fault in found["violations"]
            for node in fault["nodes"]
        ]
        assert not faults


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_report_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    """No request leaves the file, and the console stays empty."""
    for report in opened(browser, files[name]):
        report.page.wait_for_timeout(50)
        assert not report.requests
        assert not report.complaints


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_report_is_never_wider_than_the_window(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    """Wide tables scroll within themselves; the page does not scroll sideways."""
    for report in opened(browser, files[name]):
        for width in WIDTHS:
            report.page.set_viewport_size({"width": width, "height": 900})
            wide = report.page.evaluate("document.documentElement.scrollWidth")
            scrolled = report.page.evaluate("(window.scrollTo(500, 0), window.scrollX)")
            assert (wide <= width, scrolled) == (True, 0), width


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_report_works_without_javascript(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    """Headline, numbers and plots are there, and the passed checks unfold by keyboard."""
    for report in opened(browser, files[name], script=False):
        assert report.page.locator("#headline").is_visible()
        plots = report.page.locator(":not(details) > figure > svg.plot-beside")
        assert all(plot.is_visible() for plot in plots.all())
        fold = report.page.locator("details li").first
        assert not fold.is_visible()
        report.page.locator("summary").first.focus()
        report.page.keyboard.press("Enter")
        assert fold.is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_one_of_the_two_drawings_is_shown(
    browser: Browser, files: dict[str, Path], width: int
) -> None:
    """Telephones get the drawing made for them, everything else the wide one; never both."""
    for report in opened(browser, files["story"], width=width):
        narrow = report.page.locator("svg.plot-above").first.is_visible()
        wide = report.page.locator("svg.plot-beside").first.is_visible()
        assert (narrow, wide) == (width < 720, width >= 720)


def test_the_texts_of_a_plot_do_not_touch(browser: Browser, files: dict[str, Path]) -> None:
    """Labels, numbers and ticks stay apart in the fonts of this machine, on every width."""
    for name in ("story", "eight_variants", "refunds", "hostile"):
        for report in opened(browser, files[name]):
            for width in WIDTHS:
                report.page.set_viewport_size({"width": width, "height": 900})
                assert not report.page.evaluate(TOUCHING), (name, width)


def test_paper_gets_everything(browser: Browser, files: dict[str, Path]) -> None:
    """A print has the wide plots, no scrolled-off columns, and nothing that is for screens only."""
    for report in opened(browser, files["story"], width=A4_PRINTABLE):
        report.page.emulate_media(media="print")
        assert report.page.evaluate("document.documentElement.scrollWidth") <= A4_PRINTABLE
        assert report.page.locator("svg.plot-beside").first.is_visible()
        assert not report.page.locator("svg.plot-above").first.is_visible()
        assert not report.page.locator(".skip").is_visible()
        pdf = report.page.pdf(format="A4")
        assert pdf.startswith(b"%PDF")
