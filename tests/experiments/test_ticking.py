"""A campaign is launched once people have ticked what only they know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from experiments.auditing import find_entries
from experiments.campaign import CampaignDesign, State
from experiments.checklist import key_of
from experiments.errors import IllegalMove, InvalidValues, LaunchRefused, UnknownItem
from experiments.lifecycle import (
    Act,
    create_campaign,
    launch_campaign,
    set_programme,
    update_campaign,
)
from experiments.programme import Programme
from experiments.store.audit import AuditQuery
from experiments.ticking import checklist_of, tick_item, untick_item

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

MAKER, OTHER = "user maker", "user other"
OWN, ALL = "The gifts have arrived.", "The shops are told."


def plan(*_: object) -> dict[str, Any]:
    """Make no plan."""
    return {}


@pytest.fixture
def design(engine: Engine, now: datetime) -> CampaignDesign:
    """Keep a draft with an item of its own, in a programme with one for all."""
    set_programme(engine, Programme(time_zone="UTC", currency="TWD", checklist=(ALL,)), now)
    variants = [{"key": key, "planned_share": 50} for key in ("control", "treatment")]
    design = CampaignDesign.model_validate(
        {
            "key": "tea",
            "variants": variants,
            "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
            "checklist": [OWN, ALL],
        }
    )
    create_campaign(engine, design, Act(now, MAKER))
    return design


@pytest.mark.usefixtures("design")
def test_every_open_item_keeps_from_the_launch(engine: Engine, now: datetime) -> None:
    """Each is named with its way out; ticked by anybody they are in nobody's way."""
    with pytest.raises(LaunchRefused) as refused:
        launch_campaign(engine, "tea", Act(now, MAKER), make_plan=plan)
    assert [one.value for one in refused.value.problems] == [ALL, OWN]
    assert all(key_of(str(one.value)) in one.way_out for one in refused.value.problems)
    for text in (ALL, OWN):
        assert tick_item(engine, "tea", key_of(text), OTHER, now).tick is not None
    launched = launch_campaign(engine, "tea", Act(now, MAKER), make_plan=plan)
    assert launched.state is State.RUNNING
    with pytest.raises(IllegalMove, match="running"):
        untick_item(engine, "tea", key_of(OWN), OTHER, now)


@pytest.mark.usefixtures("design")
def test_a_tick_is_kept_once_with_who_and_when(engine: Engine, now: datetime) -> None:
    """A second tick changes nothing, an untick opens the item; the audit log has each change."""
    for actor in (MAKER, OTHER):
        tick_item(engine, "tea", key_of(OWN), actor, now)
    (_, own) = checklist_of(engine, "tea")
    assert own.tick is not None
    assert (own.tick.by, own.tick.at) == (MAKER, now)
    for _ in range(2):
        assert untick_item(engine, "tea", key_of(OWN), OTHER, now).tick is None
    told = [one.change.action for one in find_entries(engine, AuditQuery(), limit=2)]
    assert told == ["untick", "tick"]


def test_another_text_is_another_item(
    engine: Engine, now: datetime, design: CampaignDesign
) -> None:
    """Nobody has ticked what the text says now; what else changes leaves ticks alone."""
    tick_item(engine, "tea", key_of(OWN), MAKER, now)
    changed = design.model_copy(update={"name": "Tea", "checklist": (OWN, "Legal has read it.")})
    update_campaign(engine, "tea", changed, Act(now, MAKER), make_plan=plan)
    assert [one.tick is not None for one in checklist_of(engine, "tea")] == [False, True, False]
    with pytest.raises(UnknownItem, match="no item"):
        tick_item(engine, "tea", "other", MAKER, now)


@pytest.mark.parametrize("items", [["", "b"], ["a", "a"], ["a" * 256]])
def test_a_checklist_says_something_once(items: list[str]) -> None:
    """An empty, repeated or overlong item is refused at the field."""
    document = {"time_zone": "UTC", "currency": "TWD", "checklist": items}
    with pytest.raises(ValueError, match="checklist"):
        Programme.model_validate(document)


def test_a_new_phase_needs_an_approval_that_nobody_can_give(
    engine: Engine, now: datetime, design: CampaignDesign
) -> None:
    """Where the programme asks for approvals, another design is another campaign."""
    set_programme(engine, Programme(time_zone="UTC", currency="TWD"), now)
    tick_item(engine, "tea", key_of(OWN), MAKER, now)
    tick_item(engine, "tea", key_of(ALL), MAKER, now)
    launch_campaign(engine, "tea", Act(now, MAKER), make_plan=plan)
    needed = Programme(time_zone="UTC", currency="TWD", approval_required=True)
    set_programme(engine, needed, now)
    with pytest.raises(InvalidValues, match="Duplicate"):
        update_campaign(engine, "tea", design, Act(now, MAKER), make_plan=plan, new_phase=True)
