"""The rules of taking facts in: kept once or put aside, whatever goes wrong meanwhile."""

from __future__ import annotations

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from experiments.arrival import Arrival
from experiments.directory import Directory
from experiments.errors import DatabaseFull, DatabaseLocked, InvalidValues
from experiments.member import Member
from experiments.outcomes import ItemResult, Outcome
from experiments.recording import MOST_SHARED, import_members, record_conversions, record_exposures
from experiments.store.campaigns import add_campaign
from experiments.store.catalogue_state import bump_revision
from experiments.store.engine import open_engine, reading, writing
from experiments.store.folding import Folded, fold_all
from experiments.store.quarantine import read_quarantine
from experiments.store.tables import conversions, exposures, first_exposures
from tests.experiments.designs import NOW, campaign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine, Table

ARRIVAL = Arrival(NOW, "key-1")
ACCEPTED, DUPLICATE, QUARANTINED = Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.QUARANTINED
LARGE = MOST_SHARED + 50


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Give an engine on a database with the running campaign of the tests."""
    with writing(engine) as connection:
        add_campaign(connection, campaign())
    return engine


@pytest.fixture
def hasty(store: Engine, database_url: str) -> Iterator[Engine]:
    """Give an engine on the same database that waits for nobody."""
    store.dispose()
    engine = open_engine(database_url, busy_timeout_ms=50)
    yield engine
    engine.dispose()


def exposed(number: int, **changes: object) -> dict[str, Any]:
    """Give an exposure as it is sent."""
    return {
        "exposure_id": f"e-{number}",
        "campaign": "gold-q3",
        "variant": "gift",
        "member_id": f"m-{number % 7}",
        "occurred_at": NOW.isoformat(),
        **changes,
    }


def ordered(number: int, **changes: object) -> dict[str, Any]:
    """Give a conversion as it is sent."""
    sent = {"conversion_id": f"c-{number}", "member_id": "m-1", "event": "order"}
    return {**sent, "occurred_at": NOW.isoformat(), **changes}


def count(engine: Engine, table: Table) -> int:
    """Give the number of rows that a new reader sees."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("size", [3, LARGE])
def test_every_item_is_answered_in_its_place(store: Engine, size: int) -> None:
    """New, repeated, conflicting and bad items each get their own answer, few or many."""
    directory = Directory()
    first = [exposed(number) for number in range(size)]
    assert [one.outcome for one in record_exposures(store, directory, first, ARRIVAL)] == [
        ACCEPTED
    ] * size
    again = [*first, exposed(0, variant="control"), exposed(999, colour="red"), exposed(1000)]
    results = record_exposures(store, directory, again, ARRIVAL)
    assert len(results) == size + 3
    assert Counter(results.outcomes) == {DUPLICATE: size, QUARANTINED: 2, ACCEPTED: 1}
    assert results[0] == ItemResult(0, "e-0", DUPLICATE)
    assert results[-1] == ItemResult(size + 2, "e-1000", ACCEPTED)
    conflict, bad = results[size : size + 2]
    assert "other content" in conflict.problems[0].message
    assert bad.problems[0].field == "colour"
    with reading(store) as connection:
        assert {one.item_id for one in read_quarantine(connection)} == {"e-0", "e-999"}
    assert count(store, exposures) == size + 1


def test_a_bad_item_alone_is_refused(store: Engine) -> None:
    """Nothing is stored and nothing put aside; neither for what its id stands for already."""
    record_conversions(store, [ordered(1)], ARRIVAL, alone=True)
    for bad in (ordered(2, event=""), ordered(1, event="refund")):
        with pytest.raises(InvalidValues):
            record_conversions(store, [bad], ARRIVAL, alone=True)
    assert count(store, conversions) == 1
    with reading(store) as connection:
        assert read_quarantine(connection) == ()


def test_many_senders_of_the_same_ids_store_each_once(store: Engine) -> None:
    """Alone or in batches, from many threads at once, each fact is accepted exactly once."""
    directory = Directory()
    items = [exposed(number) for number in range(LARGE)]

    def alone(_: int) -> list[Outcome]:
        return [
            record_exposures(store, directory, [item], ARRIVAL, alone=True)[0].outcome
            for item in items[:40]
        ]

    def together(_: int) -> list[Outcome]:
        return list(record_exposures(store, directory, items, ARRIVAL).outcomes)

    with ThreadPoolExecutor(12) as pool:
        sent = [pool.submit(alone if number % 3 else together, number) for number in range(12)]
        outcomes = Counter(outcome for one in sent for outcome in one.result())
    assert outcomes == {ACCEPTED: LARGE, DUPLICATE: 3 * LARGE + 8 * 40}
    assert count(store, exposures) == LARGE
    assert fold_all(store, within_s=60) is Folded.ALL
    with reading(store) as connection:
        counted = connection.scalar(select(func.sum(first_exposures.c.exposures)))
    assert counted == LARGE


def test_what_no_database_can_keep_spoils_nothing(store: Engine) -> None:
    """A NUL or half a character in one item is told; the items beside it are kept."""
    items = [
        ordered(1),
        ordered(2, member_id="a\x00b"),
        ordered(3, properties={"\ud800": 1}),
        ordered(4, properties={"deep": [{"note": "\x00"}]}),
        ordered("\udfff"),  # type: ignore[arg-type]  # as an id
        ordered(5, properties={"note": "名 🎁 \u200e"}),
    ]
    results = record_conversions(store, items, ARRIVAL)
    assert [one.outcome for one in results] == [ACCEPTED, *[QUARANTINED] * 4, ACCEPTED]
    with reading(store) as connection:
        assert len(read_quarantine(connection)) == 4
        kept = connection.scalars(select(conversions.c.properties)).all()
    assert {"note": "名 🎁 \u200e"} in kept


def test_a_clock_that_steps_back_changes_nothing(store: Engine) -> None:
    """A repeat that seems to come before its original is a repeat, and what is new is kept."""
    directory, back = Directory(), replace(ARRIVAL, now=NOW - timedelta(hours=2))
    untimed = {name: value for name, value in exposed(1).items() if name != "occurred_at"}
    assert record_exposures(store, directory, [untimed], ARRIVAL)[0].outcome is ACCEPTED
    assert record_exposures(store, directory, [untimed], back)[0].outcome is DUPLICATE
    new = {**untimed, "exposure_id": "e-2"}
    assert record_exposures(store, directory, [new], back)[0].outcome is ACCEPTED
    # by the server's clock it lies in the future now: told, and kept aside, not lost
    ahead = record_exposures(store, directory, [exposed(3)], back)[0]
    assert ahead.outcome is QUARANTINED
    assert "future" in ahead.problems[0].message
    assert record_exposures(store, directory, [exposed(3)], ARRIVAL)[0].outcome is ACCEPTED
    assert fold_all(store, within_s=60) is Folded.ALL
    with reading(store) as connection:
        (first,) = connection.execute(
            select(first_exposures.c.exposed_at, first_exposures.c.exposures).where(
                first_exposures.c.member_id == "m-1"
            )
        )
    assert tuple(first) == (back.now, 2)


def test_an_id_without_a_time_and_with_one_are_told_apart(store: Engine) -> None:
    """Requests that share a transaction are judged as if they had come one by one."""
    untimed = {"conversion_id": "c-1", "member_id": "m-1", "event": "order"}
    record_conversions(store, [untimed], ARRIVAL)
    later = Arrival(NOW + timedelta(hours=1), "key-1")
    timed = ordered(1, occurred_at=later.now.isoformat())
    with ThreadPoolExecutor(16) as pool:
        sent = [
            pool.submit(record_conversions, store, [item], later) for item in [untimed, timed] * 16
        ]
        outcomes = [one.result()[0].outcome for one in sent]
    assert outcomes == [DUPLICATE, QUARANTINED] * 16


def test_the_household_of_the_moment_is_kept(store: Engine) -> None:
    """Campaigns that go by household look members up, whether the caller knows the campaigns."""
    directory = Directory()
    with writing(store) as connection:
        add_campaign(connection, campaign(key="homes", randomization_unit="household"))
    import_members(store, [Member("ada", {"household_id": "north"})], NOW, with_consent=False)
    with reading(store) as connection:
        listing = directory.current(connection)
    for number, known in enumerate((None, listing)):
        item = exposed(number, campaign="homes", member_id="ada")
        record_exposures(store, directory, [item], ARRIVAL, alone=True, listing=known)
    with reading(store) as connection:
        assert connection.scalars(select(exposures.c.unit_id)).all() == ["north"] * 2


def test_a_campaign_that_the_caller_does_not_know_yet_is_looked_up(store: Engine) -> None:
    """What a process remembers is a moment old: nothing is refused for that alone."""
    directory = Directory()
    with reading(store) as connection:
        before = directory.current(connection)
    with writing(store) as connection:
        add_campaign(connection, campaign(key="new"))
        bump_revision(connection)
    item = exposed(1, campaign="new")
    results = record_exposures(store, directory, [item], ARRIVAL, alone=True, listing=before)
    assert results[0].outcome is ACCEPTED


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [1, LARGE])
def test_a_locked_database_stores_nothing_and_can_be_asked_again(
    hasty: Engine, database_url: str, size: int
) -> None:
    """Another program that holds the file is told; the same request succeeds afterwards."""
    items = [ordered(number) for number in range(size)]
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked, match="nothing was stored"):
        record_conversions(hasty, items, ARRIVAL)
    other.execute("ROLLBACK")
    other.close()
    assert count(hasty, conversions) == 0
    assert set(record_conversions(hasty, items, ARRIVAL).outcomes) == {ACCEPTED}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [1, LARGE])
def test_a_full_disk_stores_nothing_and_can_be_asked_again(store: Engine, size: int) -> None:
    """The fault has a name; nothing is half stored, and there is room again once it is made."""
    directory, sent = Directory(), 0

    def send() -> list[Outcome]:
        items = [exposed(sent * size + number) for number in range(size)]
        return list(record_exposures(store, directory, items, ARRIVAL).outcomes)

    def send_until_full() -> None:
        nonlocal sent
        while set(send()) == {ACCEPTED}:
            sent += 1

    def limit(pages: int) -> None:
        # of each connection: every one that the pool has, while none is in use
        opened = [store.connect() for _ in range(3)]
        for connection in opened:
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            connection.close()

    with reading(store) as connection:
        used = connection.scalar(text("PRAGMA page_count"))
    limit(used + 8)
    with pytest.raises(DatabaseFull, match="no room"):
        send_until_full()
    assert count(store, exposures) == sent * size
    limit(1_000_000)
    assert set(send()) == {ACCEPTED}
    assert fold_all(store, within_s=60) is Folded.ALL
    with reading(store) as connection:
        counted = connection.scalar(select(func.sum(first_exposures.c.exposures)))
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    assert counted == (sent + 1) * size
