"""Campaigns in a browser: found, paused, watched live, and read by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.auth.roles import Role
from app.wiring import utc_now
from experiments.exposure import Exposure
from experiments.store.engine import open_engine, writing
from experiments.store.exposures import append_exposures
from tests.browser.console_site import reader, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.console_site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """Serve a demonstration, and give its database's address with it."""
    folder = tmp_path_factory.mktemp("console")
    with site_of(folder, members=1_000) as served:
        yield served, f"sqlite:///{folder / 'tierlift.db'}"


def test_a_campaign_is_found_and_paused(browser: Browser, site: tuple[Site, str]) -> None:
    """Typing narrows the list; a pause asks first and stands in the history afterwards."""
    served, _ = site
    with reader(browser, served, Role.MARKETER) as page:
        page.goto(f"{served.address}/console/campaigns")
        assert page.locator("tbody tr").count() > 1
        page.get_by_label("Search").fill("tier-up")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.locator("tbody a").click()
        page.get_by_role("link", name="Pause").click()
        assert page.get_by_text("keep their expiry").count() == 1
        page.get_by_label("Why").fill("A look at the gifts.")
        page.get_by_role("button", name="Pause the campaign").click()
        page.wait_for_url("**/history")
        assert page.get_by_text("A look at the gifts.").count() >= 1
        page.get_by_role("link", name="Resume").click()
        page.get_by_role("button", name="Resume the campaign").click()
        page.wait_for_url("**/history")


def test_the_live_page_updates_by_itself(browser: Browser, site: tuple[Site, str]) -> None:
    """Exposures that arrive are on the page a few seconds later, unless somebody paused it."""
    served, database = site
    with reader(browser, served, Role.ANALYST) as page:
        page.goto(f"{served.address}/console/campaigns/tier-up/live")
        expect(page.locator("#live")).to_be_visible()
        _expose(database, "live-1")
        expect(page.locator("#live rect")).not_to_have_count(0, timeout=30_000)
        page.get_by_role("button", name="Pause updating").click()
        expect(page.get_by_role("button", name="Go on updating")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(
    browser: Browser, axe: str, site: tuple[Site, str], theme: str, width: int
) -> None:
    """Home, the list and a campaign's pages can be read and used by everybody."""
    served, _ = site
    below = "/console/campaigns/tier-up"
    with reader(browser, served, theme=theme, width=width) as page:  # type: ignore[arg-type]  # one of the two
        for path in ("/console/", "/console/campaigns", f"{below}/setup", f"{below}/history",
                     f"{below}/live", f"{below}/stop", f"{below}/change"):  # fmt: skip
            page.goto(f"{served.address}{path}")
            page.evaluate(axe)
            found = page.evaluate("async () => (await axe.run()).violations")
            assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []


def _expose(database: str, name: str) -> None:
    engine, now = open_engine(database), utc_now()
    with writing(engine) as connection:
        append_exposures(
            connection,
            [
                Exposure(exposure_id=name, campaign="tier-up", phase=1, variant="gift",
                         member_id="m1", unit_id="m1", exposed_at=now, received_at=now)
            ],
        )  # fmt: skip
    engine.dispose()
