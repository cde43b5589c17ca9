"""The example page in a real browser, from an origin of its own, with the SDK that is shipped."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import TYPE_CHECKING

import httpx
import pytest

from app.auth import KeyKind, Scope, create_key, revoke_key
from app.wiring import utc_now
from tests.browser.shops import (
    BULK,
    BUNDLED,
    EXPOSURES,
    GIFT,
    GIFT_IN_CHINESE,
    PATIENCE_S,
    SEEN_MS,
    SENT,
    Shop,
    count,
    member_with,
    token_for,
    visit,
)
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


pytestmark = pytest.mark.browser


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


CLIMB: dict[str, dict[str, object]] = {
    "Your way to Gold": {"tier": "silver", "revenue_365d_minor": 840_000, "referrals_365d": 3},
    "You have what Gold asks for": {"tier": "silver", "revenue_365d_minor": 1_200_000},
    "Diamond is the highest there is, and yours": {"tier": "diamond"},
    "": {"tier": "silver"},
}
"""What the page says of the next tier, by what is known of the member."""


def test_the_page_shows_how_far_the_next_tier_is(context: BrowserContext, shop: Shop) -> None:
    """The nearest way is a bar, the others are words, so is the top; what is not known is not."""
    member = member_with(shop.served, "gift", "climber")
    seen = None
    for heading, attributes in CLIMB.items():
        shop.served.manage("PUT", f"/v1/members/{member}", {"attributes": attributes})
        seen = seen or visit(context, shop, member)
        seen.wait_for_title(GIFT)
        climb = seen.page.locator(".climb")
        deadline = time.monotonic() + PATIENCE_S
        while climb.locator("h2").inner_text() != heading and time.monotonic() < deadline:
            if not heading and not climb.is_visible():
                break
            seen.refresh()
            seen.page.wait_for_timeout(300)
        assert climb.is_visible() is bool(heading), heading
        bar = climb.locator("progress")
        assert bar.is_visible() is (heading == "Your way to Gold")
        if bar.is_visible():
            assert (bar.get_attribute("max"), bar.get_attribute("value")) == ("1200000", "840000")
            assert climb.locator(".to-go").inner_text() == "NT$3,600 to go, or 2 friends"
    assert seen is not None
    assert not seen.errors


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
        *("offer_id", "kind", "gift", "target_tier", "currency", "locale", "texts", "expires_at"),
        *("value_minor", "progress"),
    }
    assert flags["silver-only"]["metadata"]["reason"] == "not_eligible"
    for flag in flags.values():
        assert set(flag["metadata"]) <= {"campaign", "phase", "reason", "offerId", "locale"}
    text = answer.text()
    for secret in ("cost", "30000", "ONE_OF", 'silver"', "salt", "planned_share", "bucket"):
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
