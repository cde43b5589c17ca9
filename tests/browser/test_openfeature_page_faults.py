"""What the example page does when something is missing: the service, a key, a script, time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal

import httpx
import pytest

from tests.app.serving import free_port
from tests.browser.shops import (
    BULK,
    BUNDLED,
    CLIMBS,
    EXAMPLE,
    EXPOSURES,
    GIFT,
    GIFT_IN_CHINESE,
    JS_ON_THE_PAGE,
    PATIENCE_S,
    SEEN_MS,
    SHOWN,
    Shop,
    Visit,
    count,
    member_with,
    shop_of,
    visit,
)
from tests.contracts.frontends import frontend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Route


pytestmark = pytest.mark.browser


def test_an_outage_never_leaves_the_slot_blank(
    context: BrowserContext, tmp_path: Path, sqlite_template: Path
) -> None:
    """The open page keeps its offer, a known member gets the last one, a new one the bundled."""
    with ExitStack() as shops:
        service = shops.enter_context(ExitStack())
        served = service.enter_context(frontend(tmp_path, sqlite_template))
        shop = shops.enter_context(shop_of(tmp_path, served))
        member = member_with(served, "gift", "storm")
        seen = visit(context, shop, member)
        seen.wait_for_title(GIFT)
        seen.wait_for_line("gift, reported")
        service.close()
        seen.refresh()
        seen.page.wait_for_timeout(500)
        assert seen.title() == GIFT
        known = visit(context, shop, member)
        known.wait_for_line("gift, assigned (CACHED)")
        assert known.title() == GIFT
        stranger = visit(context, shop, "nobody-yet")
        stranger.wait_for(lambda: len(stranger.log()) >= 2, "it still waits")
        assert stranger.title() == BUNDLED
        assert stranger.page.locator(".offer .button").is_visible()
        assert not seen.errors + known.errors + stranger.errors


def test_only_pages_of_allowed_origins_are_answered(
    context: BrowserContext, tmp_path: Path, sqlite_template: Path
) -> None:
    """A page of another origin reads nothing, and shows what it brought along."""
    port = free_port()
    allowed = f"http://127.0.0.1:{port}"
    with frontend(tmp_path, sqlite_template, browser_origins=allowed) as served:
        member = member_with(served, "gift", "origin")
        with shop_of(tmp_path, served, port=port) as ours:
            seen = visit(context, ours, member)
            seen.wait_for_title(GIFT)
        with shop_of(tmp_path, served) as theirs:
            seen = visit(context, theirs, member)
            seen.wait_for(lambda: len(seen.log()) >= 2, "it still waits")
            assert seen.title() == BUNDLED
            assert not seen.to(BULK)


def test_a_slow_service_is_not_waited_for(context: BrowserContext, shop: Shop) -> None:
    """Meanwhile, and after two seconds for good, the slot shows what is bundled."""
    context.route(f"{shop.served.address}/**", lambda _: None)  # never answered
    seen = visit(context, shop, member_with(shop.served, "gift", "slug"))
    assert seen.title() == BUNDLED
    seen.wait_for(lambda: len(seen.log()) >= 2, "it still waits")
    assert seen.title() == BUNDLED


def test_an_exposure_waits_for_the_service(context: BrowserContext, shop: Shop) -> None:
    """What could not be reported is sent again with the same id; a server's fault loses nothing."""
    sent: list[Any] = []

    def failing(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data_json)
        if len(sent) == 1:
            headers = {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After",
                "Retry-After": "1",
            }
            route.fulfill(status=503, headers=headers, body="{}")
        else:
            route.continue_()

    context.route(shop.served.address + EXPOSURES, failing)
    member = member_with(shop.served, "gift", "patience")
    seen = visit(context, shop, member)
    seen.wait_for_line("gift, reported")
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert count(shop.served, member) == 1


def test_an_offer_that_is_over_is_not_shown(context: BrowserContext, shop: Shop) -> None:
    """Kept or not: after `expires_at` the slot shows what is bundled, and nothing is reported."""

    def aged(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        answer = route.fetch()
        document = answer.json()
        for flag in document["flags"]:
            flag["value"]["expires_at"] = "2020-01-01T00:00:00Z"
        route.fulfill(response=answer, json=document)

    context.route(shop.served.address + BULK, aged)
    seen = visit(context, shop, member_with(shop.served, "gift", "late"))
    seen.wait_for_line("connected")
    seen.page.wait_for_timeout(2 * SEEN_MS)
    assert seen.title() == BUNDLED
    assert not seen.to(EXPOSURES)


def test_without_script_the_slot_has_the_bundled_offer(browser: Browser, shop: Shop) -> None:
    """What is bundled stands in the document itself."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shop.origin}/index.html")
    assert page.locator(".offer h2").inner_text() == BUNDLED
    assert page.locator(".offer .button").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-TW"])
def test_axe_finds_nothing(
    browser: Browser, axe: str, shop: Shop, scheme: Literal["light", "dark"], locale: str
) -> None:
    """The page has no fault that axe knows, in either scheme, language and width."""
    context = browser.new_context(locale=locale, color_scheme=scheme)
    seen = visit(context, shop, member_with(shop.served, "gift", "axe"))
    seen.wait_for_title(GIFT if locale == "en-GB" else GIFT_IN_CHINESE)
    seen.page.evaluate(axe)
    for width in (390, 1_200):
        seen.page.set_viewport_size({"width": width, "height": 900})
        found = seen.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        faults = [
            (fault["id"], node["html"][:120], node["failureSummary"][:300])
            for fault in found["violations"]
            for node in fault["nodes"]
        ]
        assert not faults
    context.close()


def test_the_page_fits_every_window_and_stays_where_it_is(
    context: BrowserContext, shop: Shop
) -> None:
    """It never scrolls sideways, and what is below the slot does not move when the offer comes."""
    member = member_with(shop.served, "gift", "fit")
    held: list[Route] = []
    context.route(shop.served.address + BULK, lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks it, which no built-in bears
    seen = visit(context, shop, member)
    for width in (390, 1_200):
        seen.page.set_viewport_size({"width": width, "height": 900})
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
    seen.wait_for(lambda: bool(held), "nothing was asked")
    before = seen.page.locator("#benefits").bounding_box()
    held[0].continue_()
    seen.wait_for_title(GIFT)
    assert seen.page.locator("#benefits").bounding_box() == before


@pytest.mark.parametrize("block", JS_ON_THE_PAGE)
def test_what_the_documentation_shows_is_what_runs(block: str) -> None:
    """Script on the how-to page stands in the example as it is."""
    assert block in (EXAMPLE / "offers.js").read_text("utf-8")


def test_the_two_commands_of_the_page_work(context: BrowserContext, tmp_path: Path) -> None:
    """As a reader types them: a Tierlift, a shop, an offer in the slot; and once more."""
    tierlift, port = free_port(), free_port()
    folder = ("--folder", str(tmp_path / "kept"))
    origin = f"http://localhost:{port}"
    starts = [EXAMPLE / "start_tierlift.py", "--port", str(tierlift), "--shop", origin, *folder]
    opens = [EXAMPLE / "shop.py", "--port", str(port), *folder]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TIERLIFT_")},
        "TIERLIFT_WORKERS": "1",  # of several, Granian loses a signal while one loads
    }
    for _ in range(2):
        with (
            subprocess.Popen([sys.executable, *starts], env=environment) as service,  # noqa: S603
            stopped(service),
        ):
            wait_until_ready(f"http://localhost:{tierlift}", service)
            with (
                subprocess.Popen(  # noqa: S603  # our own
                    [sys.executable, *opens], env=environment, stdout=subprocess.PIPE
                ) as process,
                stopped(process),
            ):
                assert process.stdout is not None
                assert origin.encode() in process.stdout.readline()
                for member, title in SHOWN.items():
                    page = context.new_page()
                    seen = Visit(page)
                    page.goto(f"{origin}/?member={member}")
                    seen.wait_for_line("connected")
                    seen.wait_for_title(title)
                    assert page.locator(".climb .to-go").inner_text() == CLIMBS[member]
                    assert page.locator(".climb progress").is_visible() is (member != "kai")
                    page.close()


@contextmanager
def stopped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a process at the end of the block."""
    try:
        yield
    finally:
        process.terminate()


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 6 * PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it answered"
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"nothing answered at {address}")
