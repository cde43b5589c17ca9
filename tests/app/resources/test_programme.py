"""The programme's computation, its preview and a member's attributes, through HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import Scope
from tests.experiments.designs import PROGRAMME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

LADDER = [
    {"key": "silver", "entry_threshold_minor": 0, "benefit_cost_minor": 0},
    {"key": "gold", "entry_threshold_minor": 1_000, "benefit_cost_minor": 50},
]


def programme(service: Service, method: str, path: str = "", **request: Any) -> TestResponse:  # noqa: ANN401  # werkzeug's own arguments
    """Call an address of the programme."""
    scope = Scope.CAMPAIGNS_WRITE if path == "/preview" else Scope.PROGRAMME_WRITE
    return service.call(method, f"/v1/programme{path}", scope, **request)


def shown(service: Service, member: str) -> dict[str, Any]:
    """Give a member as it is shown."""
    answer = service.call("GET", f"/v1/members/{member}", Scope.MEMBERS_WRITE)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.fixture
def club(service: Service) -> Service:
    """Give a service with two members, of whom one ordered and one has a tier of the business."""
    service.set_programme(tiers=LADDER, currency="TWD")
    service.put_member("ada", region="north")
    service.put_member("bob", tier="gold")
    order = {
        "conversion_id": "o-1", "member_id": "ada", "event": "order", "amount_minor": 850,
        "currency": "TWD", "occurred_at": (service.clock() - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    assert service.send("conversions", [order]).status_code in {200, 202, 207}
    return service


def test_a_member_shows_what_is_imported_what_is_computed_and_which_wins(club: Service) -> None:
    """The business's attribute stands over a computed one of the same name, which is told."""
    before = shown(club, "bob")
    assert (before["computed"], before["computed_by"], before["overridden"]) == ({}, None, [])
    assert programme(club, "POST", "/recompute", json={}).status_code == 200
    bob, ada = shown(club, "bob"), shown(club, "ada")
    assert bob["attributes"]["tier"] == "gold"
    assert (bob["imported"], bob["computed"]["tier"]) == ({"tier": "gold"}, "silver")
    assert bob["overridden"] == ["tier"]
    assert ada["attributes"]["tier_progress"] == 0.85
    assert ada["attributes"]["region"] == "north"
    assert ada["computed_by"] == programme(club, "GET", "/runs").get_json()["runs"][0]["version"]


def test_a_member_sent_anew_keeps_what_is_computed(club: Service) -> None:
    """What the business says is replaced as a whole; what is computed stays beside it."""
    programme(club, "POST", "/recompute", json={})
    club.put_member("bob", region="south")
    bob = shown(club, "bob")
    assert bob["imported"] == {"region": "south"}
    assert bob["attributes"]["tier"] == "silver"


def test_an_unknown_member_is_not_found(club: Service) -> None:
    """404, as for any member that nobody has sent."""
    answer = club.call("GET", "/v1/members/nobody", Scope.MEMBERS_WRITE)
    assert answer.status_code == 404


def test_a_computation_tells_what_it_did(club: Service) -> None:
    """Members, changes and tiers; the same stands in the list of runs."""
    told = programme(club, "POST", "/recompute", json={}).get_json()
    assert told["counts"] == {
        "members": 2, "changed": 2, "moved_up": 0, "moved_down": 0, "progress": 0,
        "tier.silver": 1, "tier.gold": 1,
    }  # fmt: skip
    assert programme(club, "GET", "/runs", query_string={"limit": 1}).get_json() == {"runs": [told]}


def test_a_moment_in_the_future_is_refused_at_its_field(club: Service) -> None:
    """422, with the field and the way out, and no run."""
    later = (club.clock() + timedelta(days=1)).isoformat()
    answer = programme(club, "POST", "/recompute", json={"as_of": later})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "as_of"
    assert programme(club, "GET", "/runs").get_json() == {"runs": []}


def test_a_preview_tells_counts_and_cost_and_changes_nothing(club: Service) -> None:
    """If gold began at 800: ada moves, for 50 a year; nobody is computed by it."""
    body = {"tiers": [{"key": "gold", "entry_threshold_minor": 800}], "near_percent": 20}
    told = programme(club, "POST", "/preview", json=body).get_json()
    assert [(row["key"], row["now"], row["then"], row["near_now"]) for row in told["tiers"]] == [
        ("silver", 2, 1, 0),
        ("gold", 0, 1, 1),
    ]
    assert told["moves"] == [{"before": "silver", "after": "gold", "members": 1}]
    assert (told["cost_minor"], told["imported"], told["currency"]) == (50, 1, "TWD")
    assert shown(club, "ada")["computed"] == {}


def test_a_preview_of_a_whole_programme(club: Service) -> None:
    """Other tiers under other names are compared as they are."""
    other = {**PROGRAMME, "currency": "TWD", "tiers": [{"key": "all", "entry_threshold_minor": 1}]}
    told = programme(club, "POST", "/preview", json={"programme": other}).get_json()
    assert told["tiers"][0]["key"] == "all"
    assert told["without_tier_then"] == 1
    assert (told["moved_up"], told["moved_down"]) == (0, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "(document)"),
        ({"tiers": [{"key": "lead", "entry_threshold_minor": 1}]}, "tiers[0].key"),
        ({"tiers": [{"key": "gold", "entry_score": 50}]}, "tiers[0].entry_score"),
        ({"tiers": [{"key": "gold"}], "near_percent": 101}, "near_percent"),
    ],
)
def test_a_preview_that_cannot_be_computed_names_the_field(
    club: Service, body: dict[str, Any], field: str
) -> None:
    """422, with the field and the way out."""
    answer = programme(club, "POST", "/preview", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == field


def test_without_a_programme_nothing_is_computed(empty_service: Service) -> None:
    """404, as for the programme itself."""
    for path in ("/recompute", "/preview"):
        body = {} if path == "/recompute" else {"tiers": [{"key": "gold"}]}
        assert programme(empty_service, "POST", path, json=body).status_code == 404
