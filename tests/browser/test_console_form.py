"""From a template to a launched campaign in a real browser, with and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.auth.people import create_user
from app.auth.roles import Role
from app.settings import LogFormat, Settings
from app.wiring import wire
from experiments.lifecycle import set_programme
from experiments.member import checked_member
from experiments.programme import Programme
from experiments.recording import import_members
from tests.browser.console_site import console_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PASSWORD = "four words are enough"  # noqa: S105  # of somebody in a test
STEPS = ("goal", "audience", "variants", "metrics", "size", "schedule", "checklist")
AXE = "async () => (await axe.run()).violations.map(one => [one.id, one.nodes.map(n => n.target)])"


@pytest.fixture
def address(tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """Give the address of an installation that asks for approvals, served until the test ends."""
    path = tmp_path / "console.db"
    path.write_bytes(sqlite_template.read_bytes())
    parts = wire(Settings(database_url=f"sqlite:///{path}", log_format=LogFormat.JSON))
    programme = Programme.model_validate(
        {
            "name": "Sanshan",
            "time_zone": "Asia/Taipei",
            "currency": "TWD",
            "locales": ["en", "zh-Hant-TW", "zh-Hans-CN"],
            "tiers": [{"key": key, "name": key.title()} for key in ("member", "silver", "gold")],
            "approval_required": True,
        }
    )
    set_programme(parts.engine, programme, parts.clock())
    given = [checked_member(f"m-{one}", {"tier": "silver"}) for one in range(20)]
    import_members(parts.engine, given, parts.clock(), with_consent=True)
    for role in (Role.MARKETER, Role.APPROVER):
        create_user(parts.engine, f"{role}@example.com", str(role).title(), role, PASSWORD,
                    parts.clock(), must_change_password=False)  # fmt: skip
    with console_at(parts) as served:
        yield served


def signed_in(
    browser: Browser, address: str, role: Role, *, scripts: bool = True, language: str = "en",
    theme: str = "light", width: int = 1280,
) -> Page:  # fmt: skip
    """Give a page of a browser of their own in which somebody is signed in."""
    context = browser.new_context(
        java_script_enabled=scripts, viewport={"width": width, "height": 900}, bypass_csp=True,
        reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(15_000)
    context.add_cookies([
        {"name": "tierlift-language", "value": language, "url": address},
        {"name": "tierlift-theme", "value": theme, "url": address},
    ])  # fmt: skip
    page = context.new_page()
    page.goto(f"{address}sign-in")
    page.fill("[name=email]", f"{role}@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(address)
    return page


def onward(page: Page) -> None:
    """Press what leads to the next step."""
    page.locator(".step-footer .btn-primary").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_template_leads_to_a_launch_that_somebody_else_approved(
    browser: Browser, address: str, *, scripts: bool
) -> None:
    """The whole way, with and without JavaScript; a wrong field is refused and mended."""
    page = signed_in(browser, address, Role.MARKETER, scripts=scripts)
    page.goto(f"{address}campaigns/new")
    page.get_by_role("button", name="Start from Upgrade gift").click()
    page.get_by_label("Name").fill("Gift for silver")
    page.get_by_label("Today").fill("much")
    onward(page)
    expect(page.get_by_text("Write a number.")).to_be_visible()
    assert page.get_by_label("Today").input_value() == "much"
    page.get_by_label("Today").fill("10")
    onward(page)
    if not scripts:
        page.get_by_role("button", name="Count now").click()
    page.get_by_text("eligible of 20 members").wait_for()
    for _ in STEPS[1:]:
        onward(page)
    page.get_by_role("link", name="Go to the approval").click()
    approval = page.url
    page.get_by_role("button", name="Ask for the approval").click()
    other = signed_in(browser, address, Role.APPROVER, scripts=scripts)
    other.goto(approval)
    other.get_by_role("button", name="Approve").click()
    page.goto(approval)
    page.get_by_role("link", name="Go to the launch").click()
    page.get_by_label("Launch although the events were never seen").check()
    page.get_by_role("button", name="Launch the campaign now").click()
    expect(page.get_by_text("Gift for silver is running.")).to_be_visible()
    page.context.close()
    other.context.close()


def test_what_is_typed_is_saved_as_it_goes(browser: Browser, address: str) -> None:
    """Leaving without a button loses nothing."""
    page = signed_in(browser, address, Role.MARKETER)
    page.goto(f"{address}campaigns/new")
    page.get_by_role("button", name="Start from Upgrade gift").click()
    at = page.url
    with page.expect_response("**/goal/save"):
        page.get_by_label("Name").fill("Half a nam")
    page.goto(address)
    page.goto(at)
    assert page.get_by_label("Name").input_value() == "Half a nam"
    page.context.close()


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [("light", "en", 1280), ("dark", "zh-Hant-TW", 390), ("light", "zh-Hans-CN", 390)],
)
def test_axe_finds_nothing(
    browser: Browser, address: str, axe: str, theme: str, language: str, width: int
) -> None:
    """No step has a barrier, nor is it wider than its screen."""
    page = signed_in(browser, address, Role.MARKETER, language=language, theme=theme, width=width)
    page.goto(f"{address}campaigns/new")
    places = [page.url]
    page.locator("button[value=upgrade-gift]").click()
    page.wait_for_load_state()
    places += [f"{page.url.rpartition('/')[0]}/{step}" for step in STEPS]
    for place in places:
        page.goto(place)
        page.wait_for_load_state("networkidle")
        page.evaluate(axe)
        assert page.evaluate(AXE) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
    page.context.close()
