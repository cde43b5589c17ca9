"""An empty installation leads to a programme and a first campaign, or to sample data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.auth.people import create_user
from app.auth.roles import Role
from app.console import first_steps
from app.demonstration.sample import NAME, begin_loading
from app.settings import LogFormat, Settings
from app.wiring import wire
from tests.browser.console_site import console_at
from tests.browser.test_console_form import AXE, PASSWORD, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def address(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Give the address of an installation with an administrator, and nothing else."""
    path = tmp_path / "console.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setattr(first_steps, "begin_loading", partial(begin_loading, members=1_500))
    parts = wire(Settings(database_url=f"sqlite:///{path}", log_format=LogFormat.JSON))
    create_user(parts.engine, "admin@example.com", "Anna", Role.ADMIN, PASSWORD, parts.clock(),
                must_change_password=False)  # fmt: skip
    with console_at(parts) as served:
        yield served


def test_home_leads_to_a_programme_and_a_first_campaign(
    browser: Browser, address: str, axe: str
) -> None:
    """Each step is ticked once it holds, and no page on the way has a barrier."""
    page = signed_in(browser, address, Role.ADMIN)
    places = (address, f"{address}sample", f"{address}programme/edit")
    for place in places:
        page.goto(place)
        page.evaluate(axe)
        assert page.evaluate(AXE) == [], place
    page.goto(address)
    page.get_by_role("link", name="Fill in the form").click()
    page.get_by_label("Time zone").fill("Taipei")
    page.get_by_role("button", name="Save the programme").click()
    expect(page.get_by_text("This is no time zone.")).to_be_visible()
    page.get_by_label("Time zone").fill("Asia/Taipei")
    page.get_by_role("button", name="Save the programme").click()
    expect(page.get_by_role("link", name="Fill in the form")).to_have_count(0)
    page.get_by_role("link", name="Choose a template").click()
    page.get_by_role("button", name="Start from Upgrade gift").click()
    expect(page.get_by_label("Name")).to_be_visible()
    page.get_by_role("link", name="Help about this page").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Plan")
    page.context.close()


def test_sample_data_is_loaded_with_a_click(browser: Browser, address: str) -> None:
    """It is said before that it stays; then Home has its campaigns, marked as a sample."""
    page = signed_in(browser, address, Role.ADMIN)
    page.get_by_role("link", name="Load sample data").click()
    expect(page.get_by_text("It cannot be taken out again")).to_be_visible()
    page.get_by_role("button", name="Load the sample data for good").click()
    page.wait_for_url(address, timeout=90_000)
    expect(page.get_by_text(NAME).first).to_be_visible()
    expect(page.get_by_role("heading", name="Running and planned")).to_be_visible()
    page.context.close()
