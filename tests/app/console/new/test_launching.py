"""From a template over checklist and approval to a launched campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from experiments.campaign import State
from experiments.lifecycle import find_campaign, set_programme
from experiments.templates import Template
from tests.app.console.conftest import post
from tests.app.console.new.conftest import begun

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring
    from experiments.programme import Programme

ALLOWED = {"allow_unseen_events": "yes", "allow_empty_audience": "yes"}


def made(client: FlaskClient, template: str = "upgrade-gift") -> str:
    """Make the campaign of a template as it is, and give its address."""
    at = f"{begun(client, template)}/checklist"
    answer = post(client, at, page=at, version="1", go="next")
    assert answer.status_code == 302, answer.text
    assert answer.location.endswith("/launch"), answer.location
    return answer.location.removesuffix("/launch")


@pytest.mark.parametrize("template", Template)
def test_every_template_leads_to_a_launch(
    marketer: FlaskClient, wiring: Wiring, template: Template
) -> None:
    """A template is a campaign as it stands; only what was never seen must be left aside."""
    at = made(marketer, template)
    refused = post(marketer, f"{at}/launch", page=f"{at}/launch", version="1")
    assert refused.status_code == 422
    answer = post(marketer, f"{at}/launch", page=f"{at}/launch", version="1", **ALLOWED)
    assert answer.status_code == 302, answer.text
    assert find_campaign(wiring.engine, at.rpartition("/")[2]).state is State.RUNNING


def test_a_wrong_form_makes_no_campaign(marketer: FlaskClient, pages: list[Any]) -> None:
    """The last step leads back to the first that is wrong, and shows what is."""
    at = begun(marketer)
    post(marketer, f"{at}/goal", page=f"{at}/goal", version="1", **{"goal.name": ""})
    answer = post(marketer, f"{at}/checklist", page=f"{at}/checklist", version="2", go="next")
    assert answer.location == f"{at}/goal"
    marketer.get(answer.location)
    assert pages[-1].form.error("goal.name")


def test_an_open_item_keeps_from_the_launch(marketer: FlaskClient, pages: list[Any]) -> None:
    """What people must tick is in the way until they do."""
    form = begun(marketer)
    at, item = f"{form}/checklist", {"checklist.item.0.text": "The gifts are here"}
    post(marketer, at, page=at, version="1", act="add", **{"checklist.new": "The gifts are here"})
    marketer.get(at)
    assert [one.text for one in pages[-1].items] == ["The gifts are here"]
    launch = post(marketer, at, page=at, version="2", go="next", **item).location
    answer = post(marketer, launch, page=launch, version="1", **ALLOWED)
    assert answer.status_code == 422
    (row,) = pages[-1].items
    assert (row.text, row.is_done, pages[-1].can) == ("The gifts are here", False, False)
    for is_done in (True, False, True):
        assert post(marketer, row.address, page=launch).location.endswith("/launch#checklist")
        marketer.get(launch)
        (row,) = pages[-1].items
        assert row.is_done is is_done
    assert "marketer, " in row.told
    answer = post(marketer, launch, page=launch, version="1", **ALLOWED)
    assert answer.status_code == 302


def test_a_campaign_is_edited_in_the_form(
    marketer: FlaskClient, wiring: Wiring, pages: list[Any]
) -> None:
    """What the form does not know stays; what is changed is changed."""
    at = made(marketer)
    key = at.rpartition("/")[2]
    before = find_campaign(wiring.engine, key).design
    form = post(marketer, f"{at}/edit", page=f"{at}/launch").location.rpartition("/")[0]
    marketer.get(f"{form}/goal")
    fields = {name: value for name, value in pages[-1].form.fields.items() if "goal." in name[:5]}
    post(marketer, f"{form}/goal", page=f"{form}/goal", version="99",
         **{**fields, "goal.name": "Another name"})  # fmt: skip
    post(marketer, f"{form}/checklist", page=f"{form}/checklist", version="99", go="next")
    after = find_campaign(wiring.engine, key).design
    assert after == before.model_copy(update={"name": "Another name"})


def test_an_approval_by_somebody_else_opens_the_launch(
    marketer: FlaskClient,
    client_of: Callable[..., FlaskClient],
    wiring: Wiring,
    programme: Programme,
    pages: list[Any],
) -> None:
    """Asked by the marketer, given by an approver; the marketer cannot give it."""
    needed = programme.model_copy(update={"approval_required": True})
    set_programme(wiring.engine, needed, wiring.clock())
    at, approver = made(marketer), client_of(Role.APPROVER)
    approval = f"{at}/approval"
    refused = post(marketer, f"{at}/launch", page=f"{at}/launch", version="1", **ALLOWED)
    assert refused.status_code == 422
    assert post(marketer, f"{approval}/ask", page=approval, note="Please").status_code == 302
    marketer.get(approval)
    assert (pages[-1].can_answer, pages[-1].can_withdraw) == (False, True)
    sent = {"request": pages[-1].waiting, "answer": "approved"}
    assert post(marketer, f"{approval}/answer", page=approval, **sent).status_code == 403
    approver.get(approval)
    assert pages[-1].can_answer
    no_reason = {**sent, "answer": "refused"}
    assert post(approver, f"{approval}/answer", page=approval, **no_reason).status_code == 422
    assert post(approver, f"{approval}/answer", page=approval, **sent).status_code == 302
    answer = post(marketer, f"{at}/launch", page=f"{at}/launch", version="1", **ALLOWED)
    assert answer.status_code == 302


def test_an_administrator_does_not_approve_their_own(
    client_of: Callable[..., FlaskClient], programme: Programme, pages: list[Any]
) -> None:
    """Whoever made it may have every permission."""
    assert programme.tiers
    admin = client_of(Role.ADMIN)
    approval = f"{made(admin)}/approval"
    post(admin, f"{approval}/ask", page=approval)
    admin.get(approval)
    sent = {"request": pages[-1].waiting, "answer": "approved"}
    assert post(admin, f"{approval}/answer", page=approval, **sent).status_code == 422
    assert post(admin, f"{approval}/withdraw", page=approval, **sent).status_code == 302


def test_an_empty_installation_says_what_to_do(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Without a programme the first steps lead to one, or to sample data."""
    answer = client_of(Role.MARKETER).get("/console/campaigns/new")
    assert not pages[-1].has_programme
    assert "See the first steps" in answer.text


def test_only_marketers_fill_in_forms(client_of: Callable[..., FlaskClient]) -> None:
    """A role without the permission is told which it needs."""
    answer = client_of(Role.VIEWER).get("/console/campaigns/new")
    assert answer.status_code == 403
    assert "campaigns:write" in answer.text
