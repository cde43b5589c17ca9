"""A computation writes what changed, once, whoever runs it and however often it is interrupted."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from experiments.errors import InvalidValues, RecomputeBusy, UnknownProgramme
from experiments.member import Member
from experiments.memory import Memory
from experiments.programme import Programme
from experiments.programme_run import writing_back
from experiments.programme_run.recomputing import Source, recompute
from experiments.programme_run.scheduling import due, runs
from experiments.store.engine import reading, writing
from experiments.store.members import (
    changed_members,
    changes_until,
    find_members,
    put_members,
    read_member,
)
from experiments.store.programme import put_programme
from experiments.store.programme_runs import recomputing
from experiments.store.tables import conversions, programme_runs
from experiments.store.tables import members as member_rows
from tests.experiments.programme_run.worlds import BEGIN, a_programme, facts, keep, members

if TYPE_CHECKING:
    from sqlalchemy import Engine

NOW = datetime(2026, 7, 1, tzinfo=UTC)
LADDER: dict[str, Any] = {
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
    "tier_validity_days": 30,
    "tiers": [
        {"key": "silver"},
        {"key": "gold", "entry_threshold_minor": 1_000},
        {"key": "honorary", "manual": True},
    ],
}


def club(engine: Engine, **said: dict[str, Any]) -> None:
    """Keep the ladder and some members."""
    with writing(engine) as store:
        put_programme(store, Programme.model_validate(LADDER), BEGIN)
        put_members(store, [Member(name, values) for name, values in said.items()], BEGIN)


def order(engine: Engine, member: str, amount: int, at: datetime) -> None:
    """Keep an order."""
    with writing(engine) as store:
        store.execute(
            conversions.insert().values(
                conversion_id=f"{member} {at.isoformat()}", member_id=member, event="order",
                occurred_at=at, received_at=at, amount_minor=amount, currency="TWD",
                **({"written_by": 2} if store.dialect.name == "sqlite" else {}),
            )
        )  # fmt: skip


def changes(engine: Engine) -> list[tuple[str, str | None, str | None, str]]:
    """Give the changes of tier: member, from, to, cause."""
    query = (
        select(conversions.c.member_id, conversions.c.properties)
        .where(conversions.c.event == "tier_change")
        .order_by(conversions.c.occurred_at)
    )
    with reading(engine) as store:
        return [
            (member, said.get("from"), said.get("to"), said["cause"])
            for member, said in store.execute(query)
        ]


def test_a_tier_is_kept_for_its_validity_and_falls_after(engine: Engine) -> None:
    """Climbing is at once and organic, falling waits for the validity and is an expiry."""
    club(engine, ada={})
    recompute(engine, Source(), now=NOW)
    order(engine, "ada", 1_000, NOW + timedelta(days=1))
    for days in (2, 365 + 1, 365 + 40):
        recompute(engine, Source(), now=NOW + timedelta(days=days))
    assert changes(engine) == [
        ("ada", "silver", "gold", "organic"),
        ("ada", "gold", "silver", "expiry"),
    ]


def test_a_tier_within_its_validity_is_kept(engine: Engine) -> None:
    """Whoever is below the threshold loses no tier before the validity is over."""
    club(engine, ada={})
    recompute(engine, Source(), now=NOW)
    order(engine, "ada", 1_000, NOW + timedelta(days=1))
    recompute(engine, Source(), now=NOW + timedelta(days=2))
    with writing(engine) as store:
        stricter = {**LADDER, "qualifying_days": 1}
        put_programme(store, Programme.model_validate(stricter), NOW)
    recompute(engine, Source(), now=NOW + timedelta(days=31))
    assert changes(engine) == [("ada", "silver", "gold", "organic")]
    recompute(engine, Source(), now=NOW + timedelta(days=32))
    assert changes(engine)[1:] == [("ada", "gold", "silver", "expiry")]


def test_an_imported_tier_wins_and_is_no_change(engine: Engine) -> None:
    """The business's tier is what counts; the computed one stands beside it, without an event."""
    club(engine, ada={"tier": "honorary"}, bob={})
    recompute(engine, Source(), now=NOW)
    order(engine, "ada", 5_000, NOW)
    recompute(engine, Source(), now=NOW + timedelta(days=1))
    with reading(engine) as store:
        ada = read_member(store, "ada")
    assert (ada.attributes["tier"], ada.computed["tier"], ada.imported["tier"]) == (
        "honorary", "gold", "honorary",
    )  # fmt: skip
    assert changes(engine) == []


def test_only_members_whose_attributes_change_are_written(engine: Engine) -> None:
    """Processes that remember members have to forget only those who changed."""
    club(engine, ada={}, bob={}, cy={})
    first = recompute(engine, Source(), now=NOW)
    with reading(engine) as store:
        since = changes_until(store)
    order(engine, "bob", 10, NOW)
    with reading(engine) as store:
        before = changes_until(store)
    second = recompute(engine, Source(), now=NOW + timedelta(hours=1))
    third = recompute(engine, Source(), now=NOW + timedelta(hours=1))
    assert (first.counts["changed"], second.counts["changed"], third.counts["changed"]) == (3, 1, 0)
    memory = Memory()
    for name in ("ada", "bob"):
        memory.keep_member(Member(name), memory.ticket)
    with reading(engine) as store:
        memory.apply(changed_members(store, max(since, before), 100), [])
    assert memory.member("ada") is not None
    assert memory.member("bob") is None


def test_a_run_that_is_killed_is_repeated_with_the_same_result(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was written before it died, the next one ends as one that was never killed."""
    draw = random.Random(11)  # noqa: S311  # a test's own
    programme, said = a_programme(draw), members(draw, 40)
    keep(engine, programme, said, facts(draw, programme, sorted(said), 600))
    monkeypatch.setattr(writing_back, "CHUNK_MEMBERS", 7)
    moments = [BEGIN + timedelta(days=days) for days in (300, 650)]

    def die(_: int) -> None:
        raise KeyboardInterrupt

    for at in moments:
        with pytest.raises(KeyboardInterrupt):
            recompute(engine, Source(), now=at, on_progress=die)
        done = recompute(engine, Source(), now=at)
        assert done.counts["changed"] == len(said) - 7
    with reading(engine) as store:
        killed = {name: dict(one.computed) for name, one in find_members(store, list(said)).items()}
    moved = changes(engine)
    with writing(engine) as store:
        store.execute(conversions.delete().where(conversions.c.sender == "tierlift"))
        forgotten = {"computed": None, "computed_by": None}
        store.execute(member_rows.update().values(**forgotten))
        store.execute(programme_runs.delete())
    for at in moments:
        recompute(engine, Source(), now=at)
    with reading(engine) as store:
        whole = {name: dict(one.computed) for name, one in find_members(store, list(said)).items()}
    assert killed == whole
    assert sorted(moved, key=str) == sorted(changes(engine), key=str)


def test_one_process_at_a_time_computes(engine: Engine) -> None:
    """Another one is told so, and nothing is computed twice at once."""
    club(engine, ada={})
    with recomputing(engine), pytest.raises(RecomputeBusy, match="once it is done"):
        recompute(engine, Source(), now=NOW)
    assert runs(engine) == ()
    recompute(engine, Source(), now=NOW)


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        (NOW + timedelta(seconds=1), "future"),
        (NOW - timedelta(days=2), "computed already"),
        (datetime(1969, 12, 31, tzinfo=UTC), "1970"),
    ],
)
def test_a_moment_that_cannot_be_computed_is_refused(
    engine: Engine, as_of: datetime, message: str
) -> None:
    """Neither the future, nor what lies behind an earlier computation."""
    club(engine, ada={})
    recompute(engine, Source(), now=NOW - timedelta(days=1))
    with pytest.raises(InvalidValues, match=message):
        recompute(engine, Source(), now=NOW, as_of=as_of)


def test_without_a_programme_nothing_is_computed(engine: Engine) -> None:
    """The way out is to set one."""
    with pytest.raises(UnknownProgramme):
        recompute(engine, Source(), now=NOW)


def test_a_day_is_due_until_it_is_computed_by_the_rules_of_today(engine: Engine) -> None:
    """Whoever looks finds the same midnight of the programme's zone; new rules are due at once."""
    club(engine, ada={})
    now = datetime(2026, 7, 1, 20, 30, tzinfo=UTC)  # 04:30 of July 2nd in Taipei
    midnight = datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert due(engine, now) == midnight
    recompute(engine, Source(), now=now, as_of=midnight)
    assert due(engine, now) is None
    with writing(engine) as store:
        put_programme(store, Programme.model_validate({**LADDER, "qualifying_days": 7}), now)
    assert due(engine, now) == midnight
    assert due(engine, now + timedelta(days=1)) == midnight + timedelta(days=1)
