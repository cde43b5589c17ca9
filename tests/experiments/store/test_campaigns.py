"""The rules of keeping programme, campaigns, phases and moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from experiments.campaign import Move, Phase, State
from experiments.errors import CampaignExists, StaleCampaign, UnknownCampaign
from experiments.layer import SlotRange
from experiments.store.campaigns import (
    RecordedMove,
    add_campaign,
    read_campaign,
    read_campaigns,
    read_moves,
    record_move,
    save_campaign,
)
from experiments.store.catalogue_state import read_revision
from experiments.store.engine import reading, writing
from experiments.store.programme import put_programme, read_programme
from tests.experiments.designs import NOW, campaign, design, programme

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_there_is_no_programme_until_one_is_described(engine: Engine) -> None:
    """A new installation says so, rather than inventing a currency."""
    with reading(engine) as connection:
        assert read_programme(connection) is None
        assert read_revision(connection) == 0


def test_the_programme_comes_back_as_it_was_put(engine: Engine) -> None:
    """There is one programme; describing it again replaces it."""
    first, second = programme(), programme(name="港灣俱樂部", holdout_share="2.35")
    for described in (first, second):
        with writing(engine) as connection:
            put_programme(connection, described, NOW)
        with reading(engine) as connection:
            assert read_programme(connection) == described


def test_a_campaign_comes_back_as_it_was_added(engine: Engine) -> None:
    """Design, state, phases, plan and layer slots survive the database unchanged."""
    made = campaign(layer={"key": "home", "share": 60}, traffic_share="33.33")
    made = replace(
        made,
        phases=(
            replace(
                made.phases[0],
                ended_at=NOW,
                layer_ranges=(SlotRange(0, 4000), SlotRange(8000, 10000)),
                analysis_plan={"alpha": 0.05, "metrics": [{"key": "a", "window": 3.0}]},
            ),
            Phase(2, design(hypothesis="好禮 🎁"), NOW),
        ),
    )
    with writing(engine) as connection:
        add_campaign(connection, made)
    with reading(engine) as connection:
        assert read_campaign(connection, made.key) == made
        assert read_campaigns(connection) == (made,)


def test_a_taken_key_is_refused(engine: Engine) -> None:
    """Adding a campaign never overwrites another one."""
    first = campaign()
    with writing(engine) as connection:
        add_campaign(connection, first)
    with pytest.raises(CampaignExists, match="gold-q3"), writing(engine) as connection:
        add_campaign(connection, campaign(name="Another"))
    with reading(engine) as connection:
        assert read_campaign(connection, "gold-q3") == first


def test_an_unknown_campaign_is_told_with_the_known_ones(engine: Engine) -> None:
    """A mistyped key is answered with those that would do."""
    with writing(engine) as connection:
        add_campaign(connection, campaign())
    with pytest.raises(UnknownCampaign) as caught, reading(engine) as connection:
        read_campaign(connection, "gold-q4")
    assert caught.value.known == ("gold-q3",)


def test_campaigns_come_in_the_order_of_their_keys(engine: Engine) -> None:
    """The order is that of the characters, on every database and under every locale."""
    keys = ["b", "a.2", "B", "a-1", "a_1", "A"]
    with writing(engine) as connection:
        for key in keys:
            add_campaign(connection, campaign(State.DRAFT, key=key))
    with reading(engine) as connection:
        assert [one.key for one in read_campaigns(connection)] == sorted(keys)


def test_saving_counts_the_version_and_keeps_the_change(engine: Engine) -> None:
    """A saved campaign can be saved again with the version that saving gave."""
    draft = campaign(State.DRAFT)
    with writing(engine) as connection:
        add_campaign(connection, draft)
        phase = Phase(1, draft.design, NOW)
        launched = save_campaign(
            connection, replace(draft, state=State.RUNNING, phases=(phase,), updated_at=NOW)
        )
        stopped = save_campaign(
            connection,
            replace(
                launched,
                state=State.STOPPED,
                phases=(replace(phase, ended_at=NOW + timedelta(days=1)),),
            ),
        )
    assert (draft.version, launched.version, stopped.version) == (1, 2, 3)
    with reading(engine) as connection:
        assert read_campaign(connection, draft.key) == stopped


def test_two_people_cannot_overwrite_one_another(engine: Engine) -> None:
    """The second to save what both had read is refused, and the first change stands."""
    with writing(engine) as connection:
        add_campaign(connection, campaign())
    with reading(engine) as connection:
        read_by_ada = read_campaign(connection, "gold-q3")
        read_by_bo = read_campaign(connection, "gold-q3")
    with writing(engine) as connection:
        kept = save_campaign(connection, replace(read_by_ada, state=State.PAUSED))
    with pytest.raises(StaleCampaign, match="gold-q3"), writing(engine) as connection:
        save_campaign(connection, replace(read_by_bo, state=State.STOPPED))
    with reading(engine) as connection:
        assert read_campaign(connection, "gold-q3") == kept


def test_every_change_of_what_is_compiled_counts_a_revision(engine: Engine) -> None:
    """A process that compares the revision never goes on with an old catalogue."""
    seen = [0]

    def revision() -> int:
        with reading(engine) as connection:
            return read_revision(connection)

    with writing(engine) as connection:
        put_programme(connection, programme(), NOW)
    seen.append(revision())
    with writing(engine) as connection:
        add_campaign(connection, campaign())
    seen.append(revision())
    with writing(engine) as connection:
        save_campaign(connection, replace(campaign(), state=State.PAUSED))
    seen.append(revision())
    assert seen == sorted(set(seen))


def test_moves_are_remembered_in_order(engine: Engine) -> None:
    """Who did what, when and why stays with the campaign."""
    launch = RecordedMove(
        "gold-q3", Move.LAUNCH, State.DRAFT, State.RUNNING, NOW, "ada", None, {"phase": 1}
    )
    # the clock of the second process is behind: the order of commits counts
    stop = RecordedMove(
        "gold-q3",
        Move.STOP,
        State.RUNNING,
        State.STOPPED,
        NOW - timedelta(seconds=1),
        "bo",
        "the gift ran out",
    )
    with writing(engine) as connection:
        add_campaign(connection, campaign())
        record_move(connection, launch)
        record_move(connection, stop)
    with reading(engine) as connection:
        assert read_moves(connection, "gold-q3") == (launch, stop)
        assert read_moves(connection, "gold-q4") == ()
