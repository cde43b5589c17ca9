"""The rules of what holds: after a crash at any point, and with a database that was restored."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import make_url, text

from experiments.archive import extending, publishing
from experiments.archive.extending import extend, rebuild
from experiments.archive.publishing import POINTER, publish, read_state
from experiments.archive.reading import open_archive
from experiments.archive.verifying import verify
from experiments.errors import ArchiveBusy, ArchiveDamaged, ArchiveMismatch, ArchiveMissing
from experiments.store.arrivals import FactKind
from experiments.store.engine import open_engine, writing
from tests.experiments.archive.facts import NOW, archived, keep_one_of_each, stored

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.archive.place import Place

RUNNER = """
import sys
from datetime import UTC, datetime
from experiments.archive.extending import extend
from experiments.archive.place import open_place
from experiments.store.engine import open_engine
engine, place = open_engine(sys.argv[1]), open_place(sys.argv[2])
print("begins", flush=True)
while True:
    extend(engine, place, now=datetime.now(UTC), wait_s=60)
"""


class Killed(BaseException):
    """Stands for the end of a process: nothing behind it runs."""


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_killed_loses_and_doubles_nothing(
    store: Engine, place: Place, seed: int
) -> None:
    """After kill -9 at any moment, the next run makes the archive equal to the database."""
    url = store.url.render_as_string(hide_password=False)
    for attempt in range(3):
        process = subprocess.Popen(  # noqa: S603  # this interpreter, our script
            [sys.executable, "-c", RUNNER, url, place.root], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        until = time.monotonic() + 0.3 + 0.2 * seed
        number = attempt * 10_000
        while time.monotonic() < until:
            keep_one_of_each(store, number)
            number += 1
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    extend(store, place, now=NOW, wait_s=60)
    assert archived(open_archive(place.root)) == stored(store)


@pytest.mark.parametrize("step", ["write_files", "write_manifest", "commit", "point"])
def test_a_run_may_die_between_any_two_steps(
    store: Engine, place: Place, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers see the state before or the one after, and the next run completes it."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    before = archived(open_archive(place.root))
    keep_one_of_each(store, 2)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        match step:
            case "write_files":
                patch.setattr(extending, "publish", die)
            case "write_manifest":
                patch.setattr(publishing, "writing", die)
            case "commit":
                patch.setattr(publishing, "commit_archive", die)
            case "point":
                patch.setattr(publishing, "_point_at", die)
        with pytest.raises(Killed):
            extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == before
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)
    assert verify(store, place, now=NOW).is_sound


def test_of_two_that_publish_the_slower_changes_nothing(store: Engine, place: Place) -> None:
    """Whoever was overtaken, its lock lost, is refused by the commit; readers see the other's."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    overtaken = read_state(place)
    keep_one_of_each(store, 2)
    extend(store, place, now=NOW)
    with pytest.raises(ArchiveBusy):
        publish(store, place, overtaken, overtaken.manifest, NOW)
    assert archived(open_archive(place.root)) == stored(store)


def test_a_database_that_was_restored_is_noticed(
    store: Engine, place: Place, backend: str, tmp_path: Path
) -> None:
    """A database of an earlier moment would skip and double facts, so it is refused until told."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    with writing(store) as connection:
        before = [tuple(row) for row in connection.execute(text("SELECT * FROM archives"))]
    keep_one_of_each(store, 2)
    if backend == "sqlite":
        path = make_url(str(store.url)).database
        assert path is not None
        store.dispose()
        shutil.copyfile(path, tmp_path / "copy.db")
    extend(store, place, now=NOW)
    if backend == "sqlite":
        store.dispose()
        shutil.copyfile(tmp_path / "copy.db", str(path))
    else:  # as a replica that took over without the last commits has it
        with writing(store) as connection:
            connection.execute(text("DELETE FROM archives"))
            for row in before:
                values = dict(zip("abcdef", row, strict=True))
                insert = "INSERT INTO archives VALUES (:a, :b, :c, :d, :e, :f)"
                connection.execute(text(insert), values)
    with pytest.raises(ArchiveMismatch, match=r"restored to an earlier moment.*rebuild"):
        extend(store, place, now=NOW)
    rebuild(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)
    keep_one_of_each(store, 3)
    assert extend(store, place, now=NOW).added[FactKind.GRANTS] == 1


def test_a_dump_that_was_loaded_elsewhere_is_noticed(
    store: Engine, place: Place, backend: str
) -> None:
    """Another server's transaction numbers mean nothing here; a rebuild gives facts new ones."""
    if backend == "sqlite":
        pytest.skip("a SQLite file carries its counter along")
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    with writing(store) as connection:
        connection.execute(text("UPDATE archives SET incarnation = 'elsewhere/1'"))
        for kind in FactKind:  # numbers that this server will not reach for years
            connection.execute(text(f"UPDATE {kind} SET written_by = 123456789012"))  # noqa: S608  # our names
    with pytest.raises(ArchiveMismatch, match="loaded from a dump"):
        extend(store, place, now=NOW)
    assert dict(rebuild(store, place, now=NOW).added) == dict.fromkeys(FactKind, 1)
    keep_one_of_each(store, 2)
    assert dict(extend(store, place, now=NOW).added) == dict.fromkeys(FactKind, 1)
    assert archived(open_archive(place.root)) == stored(store)


def test_a_new_archive_of_a_loaded_dump_is_complete(
    store: Engine, place: Place, backend: str
) -> None:
    """The first archive of a restored database has the facts whose numbers come from elsewhere."""
    if backend == "sqlite":
        pytest.skip("a SQLite file carries its counter along")
    keep_one_of_each(store, 1)
    with writing(store) as connection:
        connection.execute(text("UPDATE conversions SET written_by = 123456789012"))
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)


def test_an_archive_of_another_database_is_refused(store: Engine, place: Place) -> None:
    """A wrong address never mixes the facts of two databases."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    with writing(store) as connection:
        connection.execute(text("DELETE FROM archives"))
    with pytest.raises(ArchiveMismatch, match=r"knows nothing of it.*TIERLIFT_ARCHIVE_URL"):
        extend(store, place, now=NOW)


def test_an_archive_that_vanished_is_not_begun_again(store: Engine, place: Place) -> None:
    """A folder that is not mounted is told, not filled with a second archive."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    shutil.rmtree(place.root)
    with pytest.raises(ArchiveMissing, match=r"last extended 2026-03-20 08:00 UTC.*Mount"):
        extend(store, place, now=NOW)
    assert place.files() == {}
    with pytest.raises(ArchiveMissing, match="tierlift archive"):
        open_archive(place.root)
    rebuild(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", orjson.dumps({"format": 99})])
def test_what_cannot_be_read_is_told(store: Engine, place: Place, content: bytes) -> None:
    """An altered pointer or manifest is named, with the way out; nothing is overwritten."""
    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    name = read_state(place).name
    assert name is not None
    for path in (name, POINTER):
        place.write(path, content)
        with pytest.raises(ArchiveDamaged, match="tierlift archive rebuild"):
            open_archive(place.root)
        with pytest.raises(ArchiveDamaged):
            extend(store, place, now=NOW)
    place.write(POINTER, orjson.dumps({"format": 1, "manifest": "manifests/lost.json"}))
    with pytest.raises(ArchiveDamaged, match=r"lost\.json is missing"):
        open_archive(place.root)


def test_several_archives_of_one_database_are_apart(
    store: Engine, place: Place, tmp_path: Path
) -> None:
    """Each archive knows by itself how far it has come."""
    from experiments.archive.place import open_place  # noqa: PLC0415  # only here

    keep_one_of_each(store, 1)
    extend(store, place, now=NOW)
    other = open_place(str(tmp_path / "other"))
    keep_one_of_each(store, 2)
    extend(store, other, now=NOW)
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == archived(open_archive(other.root)) == stored(store)


def test_a_busy_sqlite_database_does_not_wait_for_the_archive(
    store: Engine, place: Place, backend: str
) -> None:
    """The lock of archivers is beside the database: facts arrive while it is held."""
    from experiments.store.archives import archiving  # noqa: PLC0415  # only here

    if backend != "sqlite":
        pytest.skip("PostgreSQL's advisory lock locks no table")
    other = open_engine(str(store.url))
    with archiving(other):
        keep_one_of_each(store, 1)
    other.dispose()
    assert extend(store, place, now=NOW).added[FactKind.GRANTS] == 1
