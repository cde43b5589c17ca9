"""From a verdict to a decision, a memo, and a link that somebody without an account reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.auth.roles import Role
from tests.browser.console_site import reader, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.console_site import Site

pytestmark = pytest.mark.browser

CAMPAIGN = "/console/campaigns/early-sale"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a demonstration, one of whose campaigns is paused."""
    with site_of(tmp_path_factory.mktemp("decision"), members=600) as served:
        yield served


def test_a_verdict_is_read_decided_written_up_and_shared(
    browser: Browser, axe: str, site: Site
) -> None:
    """Until the link is revoked; whoever opens it then is told so, and nothing else."""
    with reader(browser, site, Role.ANALYST) as analyst:
        analyst.goto(f"{site.address}{CAMPAIGN}")
        verdict = analyst.locator("#verdict").inner_text()
        assert verdict
    with reader(browser, site, Role.MARKETER) as page:
        _decide(page, site)
        _write_memo(page)
        link = _share(page)
        outsider = browser.new_context(locale="zh-TW", viewport={"width": 390, "height": 844})
        shared, complaints = outsider.new_page(), list[str]()
        shared.on("console", lambda message: complaints.append(message.text))
        shared.on("pageerror", lambda error: complaints.append(str(error)))
        shared.goto(link)
        expect(shared.locator("html")).to_have_attribute("lang", "zh-Hant-TW")
        expect(shared.locator("h2#headline")).to_be_visible()
        # its policy allows it its own style and no script, axe's neither: the page is read apart
        assert shared.evaluate("getComputedStyle(document.body).marginTop") == "0px"
        assert shared.evaluate("document.documentElement.scrollWidth") <= 390
        assert complaints == []
        assert _barriers(browser, axe, shared.content()) == []
        page.goto(f"{site.address}{CAMPAIGN}/share")
        expect(page.get_by_role("cell", name="1 time")).to_be_visible()
        page.get_by_role("link", name="Revoke For the board").click()
        page.get_by_role("button", name="Revoke the link").click()
        expect(page.get_by_text("The link is revoked.")).to_be_visible()
        gone = shared.goto(link)
        assert gone is not None
        assert gone.status == 404
        expect(shared.get_by_role("heading", name="這個連結無法使用")).to_be_visible()
        shared.evaluate(axe)
        assert shared.evaluate("async () => (await axe.run()).violations.map(one => one.id)") == []
        outsider.close()


def _decide(page: Page, site: Site) -> None:
    page.goto(f"{site.address}{CAMPAIGN}/stop")
    page.get_by_role("button", name="Stop the campaign").click()
    expect(page.get_by_text("Stopped").first).to_be_visible()
    page.goto(f"{site.address}{CAMPAIGN}/decide")
    page.get_by_label("Leave it open").check()
    page.get_by_label("Why").fill("The interval spans 0.")
    page.get_by_role("button", name="Keep the decision").click()
    page.wait_for_url("**/history")


def _write_memo(page: Page) -> None:
    page.get_by_role("link", name="Decision memo").click()
    page.get_by_role("link", name="Write the memo").click()
    expect(page.get_by_label("Why")).to_have_value("The interval spans 0.")
    page.get_by_label("What we learned").fill("An early sale alone does not lift anybody.")
    page.get_by_label("Owner").fill("Mei-Ling Chen")
    page.get_by_role("button", name="Keep this version").click()
    expect(page.get_by_text("Version 1 of the memo is kept.")).to_be_visible()
    expect(page.get_by_text("Decision: left open")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download: Web page, also to print, English").click()
    assert download.value.suggested_filename == "early-sale-memo-1-1.en.html"


def _share(page: Page) -> str:
    page.get_by_role("link", name="Reports", exact=True).click()
    page.get_by_role("link", name="Share by a link").click()
    page.get_by_label("Language of the report").select_option("zh-Hant-TW")
    page.get_by_label("Note").fill("For the board")
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("Link", exact=True).input_value()


def _barriers(browser: Browser, axe: str, content: str) -> list[str]:
    """Give what axe finds on a page, in a browser that lets it in."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_content(content)
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations.map(one => one.id)")
    context.close()
    return list(found)
