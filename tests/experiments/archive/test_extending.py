"""The rules of extending an archive: every fact once, whatever happens meanwhile."""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from experiments.archive.compacting import MERGED_FILES
from experiments.archive.extending import extend
from experiments.archive.reading import open_archive
from experiments.errors import ArchiveBusy, DatabaseMissing
from experiments.store.archives import archiving
from experiments.store.arrivals import FactKind, stream_arrivals
from experiments.store.engine import open_engine, writing
from tests.experiments.archive.facts import (
    DAY,
    NOW,
    T0,
    archived,
    exposure,
    keep,
    keep_one_of_each,
    order,
    stored,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from experiments.archive.place import Place

SEEDS = (1, 2, 3)
RUNS = 12


def test_the_first_run_archives_what_is_there(store: Engine, place: Place) -> None:
    """An archive is made with every fact of every kind, as the database has it."""
    for number in range(3):
        keep_one_of_each(store, number)
    done = extend(store, place, now=NOW)
    assert dict(done.added) == dict.fromkeys(FactKind, 3)
    assert (done.waiting, done.generation) == (0, 1)
    assert archived(open_archive(place.root)) == stored(store)


def test_a_later_run_adds_only_what_is_new(store: Engine, place: Place) -> None:
    """Facts that are archived already are neither read nor written again."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    before = open_archive(place.root).manifest
    keep_one_of_each(store, 2)
    done = extend(store, place, now=NOW)
    assert dict(done.added) == dict.fromkeys(FactKind, 1)
    after = open_archive(place.root)
    assert after.manifest.files[: len(before.files)] == before.files
    assert archived(after) == stored(store)


def test_a_run_without_news_writes_nothing(store: Engine, place: Place) -> None:
    """Where nothing arrived, no file is touched and the generation stays."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    before = place.files()
    with writing(store) as connection:  # a repeat, which burns a transaction and stores nothing
        keep(connection, orders=[order(1)])
    done = extend(store, place, now=NOW + DAY)
    assert dict(done.added) == dict.fromkeys(FactKind, 0)
    assert done.generation == 1
    assert place.files() == before


def test_an_empty_database_makes_an_empty_archive(store: Engine, place: Place) -> None:
    """No facts yet is an archive without files, not a missing one."""
    assert extend(store, place, now=NOW).files == 0
    facts = open_archive(place.root)
    assert facts.manifest.files == ()
    assert facts.conversions() == ()


def test_a_late_fact_goes_to_the_day_on_which_it_happened(store: Engine, place: Place) -> None:
    """Arriving weeks later changes the day's files, and no other day's."""
    with writing(store) as connection:
        keep(connection, orders=[order(1), order(2, occurred_at=T0 + 9 * DAY)])
    extend(store, place, now=NOW)
    with writing(store) as connection:
        keep(connection, orders=[order(3, received_at=T0 + 15 * DAY)])
    extend(store, place, now=NOW)
    files = open_archive(place.root).manifest.files
    assert [(file.partition.day, file.rows) for file in files] == [
        (T0.date(), 1),
        ((T0 + 9 * DAY).date(), 1),
        (T0.date(), 1),
    ]
    assert archived(open_archive(place.root)) == stored(store)


def test_days_are_utc_and_may_lie_before_1970(store: Engine, place: Place) -> None:
    """A moment belongs to the UTC day that it falls on, to the microsecond, at any time."""
    midnight = T0.replace(hour=0, minute=0, second=0, microsecond=0)
    instant = timedelta(microseconds=1)
    moments = [midnight - instant, midnight, midnight.replace(year=1969) - instant]
    with writing(store) as connection:
        keep(connection, orders=[order(n, occurred_at=at) for n, at in enumerate(moments)])
    extend(store, place, now=NOW)
    files = open_archive(place.root).manifest.files
    assert [str(file.partition.day) for file in files] == ["1969-02-28", "2026-02-28", "2026-03-01"]


def test_a_fact_whose_transaction_is_open_waits_for_it(store: Engine, place: Place) -> None:
    """A transaction that commits after one with a higher number is neither skipped nor doubled."""
    if store.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    other = open_engine(store.url.render_as_string(hide_password=False))
    with writing(store) as slow:
        keep(slow, orders=[order(1)])
        with writing(other) as fast:
            keep(fast, orders=[order(2)])
        first = extend(other, place, now=NOW)
        assert (first.added[FactKind.CONVERSIONS], first.waiting) == (0, 1)
    second = extend(other, place, now=NOW)
    assert (second.added[FactKind.CONVERSIONS], second.waiting) == (2, 0)
    assert archived(open_archive(place.root)) == stored(store)
    other.dispose()


@pytest.mark.parametrize("seed", SEEDS)
def test_concurrent_writers_lose_and_double_nothing(store: Engine, place: Place, seed: int) -> None:
    """Under writers that commit late and out of order, the archive ends equal to the database."""
    url = store.url.render_as_string(hide_password=False)
    writers_left = threading.Barrier(5)
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        chance = random.Random(f"{seed} {writer}")  # noqa: S311  # a seed, not a secret
        # SQLite's processes would starve one another; threads of one engine take turns
        engine = store if store.dialect.name == "sqlite" else open_engine(url)
        try:
            for turn in count():
                if enough_runs.is_set():
                    return
                ids = [writer * 100_000 + turn * 10 + n for n in range(chance.randint(1, 5))]
                shared = [900_000 + chance.randint(0, 20)]  # others append these, too
                with writing(engine) as connection:
                    late = T0 - DAY * chance.randint(0, 3)
                    keep(connection, orders=[order(n, occurred_at=late) for n in ids])
                    time.sleep(chance.choice((0, 0, 0.01, 0.03)))
                    keep(connection, exposures=[exposure(n) for n in (*ids, *shared)])
                    if chance.random() < 0.2:  # a share of transactions
                        connection.rollback()
        except BaseException as fault:  # noqa: BLE001  # told by the test, not by a thread
            faults.append(fault)
        finally:
            engine.dispose()
            writers_left.wait()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    enough_runs, done = threading.Event(), threading.Event()
    waiter = threading.Thread(target=lambda: (writers_left.wait(), done.set()))
    for thread in (*threads, waiter):
        thread.start()
    try:
        for _ in range(RUNS):
            extend(store, place, now=NOW)
    finally:
        enough_runs.set()
    while not done.is_set():
        extend(store, place, now=NOW)
    for thread in (*threads, waiter):
        thread.join()
    assert faults == []
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)


def test_a_second_archiver_leaves_with_the_reason(store: Engine, place: Place) -> None:
    """Of two that run at once one works; the other changes nothing, or waits if asked to."""
    with archiving(store), pytest.raises(ArchiveBusy, match="--wait"):
        extend(store, place, now=NOW)
    assert place.files() == {}

    def hold() -> None:
        with archiving(store):
            holding.set()
            time.sleep(0.3)

    holding = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait()
    assert extend(store, place, now=NOW, wait_s=30).generation == 1
    thread.join()


def test_many_archivers_at_once_add_every_fact_once(store: Engine, place: Place) -> None:
    """However many run at the same time, no fact is archived twice."""
    url = store.url.render_as_string(hide_password=False)
    faults: list[BaseException] = []

    def archive() -> None:
        engine = open_engine(url)
        try:
            for _ in range(4):
                extend(engine, place, now=NOW, wait_s=60)
        except BaseException as fault:  # noqa: BLE001  # told by the test, not by a thread
            faults.append(fault)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=archive) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        keep_one_of_each(store, number)
    for thread in threads:
        thread.join()
    assert faults == []
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)


def test_many_small_runs_end_in_few_files(store: Engine, place: Place) -> None:
    """Files of one day are merged by themselves before they are many."""
    for number in range(20):
        keep_one_of_each(store, number)
        extend(store, place, now=NOW)
    facts = open_archive(place.root)
    assert len(facts.manifest.files) == (20 - MERGED_FILES + 1) * len(FactKind)
    assert archived(facts) == stored(store)


def test_large_arrivals_make_several_files(store: Engine, place: Place) -> None:
    """A file has a largest size, so the memory of a run has one, too."""
    with writing(store) as connection:
        keep(connection, orders=[order(n) for n in range(25_000)])
    extend(store, place, now=NOW, file_rows=10_000)
    files = open_archive(place.root).manifest.files
    assert [file.rows for file in files] == [10_000, 10_000, 5_000]
    assert archived(open_archive(place.root)) == stored(store)


def test_numbers_are_not_used_again_after_a_deletion(store: Engine, place: Place) -> None:
    """Erasing the newest facts makes nothing that comes after them look archived."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    with writing(store) as connection:
        connection.execute(text("DELETE FROM conversions"))
    keep_one_of_each(store, 2)
    assert extend(store, place, now=NOW).added[FactKind.CONVERSIONS] == 1


def test_a_writer_cannot_forget_its_number(store: Engine, place: Place, backend: str) -> None:
    """A fact that is kept past our code is archived on PostgreSQL, and refused on SQLite."""
    moment = "0" if backend == "sqlite" else "now()"
    statement = text(
        "INSERT INTO conversions (conversion_id, member_id, event, occurred_at, received_at) "  # noqa: S608  # our own values
        f"VALUES ('c1', 'm1', 'order', {moment}, {moment})"  # our own values
    )
    if backend == "sqlite":
        with pytest.raises(IntegrityError, match="written_by"), writing(store) as connection:
            connection.execute(statement)
        return
    with writing(store) as connection:
        connection.execute(statement)
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)


def test_a_database_that_ends_meanwhile_leaves_the_archive_as_it_was(
    store: Engine, place: Place, backend: str
) -> None:
    """A server that ends the connection is told as such, and the next run goes on."""
    if backend == "sqlite":
        pytest.skip("a file does not end connections")
    keep_one_of_each(store, 1)
    missing = store.url.set(database="nowhere").render_as_string(hide_password=False)
    gone = open_engine(missing)
    with pytest.raises(DatabaseMissing, match="nowhere"):
        extend(gone, place, now=NOW)
    with pytest.raises(DatabaseMissing, match="nowhere"):
        next(stream_arrivals(gone, FactKind.GRANTS, 0, 1))
    gone.dispose()
    assert extend(store, place, now=NOW).added[FactKind.GRANTS] == 1
