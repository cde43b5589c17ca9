"""A campaign that needs an approval is launched only with one, by somebody else, as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from experiments.approval import Answer
from experiments.approving import (
    answer_approval,
    approvals_of,
    ask_approval,
    may_answer,
    waiting_approvals,
)
from experiments.campaign import CampaignDesign, State
from experiments.errors import Conflict, InvalidValues, LaunchRefused
from experiments.lifecycle import (
    Act,
    create_campaign,
    launch_campaign,
    set_programme,
    update_campaign,
)
from experiments.programme import Programme

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

MAKER, OTHER, THIRD = "user maker", "user other", "user third"


def plan(*_: object) -> dict[str, Any]:
    """Make no plan."""
    return {}


@pytest.fixture
def design(engine: Engine, now: datetime) -> CampaignDesign:
    """Keep a draft in a programme that asks for approvals."""
    programme = Programme(time_zone="UTC", currency="TWD", approval_required=True)
    set_programme(engine, programme, now)
    design = CampaignDesign.model_validate(
        {
            "key": "tea",
            "variants": [
                {"key": "control", "planned_share": 50},
                {"key": "treatment", "planned_share": 50},
            ],
            "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
        }
    )
    create_campaign(engine, design, Act(now, MAKER))
    return design


def asked(engine: Engine, now: datetime, actor: str = MAKER) -> int:
    """Ask, and give the number of the request."""
    ask_approval(engine, "tea", "Please", actor, now)
    return approvals_of(engine, "tea")[-1].number


def launch(engine: Engine, now: datetime) -> State:
    """Launch as the API and the command line do."""
    return launch_campaign(engine, "tea", Act(now, MAKER), make_plan=plan).state


@pytest.mark.usefixtures("design")
def test_without_an_approval_nothing_is_launched(engine: Engine, now: datetime) -> None:
    """Neither before it is asked for, nor while it waits, nor once it is refused."""
    for _ in range(2):
        with pytest.raises(LaunchRefused, match="is not approved"):
            launch(engine, now)
        number = asked(engine, now)
        with pytest.raises(LaunchRefused):
            launch(engine, now)
        answer_approval(engine, "tea", number, Answer.REFUSED, "Too dear", OTHER, now)


@pytest.mark.usefixtures("design")
def test_an_approved_campaign_is_launched(engine: Engine, now: datetime) -> None:
    """One approval of the campaign as it is suffices."""
    number = asked(engine, now)
    assert [one.number for one in waiting_approvals(engine)] == [number]
    answer_approval(engine, "tea", number, Answer.APPROVED, "", OTHER, now)
    assert waiting_approvals(engine) == ()
    assert launch(engine, now) is State.RUNNING


def test_a_change_needs_another_approval(
    engine: Engine, now: datetime, design: CampaignDesign
) -> None:
    """What was approved is not what would start."""
    answer_approval(engine, "tea", asked(engine, now), Answer.APPROVED, "", OTHER, now)
    changed = design.model_copy(update={"name": "Tea"})
    update_campaign(engine, "tea", changed, Act(now, MAKER), make_plan=plan)
    with pytest.raises(LaunchRefused, match="changed since"):
        launch(engine, now)


def test_an_approval_of_what_was_changed_is_refused(
    engine: Engine, now: datetime, design: CampaignDesign
) -> None:
    """Whoever approves has seen the campaign as it is; asking again ends the older request."""
    number = asked(engine, now)
    changed = design.model_copy(update={"name": "Tea"})
    update_campaign(engine, "tea", changed, Act(now, MAKER), make_plan=plan)
    with pytest.raises(Conflict, match="changed"):
        answer_approval(engine, "tea", number, Answer.APPROVED, "", OTHER, now)
    asked(engine, now)
    assert [one.answer for one in approvals_of(engine, "tea")] == [Answer.WITHDRAWN, None]


@pytest.mark.parametrize(
    ("asker", "actor", "answer", "is_taken"),
    [
        (MAKER, MAKER, Answer.APPROVED, False),
        (MAKER, MAKER, Answer.REFUSED, False),
        (MAKER, MAKER, Answer.WITHDRAWN, True),
        (MAKER, OTHER, Answer.APPROVED, True),
        (MAKER, OTHER, Answer.REFUSED, True),
        (MAKER, OTHER, Answer.WITHDRAWN, False),
        (OTHER, MAKER, Answer.APPROVED, False),
        (OTHER, OTHER, Answer.APPROVED, False),
        (OTHER, THIRD, Answer.APPROVED, True),
    ],
)
@pytest.mark.usefixtures("design")
def test_nobody_approves_their_own(  # a row of the matrix
    engine: Engine,
    now: datetime,
    asker: str,
    actor: str,
    answer: Answer,
    is_taken: bool,  # noqa: FBT001
) -> None:
    """Who made it or asks neither approves nor refuses; only who asked takes it back."""
    number = asked(engine, now, asker)
    if is_taken:
        answer_approval(engine, "tea", number, answer, "Because", actor, now)
        assert approvals_of(engine, "tea")[-1].answer is answer
    else:
        with pytest.raises(InvalidValues):
            answer_approval(engine, "tea", number, answer, "Because", actor, now)
        assert approvals_of(engine, "tea")[-1].answer is None
    expected = actor not in {MAKER, asker}
    assert may_answer(engine, approvals_of(engine, "tea")[-1], actor) is expected


@pytest.mark.usefixtures("design")
def test_requests_are_asked_and_answered_once(engine: Engine, now: datetime) -> None:
    """A second request or answer changes nothing; a refusal says why."""
    number = asked(engine, now)
    with pytest.raises(Conflict, match="already"):
        asked(engine, now)
    with pytest.raises(InvalidValues, match="reason"):
        answer_approval(engine, "tea", number, Answer.REFUSED, " ", OTHER, now)
    answer_approval(engine, "tea", number, Answer.REFUSED, "Too dear", OTHER, now)
    with pytest.raises(Conflict, match="already"):
        answer_approval(engine, "tea", number, Answer.APPROVED, "", OTHER, now)


def test_a_programme_that_asks_for_none_needs_none(
    engine: Engine, now: datetime, design: CampaignDesign
) -> None:
    """By default nothing has to be approved."""
    assert design.key == "tea"
    set_programme(engine, Programme(time_zone="UTC", currency="TWD"), now)
    assert launch(engine, now) is State.RUNNING
