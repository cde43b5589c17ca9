"""`tierlift db` makes the database, brings it up to date, and says what is wrong with it."""

from __future__ import annotations

import socket
import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import text

from experiments.store import schema
from experiments.store.engine import open_engine, writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.app.cli.conftest import Run


def test_upgrade_makes_a_database_that_passes_the_check(
    run_on: Callable[[str], Run], empty_database_url: str
) -> None:
    """From nothing to the newest schema; a second time changes nothing."""
    run = run_on(empty_database_url)
    for _ in range(2):
        done = run("db", "upgrade")
        assert done.exit_code == 0
        assert f"has schema {schema.head()}." in done.stdout
    assert run("db", "check").exit_code == 0
    assert run("db", "current").stdout == f"{schema.head()}\n"


def test_upgrade_makes_the_directory_of_a_file(run_on: Callable[[str], Run], folder: Path) -> None:
    """The default address lies in a directory that a clean clone does not have."""
    assert run_on("sqlite:///var/tierlift.db")("db", "upgrade").exit_code == 0
    assert (folder / "var/tierlift.db").is_file()


def test_upgrade_does_not_make_a_path_of_directories(run_on: Callable[[str], Run]) -> None:
    """A mistyped path is refused rather than made."""
    done = run_on("sqlite:///absent/too/tierlift.db")("db", "upgrade")
    assert done.exit_code == 1
    assert "There is no usable database at sqlite:///" in done.stderr


def test_downgrade_asks_first(run_on_each: Run) -> None:
    """What loses data is confirmed; without a yes nothing happens."""
    refused = run_on_each("db", "downgrade", "base", given="n\n")
    assert refused.exit_code == 1
    assert run_on_each("db", "current").stdout == f"{schema.head()}\n"
    done = run_on_each("db", "downgrade", "base", "--yes")
    assert done.exit_code == 0
    assert "has no schema." in done.stdout
    assert run_on_each("db", "current").stdout == "none\n"


def test_an_unknown_revision_is_named(run: Run) -> None:
    """The error says what came and which is the newest."""
    for words in (("upgrade", "9999"), ("downgrade", "9999", "--yes")):
        done = run("db", *words)
        assert done.exit_code == 1
        assert "REVISION is no revision of this version (got '9999')" in done.stderr
        assert f"The newest is {schema.head()}" in done.stderr


def test_a_missing_database_is_not_made(run_on: Callable[[str], Run], folder: Path) -> None:
    """Any command but an upgrade says that there is none, and how to get one."""
    run = run_on("sqlite:///missing.db")
    for words in (("campaign", "list"), ("db", "check"), ("db", "current"), ("keys", "list")):
        done = run(*words)
        assert done.exit_code == 1
        assert "Create it with `tierlift db upgrade`" in done.stderr
        assert done.stdout == ""
    assert not (folder / "missing.db").exists()


def test_a_database_of_an_older_schema_is_refused(
    run_on: Callable[[str], Run], empty_database_url: str
) -> None:
    """Nothing is read or written before the upgrade that the error names."""
    if empty_database_url.startswith("sqlite"):
        schema.upgrade(empty_database_url)
        schema.downgrade(empty_database_url, "base")
    for words in (("campaign", "list"), ("keys", "create", "a", "--scope", "offers:read")):
        done = run_on(empty_database_url)(*words)
        assert done.exit_code == 1
        assert "has no schema yet" in done.stderr
        assert "Run `tierlift db upgrade`." in done.stderr


def test_a_database_of_a_newer_schema_is_refused(
    run_on: Callable[[str], Run], database_url: str
) -> None:
    """An older program leaves alone what it does not know."""
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for words in (("campaign", "list"), ("db", "upgrade"), ("db", "check")):
        done = run_on(database_url)(*words)
        assert done.exit_code == 1
        assert "has schema 9999" in done.stderr
        assert "Install the newer Tierlift" in done.stderr


def test_a_locked_database_is_told(run_on: Callable[[str], Run], tmp_path: Path) -> None:
    """A writer that another process keeps waiting stores nothing, and says why."""
    url = f"sqlite:///{tmp_path / 'locked.db'}"
    schema.upgrade(url)
    holder = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    done = run_on(url)("keys", "create", "a", "--scope", "offers:read")
    holder.close()
    assert done.exit_code == 1
    assert "stayed locked by another process" in done.stderr
    assert "nothing was stored" in done.stderr
    assert run_on(url)("keys", "list", "--json").stdout == "[]\n"


def test_a_file_that_is_no_database_is_told(run_on: Callable[[str], Run], folder: Path) -> None:
    """It is neither read as one nor written over."""
    (folder / "notes.db").write_text("not a database, but a file of notes\n" * 10)
    done = run_on("sqlite:///notes.db")("campaign", "list")
    assert done.exit_code == 1
    assert "the file is not a SQLite database" in done.stderr


def test_a_server_that_does_not_answer_is_told(run_on: Callable[[str], Run]) -> None:
    """The address is named, without its password, with what to do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = run_on(f"postgresql://root:secret@127.0.0.1:{port}/tierlift")("campaign", "list")
    assert done.exit_code == 1
    assert f"There is no usable database at postgresql://root:***@127.0.0.1:{port}" in done.stderr
    assert "Start the server, or correct the address" in done.stderr
    assert "secret" not in done.output


def test_a_malformed_address_is_told_without_its_password(run_on: Callable[[str], Run]) -> None:
    """The error says what an address looks like, and repeats no secret."""
    done = run_on("mysql://root:secret@host/name")("campaign", "list")
    assert done.exit_code == 1
    assert "neither sqlite nor postgresql" in done.stderr
    assert "secret" not in done.output
