"""The rules of sharing a commit: everyone gets their own answer, and only once it is kept."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from experiments.errors import DatabaseLocked, Overloaded
from experiments.store.catalogue_state import bump_revision, read_revision
from experiments.store.engine import open_engine, reading, writing
from experiments.store.group_commit import GroupCommit, group_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine


class Refused(Exception):
    """What a work of a test raises."""


@pytest.fixture
def table(engine: Engine) -> Engine:
    """Give an engine with a table of numbers."""
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    return engine


def inserting(number: int) -> Callable[[Connection], int]:
    """Give a work that keeps a number."""

    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
        return number

    return work


def kept(engine: Engine) -> list[int]:
    """Give the numbers that a new reader sees."""
    with reading(engine) as connection:
        return sorted(connection.scalars(text("SELECT number FROM numbers")))


def while_leading(group: GroupCommit, works: Sequence[Callable[[], object]]) -> list[object]:
    """Queue works behind a leader that goes on once all of them wait; give answers or faults."""
    leads, goes_on = threading.Event(), threading.Event()

    def lead(_: Connection) -> None:
        leads.set()
        assert goes_on.wait(30)

    def outcome(work: Callable[[], object]) -> object:
        try:
            return work()
        except Exception as fault:  # noqa: BLE001  # the test looks at it
            return fault

    with ThreadPoolExecutor(len(works) + 1) as pool:
        leader = pool.submit(group.run, lead)
        assert leads.wait(30)
        futures = []
        for number, work in enumerate(works, start=1):
            futures.append(pool.submit(outcome, work))
            while group.waiting < number and not futures[-1].done():
                pass  # in the order given
        goes_on.set()
        leader.result()
        return [future.result() for future in futures]


def test_a_work_alone_is_committed_when_it_is_answered(table: Engine) -> None:
    """Nobody waits for company; the result comes back."""
    assert GroupCommit(table).run(inserting(7)) == 7
    assert kept(table) == [7]


def test_those_who_wait_share_a_transaction(table: Engine) -> None:
    """Works of one kind are done at once, in the order in which they came."""
    group, groups = GroupCommit(table), []

    def keep(connection: Connection, numbers: Sequence[int]) -> list[str]:
        groups.append(list(numbers))
        for number in numbers:
            inserting(number)(connection)
        return [f"kept {number}" for number in numbers]

    answers = while_leading(group, [lambda n=n: group.together(keep, n) for n in range(20)])
    assert answers == [f"kept {number}" for number in range(20)]
    assert groups == [list(range(20))]
    assert kept(table) == list(range(20))


def test_a_transaction_has_a_bound(table: Engine) -> None:
    """Those beyond it are committed by the next leader, one of their own."""
    group, sizes = GroupCommit(table, most_together=8), []

    def keep(_: Connection, numbers: Sequence[int]) -> Sequence[int]:
        sizes.append(len(numbers))
        return numbers

    while_leading(group, [lambda n=n: group.together(keep, n) for n in range(20)])
    assert sizes == [8, 8, 4]


def test_one_that_fails_does_not_spoil_the_others(table: Engine) -> None:
    """It alone gets its fault, nothing of it stays, and what shared its transaction is kept."""
    group = GroupCommit(table)

    def refused(connection: Connection) -> None:
        inserting(99)(connection)
        raise Refused

    works = [lambda n=n: group.run(inserting(n)) for n in range(6)]
    answers = while_leading(group, [*works[:3], lambda: group.run(refused), *works[3:]])
    assert isinstance(answers.pop(3), Refused)
    assert answers == list(range(6))
    assert kept(table) == list(range(6))


def test_too_many_are_refused_at_once(table: Engine) -> None:
    """Who is refused is told so, and has nothing done; the others are answered."""
    group = GroupCommit(table, most_waiting=3)
    answers = while_leading(group, [lambda n=n: group.run(inserting(n)) for n in range(5)])
    assert Counter(map(type, answers)) == {int: 3, Overloaded: 2}
    assert kept(table) == sorted(answer for answer in answers if isinstance(answer, int))


def test_nothing_is_lost_or_done_twice_under_load(engine: Engine) -> None:
    """Hundreds of counts from many threads are all there, each in the order of its thread."""
    group = group_commit(engine)

    def count(_: int) -> list[int]:
        return [group.run(bump_revision) for _ in range(20)]

    with ThreadPoolExecutor(32) as pool:
        numbers = list(pool.map(count, range(32)))
    assert sorted(number for some in numbers for number in some) == list(range(1, 641))
    assert all(some == sorted(some) for some in numbers)
    with reading(engine) as connection:
        assert read_revision(connection) == 640
    assert group_commit(engine) is group
    assert group.waiting == 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_locked_database_is_told_to_all_who_wait(table: Engine, database_url: str) -> None:
    """Nothing is stored, and the same work can be done once the other writer is gone."""
    hasty = open_engine(database_url, busy_timeout_ms=50)
    group = GroupCommit(hasty)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(group.run, inserting(number)) for number in range(8)]
        faults = [future.exception() for future in futures]
    assert all(isinstance(fault, DatabaseLocked) for fault in faults)
    other.execute("ROLLBACK")
    other.close()
    assert kept(table) == []
    assert group.run(inserting(1)) == 1
    hasty.dispose()
    assert kept(table) == [1]


def test_what_was_answered_survives_the_process(table: Engine, database_url: str) -> None:
    """A process killed in the midst of its work has kept whatever it had answered."""
    script = (
        "import os, sys, threading\n"
        "from sqlalchemy import text\n"
        "from experiments.store.engine import open_engine\n"
        "from experiments.store.group_commit import group_commit\n"
        "engine = open_engine(sys.argv[1])\n"
        "insert = text('INSERT INTO numbers VALUES (:number)')\n"
        "def keep(connection, numbers):\n"
        "    connection.execute(insert, [{'number': number} for number in numbers])\n"
        "    return numbers\n"
        "def send(first):\n"
        "    for number in range(first, first + 100_000):\n"
        "        group_commit(engine).together(keep, number)\n"
        "        os.write(1, b'%d\\n' % number)\n"
        "for thread in range(8):\n"
        "    threading.Thread(target=send, args=(thread * 100_000,)).start()\n"
    )
    process = subprocess.Popen(  # noqa: S603  # this interpreter, our script
        [sys.executable, "-c", script, database_url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as stream:
        answered = [int(stream.readline()) for _ in range(200)]
        process.kill()
        answered += [int(line) for line in stream if line.endswith("\n")]
    process.wait()
    there = kept(table)
    assert set(answered) <= set(there)
    assert len(there) <= len(answered) + 8  # committed, but not told any more
