"""A campaign's report in a real browser: plots are drawn under the policy, without barriers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from app.auth.people import create_user
from app.auth.roles import Role
from app.settings import LogFormat, Settings
from app.wiring import wire
from experiments.campaign import State
from experiments.lifecycle import set_programme
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.scorecard import scorecard_to_json
from tests.app.report.scorecards import CAST
from tests.browser.console_site import console_at
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PASSWORD = "four words are enough"  # noqa: S105  # of somebody in a test
TABS = ("", "/health", "/results", "/funnel", "/time", "/segments", "/money")
AXE = "async () => (await axe.run()).violations.map(one => [one.id, one.nodes.map(n => n.target)])"
DRAWN = """() => [...document.querySelectorAll('[data-plot]')].filter(one => one.clientWidth).map(
  (one) => {
    const canvas = one.querySelector('canvas');
    return !!canvas && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      .data.some((value) => value);
  })"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, sqlite_template: object) -> Iterator[str]:
    """Give the address of a campaign with a rich scorecard, served for all tests here."""
    path = tmp_path_factory.mktemp("results") / "console.db"
    path.write_bytes(sqlite_template.read_bytes())  # type: ignore[attr-defined]  # a path
    parts = wire(Settings(database_url=f"sqlite:///{path}", log_format=LogFormat.JSON))
    set_programme(parts.engine, programme(), parts.clock())
    scorecard = CAST["story"]().scorecard
    document = orjson.dumps(scorecard_to_json(scorecard)).decode()
    with writing(parts.engine) as connection:
        add_campaign(connection, campaign(State.RUNNING))
        keep_scorecard(connection, StoredScorecard(
            "gold-q3", 1, scorecard.snapshot_hash, scorecard.computed_at, document
        ))  # fmt: skip
    create_user(parts.engine, "analyst@example.com", "Ana", Role.ANALYST, PASSWORD, parts.clock(),
                must_change_password=False)  # fmt: skip
    with console_at(parts) as served:
        yield served.removesuffix("/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_tab_is_drawn_and_without_barriers(
    browser: Browser, axe: str, address: str, theme: str
) -> None:
    """Canvases are not empty, the console says nothing, axe finds nothing, no page is too wide."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, address)
    context.add_cookies([{"name": "tierlift-theme", "value": theme, "url": address}])
    for tab in TABS:
        page.goto(f"{address}/campaigns/gold-q3{tab}", wait_until="networkidle")
        assert all(page.evaluate(DRAWN)), tab
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
        page.evaluate(axe)
        assert page.evaluate(AXE) == [], tab
    assert complaints == []
    context.close()


def test_plots_follow_the_theme_and_the_view(browser: Browser, address: str) -> None:
    """A switch to dark draws anew, and htmx swaps the effects and draws them."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, address)
    page.goto(f"{address}/campaigns/gold-q3/results", wait_until="networkidle")
    first = page.locator("[data-plot] canvas").first
    before = first.evaluate("canvas => canvas.toDataURL()")
    page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'dark')")
    page.wait_for_timeout(500)
    assert page.locator("[data-plot] canvas").first.evaluate("c => c.toDataURL()") != before
    page.get_by_role("link", name="Absolute").click()
    page.locator(".results-choices [href*=absolute].active").last.wait_for()
    page.locator("#effects canvas").first.wait_for()
    context.close()


def sign_in(page: Page, address: str) -> None:
    """Sign somebody in."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=email]", "analyst@example.com")
    page.fill("[name=password]", PASSWORD)
    page.locator("form[action$=sign-in] button").click()
    page.wait_for_load_state()
