"""Webhooks are set, looked at and sent again through HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auth import Scope
from experiments.store.engine import reading, writing
from experiments.store.webhooks import lease, settle
from experiments.webhooks import LONGEST_RETRY_AFTER, DeliveryState

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

URL = "https://shop.example/webhooks"


def call(service: Service, method: str, path: str, body: object = None) -> TestResponse:
    """Ask for an address under the webhooks."""
    given: dict[str, Any] = {} if body is None else {"json": body}
    return service.call(method, f"/v1/{path}", Scope.WEBHOOKS_WRITE, **given)


def put(service: Service, key: str = "shop", **fields: object) -> dict[str, Any]:
    """Set a webhook."""
    answer = call(service, "PUT", f"webhooks/{key}", {"url": URL, **fields})
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def give_up(service: Service) -> None:
    """Have everything that is due be a dead letter."""
    now = service.clock()
    with writing(service.engine) as connection:
        for one in lease(connection, "me", now, now + LONGEST_RETRY_AFTER, most=99, each=99):
            settle(connection, "me", one, now, state=DeliveryState.DEAD, status=500,
                   fault="answered 500")  # fmt: skip


def test_a_webhook_is_set_with_a_secret_that_is_shown_once(empty_service: Service) -> None:
    """And afterwards nowhere."""
    answer = call(empty_service, "PUT", "webhooks/shop", {"url": URL, "kinds": ["grant.redeemed"]})
    assert answer.status_code == 201
    secret = answer.get_json()["secret"]
    assert secret.startswith("whsec_")
    again = put(empty_service, kinds=["grant.redeemed"])
    assert again["secret"] is None
    shown = call(empty_service, "GET", "webhooks/shop")
    listed = call(empty_service, "GET", "webhooks")
    assert (shown.get_json()["url"], shown.get_json()["kinds"]) == (URL, ["grant.redeemed"])
    assert [one["key"] for one in listed.get_json()["webhooks"]] == ["shop"]
    assert secret not in shown.text + listed.text


def test_a_secret_is_changed_with_a_day_for_the_one_before(empty_service: Service) -> None:
    """Drawn, or one's own."""
    first = put(empty_service)["secret"]
    changed = call(empty_service, "POST", "webhooks/shop/secret", {}).get_json()
    assert changed["secret"] not in {None, first}
    assert changed["old_secret_until"] == "2026-03-02T12:00:00Z"  # noqa: S105  # a moment
    own = {"secret": first}
    assert call(empty_service, "POST", "webhooks/shop/secret", own).get_json()["secret"] is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "http://shop.example/"}, "url"),
        ({"url": 5}, "url"),
        ({"kinds": ["grant.lost"]}, "kinds[0]"),
        ({"secret": "short"}, "secret"),
        ({"enabled": "yes"}, "enabled"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(
    empty_service: Service, fields: dict[str, object], field: str
) -> None:
    """And nothing is kept."""
    answer = call(empty_service, "PUT", "webhooks/shop", {"url": URL, **fields})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json()["errors"]] == [field]
    assert call(empty_service, "GET", "webhooks/shop").status_code == 404


def test_there_are_not_too_many(empty_service: Service) -> None:
    """Each event is kept once for each."""
    for number in range(50):
        put(empty_service, f"shop-{number}")
    assert call(empty_service, "PUT", "webhooks/one-more", {"url": URL}).status_code == 422
    put(empty_service, "shop-7")


def test_every_move_of_a_campaign_is_told(service: Service) -> None:
    """In the transaction of the move, with who did it and why."""
    put(service)
    service.launch()
    for move, body in [("pause", {"reason": "Stock is short."}), ("resume", {})]:
        path = f"/v1/campaigns/gold-q3/{move}"
        answer = service.call("POST", path, Scope.CAMPAIGNS_WRITE, json=body)
        assert answer.status_code == 200, answer.text
    now = service.clock()
    with writing(service.engine) as connection:
        leased = lease(connection, "me", now, now + LONGEST_RETRY_AFTER, most=99, each=99)
    told = {one["type"]: one["data"] for one in (orjson.loads(two.body) for two in leased)}
    assert set(told) == {
        "campaign.created", "campaign.launched", "campaign.paused", "campaign.resumed",
    }  # fmt: skip
    paused = told["campaign.paused"]
    assert (paused["campaign"], paused["from_state"], paused["state"]) == (
        "gold-q3", "running", "paused",
    )  # fmt: skip
    assert (paused["phase"], paused["reason"]) == (1, "Stock is short.")


def test_a_move_that_is_refused_is_not_told(service: Service) -> None:
    """What did not happen is told to nobody."""
    put(service)
    service.launch()
    refused = service.call("POST", "/v1/campaigns/gold-q3/resume", Scope.CAMPAIGNS_WRITE, json={})
    assert refused.status_code == 409
    found = call(service, "GET", "webhooks/shop/deliveries").get_json()["deliveries"]
    assert {one["kind"] for one in found} == {"campaign.created", "campaign.launched"}


def test_dead_letters_are_listed_and_sent_again(empty_service: Service) -> None:
    """One, or all of a webhook, under the id that they had."""
    put(empty_service)
    put(empty_service, "crm")
    ids = [call(empty_service, "POST", "webhooks/shop/test").get_json()["message_id"]
           for _ in range(3)]  # fmt: skip
    call(empty_service, "POST", "webhooks/crm/test")
    assert call(empty_service, "GET", "dead-letters").get_json()["deliveries"] == []
    give_up(empty_service)
    dead = call(empty_service, "GET", "dead-letters").get_json()["deliveries"]
    assert len(dead) == 4
    assert {one["last_fault"] for one in dead} == {"answered 500"}
    one = call(empty_service, "POST", f"webhooks/shop/deliveries/{ids[0]}/redeliver")
    assert (one.status_code, one.get_json()["message_id"]) == (202, ids[0])
    rest = call(empty_service, "POST", "webhooks/shop/redeliver")
    assert rest.get_json() == {"messages": 2}
    pending = call(empty_service, "GET", "webhooks/shop/deliveries?state=pending").get_json()
    assert {one["message_id"] for one in pending["deliveries"]} == set(ids)


def test_pages_of_deliveries_follow_one_another(empty_service: Service) -> None:
    """By the cursor of the page before; one that was never given is refused."""
    put(empty_service)
    for _ in range(5):
        call(empty_service, "POST", "webhooks/shop/test")
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({} if cursor is None else {"cursor": cursor})}
        path = "/v1/webhooks/shop/deliveries"
        page = empty_service.call("GET", path, Scope.WEBHOOKS_WRITE, query_string=query).get_json()
        seen += [one["message_id"] for one in page["deliveries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(set(seen)) == len(seen) == 5
    for wrong in ("soon", "1.msg", "9" * 30 + ".a.b", "-1.a.b"):
        answer = call(empty_service, "GET", f"webhooks/shop/deliveries?cursor={wrong}")
        assert answer.status_code == 422


def test_a_webhook_is_removed_with_what_it_was_to_be_told(empty_service: Service) -> None:
    """And is then as unknown as any other."""
    put(empty_service)
    call(empty_service, "POST", "webhooks/shop/test")
    assert call(empty_service, "DELETE", "webhooks/shop").get_json()["key"] == "shop"
    for method, path in (
        ("GET", "webhooks/shop"),
        ("DELETE", "webhooks/shop"),
        ("GET", "webhooks/shop/deliveries"),
        ("POST", "webhooks/shop/test"),
        ("POST", "webhooks/shop/redeliver"),
        ("POST", "webhooks/shop/deliveries/msg_1/redeliver"),
    ):
        assert call(empty_service, method, path).status_code == 404
    with reading(empty_service.engine):
        assert call(empty_service, "GET", "dead-letters").get_json()["deliveries"] == []


def test_an_unknown_message_is_told(empty_service: Service) -> None:
    """It goes to another webhook, or nowhere."""
    put(empty_service)
    answer = call(empty_service, "POST", "webhooks/shop/deliveries/msg_1/redeliver")
    assert (answer.status_code, answer.get_json()["type"]) == (
        404,
        "urn:tierlift:problem:unknown-key",
    )


@pytest.mark.parametrize("scope", [one for one in Scope if one is not Scope.WEBHOOKS_WRITE])
def test_other_keys_see_nothing_of_it(empty_service: Service, scope: Scope) -> None:
    """Addresses of the business are for those who run its receivers."""
    assert empty_service.call("GET", "/v1/webhooks", scope).status_code == 403
