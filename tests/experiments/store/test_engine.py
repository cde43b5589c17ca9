"""The rules of opening a database, of its transactions, and of its faults."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from experiments.errors import (
    DatabaseFailed,
    DatabaseLocked,
    DatabaseMissing,
    MalformedDatabaseUrl,
    QueryTimedOut,
)
from experiments.store.catalogue_state import bump_revision, read_revision
from experiments.store.engine import (
    BUSY_TIMEOUT_MS,
    STUCK_AFTER_S,
    open_engine,
    parse_url,
    reading,
    require_writable,
    shown,
    writing,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "not a URL"),
        ("tierlift.db", "not a URL"),
        ("sqlite:///", "names no file"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://host/tierlift.db", "three slashes"),
        ("sqlite:///tierlift.db?mode=ro", "three slashes"),
        ("mysql://ada:hidden@localhost/tierlift", "neither sqlite nor postgresql"),
        ("postgresql+asyncpg://ada:hidden@localhost/tierlift", "neither sqlite nor postgresql"),
        ("postgresql://ada:hidden@localhost", "names no database"),
        ("postgresql://ada:hidden@localhost:port/tierlift", "not a URL"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, reason: str) -> None:
    """The error says what is wrong and what an address looks like, and hides the password."""
    with pytest.raises(MalformedDatabaseUrl, match=reason) as caught:
        open_engine(url)
    assert "sqlite:///path" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_addresses_of_postgresql_use_the_installed_driver() -> None:
    """The address that every PostgreSQL tool takes works unchanged."""
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        address = parse_url(f"{scheme}://ada:hidden@db:5433/tierlift?sslmode=require")
        assert address.drivername == "postgresql+psycopg"
        assert shown(address) == "postgresql://ada:***@db:5433/tierlift?sslmode=require"


def test_a_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that changes its directory later keeps its database."""
    monkeypatch.chdir(tmp_path)
    assert parse_url("sqlite:///var/tierlift.db").database == str(tmp_path / "var/tierlift.db")


def test_a_path_may_have_any_character(tmp_path: Path) -> None:
    """Percent-encoded as in any URL, every character is part of the file's name."""
    name = "a ?mode=ro&x 100% 資料 #1.db"
    engine = open_engine(f"sqlite:///{tmp_path}/{quote(name)}", create=True)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE here (id INTEGER)"))
    engine.dispose()
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_sqlite_keeps_what_was_acknowledged(engine: Engine) -> None:
    """Write-ahead log, a sync per commit, and foreign keys are on in every connection."""
    with reading(engine) as connection, reading(engine) as another:
        for one in (connection, another):
            assert one.scalar(text("PRAGMA journal_mode")) == "wal"
            assert one.scalar(text("PRAGMA synchronous")) == 2  # FULL
            assert one.scalar(text("PRAGMA foreign_keys")) == 1
            assert one.scalar(text("PRAGMA busy_timeout")) == 5_000


def test_a_block_is_kept_whole_or_not_at_all(engine: Engine) -> None:
    """An error anywhere in the block undoes all of it."""

    def fail_half_way() -> None:
        with writing(engine) as connection:
            bump_revision(connection)
            message = "half-way"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        fail_half_way()
    with reading(engine) as connection:
        assert read_revision(connection) == 0


def test_reading_cannot_write(engine: Engine) -> None:
    """A use case that only reads cannot change anything by mistake; the next one still can."""
    with pytest.raises(DBAPIError, match=r"read-?only"), reading(engine) as connection:
        bump_revision(connection)
    with writing(engine) as connection:
        assert bump_revision(connection) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_damaged_file_is_named(engine: Engine, database_url: str) -> None:
    """A disk that lost a part is the database's fault, which has a name, and not ours."""
    engine.dispose()
    path = database_url.removeprefix("sqlite:///")
    with open(path, "r+b") as file:  # noqa: PTH123  # a part of it is written
        file.seek(4096)
        file.write(b"\xff" * 65_536)
    with pytest.raises(DatabaseFailed, match="nothing was stored"), reading(engine) as connection:
        connection.execute(text("SELECT * FROM campaigns")).all()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_one_thread_alone_waits_long_for_another_program(engine: Engine, database_url: str) -> None:
    """Who comes after two seconds is refused at once, and who came before is let go."""
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    took: list[float] = []

    def write() -> None:
        began = time.monotonic()
        with pytest.raises(DatabaseLocked), writing(engine):
            pass
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(STUCK_AFTER_S + 1)
    with pytest.raises(DatabaseLocked, match="another program"):
        require_writable(engine)
    for thread in threads:
        thread.join()
    other.close()
    require_writable(engine)
    with writing(engine) as connection:
        assert bump_revision(connection) == 1
    assert sum(one > BUSY_TIMEOUT_MS / 1000 - 0.5 for one in took) == 1
    assert len(took) == len(threads)


def test_reading_sees_one_snapshot(engine: Engine) -> None:
    """What another process commits meanwhile is seen by the next reader, not by this one."""
    with reading(engine) as connection:
        assert read_revision(connection) == 0
        with writing(engine) as writer:
            bump_revision(writer)
        assert read_revision(connection) == 0
    with reading(engine) as connection:
        assert read_revision(connection) == 1


def test_writers_wait_for_one_another(engine: Engine) -> None:
    """Sixteen threads that write at once all succeed, and no count is lost."""
    faults: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(5):
                with writing(engine) as connection:
                    before = read_revision(connection)
                    assert bump_revision(connection) > before
        except BaseException as error:  # noqa: BLE001  # shown below: a thread's error would be lost
            faults.append(error)

    threads = [threading.Thread(target=count) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with reading(engine) as connection:
        assert read_revision(connection) == 80


def test_a_fact_of_an_unknown_campaign_is_refused(engine: Engine) -> None:
    """Foreign keys hold on both databases."""
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO enrolments VALUES ('nowhere', 1, '', 1)"))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_locked_file_is_named_and_nothing_is_lost(database_url: str) -> None:
    """A writer that waited in vain is told that the file is locked; readers are not held up."""
    engine = open_engine(database_url, busy_timeout_ms=100)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked, match=r"tierlift\.db"), writing(engine) as connection:
        bump_revision(connection)
    with reading(engine) as connection:
        assert read_revision(connection) == 0
    other.execute("ROLLBACK")
    other.close()
    with writing(engine) as connection:
        assert bump_revision(connection) == 1
    engine.dispose()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_locked_row_is_named_and_nothing_is_lost(database_url: str) -> None:
    """A writer that waited in vain on PostgreSQL is told the same."""
    engine = open_engine(database_url, busy_timeout_ms=100)
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE catalogue_state")
        with pytest.raises(DatabaseLocked, match="lock timeout"), writing(engine) as connection:
            bump_revision(connection)
    with writing(engine) as connection:
        assert bump_revision(connection) == 1
    engine.dispose()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_statement_that_runs_too_long_is_stopped_and_named(engine: Engine) -> None:
    """A runaway statement gives its connection back."""
    with reading(engine) as connection:
        connection.execute(text("SET LOCAL statement_timeout = 50"))
        with pytest.raises(QueryTimedOut, match="statement timeout"):
            connection.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_closed_is_replaced(engine: Engine, database_url: str) -> None:
    """After a restart of the server the next request works, at the price of a new connection."""
    with writing(engine) as connection:
        bump_revision(connection)
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    time.sleep(0.1)
    with reading(engine) as connection:
        assert read_revision(connection) == 1


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    """The path and the command that makes the database are in the error; no file appears."""
    engine = open_engine(f"sqlite:///{tmp_path / 'absent.db'}")
    with pytest.raises(DatabaseMissing, match=r"absent\.db.*tierlift db upgrade"), reading(engine):
        pass
    assert not (tmp_path / "absent.db").exists()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A mistaken path to another file is told, and the file is left alone."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look at " * 100)
    before = path.read_bytes()
    with (
        pytest.raises(DatabaseMissing, match="not a SQLite database"),
        reading(open_engine(f"sqlite:///{path}")),
    ):
        pass
    assert path.read_bytes() == before


def test_a_server_that_does_not_answer_is_named() -> None:
    """Host, port and reason are in the error, the password is not."""
    engine = open_engine("postgresql://ada:hidden@127.0.0.1:1/tierlift")
    with (
        pytest.raises(DatabaseMissing, match=r"127\.0\.0\.1:1/tierlift") as caught,
        reading(engine),
    ):
        pass
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_database_that_the_server_does_not_have_is_named(database_url: str) -> None:
    """A server without our database answers like a missing one."""
    absent = parse_url(database_url).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(DatabaseMissing, match="nowhere"), reading(open_engine(absent)):
        pass


def test_errors_do_not_show_what_was_to_be_stored(engine: Engine) -> None:
    """Members' data stays out of logs, even when a statement fails."""
    with pytest.raises(DBAPIError) as caught, writing(engine) as connection:
        connection.execute(
            text("INSERT INTO api_keys (key_id, name) VALUES ('k', :name)"), {"name": "private"}
        )
    assert "private" not in str(caught.value).split("[SQL")[-1]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_process_that_dies_keeps_what_it_committed_and_no_more(database_url: str) -> None:
    """After a kill in the middle of a transaction, the committed ones stand and it is gone."""
    script = (
        "import os, signal, sys\n"
        "from experiments.store.catalogue_state import bump_revision\n"
        "from experiments.store.engine import open_engine, writing\n"
        "engine = open_engine(sys.argv[1])\n"
        "with writing(engine) as connection:\n    bump_revision(connection)\n"
        "with writing(engine) as connection:\n"
        "    bump_revision(connection)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    died = subprocess.run([sys.executable, "-c", script, database_url], check=False)  # noqa: S603  # this interpreter, our script
    assert died.returncode == -9
    engine = open_engine(database_url)
    with reading(engine) as connection:
        assert read_revision(connection) == 1
    engine.dispose()
