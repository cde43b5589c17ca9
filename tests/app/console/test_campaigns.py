"""The list of campaigns, one campaign's frame, its setup, its history and what is done to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from experiments.campaign import Move, State
from experiments.lifecycle import (
    Act,
    create_campaign,
    find_campaign,
    history_of,
    move_campaign,
    set_programme,
)
from tests.app.console.conftest import post
from tests.app.console.running import launched
from tests.experiments.designs import design, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring


def test_an_empty_installation_offers_a_first_campaign(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Without a campaign the list says so, and leads to the first steps."""
    text = client_of(Role.MARKETER).get("/console/campaigns").get_data(as_text=True)
    assert pages[-1].total == 0
    assert "There is no campaign yet" in text
    assert "See the first steps" in text


def test_the_list_finds_campaigns_by_words_and_by_state(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Every word that is typed must be found; a state that is chosen leaves out all others."""
    launched(wiring, "gold-q3", name="Gold before the summer")
    launched(wiring, "cake", name="Birthday cake", move=Move.PAUSE)
    client = client_of(Role.VIEWER)
    client.get("/console/campaigns?q=gold+summer")
    assert [row.key for row in pages[-1].rows] == ["gold-q3"]
    client.get("/console/campaigns?state=paused")
    assert [row.key for row in pages[-1].rows] == ["cake"]
    client.get("/console/campaigns?q=nothing")
    assert pages[-1].rows == ()
    part = client.get("/console/campaigns", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in part
    assert "Birthday cake" in part


def test_acts_stand_in_the_frame_for_those_who_may(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A viewer is offered nothing that would be refused; a marketer what the state allows."""
    launched(wiring, "gold-q3")
    client_of(Role.VIEWER).get("/console/campaigns/gold-q3/history")
    assert pages[-1].frame.acts == ()
    client_of(Role.MARKETER).get("/console/campaigns/gold-q3/history")
    assert [act.label for act in pages[-1].frame.acts] == [
        "Preview the offers", "Change", "Pause", "Stop", "Duplicate",
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["pause", "stop", "change", "decide"])
def test_moves_need_the_permission(
    wiring: Wiring, client_of: Callable[..., FlaskClient], page: str
) -> None:
    """A role without campaigns:write is refused, and told what it lacks."""
    launched(wiring, "gold-q3")
    client = client_of(Role.VIEWER)
    answer = client.get(f"/console/campaigns/gold-q3/{page}")
    assert answer.status_code == 403
    assert "campaigns:write" in answer.get_data(as_text=True)
    asked = post(client, f"/console/campaigns/gold-q3/{page}", page="/console/", version=2)
    assert asked.status_code == 403
    assert find_campaign(wiring.engine, "gold-q3").state is State.RUNNING


def test_a_pause_is_confirmed_and_written_down(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The page says what will happen; the history names who did it and why."""
    launched(wiring, "gold-q3")
    client = client_of(Role.MARKETER)
    client.get("/console/campaigns/gold-q3/pause")
    page = pages[-1]
    assert any("keep their expiry" in effect for effect in page.effects)
    assert any("within a second" in effect for effect in page.effects)
    answer = post(client, "/console/campaigns/gold-q3/pause", page="/console/",
                  version=page.version, reason="The gifts are late.")  # fmt: skip
    assert answer.status_code == 302
    assert find_campaign(wiring.engine, "gold-q3").state is State.PAUSED
    last = history_of(wiring.engine, "gold-q3")[-1]
    assert last.actor.startswith("user ")
    client.get("/console/campaigns/gold-q3/history")
    line = pages[-1].lines[0]
    assert (line.what, line.who, line.why) == ("Paused", "marketer", "The gifts are late.")
    assert [one.field for one in pages[-1].deviations] == ["State"]


def test_a_move_that_somebody_else_made_first_is_refused(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Whoever confirms a page that is not true any more is shown what became of the campaign."""
    launched(wiring, "gold-q3")
    client = client_of(Role.MARKETER)
    client.get("/console/campaigns/gold-q3/pause")
    version = pages[-1].version
    move_campaign(wiring.engine, "gold-q3", Move.STOP, Act(wiring.clock(), "key other"))
    answer = post(client, "/console/campaigns/gold-q3/pause", page="/console/", version=version)
    assert answer.status_code == 409
    assert "Stopped" in pages[-1].error
    assert not pages[-1].can
    assert client.get("/console/campaigns/gold-q3/pause").status_code == 409
    assert find_campaign(wiring.engine, "gold-q3").state is State.STOPPED


def test_a_decision_needs_a_choice_and_a_reason(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Each refusal stands at its field, what was typed is kept, and nothing is decided."""
    launched(wiring, "gold-q3", move=Move.STOP)
    client = client_of(Role.MARKETER)
    client.get("/console/campaigns/gold-q3/decide")
    version = pages[-1].version
    address = "/console/campaigns/gold-q3/decide"
    answer = post(client, address, page="/console/", version=version, decision="ship", reason=" ")
    assert answer.status_code == 422
    assert set(pages[-1].errors) == {"treatment", "reason"}
    assert pages[-1].chosen == "ship"
    assert find_campaign(wiring.engine, "gold-q3").state is State.STOPPED
    post(client, address, page="/console/", version=version, decision="inconclusive",
         reason="Too few members came.")  # fmt: skip
    assert find_campaign(wiring.engine, "gold-q3").state is State.DECIDED
    client.get("/console/campaigns/gold-q3/history")
    assert "Decision: left open, the results do not tell." in pages[-1].lines[0].facts


def test_a_running_campaign_takes_only_safe_changes(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """More traffic and a later end are kept; less and an earlier one are refused at their field."""
    ends_at = wiring.clock() + timedelta(days=20)
    launched(wiring, "gold-q3", traffic_share=50, ends_at=ends_at)
    client, address = client_of(Role.MARKETER), "/console/campaigns/gold-q3/change"
    client.get(address)
    typed = {"version": pages[-1].version, "ends_at": pages[-1].ends, "page": "/console/"}
    assert post(client, address, traffic_share="20", **typed).status_code == 422
    assert "only be raised" in pages[-1].errors["traffic_share"]
    earlier = typed | {"ends_at": "2020-01-01T00:00"}
    assert post(client, address, traffic_share="50", **earlier).status_code == 422
    assert set(pages[-1].errors) == {"ends_at"}
    assert post(client, address, traffic_share="80", **typed).status_code == 302
    assert find_campaign(wiring.engine, "gold-q3").design.traffic_share == 80
    client.get("/console/campaigns/gold-q3/history")
    change = pages[-1].lines[0].changes[0]
    assert (change.field, change.before, change.after) == ("traffic_share", "50.0", "80.0")


def test_the_setup_reads_without_yaml(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Audience, offers, shares and the rule are sentences; the document stands in a fold."""
    silver = {"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}
    launched(wiring, "gold-q3", audience={"any_of": [{"all_of": [silver]}]})
    answer = client_of(Role.VIEWER).get("/console/campaigns/gold-q3/setup")
    assert answer.status_code == 200
    page = pages[-1]
    assert page.audience == (("Tier is one of: silver",),)
    assert [(one.share, one.is_control) for one in page.variants] == [("50%", True), ("50%", False)]
    assert page.metrics[0].role == "Decides"
    assert page.document.startswith("key: gold-q3")


def test_a_campaign_that_does_not_exist_is_said_so(
    wiring: Wiring, client_of: Callable[..., FlaskClient]
) -> None:
    """An address of no campaign is answered by a page that leads on."""
    set_programme(wiring.engine, programme(), wiring.clock())
    client = client_of(Role.VIEWER)
    for page in ("setup", "history", "live"):
        assert client.get(f"/console/campaigns/none/{page}").status_code == 404


def test_a_draft_has_no_live_facts(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A draft is told to have nothing that could arrive, and no deviation."""
    set_programme(wiring.engine, programme(), wiring.clock())
    create_campaign(wiring.engine, design(key="next"), Act(wiring.clock(), "command line"))
    client = client_of(Role.VIEWER)
    client.get("/console/campaigns/next/live")
    assert "draft" in pages[-1].idle
    client.get("/console/campaigns/next/history")
    assert not pages[-1].was_launched
    assert pages[-1].lines[0].who == "Command line"
