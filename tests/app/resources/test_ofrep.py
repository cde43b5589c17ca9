"""The OpenFeature Remote Evaluation Protocol, as its shipped clients need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.auth import Scope
from tests.app.resources.test_offers import SILVER, slot

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

REASONS = {"STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"}
FLAGS = "/ofrep/v1/evaluate/flags"


def ask(
    service: Service, path: str = "", headers: dict[str, str] | None = None, **context: object
) -> TestResponse:
    """Evaluate one flag, or all."""
    body = {"context": context}
    return service.call(
        "POST", f"{FLAGS}{path}", Scope.OFFERS_READ, json=body, headers=headers or {}
    )


def member_of(variant: str) -> str:
    """Give a member who gets a variant of the tests' campaign."""
    slots = range(5_000) if variant == "control" else range(5_000, 10_000)
    return next(m for m in map(str, range(99)) if slot("gold-q3:1:split", m) in slots)


def test_a_flag_is_the_campaigns_offer_for_the_member(service: Service) -> None:
    """Key, reason, variant, value and metadata come, and what the offer costs does not."""
    service.launch()
    answer = ask(service, "/gold-q3", targetingKey=member_of("gift"), locale="zh-TW")
    assert answer.status_code == 200
    flag = answer.get_json()
    assert {name: flag[name] for name in ("key", "reason", "variant")} == {
        "key": "gold-q3",
        "reason": "SPLIT",
        "variant": "gift",
    }
    assert flag["value"]["kind"] == "gift"
    assert flag["value"]["locale"] == "zh-Hant-TW"
    assert flag["value"]["texts"]["title"]
    assert flag["metadata"]["reason"] == "assigned"
    assert all(isinstance(one, str | int | float | bool) for one in flag["metadata"].values())
    assert "cost" not in answer.text


def test_the_variant_is_the_one_of_the_offer_route(service: Service) -> None:
    """Both ways of asking decide alike and share what is remembered."""
    service.launch()
    for member in map(str, range(20)):
        flag = ask(service, "/gold-q3", targetingKey=member).get_json()
        offer = service.offer(member)
        assert (offer["variant"], offer["remembered"]) == (flag["variant"], True)


def test_who_is_not_in_the_campaign_gets_a_value_too(service: Service) -> None:
    """The default offer is the value, since a null would be a type mismatch."""
    service.launch(audience=SILVER)
    flag = ask(service, "/gold-q3", targetingKey="m-1").get_json()
    assert (flag["reason"], flag["variant"]) == ("STATIC", "default")
    assert flag["value"]["kind"] == "none"
    assert flag["metadata"]["reason"] == "not_eligible"
    assert flag["metadata"]["detail"] == "tier ONE_OF [silver]"


def test_every_state_has_a_reason_of_the_list(service: Service) -> None:
    """Paused and ended campaigns are disabled flags with their default offer."""
    service.launch()
    seen = []
    for move in ("pause", "resume", "stop"):
        assert service.campaign("POST", f"/gold-q3/{move}").status_code == 200
        flag = ask(service, "/gold-q3", targetingKey="m-1").get_json()
        seen.append(flag["reason"])
        assert flag["reason"] in REASONS
        assert flag["value"]
    assert seen == ["DISABLED", "SPLIT", "DISABLED"]


def test_a_servers_context_decides_eligibility(service: Service) -> None:
    """Attributes of the context count before what was sent of the member earlier."""
    service.launch(audience=SILVER)
    service.put_member("m-1", tier="bronze")
    refused = ask(service, "/gold-q3", targetingKey="m-1").get_json()
    admitted = ask(service, "/gold-q3", targetingKey="m-1", tier="silver").get_json()
    assert refused["metadata"]["reason"] == "not_eligible"
    assert (admitted["metadata"]["reason"], admitted["reason"]) == ("assigned", "TARGETING_MATCH")


def test_attributes_are_frozen_with_the_assignment(service: Service) -> None:
    """What the context said at the first evaluation is kept with it."""
    service.launch(audience=SILVER)
    ask(service, "/gold-q3", targetingKey="m-1", tier="silver", spend=12.5, gone=None)
    with service.engine.connect() as connection:
        kept = connection.scalar(text("SELECT attributes FROM assignments"))
    assert '"tier"' in str(kept) or "'tier'" in str(kept)
    assert "gone" not in str(kept)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "PARSE_ERROR"),
        (b"\xff", "PARSE_ERROR"),
        (b"[" * 5_000, "PARSE_ERROR"),
        (b"[]", "INVALID_CONTEXT"),
        (b'{"context": 3}', "INVALID_CONTEXT"),
        (b"{}", "TARGETING_KEY_MISSING"),
        (b'{"context": {}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"targetingKey": 7}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"targetingKey": ""}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"targetingKey": "a\\u0000b"}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": "m", "tier": "a\\u0000"}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": "m", "spend": 1e999}}', "PARSE_ERROR"),
    ],
)
@pytest.mark.parametrize("path", ["", "/gold-q3"])
def test_a_bad_request_has_a_code_of_the_protocol(
    service: Service, body: bytes, code: str, path: str
) -> None:
    """Key and error code come always, and the details say what would do."""
    service.launch()
    answer = service.call(
        "POST", FLAGS + path, Scope.OFFERS_READ, data=body, content_type="application/json"
    )
    refusal = answer.get_json()
    assert (answer.status_code, refusal["errorCode"]) == (400, code)
    assert refusal["key"] == path.removeprefix("/")
    assert refusal["errorDetails"]


def test_an_unknown_flag_is_not_found(service: Service) -> None:
    """404 with the code that clients turn into their default."""
    answer = ask(service, "/nothing", targetingKey="m-1")
    assert answer.status_code == 404
    assert answer.get_json()["errorCode"] == "FLAG_NOT_FOUND"
    assert answer.get_json()["key"] == "nothing"


def test_a_refused_key_is_answered_in_the_protocols_form(service: Service) -> None:
    """401 and 403 carry a key and a code, too."""
    body = {"context": {"targetingKey": "m"}}
    nobody = service.client.post(f"{FLAGS}/gold-q3", json=body)
    wrong = service.call("POST", f"{FLAGS}/gold-q3", Scope.REPORTS_READ, json=body)
    assert (nobody.status_code, wrong.status_code) == (401, 403)
    for answer in (nobody, wrong):
        assert answer.get_json()["errorCode"] == "GENERAL"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_bulk_answer_names_every_campaign_that_is_served(service: Service) -> None:
    """Running ones with the member's variant, paused ones as disabled, drafts not at all."""
    service.launch()
    service.launch(key="gold-q4")
    service.launch(key="gold-paused")
    assert service.campaign("POST", "/gold-paused/pause").status_code == 200
    answer = ask(service, targetingKey="m-1").get_json()
    flags = {flag["key"]: flag for flag in answer["flags"]}
    assert set(flags) == {"gold-q3", "gold-q4", "gold-paused"}
    assert flags["gold-paused"]["reason"] == "DISABLED"
    assert flags["gold-q3"]["variant"] == service.offer("m-1")["variant"]


def test_a_bulk_answer_is_no_exposure(service: Service) -> None:
    """Where the server logs exposures, a single evaluation is one and a bulk answer none."""
    service.launch(exposure_logging="server")
    count = text("SELECT count(*) FROM exposures")
    ask(service, targetingKey="m-1")
    with service.engine.connect() as connection:
        assert connection.scalar(count) == 0
    ask(service, "/gold-q3", targetingKey="m-1")
    ask(service, "/gold-q3", targetingKey="m-1")
    with service.engine.connect() as connection:
        assert connection.scalar(count) == 1


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_an_unchanged_answer_is_not_sent_again(service: Service, form: str) -> None:
    """304 without a body for a tag that was sent back, strong or weak."""
    service.launch()
    first = ask(service, targetingKey="m-1")
    again = ask(
        service, targetingKey="m-1", headers={"If-None-Match": form.format(first.headers["ETag"])}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_the_tag_covers_the_answer(service: Service) -> None:
    """It changes with the member's offers under the same targeting key, not with the clock."""
    service.launch(audience=SILVER)
    before = ask(service, targetingKey="m-1").headers["ETag"]
    again = ask(service, targetingKey="m-1").headers["ETag"]
    after = ask(service, targetingKey="m-1", tier="silver", headers={"If-None-Match": before})
    kept = ask(service, targetingKey="m-1", tier="silver").headers["ETag"]
    assert before == again
    assert after.status_code == 200
    assert after.headers["ETag"] == kept != before


def test_a_page_of_another_origin_may_ask(service: Service) -> None:
    """Preflight needs no key, and the headers that clients read are exposed."""
    service.launch()
    preflight = service.client.options(
        FLAGS,
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,if-none-match",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "if-none-match"))
    answer = ask(service, targetingKey="m-1", headers={"Origin": "https://shop.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"ETag", "Retry-After"} <= set(
        answer.headers["Access-Control-Expose-Headers"].split(", ")
    )


def test_floats_look_like_floats(service: Service) -> None:
    """A multiplier of 3 is written 3.0, so that a client's type of a value never changes."""
    offer = {"kind": "points_multiplier", "multiplier": 3, "unit_cost_minor": 1, "currency": "TWD"}
    variants = [
        {"key": "control", "planned_share": 50, "control": True},
        {"key": "triple", "planned_share": 50, "offer": offer},
    ]
    service.launch(variants=variants)
    answer = ask(service, "/gold-q3", targetingKey=member_of("gift"))
    assert '"multiplier":3.0' in answer.text


def test_a_locale_longer_than_any_is_no_locale(service: Service) -> None:
    """The header counts then, and nothing of such a text is kept."""
    service.launch()
    flag = ask(
        service,
        "/gold-q3",
        {"Accept-Language": "en"},
        targetingKey=member_of("gift"),
        locale="zh-TW" * 1_000,
    )
    assert flag.get_json()["value"]["locale"] == "en"
