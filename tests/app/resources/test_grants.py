"""Rewards over HTTP: ordered one by one or many at once, read back, and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import KeyKind, Scope, create_key
from tests.experiments.designs import DESIGN, NOW
from tests.experiments.rewards import COST, assign, order, variants

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service


def ask(service: Service, items: object) -> TestResponse:
    """Send orders."""
    return service.call("POST", "/v1/grants", Scope.GRANTS_WRITE, json=items)


def read(service: Service, path: str = "", **query: Any) -> dict[str, Any]:  # noqa: ANN401  # parameters
    """Read the ledger."""
    answer = service.call("GET", f"/v1/grants{path}", Scope.GRANTS_READ, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def budget(service: Service) -> dict[str, Any]:
    """Read what is left."""
    answer = service.call("GET", "/v1/campaigns/gold-q3/budget", Scope.REPORTS_READ)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.fixture
def shop(service: Service) -> Service:
    """Give the API with a running campaign that has two gifts, and three members of it."""
    service.launch(variants=variants(stock=2), caps={"budget_minor": 10 * COST})
    assign(service.engine, ["m-1", "m-2", "m-3"])
    return service


def test_an_order_is_answered_with_the_grant(shop: Service) -> None:
    """Alone or in a list, the answer has the grant as it stands, and a repeat has the same."""
    first = ask(shop, order("reserve", "m-1"))
    assert first.status_code == 200
    (result,) = first.get_json()["results"]
    assert (result["outcome"], result["refusal"], result["errors"]) == ("accepted", None, [])
    assert result["grant"] == {
        "grant_id": "g-m-1",
        "campaign": "gold-q3",
        "phase": 1,
        "variant": "gift",
        "member_id": "m-1",
        "offer_id": "gold-q3.gift",
        "offer_kind": "gift",
        "cost_minor": COST,
        "currency": "TWD",
        "breakage": 0.0,
        "reserved_at": "2026-03-01T12:00:00Z",
        "received_at": "2026-03-01T12:00:00Z",
        "expires_at": None,
        "state": "reserved",
        "redeemed_at": None,
        "reversed_at": None,
        "expired_at": None,
        "sender": result["grant"]["sender"],
    }
    shop.clock.forward(timedelta(minutes=1))
    again = ask(shop, [order("reserve", "m-1")])
    assert again.status_code == 200
    assert again.get_json()["duplicates"] == 1
    assert again.get_json()["results"][0]["grant"] == result["grant"]


def test_what_is_refused_says_why_and_what_would_do(shop: Service) -> None:
    """The last unit goes to the first who asks; nothing of the others is kept."""
    answer = ask(shop, [order("grant", f"m-{number}") for number in (1, 2, 3)])
    assert answer.status_code == 207
    body = answer.get_json()
    assert (body["accepted"], body["refused"]) == (2, 1)
    refused = body["results"][2]
    assert refused["grant"] is None
    assert refused["refusal"]["code"] == "stock_exhausted"
    assert "2 of 2" in refused["refusal"]["message"]
    assert refused["refusal"]["way_out"]
    assert {grant["grant_id"] for grant in read(shop)["grants"]} == {"g-m-1", "g-m-2"}


def test_a_bad_object_alone_is_refused_as_a_whole(shop: Service) -> None:
    """As for events: one object is a problem, of a list each item has its own result."""
    bad = {**order("reserve", "m-1"), "action": "steal"}
    alone = ask(shop, bad)
    assert alone.status_code == 422
    assert alone.get_json()["errors"][0]["field"] == "action"
    listed = ask(shop, [bad, "nothing", order("reserve", "m-1")])
    assert listed.status_code == 207
    results = listed.get_json()["results"]
    assert [one["outcome"] for one in results] == ["refused", "refused", "accepted"]
    assert [one["errors"][0]["field"] for one in results[:2]] == ["action", "(item)"]


def test_lines_are_read_too(shop: Service) -> None:
    """A line that is no JSON is refused by itself."""
    good = b'{"grant_id":"a","action":"reserve","campaign":"gold-q3","member_id":"m-1"}'
    lines = good + b'\n{"broken\n'
    headers = {"Content-Type": "application/x-ndjson"}
    answer = shop.call("POST", "/v1/grants", Scope.GRANTS_WRITE, data=lines, headers=headers)
    assert answer.status_code == 207
    taken, broken = answer.get_json()["results"]
    assert taken["outcome"] == "accepted"
    assert broken["errors"][0]["field"] == "(line 2)"


def test_a_page_cannot_grant(service: Service) -> None:
    """A browser key has no such scope; neither has a key that only sends events."""
    refused = service.call("POST", "/v1/grants", Scope.EVENTS_WRITE, json=order("grant", "m-1"))
    assert refused.status_code == 403
    assert "grants:write" in refused.text
    with pytest.raises(Exception, match="grants:write"):
        create_key(service.engine, "page", [Scope.GRANTS_WRITE], NOW, kind=KeyKind.BROWSER)


def test_the_ledger_is_read_in_pages(shop: Service) -> None:
    """By campaign, member and state; what is due is expired, though nobody wrote it down."""
    soon = (NOW + timedelta(minutes=5)).isoformat()
    ask(shop, [order("reserve", "m-1", expires_at=soon), order("grant", "m-2")])
    assert [one["grant_id"] for one in read(shop, limit=1)["grants"]] == ["g-m-1"]
    cursor = read(shop, limit=1)["next_cursor"]
    assert [one["grant_id"] for one in read(shop, cursor=cursor)["grants"]] == ["g-m-2"]
    assert [one["grant_id"] for one in read(shop, member_id="m-2")["grants"]] == ["g-m-2"]
    assert read(shop, campaign="other")["grants"] == []
    assert [one["grant_id"] for one in read(shop, state="reserved")["grants"]] == ["g-m-1"]
    shop.clock.forward(timedelta(minutes=5))
    assert read(shop, state="reserved")["grants"] == []
    (expired,) = read(shop, state="expired")["grants"]
    assert (expired["state"], expired["expired_at"]) == ("expired", "2026-03-01T12:05:00Z")
    history = read(shop, "/g-m-2")
    assert [move["step"] for move in history["moves"]] == ["reserve", "redeem"]
    missing = shop.call("GET", "/v1/grants/nothing", Scope.GRANTS_READ)
    assert missing.status_code == 404


def test_a_budget_says_what_is_left_and_what_ran_out(shop: Service) -> None:
    """Reserved, redeemed and released are told apart; what is free again is left again."""
    ask(shop, [order("grant", "m-1"), order("reserve", "m-2")])
    full = budget(shop)
    assert full["enrolment_open"] is False
    stock, money = full["bounds"]
    assert stock == {
        "resource": "stock",
        "subject": "gold-q3.gift",
        "limit": 2,
        "used": 2,
        "reserved": 1,
        "redeemed": 1,
        "released": 0,
        "remaining": 0,
        "exhausted_at": "2026-03-01T12:00:00Z",
    }
    assert (money["used"], money["remaining"], money["exhausted_at"]) == (2 * COST, 8 * COST, None)
    assert full["exhaustions"][0]["resource"] == "stock"
    ask(shop, order("reverse", "m-2"))
    assert [one["remaining"] for one in budget(shop)["bounds"]] == [1, 9 * COST]
    assert budget(shop)["enrolment_open"] is False
    unknown = shop.call("GET", "/v1/campaigns/nowhere/budget", Scope.REPORTS_READ)
    assert unknown.status_code == 404


def test_an_exhausted_campaign_enrols_nobody_in_any_variant(shop: Service) -> None:
    """Who was assigned keeps the offer; who comes now gets the default, whatever the variant."""
    ask(shop, [order("grant", "m-1"), order("grant", "m-2")])
    reasons = {shop.offer(f"new-{number}")["reason"] for number in range(20)}
    assert reasons == {"capped"}
    assert shop.offer("m-3")["variant"] == "gift"


def test_raising_the_stock_opens_enrolment_again(shop: Service) -> None:
    """An operator's change is safe while the phase runs, and its moment is recorded."""
    ask(shop, [order("grant", "m-1"), order("grant", "m-2")])
    shop.clock.forward(timedelta(hours=1))
    document = {**DESIGN, "caps": {"budget_minor": 10 * COST}}
    lower = shop.campaign("PUT", "/gold-q3", json={**document, "variants": variants(stock=1)})
    assert lower.status_code == 409
    raised = shop.campaign("PUT", "/gold-q3", json={**document, "variants": variants(stock=5)})
    assert raised.status_code == 200, raised.text
    assert budget(shop)["enrolment_open"] is True
    assert budget(shop)["exhaustions"][0]["reopened_at"] == "2026-03-01T13:00:00Z"
    assert shop.offer("new")["reason"] == "assigned"
    assert ask(shop, order("grant", "m-3")).get_json()["accepted"] == 1


def test_orders_are_counted_by_what_became_of_them(shop: Service) -> None:
    """Refusals are stored nowhere, but they are seen."""
    ask(shop, [order("grant", f"m-{number}") for number in (1, 2, 3, 1)])
    ask(shop, {"action": "steal"})
    text = shop.call("GET", "/metrics", Scope.METRICS_READ).text
    assert 'tierlift_grants_total{action="grant",outcome="accepted"} 2' in text
    assert 'tierlift_grants_total{action="grant",outcome="duplicate"} 1' in text
    assert 'tierlift_grants_total{action="grant",outcome="stock_exhausted"} 1' in text
    assert 'tierlift_grants_total{action="unknown",outcome="invalid_values"} 1' in text


def test_the_report_names_the_moment(shop: Service) -> None:
    """A scorecard that was asked for before is not the answer once enrolment has closed."""
    before = finding(shop)
    assert (before["severity"], before["title"]) == ("passed", "Nothing ran out")
    ask(shop, [order("grant", "m-1"), order("grant", "m-2")])
    closed = finding(shop)
    assert closed["severity"] == "warning"
    assert (
        "offer gold-q3.gift (2) was exhausted at 2026-03-01 20:00 (Asia/Taipei)"
        in (closed["detail"])
    )


def finding(service: Service) -> dict[str, Any]:
    """Give what a report says of the enrolment."""
    found = service.scorecard()
    assert found.status_code == 200, found.text
    return next(one for one in found.get_json()["findings"] if one["code"] == "enrolment_closed")
