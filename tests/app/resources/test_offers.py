"""A frontend fetches a member's offer, and always gets one with its reason."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import text

from app.auth import Scope

if TYPE_CHECKING:
    from tests.app.resources.service import Service

SILVER = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}


def slot(salt: str, unit: str) -> int:
    """Compute the published bucket, without the product's code."""
    return int(hashlib.md5(f"{salt}-{unit}".encode()).hexdigest()[:8], 16) % 10_000  # noqa: S324  # the published formula


@pytest.mark.parametrize("member", ["m-1", "00123", "會員-42", "👩‍🚀-7", "a b", "a/b", "José"])
def test_any_id_gets_the_variant_of_its_bucket(service: Service, member: str) -> None:
    """Ids beyond ASCII, with spaces and slashes, are served by the published bucket."""
    service.launch()
    offer = service.offer(quote(member, safe=""))
    expected = "control" if slot("gold-q3:1:split", member) < 5_000 else "gift"
    assert (offer["member_id"], offer["variant"]) == (member, expected)
    assert offer["reason"] == "assigned"


def test_an_offer_says_everything_a_frontend_needs_and_nothing_more(service: Service) -> None:
    """Variant, typed terms, texts, expiry, reason and trace id come; what it costs does not."""
    service.launch()
    offer = next(o for o in map(service.offer, map(str, range(99))) if o["variant"] == "gift")
    assert offer["offer"] == {
        "kind": "gift",
        "gift": "A tea set",
        "target_tier": "gold",
        "currency": "TWD",
    }
    assert offer["offer_id"] == "gold-q3.gift"
    assert offer["expires_at"] is None
    assert offer["trace_id"]
    assert "cost" not in str(offer)


@pytest.mark.parametrize(
    ("locale", "header", "served"),
    [
        ("zh-TW", None, "zh-Hant-TW"),
        ("zh-HK", None, "zh-Hant-TW"),
        ("en-GB", None, "en"),
        (None, "fr, zh-TW;q=0.5, en;q=0.1", "zh-Hant-TW"),
        ("fr", None, "zh-Hant-TW"),
        (None, None, "zh-Hant-TW"),
        # The offer has no text in simplified script: English rather than the other script.
        ("zh-CN", None, "en"),
    ],
)
def test_texts_come_in_the_best_locale(
    service: Service, locale: str | None, header: str | None, served: str
) -> None:
    """The query counts before the header, and the programme's first locale is the fallback."""
    service.launch()
    member = next(m for m in map(str, range(99)) if slot("gold-q3:1:split", m) >= 5_000)
    query = {"campaign": "gold-q3"} | ({"locale": locale} if locale else {})
    headers = {"Accept-Language": header} if header else {}
    path = f"/v1/members/{member}/offer"
    answer = service.call("GET", path, Scope.OFFERS_READ, query_string=query, headers=headers)
    assert answer.get_json()["locale"] == served


def test_a_member_keeps_the_variant_when_attributes_change(service: Service) -> None:
    """Eligibility is frozen at assignment, and the answer says that it was remembered."""
    service.launch(audience=SILVER)
    service.put_member("m-1", tier="silver")
    first = service.offer("m-1")
    service.put_member("m-1", tier="gold")
    second = service.offer("m-1")
    assert (first["reason"], first["remembered"]) == ("assigned", False)
    assert (second["variant"], second["remembered"]) == (first["variant"], True)
    assert service.offer("m-2")["reason"] == "not_eligible"


def test_who_is_not_eligible_gets_the_default_offer_and_the_condition(service: Service) -> None:
    """200 with the default offer, never an error."""
    service.launch(
        audience=SILVER, default_offer={"kind": "none", "texts": {"en": {"title": "Hi"}}}
    )
    offer = service.offer("m-1")
    assert (offer["variant"], offer["reason"]) == (None, "not_eligible")
    assert offer["detail"] == "tier ONE_OF [silver]"
    assert offer["texts"]["title"] == "Hi"


def test_an_opt_out_holds_before_and_after_assignment(service: Service) -> None:
    """Whoever opts out is served the default at once."""
    service.launch()
    service.offer("m-1")
    body = {"personalisation_consent": False}
    service.call("PUT", "/v1/members/m-1", Scope.MEMBERS_WRITE, json=body)
    assert service.offer("m-1")["reason"] == "opted_out"


def test_each_state_has_its_reason(service: Service) -> None:
    """Draft, paused and stopped campaigns answer 200 with the reason."""
    service.launch()
    reasons = []
    for move in ("pause", "resume", "stop"):
        assert service.campaign("POST", f"/gold-q3/{move}").status_code == 200
        reasons.append(service.offer("m-1")["reason"])
    assert reasons == ["paused", "assigned", "ended"]


def test_a_scheduled_campaign_starts_by_the_clock(service: Service) -> None:
    """Before its start the reason is not_started; afterwards it is served without any call."""
    start = service.clock() + timedelta(days=1)
    assert service.launch(starts_at=start.isoformat())["state"] == "scheduled"
    assert service.offer("m-1")["reason"] == "not_started"
    service.clock.forward(timedelta(days=1))
    assert service.offer("m-1")["reason"] == "assigned"
    assert service.campaign("GET", "/gold-q3").get_json()["state"] == "running"


def test_a_household_shares_a_variant(service: Service) -> None:
    """Members of one household are served alike, by the bucket of the household."""
    service.launch(randomization_unit="household")
    for member in ("a", "b"):
        service.put_member(member, household_id="h-7")
    expected = "control" if slot("gold-q3:1:split", "h-7") < 5_000 else "gift"
    assert {service.offer(member)["variant"] for member in ("a", "b")} == {expected}
    assert service.offer("b")["remembered"]
    assert service.offer("alone")["detail"] == "household_id IS_NULL false"


def test_a_cap_admits_exactly_so_many(service: Service) -> None:
    """At the cap, new members get the default; the enrolled keep their offer."""
    service.launch(caps={"units": 3})
    reasons = [service.offer(str(i))["reason"] for i in range(6)]
    assert reasons == ["assigned"] * 3 + ["capped"] * 3
    assert service.offer("0")["reason"] == "assigned"


def test_campaigns_of_a_layer_take_disjoint_shares(service: Service) -> None:
    """The second campaign gets what the first left; a third one is told who holds the layer."""
    service.launch(layer={"key": "home", "share": 60})
    service.launch(key="other", layer={"key": "home", "share": 40})
    pairs = [(service.offer(m), service.offer(m, "other")) for m in map(str, range(60))]
    assert all((a["variant"] is None) != (b["variant"] is None) for a, b in pairs)
    assert {b["detail"] for a, b in pairs if a["variant"]} == {"gold-q3"}
    full = {**service.campaign("GET", "/other").get_json()["document"], "key": "third"}
    service.campaign("POST", json=full)
    refused = service.start("third")
    assert refused.status_code == 409
    assert "gold-q3 60 %" in refused.text


def test_the_server_logs_one_exposure_per_member_where_asked(service: Service) -> None:
    """However often an offer is fetched, its member is exposed once."""
    service.launch(exposure_logging="server", randomization_unit="household")
    for member in ("a", "b"):
        service.put_member(member, household_id="h-7")
    for member in ("a", "a", "b", "b", "stranger"):
        service.offer(member)
    with service.engine.connect() as connection:
        rows = connection.execute(text("SELECT member_id, unit_id FROM exposures ORDER BY 1"))
        assert [tuple(row) for row in rows] == [("a", "h-7"), ("b", "h-7")]


def test_a_fetched_offer_is_no_exposure_by_default(service: Service) -> None:
    """The frontend says what was seen."""
    service.launch()
    service.offer("m-1")
    with service.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM exposures")) == 0


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({}, 422, "campaign"),
        ({"campaign": "gold-q3", "colour": "red"}, 422, "colour"),
        ({"campaign": "gold-q3", "locale": "x" * 65}, 422, "locale"),
        ({"campaign": "nope"}, 404, None),
    ],
)
def test_bad_input_names_the_field(
    service: Service, query: dict[str, str], status: int, field: str | None
) -> None:
    """A wrong query is a problem that names the field; an unknown campaign is not found."""
    service.launch()
    answer = service.call("GET", "/v1/members/m/offer", Scope.OFFERS_READ, query_string=query)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    if field is not None:
        assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_an_over_long_id_is_refused(service: Service) -> None:
    """An id that could not be kept is not hashed either."""
    service.launch()
    query = {"campaign": "gold-q3"}
    path = f"/v1/members/{'x' * 256}/offer"
    answer = service.call("GET", path, Scope.OFFERS_READ, query_string=query)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "member_id"
