"""Every rule is in words with where it is used; nobody is counted unless somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auth.roles import Role
from experiments.campaign import Move
from tests.app.console.conftest import post
from tests.app.console.over import over
from tests.app.console.running import launched

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

SILVER = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}


def test_campaigns_with_one_rule_stand_together(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Those that are over appear when they are asked for."""
    launched(wiring, "spring", audience=SILVER)
    launched(wiring, "summer", audience=SILVER)
    launched(wiring, "autumn", move=Move.STOP)
    client = client_of(Role.VIEWER)
    client.get("/console/audiences/")
    (only,) = pages[-1].audiences
    assert only.sentences == (("Tier is one of: silver",),)
    assert {use.key for use in only.uses} == {"spring", "summer"}
    assert {use.reached for use in only.uses} == {""}
    client.get("/console/audiences/?state=all")
    assert sorted(len(one.uses) for one in pages[-1].audiences) == [1, 2]


def test_the_count_is_made_when_it_is_asked_for(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """As a page of its own, or as the part that htmx puts below the campaign."""
    launched(wiring, "spring", audience=SILVER)
    client = client_of(Role.MARKETER)
    answer = post(client, "/console/audiences/spring/count", page="/console/audiences/")
    assert answer.status_code == 200
    assert pages[-1].sentences == (("Tier is one of: silver",),)
    assert not pages[-1].reach.has_members
    assert post(client, "/console/audiences/x/count", page="/console/audiences/").status_code == 404


def test_the_last_scorecard_tells_whom_a_campaign_reached(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """With the day; a viewer is not led to an export."""
    values = {"control": (0.1, 0.004, 50), "gift": (0.1, 0.004, 50)}
    over(wiring, "spring", values, told={"enrolment": {"members": 90, "eligible": 30}})
    client_of(Role.VIEWER).get("/console/audiences/?state=all")
    assert pages[-1].audiences[0].uses[0].reached == "30 of 90 members on 1 Feb 2026"
    assert pages[-1].export_address == ""


def test_without_a_campaign_the_page_says_where_audiences_come_from(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """An empty installation leads to a first campaign."""
    text = client_of(Role.MARKETER).get("/console/audiences/").get_data(as_text=True)
    assert pages[-1].audiences == ()
    assert "No campaign has an audience yet" in text
