"""A member in a real browser: found, opted out, exported, erased; and no barrier anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from playwright.sync_api import expect

from app.auth.people import create_user
from app.auth.roles import Role
from app.settings import LogFormat, Settings
from app.wiring import wire
from experiments.lifecycle import set_programme
from experiments.member import checked_member
from experiments.recording import import_members
from tests.browser.console_site import console_at
from tests.experiments.designs import programme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

PASSWORD = "four words are enough"  # noqa: S105  # of somebody in a test
LOOKED_AT = (
    "members/",
    "members/?id=m-",
    "members/m-1",
    "members/m-1/erase",
    "members/m-1/override",
    "quarantine/",
    "settings/",
    "settings/keys",
    "settings/webhooks",
    "settings/programme",
    "help/",
    "help/reference/metrics",
    "help/search?words=tier",
)
AXE = "async () => (await axe.run()).violations.map(one => [one.id, one.nodes.map(n => n.target)])"


@pytest.fixture
def address(tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """Give the address of an installation with members, served until the test ends."""
    path = tmp_path / "console.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(database_url=f"sqlite:///{path}", log_format=LogFormat.JSON)
    parts = wire(settings)
    set_programme(parts.engine, programme(), parts.clock())
    given = [checked_member(one, {"tier": "silver"}, personalisation_consent=True)
             for one in ("m-1", "m-2")]  # fmt: skip
    import_members(parts.engine, given, parts.clock(), with_consent=True)
    create_user(parts.engine, "ada@example.com", "Ada", Role.ADMIN, PASSWORD, parts.clock(),
                must_change_password=False)  # fmt: skip
    with console_at(parts) as served:
        yield served


def signed_in(context: BrowserContext, address: str) -> Page:
    """Give a page on which the administrator is signed in."""
    page = context.new_page()
    page.goto(f"{address}sign-in")
    page.fill("[name=email]", "ada@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(address)
    return page


def test_a_member_is_found_opted_out_exported_and_erased(
    context: BrowserContext, address: str
) -> None:
    """The whole way of whoever answers a member's wishes."""
    page = signed_in(context, address)
    page.get_by_role("link", name="Members", exact=True).click()
    page.get_by_label("Member id, or how it begins").fill("m-")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="m-1").click()
    page.get_by_role("link", name="Opt out").click()
    page.get_by_role("button", name="Opt the member out").click()
    expect(page.get_by_text("The member has opted out. Offers follow")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything").click()
    assert orjson.loads(download.value.path().read_bytes())["member_id"] == "m-1"
    page.get_by_role("link", name="Erase").click()
    page.get_by_label("Type the member's id to confirm").fill("m-2")
    page.get_by_role("button", name="Erase the member for good").click()
    expect(page.get_by_text("This is not the id of the member.")).to_be_visible()
    page.get_by_label("Type the member's id to confirm").fill("m-1")
    page.get_by_role("button", name="Erase the member for good").click()
    expect(page.get_by_text("The member is erased.")).to_be_visible()
    assert page.goto(f"{address}members/m-1").status == 404  # type: ignore[union-attr]  # it answers


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 1280), ("dark", "zh-Hant-TW", 390), ("light", "zh-Hans-CN", 390)],
)
def test_axe_finds_nothing(
    browser: Browser, address: str, axe: str, theme: str, language: str, width: int
) -> None:
    """No page has a barrier, nor anything that the policy refuses."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB",
                                  bypass_csp=True)  # fmt: skip
    page, complaints, found = signed_in(context, address), [], {}
    context.add_cookies([{"name": "tierlift-theme", "value": theme, "url": address}])
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    for path in LOOKED_AT:
        sign = "&" if "?" in path else "?"
        page.goto(f"{address}{path}{sign}language={language}")
        page.evaluate(axe)
        if violations := page.evaluate(AXE):
            found[path] = violations
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wider) <= 0, path
    context.close()
    assert not found
    assert not complaints
