"""The example page in a real browser, from an origin of its own, with the SDK that is shipped."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from app.auth import KeyKind, Scope, create_key, revoke_key
from app.wiring import utc_now
from tests.app.serving import free_port
from tests.conftest import missing
from tests.contracts.frontends import SECRET, Frontend, frontend
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, Route

pytestmark = pytest.mark.browser

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "docs/how-to/frontend-page"
PROVIDER: Final = ROOT / "node_modules/@openfeature/ofrep-web-provider"
PATIENCE_S: Final = 20.0
SEEN_MS: Final = 1_000
"""How long the page's hook wants a slot to be in the window."""

BUNDLED: Final = "New in the tea house"
GIFT: Final = "A gift awaits"
GIFT_IN_CHINESE: Final = "好禮等您"
JS_ON_THE_PAGE: Final = re.findall(
    r"^```js\n(.*?)^```$",
    (ROOT / "docs/how-to/show-offers-in-a-page.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)
SHOWN: Final = {"hana": "A tea set awaits at Gold", "mei": BUNDLED, "kai": BUNDLED}
"""What the members of the example see: the gift, control, and who is not in the campaign."""

SENT: Final = ("authorization", "content-type", "if-none-match", "x-tierlift-member")
"""Headers of the provider and of the page that a browser asks for first."""

BULK: Final = "/ofrep/v1/evaluate/flags"
EXPOSURES: Final = "/v1/exposures"


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop's own server, and the Tierlift that its page asks.

    Attributes:
        origin: Where the page is.
        served: The Tierlift.
        folder: Holds what the shop knows.
    """

    origin: str
    served: Frontend
    folder: Path


@dataclass(slots=True)
class Visit:
    """A page that a member has open, and what went between it and Tierlift.

    Attributes:
        page: The page.
        answers: Every answer of Tierlift, preflights included where the browser shows them.
        requests: Every request to it, answered or not.
        errors: What went wrong in the page's script.
    """

    page: Page
    answers: list[Response] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def title(self) -> str:
        """Give what stands in the slot."""
        return self.page.locator(".offer h2").inner_text()

    def wait_for_title(self, title: str) -> None:
        """Wait until the slot has this title."""
        self.page.wait_for_function(
            "title => document.querySelector('.offer h2').textContent === title",
            arg=title,
            timeout=PATIENCE_S * 1_000,
        )

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds, and let the page go on meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"{what}; {self.log()}"
            self.page.wait_for_timeout(50)

    def log(self) -> list[str]:
        """Give the lines that the page shows to developers."""
        return self.page.locator(".log li").all_inner_texts()

    def wait_for_line(self, words: str) -> None:
        """Wait until a line that the page shows to developers has these words."""
        self.wait_for(lambda: any(words in line for line in self.log()), f"no line says {words!r}")

    def refresh(self) -> None:
        """Come back to the tab, at which the provider asks again."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def to(self, path: str) -> list[Response]:
        """Give the answers of an address, in their order."""
        return [
            one
            for one in self.answers
            if urlsplit(one.url).path == path and one.request.method == "POST"
        ]

    def wait_for_answers(self, path: str, number: int) -> list[Response]:
        """Wait until an address has answered so many times."""
        self.wait_for(lambda: len(self.to(path)) >= number, f"{path} was not asked {number} times")
        return self.to(path)


@contextmanager
def shop_of(folder: Path, served: Frontend, port: int = 0) -> Iterator[Shop]:
    """Start the example's own server for a Tierlift that runs."""
    if not PROVIDER.exists():
        missing(f"{PROVIDER} is absent; install the npm packages with: make setup")
    known = {
        "tierlift": served.address,
        "browser_key": served.browser_key,
        "secret": SECRET,
        "members": [],
    }
    (folder / "shop.json").write_text(json.dumps(known), "utf-8")
    port = port or free_port()
    command = [sys.executable, EXAMPLE / "shop.py", "--folder", folder, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own
        assert process.stdout is not None
        assert b"http://" in process.stdout.readline()
        try:
            yield Shop(f"http://127.0.0.1:{port}", served, folder)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Shop]:
    """Give a shop and its Tierlift, of which every test sees members of its own."""
    folder = tmp_path_factory.mktemp("shop")
    with frontend(folder, sqlite_template) as served, shop_of(folder, served) as running:
        yield running


def token_for(member_id: str) -> str:
    """Sign a member token, as the shop does."""
    now = int(time.time())
    return jwt.encode({"sub": member_id, "iat": now, "exp": now + 600}, SECRET, "HS256")


def session_of(shop: Shop, member_id: str, **changes: object) -> dict[str, Any]:
    """Give what the shop says of who is logged in."""
    way = {"to": "gold", "current_minor": 840_000, "target_minor": 1_200_000}
    progress = {**way, "currency": "TWD", "until": "2030-12-31"}
    member = {"id": member_id, "name": "Hana", "tier": "silver", "progress": progress}
    return {
        "tierlift": shop.served.address,
        "browser_key": shop.served.browser_key,
        "member": member,
        "members": [member],
        "token": token_for(member_id),
        "ends_at": int(time.time()) + 600,
        **changes,
    }


def visit(
    context: BrowserContext,
    shop: Shop,
    member_id: str,
    *,
    campaign: str = "gold-q3",
    height: int = 900,
    **changes: object,
) -> Visit:
    """Open the page as a member and watch it.

    Args:
        context: Of the browser; it keeps what the page stores.
        shop: Whose page.
        member_id: Who is logged in.
        campaign: Whose offer the slot shows.
        height: Of the window; the slot is below a low one.
        changes: Of the session.
    """
    page = context.new_page()
    page.set_viewport_size({"width": 1_200, "height": height})
    seen = Visit(page)
    tierlift = shop.served.address

    def session(route: Route) -> None:
        route.fulfill(json=session_of(shop, member_id, **changes))

    def script(route: Route) -> None:
        # the document itself must come over the network: a browser lets only a page from a local
        # address call a local address
        source = (EXAMPLE / "page.js").read_text("utf-8")
        slot = f'document.querySelector("[data-offer]").dataset.offer = "{campaign}";\n'
        route.fulfill(body=slot + source, content_type="text/javascript")

    def answered(response: Response) -> None:
        if response.url.startswith(tierlift):
            seen.answers.append(response)

    def asked(request: Request) -> None:
        if request.url.startswith(tierlift):
            seen.requests.append(request)

    page.route("**/session*", session)
    page.route(f"{shop.origin}/page.js", script)
    page.on("response", answered)
    page.on("request", asked)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.goto(f"{shop.origin}/")
    page.wait_for_selector(".log li")
    return seen


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser that has never been here, whose reader speaks English."""
    context = browser.new_context(locale="en-GB")
    yield context
    context.close()


def member_with(served: Frontend, variant: str, prefix: str, campaign: str = "gold-q3") -> str:
    """Give a member whose published bucket leads to a variant."""
    members = (f"{prefix}-{number}" for number in range(99))
    return next(one for one in members if served.variant_of(one, campaign) == variant)


def count(served: Frontend, member_id: str) -> int:
    """Give how many exposures of a member are kept."""
    with served.engine.connect() as connection:
        query = "SELECT count(*) FROM exposures WHERE member_id = ?"
        found = connection.exec_driver_sql(query, (member_id,)).scalar()
        assert found is not None
        return int(found)


def test_every_member_sees_the_published_variant(context: BrowserContext, shop: Shop) -> None:
    """The page shows the offer of the member's bucket; control sees what all see."""
    for variant, title in (("gift", GIFT), ("control", BUNDLED)):
        member = member_with(shop.served, variant, "seen")
        seen = visit(context, shop, member)
        seen.wait_for_line(f"{variant}, assigned (SPLIT)")
        assert seen.title() == title
        assert seen.page.locator(".offer").get_attribute("data-variant") == variant
        assert not seen.errors


def test_the_browser_asks_first_and_may_read_what_it_needs(
    context: BrowserContext, shop: Shop
) -> None:
    """The preflight allows exactly the headers that the provider sends, and `ETag` is exposed."""
    seen = visit(context, shop, member_with(shop.served, "gift", "cors"))
    seen.wait_for_title(GIFT)
    answer = seen.wait_for_answers(BULK, 1)[0]
    sent = answer.request.all_headers()
    assert sent["origin"] == shop.origin
    assert sent["x-tierlift-member"]
    assert sent["content-type"] == "application/json; charset=utf-8"
    assert "cookie" not in sent
    exposed = answer.all_headers()["access-control-expose-headers"]
    assert {"ETag", "Retry-After"} <= {name.strip() for name in exposed.split(",")}
    asked = httpx.options(
        shop.served.address + BULK,
        headers={
            "Origin": shop.origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": ",".join(SENT),
        },
    )
    assert asked.status_code == 204
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert not [name for name in SENT if name not in allowed]


def test_what_did_not_change_is_not_sent_again(context: BrowserContext, shop: Shop) -> None:
    """The second time the provider names the tag, and 304 leaves the offer where it is."""
    seen = visit(context, shop, member_with(shop.served, "gift", "again"))
    seen.wait_for_title(GIFT)
    first = seen.wait_for_answers(BULK, 1)[0]
    seen.refresh()
    second = seen.wait_for_answers(BULK, 2)[1]
    assert second.request.all_headers()["if-none-match"] == first.all_headers()["etag"]
    assert (first.status, second.status) == (200, 304)
    assert seen.title() == GIFT
    assert not seen.errors


def test_a_changed_tier_shows_with_the_next_refresh(context: BrowserContext, shop: Shop) -> None:
    """The provider keeps its tag under the same targetingKey; ours covers the answer."""
    member = member_with(shop.served, "gift", "tier", "silver-only")
    shop.served.manage("PUT", f"/v1/members/{member}", {"attributes": {"tier": "bronze"}})
    seen = visit(context, shop, member, campaign="silver-only")
    seen.wait_for_line("default, not_eligible (STATIC)")
    assert seen.title() == BUNDLED
    shop.served.manage("PUT", f"/v1/members/{member}", {"attributes": {"tier": "silver"}})
    deadline = time.monotonic() + PATIENCE_S
    while seen.title() == BUNDLED and time.monotonic() < deadline:
        seen.refresh()
        seen.page.wait_for_timeout(300)
    assert seen.title() == GIFT
    asked = [one.request.all_headers() for one in seen.to(BULK)]
    assert "if-none-match" not in asked[0]
    assert all("if-none-match" in headers for headers in asked[1:])


def test_what_a_page_says_of_its_member_decides_nothing(
    context: BrowserContext, shop: Shop
) -> None:
    """A tier that somebody writes into the context in the developer tools opens no offer."""
    member = member_with(shop.served, "gift", "liar", "silver-only")
    seen = visit(context, shop, member, campaign="silver-only")
    seen.wait_for_line("not_eligible")
    script = """async () => {
      const { OpenFeature } = await import('@openfeature/web-sdk');
      await OpenFeature.setContext({ ...OpenFeature.getContext(), tier: 'silver' });
    }"""
    seen.page.evaluate(script)
    sent = seen.wait_for_answers(BULK, 2)[1].request.post_data_json
    assert sent["context"]["tier"] == "silver"
    assert seen.title() == BUNDLED


def test_another_language_comes_at_once(context: BrowserContext, shop: Shop) -> None:
    """The switch asks again under the same targetingKey, and the slot speaks it, there and back."""
    seen = visit(context, shop, member_with(shop.served, "gift", "tongue"))
    seen.wait_for_title(GIFT)
    seen.page.click("[data-locale='zh-TW']")
    seen.wait_for_title(GIFT_IN_CHINESE)
    assert seen.page.evaluate("document.documentElement.lang") == "zh-TW"
    seen.page.click("[data-locale='en']")
    seen.wait_for_title(GIFT)
    assert not seen.errors


def test_the_page_learns_nothing_of_rules_costs_or_others(
    context: BrowserContext, shop: Shop
) -> None:
    """What comes has no cost, no rule, no detail of a refusal and no campaign that is not out."""
    shop.served.manage("POST", "/v1/campaigns", {**deepcopy(DESIGN), "key": "not-out-yet"})
    seen = visit(context, shop, member_with(shop.served, "gift", "nosy"))
    seen.wait_for_title(GIFT)
    answer = seen.wait_for_answers(BULK, 1)[0]
    flags = {flag["key"]: flag for flag in answer.json()["flags"]}
    assert set(flags) == {"gold-q3", "silver-only", "paused"}
    assert set(flags["gold-q3"]["value"]) == {
        *("offer_id", "kind", "gift", "target_tier", "currency", "locale", "texts", "expires_at")
    }
    assert flags["silver-only"]["metadata"]["reason"] == "not_eligible"
    for flag in flags.values():
        assert set(flag["metadata"]) <= {"campaign", "phase", "reason", "offerId", "locale"}
    text = answer.text()
    for secret in ("cost", "30000", '"tier"', "ONE_OF", 'silver"', "salt", "share", "bucket"):
        assert secret not in text, secret


def test_an_exposure_is_reported_when_the_slot_is_seen(context: BrowserContext, shop: Shop) -> None:
    """Below the fold nothing is reported; in the window once, and a reload is a duplicate."""
    member = member_with(shop.served, "gift", "scroll")
    seen = visit(context, shop, member, height=180)
    seen.wait_for_title(GIFT)
    seen.page.wait_for_timeout(2 * SEEN_MS)
    assert not seen.to(EXPOSURES)
    seen.page.locator(".offer").scroll_into_view_if_needed()
    seen.page.set_viewport_size({"width": 1_200, "height": 900})
    seen.wait_for_line("gift, reported")
    assert count(shop.served, member) == 1
    seen.refresh()
    seen.page.evaluate("scrollTo(0, 900)")
    seen.page.wait_for_timeout(100)
    seen.page.evaluate("scrollTo(0, 0)")
    seen.page.wait_for_timeout(2 * SEEN_MS)
    assert len(seen.to(EXPOSURES)) == 1
    seen.page.reload()
    assert seen.wait_for_answers(EXPOSURES, 2)[1].status == 200
    assert count(shop.served, member) == 1
    assert ("gold-q3", "gift", member) in shop.served.exposures()


def test_control_is_exposed_too_and_the_default_is_not(context: BrowserContext, shop: Shop) -> None:
    """Who sees business as usual as control counts; who is not in the campaign does not."""
    control = member_with(shop.served, "control", "plain")
    seen = visit(context, shop, control)
    seen.wait_for_line("gold-q3: control, reported")
    assert ("gold-q3", "control", control) in shop.served.exposures()
    outside = visit(context, shop, "outside-1", campaign="silver-only")
    outside.wait_for_line("not_eligible")
    outside.page.wait_for_timeout(2 * SEEN_MS)
    assert not outside.to(EXPOSURES)


def test_a_token_of_another_member_shows_the_default(context: BrowserContext, shop: Shop) -> None:
    """The answer is 403, the slot keeps what is bundled, nothing is reported."""
    member = member_with(shop.served, "gift", "other")
    seen = visit(context, shop, member, token=token_for("somebody-else"))
    seen.wait_for_line("the default: PROVIDER_FATAL")
    assert [one.status for one in seen.to(BULK)] == [403]
    assert seen.title() == BUNDLED
    seen.page.wait_for_timeout(2 * SEEN_MS)
    assert not seen.to(EXPOSURES)
    assert not seen.errors


def test_a_revoked_key_leaves_the_default(context: BrowserContext, shop: Shop) -> None:
    """While the page is open the offer stays; who opens it later sees the bundled default."""
    scopes = [Scope.OFFERS_READ, Scope.EVENTS_WRITE]
    key = create_key(shop.served.engine, "lost", scopes, utc_now(), kind=KeyKind.BROWSER)
    member = member_with(shop.served, "gift", "lost")
    seen = visit(context, shop, member, browser_key=key.text)
    seen.wait_for_title(GIFT)
    revoke_key(shop.served.engine, key.key_id, utc_now())
    deadline = time.monotonic() + PATIENCE_S
    while not any(one.status == 401 for one in seen.to(BULK)) and time.monotonic() < deadline:
        seen.refresh()
        seen.page.wait_for_timeout(300)
    assert seen.to(BULK)[-1].status == 401
    assert seen.title() == GIFT
    late = visit(context, shop, member, browser_key=key.text)
    late.wait_for_line("the default: PROVIDER_FATAL")
    assert late.title() == BUNDLED
    assert not seen.errors + late.errors


def test_too_many_requests_leave_the_offer_where_it_is(context: BrowserContext, shop: Shop) -> None:
    """The provider reads `Retry-After`, which is exposed, and rests that long."""
    scopes = [Scope.OFFERS_READ, Scope.EVENTS_WRITE]
    key = create_key(shop.served.engine, "slow", scopes, utc_now(), kind=KeyKind.BROWSER, rate=1)
    member = member_with(shop.served, "gift", "slow")
    seen = visit(context, shop, member, browser_key=key.text)
    seen.wait_for_title(GIFT)
    deadline = time.monotonic() + PATIENCE_S
    while not any(one.status == 429 for one in seen.to(BULK)) and time.monotonic() < deadline:
        seen.refresh()
        seen.page.wait_for_timeout(20)
    assert any(one.status == 429 for one in seen.to(BULK))
    number = len(seen.to(BULK))
    for _ in range(5):
        seen.refresh()
    seen.page.wait_for_timeout(200)
    assert len(seen.to(BULK)) == number, "it asked before the time that Retry-After gives"
    assert seen.title() == GIFT


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
                    assert page.locator(".climb").is_visible() is (member != "kai")
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
