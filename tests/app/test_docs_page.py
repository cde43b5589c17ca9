"""The API page in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.api.docs import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from app.wiring import Wiring
    from tests.app.serving import RunningServer


@pytest.fixture
def assets(wiring: Wiring) -> Path:
    """Give the folder of the page's assets."""
    folder = wiring.assets / "swagger-ui-dist"
    if not all((folder / name).is_file() for name in ASSETS):
        pytest.skip("the npm packages are not installed; `make setup` installs them")
    return folder


@pytest.mark.browser
@pytest.mark.usefixtures("assets")
def test_the_page_shows_the_addresses_from_our_own_files(
    running: RunningServer, browser: Browser
) -> None:
    """Every address is shown, nothing comes from another host, and the policy forbids nothing."""
    asked: list[str] = []
    complaints: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{running.address}/docs")
    page.wait_for_selector("#operations-Health-get_health_healthz")
    shown = page.locator(".opblock-summary-path").count()
    documented = page.evaluate(
        "async () => Object.values((await (await fetch('/openapi.json')).json()).paths)"
        ".flatMap(Object.keys).length"
    )
    page.close()

    assert shown == documented > 0
    assert complaints == []
    assert [url for url in asked if not url.startswith((running.address, "data:"))] == []
