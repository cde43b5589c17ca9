"""Keys, webhooks and the programme's basics are set in the console, by whoever may."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.keys import list_keys
from app.auth.roles import Role
from app.webhooks import endpoints
from experiments.lifecycle import find_programme, set_programme
from experiments.store.engine import writing
from experiments.store.webhooks import lease, settle
from experiments.webhooks import DeliveryState
from tests.app.console.conftest import post
from tests.experiments.designs import programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

KEYS, HOOKS, BASICS = (f"/console/settings/{one}" for one in ("keys", "webhooks", "programme"))


@pytest.mark.parametrize(
    ("address", "needed"),
    [(KEYS, "keys:write"), (HOOKS, "webhooks:write"), (BASICS, "programme:write")],
)
def test_settings_need_their_permission(
    client_of: Callable[..., FlaskClient], address: str, needed: str
) -> None:
    """A denial names it; the overview shows what the role may change."""
    client = client_of(Role.MARKETER)
    answer = client.get(address)
    assert answer.status_code == 403
    assert needed in answer.text
    assert "Your role changes no settings" in client.get("/console/settings/").text


def test_a_key_is_shown_once(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Its text stands on the page that made it, and on none afterwards."""
    client = client_of(Role.ENGINEER)
    post(client, KEYS, page=KEYS, name="shop", kind="browser", scopes="offers:read", rate="5")
    text = pages[-1].text
    assert text.startswith("tl_")
    assert text not in client.get(KEYS).text
    (key,) = list_keys(wiring.engine)
    assert (key.name, key.kind, key.rate, key.scopes) == ("shop", "browser", 5, {"offers:read"})
    address = f"{KEYS}/{key.key_id}/revoke"
    assert "is refused within a second" in client.get(address).text
    post(client, address, page=address)
    assert list_keys(wiring.engine)[0].revoked_at is not None


def test_a_refused_key_loses_nothing_that_was_typed(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Each refusal stands at its field, and nobody gives more than the own role has."""
    client = client_of(Role.ENGINEER)
    wrong = post(client, KEYS, page=KEYS, name="x", scopes="users:write", rate="fast")
    assert wrong.status_code == 422
    page = pages[-1]
    assert (page.name, page.rate, set(page.errors)) == ("x", "fast", {"rate", "scopes"})
    assert post(client, KEYS, page=KEYS, name="", scopes="offers:read").status_code == 422
    assert set(pages[-1].errors) == {"name"}
    assert not list_keys(wiring.engine)


def test_a_webhook_is_added_tested_and_removed(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Its secret is shown once; far-reaching acts are confirmed on a page before."""
    client, one = client_of(Role.ENGINEER), f"{HOOKS}/shop"
    assert post(client, HOOKS, page=HOOKS, key="shop", url="http://x").status_code == 422
    assert (pages[-1].url, "url" in pages[-1].errors) == ("http://x", True)
    url = "https://shop.example/hooks"
    post(client, HOOKS, page=HOOKS, key="shop", url=url, kinds="grant.redeemed")
    secret = pages[-1].secret
    assert secret.startswith("whsec_")
    assert secret not in client.get(one).text
    post(client, f"{one}/test", page=one)
    client.get(one)
    assert pages[-1].deliveries[0].kind == "webhook.test"
    assert "The old one signs, too" in client.get(f"{one}?confirm=secret").text
    post(client, f"{one}/secret", page=one)
    assert pages[-1].secret not in {"", secret}
    post(client, f"{one}/disable", page=one)
    assert not endpoints.find_webhook(wiring.engine, "shop").is_enabled
    post(client, f"{one}/replay", page=one)
    post(client, f"{one}/remove", page=one)
    assert not endpoints.list_webhooks(wiring.engine)


def test_messages_that_were_given_up_are_told_in_words_and_sent_again(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Why is said in the reader's language; one button sends all of them again."""
    client, one, now = client_of(Role.ENGINEER), f"{HOOKS}/shop", wiring.clock()
    client.set_cookie("tierlift-language", "zh-Hans-CN", path="/console")
    post(client, HOOKS, page=HOOKS, key="shop", url="https://shop.example/hooks")
    for fault in ("answered 500", "Connection refused", "certificate has expired"):
        post(client, f"{one}/test", page=one)
        with writing(wiring.engine) as connection:
            (leased,) = lease(connection, "me", now, now + timedelta(1), most=1, each=1)
            settle(connection, "me", leased, now, state=DeliveryState.DEAD, fault=fault)
    client.get(HOOKS)
    assert pages[-1].dead == "3"
    text = client.get(one).text
    rows = {row.fault: (row.told, row.state) for row in pages[-1].deliveries}
    assert rows["响应 500"] == ("测试消息", "已放弃")
    assert "该地址和端口没有服务接受连接。" in rows
    assert '<span lang="en">certificate has expired</span>' in text
    assert post(client, f"{one}/replay", page=one).location == one
    client.get(one)
    assert {row.state for row in pages[-1].deliveries} == {"发送中"}
    assert not pages[-1].has_dead


def test_the_basics_change_and_the_rest_stays(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The ladder stays as it is, and so does the currency, whatever is sent."""
    set_programme(wiring.engine, programme(), wiring.clock())
    client = client_of(Role.ADMIN)
    client.get(BASICS)
    values = pages[-1].values | {"name": "Lake Club", "currency": "USD", "conversions_days": "400",
                                 "contact_cost_minor": "0.5"}  # fmt: skip
    assert post(client, BASICS, page=BASICS, **values).status_code == 302
    kept = find_programme(wiring.engine)
    assert kept is not None
    assert (kept.name, kept.currency, kept.tiers) == ("Lake Club", "TWD", programme().tiers)
    assert (kept.retention.conversions_days, kept.contact_cost_minor) == (400, 50)


def test_refused_basics_stand_at_their_fields(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Nothing is kept, and nothing typed is lost."""
    client = client_of(Role.ADMIN)
    client.get(BASICS)
    wrong = pages[-1].values | {"time_zone": "Moon/Base", "currency": "TWD", "locales": "en"}
    assert post(client, BASICS, page=BASICS, **wrong).status_code == 422
    assert set(pages[-1].errors) == {"time_zone"}
    assert pages[-1].values["time_zone"] == "Moon/Base"
    wrong |= {"quarantine_days": "soon", "acquisition_cost_minor": "-1"}
    assert post(client, BASICS, page=BASICS, **wrong).status_code == 422
    assert set(pages[-1].errors) == {"quarantine_days", "acquisition_cost_minor"}
    assert find_programme(wiring.engine) is None
