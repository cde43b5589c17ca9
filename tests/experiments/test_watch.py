"""What a process knows follows the store within a moment, and survives its restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from experiments.directory import Directory
from experiments.errors import DatabaseMissing
from experiments.member import Member
from experiments.memory import Memory
from experiments.programme import Programme
from experiments.store.assignments import RecordedAssignment, remember
from experiments.store.campaigns import add_campaign
from experiments.store.engine import open_engine, writing
from experiments.store.members import merge_members, put_members
from experiments.store.programme import put_programme
from experiments.watch import AT_ONCE_AFTER_S, CHECK_EVERY_S, Watch
from tests.experiments.designs import PROGRAMME, campaign

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Seconds:
    """Seconds that pass when the test says so."""

    passed: float = 100.0

    def __call__(self) -> float:
        """Give them."""
        return self.passed


@pytest.fixture
def seconds() -> Seconds:
    """Give the clock of a watch."""
    return Seconds()


@pytest.fixture
def memory() -> Memory:
    """Give what the process remembers."""
    return Memory()


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Give a database with a running campaign."""
    with writing(engine) as connection:
        add_campaign(connection, campaign())
    return engine


@pytest.fixture
def watch(store: Engine, memory: Memory, seconds: Seconds) -> Watch:
    """Give a watch that has looked once."""
    made = Watch(store, Directory(), memory, elapsed=seconds)
    made.listing()
    return made


def renamed(store: Engine, name: str) -> None:
    """Change what every process must learn."""
    with writing(store) as connection:
        programme = Programme.model_validate({**PROGRAMME, "name": name})
        put_programme(connection, programme, NOW)


def name_of(watch: Watch) -> str | None:
    """Give the programme's name as the process knows it."""
    programme = watch.listing().programme
    return None if programme is None else programme.name


def test_a_change_is_in_force_within_a_quarter_of_a_second(
    watch: Watch, store: Engine, seconds: Seconds
) -> None:
    """Until then nothing is asked; from then on the change is served."""
    renamed(store, "after")
    seconds.passed += CHECK_EVERY_S * 0.9
    assert name_of(watch) is None
    seconds.passed += CHECK_EVERY_S * 0.2
    assert name_of(watch) == "after"


def test_ones_own_change_is_in_force_at_once(watch: Watch, store: Engine) -> None:
    """After a change of this process the next request looks."""
    renamed(store, "after")
    watch.expire()
    assert name_of(watch) == "after"


def test_changed_members_are_read_anew(
    watch: Watch, store: Engine, memory: Memory, seconds: Seconds
) -> None:
    """Sent one by one or imported, a change reaches every process that remembers the member."""
    for member_id in ("ada", "bo", "cy"):
        memory.keep_member(Member(member_id), memory.ticket)
    with writing(store) as connection:
        put_members(connection, [Member("ada", MappingProxyType({"tier": "gold"}))], NOW)
    with writing(store) as connection:
        merge_members(connection, [Member("bo")], NOW, with_consent=False)
    seconds.passed += CHECK_EVERY_S
    watch.listing()
    assert [memory.member(one) is None for one in ("ada", "bo", "cy")] == [True, True, False]


def test_what_is_written_while_a_transaction_is_open_is_not_missed(
    watch: Watch, store: Engine, memory: Memory, seconds: Seconds
) -> None:
    """A change that commits late, with an early number, still reaches the process."""
    if store.dialect.name == "sqlite":
        pytest.skip("SQLite's writers take turns")
    memory.keep_member(Member("ada"), memory.ticket)
    with writing(store) as slow:
        put_members(slow, [Member("ada", MappingProxyType({"tier": "gold"}))], NOW)
        with writing(store) as quick:
            put_members(quick, [Member("bo")], NOW)
        seconds.passed += CHECK_EVERY_S
        watch.listing()
        assert memory.member("ada") is not None
    seconds.passed += CHECK_EVERY_S
    watch.listing()
    assert memory.member("ada") is None


def test_assignments_made_elsewhere_are_learnt(
    watch: Watch, store: Engine, memory: Memory, seconds: Seconds
) -> None:
    """A unit that was known to have no variant has the one that another process gave it."""
    memory.keep_variants("ada", {("gold-q3", 1): None}, memory.ticket)
    with writing(store) as connection:
        remember(connection, RecordedAssignment("gold-q3", 1, "ada", "gift", "ada", NOW))
    seconds.passed += CHECK_EVERY_S
    watch.listing()
    assert memory.variants("ada") == {("gold-q3", 1): "gift"}


def test_an_idle_process_looks_before_it_answers(
    watch: Watch, store: Engine, seconds: Seconds
) -> None:
    """After an hour without a request, the first one is answered from what holds now."""
    renamed(store, "after")
    seconds.passed += 3_600
    assert name_of(watch) == "after"


def test_many_threads_see_one_change(watch: Watch, store: Engine, seconds: Seconds) -> None:
    """Threads that ask at once get a listing, each of them, and in the end the same."""
    renamed(store, "after")
    seconds.passed += AT_ONCE_AFTER_S
    seen: list[str | None] = []
    threads = [Thread(target=lambda: seen.append(name_of(watch))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["after"] * 16


def test_what_was_known_outlives_the_store_for_a_while(tmp_path: Path, seconds: Seconds) -> None:
    """A store that is away is no outage for the known; past the limit its fault is raised."""
    from experiments.store import schema  # noqa: PLC0415  # Alembic, for this test alone

    path = tmp_path / "tierlift.db"
    schema.upgrade(f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    watch = Watch(engine, Directory(), Memory(), stale_s=30, elapsed=seconds)
    known = watch.listing()
    engine.dispose()
    for file in tmp_path.iterdir():
        file.rename(file.with_name(f"away-{file.name}"))
    seconds.passed += 29
    assert watch.listing() is known
    assert watch.age_s == pytest.approx(29)
    seconds.passed += 2
    with pytest.raises(DatabaseMissing):
        watch.listing()
    for file in tmp_path.iterdir():
        file.rename(file.with_name(file.name.removeprefix("away-")))
    assert watch.listing().programme is None
    assert watch.age_s == pytest.approx(0)
    engine.dispose()


def test_a_process_that_never_saw_the_store_says_so(tmp_path: Path, seconds: Seconds) -> None:
    """There is nothing to go on with."""
    engine = open_engine(f"sqlite:///{tmp_path / 'absent.db'}")
    with pytest.raises(DatabaseMissing):
        Watch(engine, Directory(), Memory(), elapsed=seconds).listing()
