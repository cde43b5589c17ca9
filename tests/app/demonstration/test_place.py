"""Where the demonstration lives: used again when complete, made anew when not, never elsewhere."""

from __future__ import annotations

import os
import shutil
import stat
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest

from app.auth import KeyRing, Scope
from app.auth.people import person_of, sign_in
from app.auth.roles import Role
from app.demonstration.place import (
    DATABASE,
    KEYS,
    MANIFEST,
    REPORTS,
    TRUTH,
    USERS,
    Demonstration,
    prepare,
)
from app.demonstration.programme import DemonstrationPlan
from app.errors import StartRefused
from experiments.store.engine import open_engine
from tests.app.demonstration.conftest import ignore_progress
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class LoadingBegan(Exception):
    """Leaves a load as soon as it has begun."""


SMALL = DemonstrationPlan.ending_today(NOW, members=1_000)


def prepared(
    directory: Path, plan: DemonstrationPlan = SMALL, *, fresh: bool = False
) -> Demonstration:
    """Prepare a demonstration of a thousand members."""
    return prepare(directory, plan, now=NOW, progress=ignore_progress, fresh=fresh)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory with a complete demonstration; copy it before changing it."""
    directory = tmp_path_factory.mktemp("complete") / "demo"
    assert not prepared(directory).reused
    return directory


@pytest.fixture
def copied(complete: Path, tmp_path: Path) -> Path:
    """Give a copy of a complete demonstration, to change."""
    return shutil.copytree(complete, tmp_path / "demo")


def test_everything_lies_in_its_directory(complete: Path) -> None:
    """Database, keys, users, truth and the reports of campaigns with members; nothing else."""
    made = {DATABASE, KEYS, USERS, TRUTH, REPORTS, MANIFEST}
    assert {path.name for path in complete.iterdir()} == made
    for report in prepared(complete).reports:
        assert report.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")
    truth = orjson.loads((complete / TRUTH).read_bytes())
    assert [one["campaign"] for one in truth["campaigns"]] == [
        "gold-trial",
        "tier-up",
        "early-sale",
    ]


def test_a_complete_demonstration_is_used_again(copied: Path) -> None:
    """The second start loads nothing and gives the same keys."""
    before = (copied / DATABASE).read_bytes()
    first, second = prepared(copied), prepared(copied)
    assert first.reused
    assert first == second
    assert (copied / DATABASE).read_bytes() == before


def test_one_of_another_day_is_used_again(copied: Path) -> None:
    """A demonstration does not change under the hands of whoever explores it."""
    tomorrow = replace(SMALL, end=SMALL.end.replace(day=SMALL.end.day - 1))
    assert prepared(copied, tomorrow).reused


def forget_members(_directory: Path) -> DemonstrationPlan:
    """Ask for other members."""
    return replace(SMALL, members=1_001)


def forget_seed(_directory: Path) -> DemonstrationPlan:
    """Ask for another seed."""
    return replace(SMALL, seed=1)


def lose_keys(directory: Path) -> DemonstrationPlan:
    """Lose a file."""
    (directory / KEYS).unlink()
    return SMALL


def grow_old(directory: Path) -> DemonstrationPlan:
    """Have the schema of another version."""
    engine = open_engine(f"sqlite:///{directory / DATABASE}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()
    return SMALL


def stop_half_way(directory: Path) -> DemonstrationPlan:
    """Crash while files were being moved."""
    manifest = orjson.loads((directory / MANIFEST).read_bytes())
    (directory / MANIFEST).write_bytes(orjson.dumps(manifest | {"complete": False}))
    return SMALL


@pytest.mark.parametrize(
    "change", [forget_members, forget_seed, lose_keys, grow_old, stop_half_way]
)
def test_what_cannot_be_used_is_loaded_anew(
    copied: Path, change: Callable[[Path], DemonstrationPlan]
) -> None:
    """Another plan, a missing file, another schema, a crash: each begins a new load."""

    def begun(_step: str, _done: int, _total: int) -> None:
        raise LoadingBegan

    plan = change(copied)
    with pytest.raises(LoadingBegan):
        prepare(copied, plan, now=NOW, progress=begun)


def test_a_new_load_leaves_nothing_of_the_old_one(copied: Path) -> None:
    """After a crash everything is new: the keys, and no log that the old database left behind.

    Directories that a killed process left disappear after an hour, when nobody can still load.
    """
    old_keys = {key.text for key in prepared(copied).keys}
    stop_half_way(copied)
    with (copied / DATABASE).open("r+b") as file:
        file.truncate(10_000)
    (copied / f"{DATABASE}-wal").write_bytes(b"of the old database")
    left, busy = copied / ".loading-left", copied / ".loading-busy"
    for directory in (left, busy):
        directory.mkdir()
    os.utime(left, (time.time() - 7_200, time.time() - 7_200))
    new = prepared(copied)
    assert not new.reused
    assert old_keys.isdisjoint(key.text for key in new.keys)
    assert not (copied / f"{DATABASE}-wal").exists()
    assert not left.exists()
    assert busy.exists()
    assert prepared(copied).reused


def test_a_database_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    """A directory with a database that is not the demonstration's is refused, even with `fresh`."""
    (tmp_path / DATABASE).write_bytes(b"years of work")
    with pytest.raises(StartRefused, match="left alone"):
        prepared(tmp_path, fresh=True)
    assert (tmp_path / DATABASE).read_bytes() == b"years of work"
    assert [path.name for path in tmp_path.iterdir()] == [DATABASE]


def test_a_load_that_fails_changes_nothing(copied: Path) -> None:
    """Interrupted half-way, the old demonstration is still there and still complete."""

    def interrupt(step: str, _done: int, _total: int) -> None:
        if step == "A year of events is kept":
            raise KeyboardInterrupt

    before = (copied / DATABASE).read_bytes()
    with pytest.raises(KeyboardInterrupt):
        prepare(copied, SMALL, now=NOW, progress=interrupt, fresh=True)
    assert (copied / DATABASE).read_bytes() == before
    assert not list(copied.glob(".loading-*"))
    assert prepared(copied).reused


def test_keys_are_kept_for_their_owner_alone(complete: Path) -> None:
    """Keys lie in a file that only its owner reads; the database has no more than their hashes."""
    assert stat.S_IMODE((complete / KEYS).stat().st_mode) == 0o600
    database = (complete / DATABASE).read_bytes()
    keys = prepared(complete).keys
    assert not any(key.text.split("_", 2)[2].encode() in database for key in keys)


def test_every_scope_has_a_key(complete: Path) -> None:
    """The keys open what they are said to open, and together everything."""
    demonstration = prepared(complete)
    engine = open_engine(demonstration.database_url)
    ring = KeyRing(engine)
    opened = set()
    for key in demonstration.keys:
        admitted = ring.authenticate(key.text)
        assert admitted.name == key.name
        assert admitted.scopes == set(key.scopes)
        opened |= admitted.scopes
    engine.dispose()
    assert opened == set(Scope)


def test_somebody_of_every_role_can_sign_in(copied: Path) -> None:
    """By passwords that its owner alone can read, so that an approval can be tried by two."""
    assert stat.S_IMODE((copied / USERS).stat().st_mode) == 0o600
    demonstration = prepared(copied)
    assert {one.role for one in demonstration.users} == set(Role)
    assert len({one.password for one in demonstration.users}) == len(Role)
    engine = open_engine(demonstration.database_url)
    for user in demonstration.users:
        token = sign_in(engine, user.email, user.password, NOW)
        person = person_of(engine, token, NOW)
        assert person is not None
        assert person.role == user.role
        assert not person.user.must_change_password
    engine.dispose()
    assert demonstration.users[0].password not in repr(demonstration)
