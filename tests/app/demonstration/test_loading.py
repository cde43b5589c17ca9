"""What the demonstration loads: one consistent story, the same every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.demonstration import campaigns, unplayed
from app.demonstration.design import WINDOW
from app.demonstration.earlier import EARLIER
from app.demonstration.programme import LOCALES, DemonstrationPlan
from experiments.assignment import Assignment, assign
from experiments.campaign import Move, State
from experiments.directory import Directory
from experiments.lifecycle import find_programme, history_of, list_campaigns
from experiments.member import Member
from experiments.store import tables
from experiments.store.engine import reading
from experiments.store.scorecards import read_scorecards
from tests.app.demonstration.conftest import PLAN, loaded_into

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine, RowMapping, Table

    from app.demonstration.loading import Loaded

FACTS = (
    tables.programme,
    tables.campaigns,
    tables.phases,
    tables.campaign_moves,
    tables.members,
    tables.assignments,
    tables.exposures,
    tables.conversions,
)


def rows_of(engine: Engine, table: Table) -> list[RowMapping]:
    """Give every row of a table, in the order of its key."""
    with reading(engine) as connection:
        query = select(table).order_by(*table.primary_key.columns)
        return list(connection.execute(query).mappings())


def test_the_same_plan_gives_the_same_facts(
    demonstration: tuple[Engine, Loaded], tmp_path: Path
) -> None:
    """Loading twice with one seed and one end gives the same rows and the same truth."""
    engine, loaded = demonstration
    again, loaded_again = loaded_into(tmp_path / "again.db", PLAN)
    assert loaded_again == loaded
    for table in FACTS:
        assert rows_of(again, table) == rows_of(engine, table), table.name
    again.dispose()


def test_another_seed_gives_other_facts(club: Engine, tmp_path: Path) -> None:
    """The seed decides what happened."""
    other, _ = loaded_into(tmp_path / "other.db", replace(PLAN, seed=PLAN.seed + 1, members=1_000))
    orders = {row["conversion_id"]: row["occurred_at"] for row in rows_of(club, tables.conversions)}
    shared = [
        (row["occurred_at"], orders[row["conversion_id"]])
        for row in rows_of(other, tables.conversions)
        if row["conversion_id"] in orders
    ]
    assert shared
    assert any(one != another for one, another in shared)
    other.dispose()


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)),
    ],
)
def test_the_history_ends_with_the_last_midnight_in_taipei(now: datetime, end: datetime) -> None:
    """The demonstration is as fresh as a whole day allows: Taipei's midnight is 16:00 UTC."""
    assert DemonstrationPlan.ending_today(now).end == end


def test_every_state_can_be_seen(club: Engine) -> None:
    """There is a campaign in each state but stopped, which the decided one went through."""
    states = {campaign.key: campaign.state for campaign in list_campaigns(club)}
    assert states == {
        **{one.key: State.DECIDED for one in EARLIER},
        campaigns.FINISHED: State.DECIDED,
        campaigns.RUNNING: State.RUNNING,
        campaigns.BROKEN: State.PAUSED,
        unplayed.SCHEDULED: State.SCHEDULED,
        unplayed.DRAFT: State.DRAFT,
        unplayed.ARCHIVED: State.ARCHIVED,
    }


def test_the_decision_has_its_reason_and_its_scorecard(club: Engine) -> None:
    """The finished campaign was stopped, then decided by a scorecard that is kept."""
    moves = [move.move for move in history_of(club, campaigns.FINISHED)]
    assert moves == ["create", Move.LAUNCH, Move.STOP, Move.DECIDE]
    decided = history_of(club, campaigns.FINISHED)[-1]
    assert decided.reason
    assert "95 % interval" in decided.reason
    assert decided.detail is not None
    with reading(club) as connection:
        kept = read_scorecards(connection, campaigns.FINISHED)
    assert decided.detail["snapshot_hash"] in {one.snapshot_hash for one in kept}


def test_moves_happen_in_the_order_of_time(club: Engine) -> None:
    """No campaign is moved before its last move, and none after the history's end."""
    for campaign in list_campaigns(club):
        times = [move.at for move in history_of(club, campaign.key)]
        assert times == sorted(times)
        assert times[-1] <= PLAN.end


def test_every_offer_speaks_the_three_languages(club: Engine) -> None:
    """Each treatment has texts in every locale, and the two Chinese ones differ."""
    for campaign in list_campaigns(club):
        for variant in campaign.design.variants:
            if variant is campaign.design.control:
                continue
            assert tuple(variant.offer.texts) == LOCALES
            taiwan, mainland = (variant.offer.texts[tag] for tag in LOCALES[:2])
            assert taiwan.title != mainland.title
            assert taiwan.body != mainland.body


def test_the_real_evaluator_gives_every_assignment_again(club: Engine) -> None:
    """What was remembered is what the evaluator says of the member as known at that moment."""
    with reading(club) as connection:
        listing = Directory().current(connection)
    compiled = {
        # as it was then: running, with the layer as it stood
        key: replace(listing.compiled(key), state=State.RUNNING)
        for key in (campaigns.RUNNING, campaigns.BROKEN)
    }
    checked = 0
    for row in rows_of(club, tables.assignments):
        if row["campaign_key"] not in compiled:
            continue
        member = Member(row["member_id"], row["attributes"])
        answer = assign(compiled[row["campaign_key"]], member, row["assigned_at"])
        assert isinstance(answer, Assignment)
        assert answer.variant.key == row["variant"]
        checked += 1
    assert checked > 1_000


def test_nobody_without_consent_is_assigned(club: Engine) -> None:
    """A member who had opted out before, or never consented, has no assignment after it."""
    opted_out = {
        row["member_id"]: row["occurred_at"]
        for row in rows_of(club, tables.conversions)
        if row["event"] == "opt_out"
    }
    members = {row["member_id"]: row for row in rows_of(club, tables.members)}
    for row in rows_of(club, tables.assignments):
        left = opted_out.get(row["member_id"])
        if left is not None:
            assert row["assigned_at"] < left
        else:
            assert members[row["member_id"]]["personalisation_consent"]


def test_campaigns_of_a_layer_exclude_one_another(club: Engine) -> None:
    """No member is in both campaigns that run at the same time."""
    by_campaign: dict[str, set[str]] = {}
    for row in rows_of(club, tables.assignments):
        by_campaign.setdefault(row["campaign_key"], set()).add(row["member_id"])
    assert not by_campaign[campaigns.RUNNING] & by_campaign[campaigns.BROKEN]


def test_only_the_broken_variant_loses_exposures(club: Engine) -> None:
    """Every exposure is that of an assignment; only `early` misses some, about three in ten."""
    assigned = {
        (row["campaign_key"], row["member_id"]): (row["variant"], row["assigned_at"])
        for row in rows_of(club, tables.assignments)
    }
    for row in rows_of(club, tables.exposures):
        variant, at = assigned.pop((row["campaign_key"], row["member_id"]))
        assert (row["variant"], row["exposed_at"]) == (variant, at)
    lost = {(campaign, variant) for (campaign, _), (variant, _) in assigned.items()}
    assert lost == {(campaigns.BROKEN, "early")}


def test_nothing_happens_before_joining_or_after_the_end(club: Engine) -> None:
    """Facts lie between the member's joining and the history's end, and fill a year.

    Before that year there is only what the campaigns of the year before count.
    """
    joined = {
        row["member_id"]: datetime.fromisoformat(row["attributes"]["joined_at"])
        for row in rows_of(club, tables.members)
    }
    times = []
    for row in rows_of(club, tables.conversions):
        assert row["occurred_at"] >= joined[row["member_id"]]
        times.append(row["occurred_at"])
    for row in rows_of(club, tables.exposures):
        assert joined[row["member_id"]] <= row["exposed_at"] < PLAN.end
    recent = min(at for at in times if at >= PLAN.start)
    assert recent < PLAN.start + timedelta(days=1)
    assert min(times) >= PLAN.end - timedelta(days=EARLIER[0].days_before) - WINDOW
    assert PLAN.end - timedelta(days=1) < max(times) < PLAN.end


def test_tier_changes_lead_to_the_tier_that_members_have(club: Engine) -> None:
    """Changes are single steps up, each from where the last one led; the member stands there."""
    programme = find_programme(club)
    assert programme is not None
    ladder = programme.ladder
    changes = [row for row in rows_of(club, tables.conversions) if row["event"] == "tier_change"]
    standing: dict[str, str] = {}
    for row in sorted(changes, key=lambda row: row["occurred_at"]):
        before, after = row["properties"]["from"], row["properties"]["to"]
        assert standing.get(row["member_id"], before) == before
        assert ladder.rank(after) == ladder.rank(before) + 1
        standing[row["member_id"]] = after
    tiers = {row["member_id"]: row["attributes"]["tier"] for row in rows_of(club, tables.members)}
    assert {member: tiers[member] for member in standing} == standing
    assert len(standing) > 100


def test_the_newcomer_has_not_been_assigned(demonstration: tuple[Engine, Loaded]) -> None:
    """The member to try is one whom nobody has assigned or exposed, so the first offer is new."""
    engine, loaded = demonstration
    for table in (tables.assignments, tables.exposures):
        known = {
            row["member_id"]
            for row in rows_of(engine, table)
            if row["campaign_key"] == campaigns.RUNNING
        }
        assert loaded.newcomer not in known
