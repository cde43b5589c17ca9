"""Members are found, looked at, opted out, exported and erased, each by whoever may."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.analysis.planning import make_plan
from app.auth.keys import Scope
from app.auth.roles import Role
from experiments.arrival import Arrival
from experiments.lifecycle import Act, create_campaign, launch_campaign, set_programme
from experiments.member import checked_member
from experiments.privacy.auditing import AccessAction, accesses
from experiments.recording import import_members, known_member, record_conversions
from experiments.serving import Asking, offer_for
from tests.app.console.conftest import post
from tests.experiments.designs import design, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

ADDRESS = "/console/members/m-1"


@pytest.fixture
def club(wiring: Wiring) -> Wiring:
    """Give an installation with a running campaign and three members, one of whom is assigned."""
    engine, now = wiring.engine, wiring.clock()
    set_programme(engine, programme(), now)
    create_campaign(engine, design(), Act(now, "a test"))
    launch_campaign(engine, "gold-q3", Act(now, "a test"), make_plan=make_plan)
    given = [
        checked_member(one, {"tier": tier, "score_spend": 12.5}, personalisation_consent=True)
        for one, tier in (("m-1", "silver"), ("m-2", "gold"), ("n-1", "silver"))
    ]
    import_members(engine, given, now, with_consent=True)
    serving = wiring.serving
    offer_for(serving, serving.watch.listing(), "gold-q3", Asking("m-1", now))
    order = {"conversion_id": "o-1", "member_id": "m-1", "event": "order",
             "amount_minor": 5000, "currency": "TWD",
             "occurred_at": (now - timedelta(hours=1)).isoformat()}  # fmt: skip
    record_conversions(engine, [order], Arrival(now, "a test"))
    return wiring


def test_a_member_is_found_by_how_the_id_begins(
    club: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The list has everybody whose id begins so, in order, and the log says that rows were seen."""
    client = client_of(Role.MARKETER)
    assert client.get("/console/members/?id=m-").status_code == 200
    assert [row.member_id for row in pages[-1].rows] == ["m-1", "m-2"]
    (entry,) = accesses(club.engine, action=AccessAction.READ)
    assert entry.detail == {"members": 2}
    client.get("/console/members/?id=&tier=silver")
    assert [row.member_id for row in pages[-1].rows] == ["m-1", "n-1"]


@pytest.mark.usefixtures("club")
def test_a_search_that_finds_nobody_says_what_to_do(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The empty page leads on."""
    client = client_of(Role.MARKETER)
    assert "Find a member" in client.get("/console/members/").text
    assert "Nobody was found" in client.get("/console/members/?id=zzz").text
    assert pages[-1].rows == ()


def test_a_member_page_says_what_is_offered_and_why(
    club: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Tier, variant with its reason, and what happened; the look is noted."""
    assert client_of(Role.MARKETER).get(ADDRESS).status_code == 200
    page = pages[-1]
    (standing,) = page.standings
    assert (page.tier, standing.campaign, standing.state) == ("silver", "gold-q3", "Assigned")
    assert standing.variant in {"control", "gift"}
    assert page.score_parts == (("Spend", "12.5"),)
    assert [row.origin for row in page.attributes] == ["Imported", "Imported"]
    assert page.facts[1].rows[0][1:] == ("order", "NT$50")
    assert page.may == {"consent", "override"}
    (entry,) = accesses(club.engine, member_id="m-1", action=AccessAction.READ)
    assert entry.actor.startswith("user ")


def test_a_member_page_says_why_not(
    club: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Who was never asked about is not assigned by a look; who opted out gets the reason."""
    client = client_of(Role.MARKETER)
    client.get("/console/members/m-2")
    assert pages[-1].standings[0].state == "Eligible"
    post(client, "/console/members/m-2/opt-out", page="/console/members/m-2/consent")
    client.get("/console/members/m-2")
    assert pages[-1].standings[0].reason == "The member has opted out of personalised offers."
    assert pages[-1].consents[0][1] == "Opted out"
    assert not known_member(club.engine, "m-2").personalisation_consent
    post(client, "/console/members/m-2/opt-in", page="/console/members/m-2/consent")
    assert known_member(club.engine, "m-2").personalisation_consent


@pytest.mark.usefixtures("club")
def test_an_unknown_member_is_a_page(client_of: Callable[..., FlaskClient]) -> None:
    """Whoever follows an old link is told so."""
    assert client_of(Role.MARKETER).get("/console/members/nobody").status_code == 404


@pytest.mark.parametrize(
    ("role", "path", "needed"),
    [
        (Role.VIEWER, "", "members:read"),
        (Role.ANALYST, "m-1", "members:read"),
        (Role.ENGINEER, "m-1/consent", "consent:write"),
        (Role.ENGINEER, "m-1/override", "campaigns:write"),
        (Role.MARKETER, "m-1/erase", "privacy:write"),
    ],
)
@pytest.mark.usefixtures("club")
def test_pages_about_members_need_their_permission(
    client_of: Callable[..., FlaskClient], role: Role, path: str, needed: str
) -> None:
    """A denial names what is missing."""
    answer = client_of(role).get(f"/console/members/{path}")
    assert answer.status_code == 403
    assert needed in answer.text


def test_an_export_is_a_file_and_is_noted(
    club: Wiring, client_of: Callable[..., FlaskClient]
) -> None:
    """Only whoever may export gets it."""
    refused = post(client_of(Role.MARKETER), f"{ADDRESS}/export", page=ADDRESS)
    assert refused.status_code == 403
    answer = post(client_of(Role.ADMIN), f"{ADDRESS}/export", page=ADDRESS)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert orjson.loads(answer.data)["member_id"] == "m-1"
    assert len(accesses(club.engine, member_id="m-1", action=AccessAction.EXPORT)) == 1


def test_an_erasure_asks_for_the_id(
    club: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Another text erases nobody and loses nothing; the id erases the member."""
    client = client_of(Role.ADMIN)
    wrong = post(client, f"{ADDRESS}/erase", page=f"{ADDRESS}/erase", typed="m-2", reason="A wish")
    assert wrong.status_code == 422
    assert (pages[-1].reason, set(pages[-1].errors)) == ("A wish", {"typed"})
    assert known_member(club.engine, "m-1")
    done = post(client, f"{ADDRESS}/erase", page=f"{ADDRESS}/erase", typed="m-1", reason="A wish")
    assert done.location == "/console/members/"
    assert client.get(ADDRESS).status_code == 404


def test_an_override_is_signed_for_a_while(
    club: Wiring,
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    bearer: Callable[..., dict[str, str]],
) -> None:
    """The page shows an address that answers with the variant; a wrong choice is at its field."""
    client, address = client_of(Role.MARKETER), f"{ADDRESS}/override"
    wrong = post(client, address, page=address, variant="gold-q3/none", lasts="1y")
    assert (wrong.status_code, set(pages[-1].errors)) == (422, {"variant", "lasts"})
    assert (
        post(client, address, page=address, variant="gold-q3/gift", lasts="8h").status_code == 200
    )
    page = pages[-1]
    assert page.parameter == f"override={page.token}"
    assert page.token.count(".") == 2
    answer = client.get(page.address, headers=bearer(Scope.OFFERS_READ)).get_json()
    assert (answer["variant"], answer["reason"]) == ("gift", "override")
    assert club.clock()


def test_a_member_has_a_page_before_any_campaign(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """An installation without a programme or a campaign shows what it knows."""
    import_members(wiring.engine, [checked_member("m-1", {}, personalisation_consent=True)],
                   wiring.clock(), with_consent=True)  # fmt: skip
    assert client_of(Role.MARKETER).get(ADDRESS).status_code == 200
    assert (pages[-1].standings, pages[-1].progress) == ((), "")
