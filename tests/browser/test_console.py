"""Every page of the console in a real browser: accessible, still, translated, never too wide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import orjson
import pytest

from app.auth.roles import Role
from tests.browser.console_site import Site, addresses, reader, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PHONE, DESKTOP = 390, 1280
LANGUAGES = ("en", "zh-Hant-TW", "zh-Hans-CN")
MOST_BYTES = 300_000
"""Of a page with its styles and scripts, compressed, without plots."""

NOT_LINKED: Final = frozenset({
    "/console/sign-in",
    "/console/assets/<digest>/<name>",
    "/console/<path:rest>",
})  # fmt: skip
"""Rules that no link of an administrator's pages leads to."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a console with the demonstration; every test of this module reads it."""
    with site_of(tmp_path_factory.mktemp("console")) as served:
        yield served


@pytest.fixture(scope="module")
def pages(browser: Browser, site: Site) -> dict[str, list[str]]:
    """Give the addresses of pages by rule, as an administrator finds them by links."""
    with reader(browser, site) as page:
        return addresses(page, site)


def faults(page: Page, rules: str = "") -> list[tuple[str, str, str]]:
    """Give what axe finds on a page."""
    chosen = f", runOnly: {rules}" if rules else ""
    found = page.evaluate(f"axe.run(document, {{resultTypes: ['violations']{chosen}}})")
    return [
        (fault["id"], node["html"][:160], node["failureSummary"][:300])
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def test_no_link_leads_nowhere(pages: dict[str, list[str]]) -> None:
    """Every link of every page leads to a page."""
    assert not {rule: found for rule, found in pages.items() if rule.startswith("broken")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_still_and_no_wider_than_the_window(
    browser: Browser, axe: str, site: Site, pages: dict[str, list[str]], language: str
) -> None:
    """Axe finds nothing, light and dark, on a desktop and on a phone; the console stays empty."""
    wrong: list[object] = []
    with reader(browser, site, language=language) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for found in pages.values():
            address = found[0]
            complaints.clear()
            page.set_viewport_size({"width": DESKTOP, "height": 900})
            page.goto(f"{site.address}{address}", wait_until="load")
            page.wait_for_timeout(100)
            wrong += [(address, one) for one in complaints]
            page.evaluate(axe)
            for width in (DESKTOP, PHONE):
                page.set_viewport_size({"width": width, "height": 900})
                for theme in ("light", "dark"):
                    page.evaluate(
                        "one => document.documentElement.setAttribute('data-bs-theme', one)", theme
                    )
                    only = "" if theme == "light" else "['color-contrast']"
                    wrong += [(address, width, theme, *one) for one in faults(page, only)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    wrong.append((address, width, "wider than the window", wide))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_page_is_light_and_fast(
    browser: Browser, site: Site, pages: dict[str, list[str]]
) -> None:
    """A page with styles and scripts, but without plots, stays under 300 kB compressed."""
    heavy = []
    with reader(browser, site) as page:
        for found in pages.values():
            answer = page.request.get(f"{site.address}{found[0]}")
            text = answer.text()
            assets = re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', text)
            sizes = {
                one: int(page.request.get(f"{site.address}{one}").headers["content-length"])
                for one in assets
                if "vega" not in one
            }
            size = sum(sizes.values()) + len(text.encode())
            if size > MOST_BYTES:
                heavy.append((found[0], size))
    assert not heavy


def test_the_log_names_no_server_fault(site: Site, pages: dict[str, list[str]]) -> None:
    """No page failed while they were walked through."""
    assert pages
    lines = [orjson.loads(line) for line in site.server.log.read_bytes().splitlines()]
    failed = [line for line in lines if line.get("event") in {"request_failed", "store_failed"}]
    assert not failed


def test_a_viewer_is_led_nowhere_forbidden(browser: Browser, site: Site) -> None:
    """Links that a role may not follow are not shown to it."""
    for role in (Role.VIEWER, Role.MARKETER, Role.APPROVER, Role.ANALYST, Role.ENGINEER):
        with reader(browser, site, role) as page:
            found = addresses(page, site)
        assert "broken: 403" not in found, (role, found["broken: 403"])
