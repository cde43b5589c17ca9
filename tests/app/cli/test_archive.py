"""`tierlift archive` says what it added, proves that nothing is missing, and ends when told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from experiments.archive.reading import open_archive
from experiments.store.archives import archiving
from experiments.store.arrivals import FactKind
from experiments.store.engine import open_engine, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.cli.conftest import Run

PROGRAM = Path(sys.executable).with_name("tierlift")
ORDERS = (
    "conversion_id,member_id,event,occurred_at,amount,currency\n"
    "c-1,m-1,order,2026-02-01T09:00:00Z,10.00,GBP\n"
    "c-2,m-2,order,2026-02-02T09:00:00Z,5.50,GBP\n"
)
WHERE = {"TIERLIFT_ARCHIVE_URL": "kept"}


@pytest.fixture
def filled(run: Run, folder: Path) -> Run:
    """Run commands on a database with two orders."""
    (folder / "orders.csv").write_text(ORDERS)
    assert run("import", "conversions", "orders.csv").exit_code == 0
    return run


def test_a_run_is_told_in_words_and_json(filled: Run) -> None:
    """What was added goes to standard output, and nothing new is said in so many words."""
    first = filled("archive", **WHERE)
    assert (first.exit_code, first.stdout) == (0, "Added 2 conversions in 2 files.\n")
    assert filled("archive", **WHERE).stdout == "Nothing new.\n"
    summary = json.loads(filled("archive", "--json", **WHERE).stdout)
    assert summary["added"] == {str(kind): 0 for kind in FactKind}
    assert summary["generation"] == 1


def test_an_archive_that_is_not_named_is_refused(run: Run) -> None:
    """Without its setting the command says which one, and what it may be."""
    refused = run("archive")
    assert refused.exit_code == 1
    assert "TIERLIFT_ARCHIVE_URL is not set" in refused.stderr
    assert "s3://bucket/folder" in refused.stderr


def test_a_malformed_duration_is_refused(run: Run) -> None:
    """What would do is shown beside what came."""
    refused = run("archive", "--every", "soon", **WHERE)
    assert refused.exit_code == 1
    assert "'soon'" in refused.stderr
    assert "15m" in refused.stderr


def test_verify_says_that_all_is_well(filled: Run, folder: Path) -> None:
    """Equal archives end with 0, also where facts arrived since."""
    filled("archive", **WHERE)
    (folder / "orders.csv").write_text(ORDERS.replace("c-", "d-"))
    filled("import", "conversions", "orders.csv")
    done = filled("archive", "verify", **WHERE)
    assert done.exit_code == 0
    assert "equals the database on all 2 days" in done.stdout
    assert "2 facts arrived since" in done.stderr


def test_verify_tells_differences_and_ends_with_1(
    filled: Run, folder: Path, tmp_path: Path
) -> None:
    """A deleted row and an altered file are told, each with the way out."""
    filled("archive", **WHERE)
    engine = open_engine(f"sqlite:///{tmp_path / 'cli.db'}")
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM conversions WHERE conversion_id = 'c-1'"))
    engine.dispose()
    differing = filled("archive", "verify", **WHERE)
    assert differing.exit_code == 1
    assert "1 rows, 1,000 GBP minor" in differing.stdout
    assert "1 of 2 days differ" in differing.stderr
    assert "tierlift archive rebuild" in differing.stderr
    found = json.loads(filled("archive", "verify", "--json", **WHERE).stdout)
    assert found["sound"] is False
    assert found["differences"] == [
        {
            "kind": "conversions",
            "day": "2026-02-01",
            "archive": {"rows": 1, "sums": {"GBP": "1000"}},
            "database": {"rows": 0, "sums": {}},
        }
    ]
    path = open_archive("kept").conversions()[1]
    (folder / path).write_bytes(b"altered")
    damaged = filled("archive", "verify", **WHERE)
    assert damaged.exit_code == 1
    assert "is not what was written" in damaged.stderr


def test_a_rebuild_asks_first(filled: Run) -> None:
    """What only the old archive has would be lost, so a yes is needed."""
    filled("archive", **WHERE)
    assert filled("archive", "rebuild", given="n\n", **WHERE).exit_code == 1
    done = filled("archive", "rebuild", "--yes", **WHERE)
    assert done.stdout == "Added 2 conversions in 2 files.\n"
    assert filled("archive", "verify", **WHERE).exit_code == 0


def test_compact_says_what_became_of_the_files(filled: Run, folder: Path) -> None:
    """Files of one day become one."""
    filled("archive", **WHERE)
    (folder / "orders.csv").write_text(ORDERS.replace("c-", "d-"))
    filled("import", "conversions", "orders.csv")
    filled("archive", **WHERE)
    done = filled("archive", "compact", **WHERE)
    assert done.stdout == "4 files are 2 now; 0 that nobody reads any more were removed.\n"


def test_the_loop_goes_on_until_it_is_terminated(filled: Run, folder: Path, tmp_path: Path) -> None:
    """A scheduler inside: it adds what arrives, survives a busy archive, and ends with 0."""
    environment = {
        **os.environ,
        **WHERE,
        "TIERLIFT_DATABASE_URL": f"sqlite:///{tmp_path / 'cli.db'}",
        "PYTHONUNBUFFERED": "1",
    }
    engine = open_engine(environment["TIERLIFT_DATABASE_URL"])
    with archiving(engine):
        process = subprocess.Popen(  # noqa: S603  # our own program
            [PROGRAM, "archive", "--every", "1s"],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "Trying again at the next turn." in process.stderr.readline()
    engine.dispose()
    told = _line_with("Added", process)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert told == "Added 2 conversions in 2 files.\n"
    assert (process.returncode, [line for line in errors.splitlines() if "Trying" not in line]) == (
        0,
        [],
    )
    assert filled("archive", "verify", **WHERE).exit_code == 0


def _line_with(word: str, process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    read: Callable[[], str] = process.stdout.readline
    return next(line for line in iter(read, "") if word in line)
