"""The rules of retention: what is old goes, what a living campaign reads stays and is named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from experiments.archive.extending import extend
from experiments.archive.verifying import verify
from experiments.campaign import Move
from experiments.lifecycle import Act, history_of, move_campaign, set_programme
from experiments.privacy.retaining import Kept, Removed, apply_retention
from experiments.store.access_log import AccessAction, read_access_log
from experiments.store.engine import reading, writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from tests.experiments.designs import programme
from tests.experiments.privacy.world import MEMBERS, World, everything, rows

if TYPE_CHECKING:
    from experiments.archive.place import Place


def keep_for(world: World, **days: int) -> None:
    """Let the programme keep something for so many days."""
    set_programme(world.engine, programme(retention=days), world.now)


def removed(world: World, **order: Any) -> dict[Kept, Removed]:  # noqa: ANN401  # of apply_retention
    """Apply retention."""
    return {one.kind: one for one in apply_retention(world.engine, world.act(), **order)}


def decide(world: World) -> None:
    """Stop both campaigns and decide on them."""
    for key in ("gold-q3", "family"):
        move_campaign(world.engine, key, Move.STOP, world.act())
        act = Act(world.now, "an operator", "enough", {"ship": "gift"})
        move_campaign(world.engine, key, Move.DECIDE, act)


def report(world: World) -> None:
    """Store a scorecard of both campaigns, as a report does."""
    with writing(world.engine) as connection:
        for key in ("gold-q3", "family"):
            keep_scorecard(connection, StoredScorecard(key, 1, f"hash of {key}", world.now, "{}"))


def test_without_numbers_everything_is_kept(world: World) -> None:
    """Nobody loses anything who has not asked for it."""
    tables = ("members", "conversions", "exposures", "first_exposures", "assignments")
    before = [rows(world.engine, table) for table in tables]
    world.now += timedelta(days=3_000)

    done = removed(world)

    assert all(one.before is None and one.rows == 0 for one in done.values())
    assert [rows(world.engine, table) for table in tables] == before


def test_a_living_campaign_keeps_what_it_reads(world: World) -> None:
    """However short the time, conversions since its pre-period stay, and it is named."""
    keep_for(world, conversions_days=1, exposures_days=1)
    world.now += timedelta(days=30)
    before = rows(world.engine, "conversions"), rows(world.engine, "exposures")

    done = removed(world)

    assert (rows(world.engine, "conversions"), rows(world.engine, "exposures")) == before
    (one, other) = done[Kept.CONVERSIONS].withheld
    # launched and first exposed on 1 March 2026; the covariate looks 90 days back
    assert one == "family: reads from 2025-12-01 on"
    assert other == "gold-q3: reads from 2025-12-01 on"


def test_conversions_go_by_whole_days_once_nobody_reads_them(world: World, place: Place) -> None:
    """In the database and in the archive alike; what is younger stays."""
    extend(world.engine, place, now=world.now)
    decide(world)
    bought_at = world.now
    world.now += timedelta(days=91)  # the window of the metric is 90 days long
    world.buys(MEMBERS[0], "a younger one")
    keep_for(world, conversions_days=10)

    assert removed(world, dry_run=True)[Kept.CONVERSIONS].rows == 24
    assert len(rows(world.engine, "conversions")) == 25
    done = removed(world, place=place)[Kept.CONVERSIONS]

    assert (done.rows, done.withheld) == (24, ())
    assert [row["conversion_id"] for row in rows(world.engine, "conversions")] == ["a younger one"]
    assert done.before == world.now - timedelta(days=10)
    assert bought_at < done.before
    extend(world.engine, place, now=world.now)
    assert verify(world.engine, place, now=world.now).is_sound
    assert removed(world, place=place)[Kept.CONVERSIONS].rows == 0


def test_a_phase_goes_whole_after_its_last_report(world: World, place: Place) -> None:
    """Without a report since its windows closed it stays; then all of it goes, and it is noted."""
    extend(world.engine, place, now=world.now)
    decide(world)
    keep_for(world, exposures_days=30)
    world.now += timedelta(days=121)
    withheld = removed(world, place=place)[Kept.EXPOSURES]
    assert withheld.rows == 0
    assert [one.split(":")[0] for one in withheld.withheld] == ["family", "gold-q3"]
    report(world)

    done = removed(world, place=place)[Kept.EXPOSURES]

    assert done.rows == 24 + 18
    for table in ("exposures", "first_exposures", "assignments"):
        assert rows(world.engine, table) == []
    assert len(rows(world.engine, "conversions")) == 24
    assert verify(world.engine, place, now=world.now).is_sound
    last = history_of(world.engine, "gold-q3")[-1]
    assert (last.move, dict(last.detail or {})) == ("retention", {"phase": 1, "rows": 24})


def test_old_quarantined_items_go(world: World) -> None:
    """Settled or not: what nobody looked at for so long is looked at by nobody."""
    world.sends({"conversion_id": "old", "member_id": "a", "event": ""})
    world.now += timedelta(days=40)
    world.sends({"conversion_id": "young", "member_id": "b", "event": ""})
    keep_for(world, quarantine_days=30)

    assert removed(world)[Kept.QUARANTINE].rows == 1
    assert [row["item_id"] for row in rows(world.engine, "quarantine")] == ["young"]


def test_members_who_do_nothing_are_erased_unless_a_campaign_has_them(world: World) -> None:
    """Their facts stay under pseudonyms; who buys, or is in a living campaign, stays known."""
    keep_for(world, inactive_members_days=100)
    world.now += timedelta(days=200)
    assert removed(world)[Kept.INACTIVE_MEMBERS].rows == 0  # all are in living campaigns
    decide(world)
    world.now += timedelta(days=200)
    world.buys(MEMBERS[4], "a recent one")

    assert removed(world)[Kept.INACTIVE_MEMBERS].rows == 11

    assert [row["member_id"] for row in rows(world.engine, "members")] == [MEMBERS[4]]
    assert len(rows(world.engine, "conversions")) == 25
    assert MEMBERS[0] not in everything(world.engine)


def test_the_log_is_shortened_and_retention_stands_in_it(world: World) -> None:
    """Who applied it and what went is written down; entries go after their time."""
    keep_for(world, access_log_days=10)
    removed(world)
    world.now += timedelta(days=20)

    assert removed(world)[Kept.ACCESS_LOG].rows == 1

    with reading(world.engine) as connection:
        (entry,) = read_access_log(connection)
    assert (entry.action, dict(entry.detail)) == (AccessAction.RETENTION, {"access_log": 1})


@pytest.mark.parametrize("days", [0, -1, 40_000, "30", 1.5])
def test_days_are_whole_and_positive(days: object) -> None:
    """A programme with anything else is refused."""
    with pytest.raises(ValueError, match="conversions_days"):
        programme(retention={"conversions_days": days})
