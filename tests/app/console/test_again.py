"""Texts are mended, a new phase is started and a campaign is duplicated, each after a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.analysis.deviations import deviations_of
from app.auth.roles import Role
from experiments.campaign import Move
from experiments.lifecycle import find_campaign, history_of, set_programme
from tests.app.console.conftest import post
from tests.app.console.running import launched
from tests.experiments.designs import programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

GOAL = {
    "goal": {"metric": "repurchase_rate", "baseline": 0.2, "target": 0.3,
             "deadline": "2026-06-30T00:00:00+08:00"},
    "hypothesis": "A gift makes them climb.",
    "owner": "Anna",
    "ends_at": "2026-05-01T00:00:00+08:00",
}  # fmt: skip
AT = "/console/campaigns/gold-q3"
TITLE = "variants[1].offer.texts.en.title"


def sent(page: Any, **changed: str) -> dict[str, str]:  # noqa: ANN401  # a page of any kind
    """Give the form of texts as it stands, with some fields changed."""
    typed = {
        field.name: field.typed
        for offer in page.offers
        for _, fields in offer.locales
        for field in fields
    }
    return {**typed, **changed}


def test_texts_are_mended_with_a_reason(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Members keep their variants; the change is a deviation that reports show."""
    launched(wiring, "gold-q3")
    client, at = client_of(Role.MARKETER), f"{AT}/texts"
    client.get(at)
    assert len(pages[-1].offers) == 1
    form = sent(pages[-1], **{TITLE: "A gift is waiting"})
    assert post(client, at, page=at, version="2", **form).status_code == 422
    assert "reason" in pages[-1].errors
    too_long = form | {TITLE: "x" * 501}
    assert post(client, at, page=at, version="2", reason="A slip", **too_long).status_code == 422
    assert list(pages[-1].errors) == [TITLE]
    answer = post(client, at, page=at, version="2", reason="A slip", **form)
    assert answer.location == f"{AT}/history"
    changed = find_campaign(wiring.engine, "gold-q3")
    assert changed.design.variants[1].offer.texts["en"].title == "A gift is waiting"
    assert len(changed.phases) == 1
    moves = history_of(wiring.engine, "gold-q3")
    (deviation,) = deviations_of(changed, changed.phases[0], moves)
    assert (deviation.field, deviation.reason) == ("variants", "A slip")


@pytest.mark.parametrize("move", [None, Move.PAUSE])
def test_a_new_phase_is_prepared_in_the_form_and_confirmed(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any], move: Move | None
) -> None:
    """Nothing changes before the confirmation; then the phase has the change and its reason."""
    running = launched(wiring, "gold-q3", move=move, **GOAL)
    client = client_of(Role.MARKETER)
    form = post(client, f"{AT}/phase", page=f"{AT}/change").location.rpartition("/")[0]
    client.get(f"{form}/goal")
    goal = {
        name: value for name, value in pages[-1].form.fields.items() if name.startswith("goal.")
    }
    goal |= {"goal.name": "Silver before the summer"}
    post(client, f"{form}/goal", page=f"{form}/goal", version="9", **goal)
    last = f"{form}/checklist"
    confirm = post(client, last, page=last, version="9", go="next").location
    assert confirm.startswith(f"{AT}/phase/")
    client.get(confirm)
    version = str(running.version)
    assert pages[-1].can, pages[-1].error
    assert any("drawn anew" in one for one in pages[-1].effects)
    assert post(client, confirm, page=confirm, version=version).status_code == 422
    assert len(find_campaign(wiring.engine, "gold-q3").phases) == 1
    answer = post(client, confirm, page=confirm, version=version, reason="Another name")
    assert answer.location == f"{AT}/history"
    after = find_campaign(wiring.engine, "gold-q3")
    assert [phase.number for phase in after.phases] == [1, 2]
    assert after.design.name == "Silver before the summer"


def test_a_phase_needs_an_approval_that_it_cannot_have(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Where the programme asks for approvals, the page says what to do in its place."""
    launched(wiring, "gold-q3")
    set_programme(wiring.engine, programme(approval_required=True), wiring.clock())
    client = client_of(Role.MARKETER)
    form = post(client, f"{AT}/phase", page=f"{AT}/change").location.rpartition("/")[0]
    draft_id = form.rpartition("/")[2]
    client.get(f"{AT}/phase/{draft_id}")
    assert (pages[-1].can, pages[-1].needs_approval) == (False, True)


def test_a_campaign_is_duplicated_into_a_form(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Under a free key and a name that says so; the first one stays as it is."""
    before = launched(wiring, "gold-q3", move=Move.STOP)
    client = client_of(Role.MARKETER)
    client.get(post(client, f"{AT}/duplicate", page=f"{AT}/history").location)
    form = pages[-1].form
    assert form.judged.document["key"] == "gold-q3-2"
    assert form.judged.document["name"] == "Gold before the summer (copy)"
    assert form.campaign_key is None
    assert find_campaign(wiring.engine, "gold-q3") == before
