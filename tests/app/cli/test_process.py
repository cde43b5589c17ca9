"""The installed `tierlift` behaves as a program should: streams, pipes, signals, exit codes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.app.serving import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = Path(sys.executable).with_name("tierlift")
PATIENCE_S = 60

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="the command is not installed beside this Python"
)


@pytest.fixture
def environment(tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    """Give the environment of a user with a migrated, empty database."""
    path = tmp_path / "cli.db"
    path.write_bytes(sqlite_template.read_bytes())
    others = {name: text for name, text in os.environ.items() if not name.startswith("TIERLIFT_")}
    return {**others, "TIERLIFT_DATABASE_URL": f"sqlite:///{path}", "PYTHONWARNINGS": "error"}


@pytest.fixture
def tierlift(
    environment: dict[str, str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program."""

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own program
            [PROGRAM, *words], env=environment | variables, cwd=tmp_path,
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    return run


def test_results_and_notes_go_their_own_ways(
    tierlift: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """Standard output has the result alone, so that it can be redirected."""
    done = tierlift("keys", "create", "shop", "--scope", "offers:read")
    assert done.returncode == 0
    assert done.stdout.startswith("tl_")
    assert done.stdout.count("\n") == 1
    assert "Keep it now" in done.stderr


def test_a_fault_has_no_traceback_unless_asked_for(
    tierlift: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """One line on standard error, nothing on standard output, exit code 1."""
    done = tierlift("campaign", "show", "nope")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: There is no campaign 'nope'.\n"
    asked = tierlift("campaign", "show", "nope", TIERLIFT_LOG_LEVEL="debug")
    assert asked.returncode == 1
    assert "Traceback" in asked.stderr


def test_help_and_version_need_no_database(
    tierlift: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """They answer at once, whatever the settings."""
    for words in (["--help"], ["--version"], ["campaign", "--help"], ["import", "members", "-h"]):
        done = tierlift(*words, TIERLIFT_DATABASE_URL="sqlite:///absent.db")
        assert (done.returncode, done.stderr) == (0, "")
        assert "ierlift" in done.stdout


def test_a_reader_that_leaves_is_no_fault(
    tierlift: Callable[..., subprocess.CompletedProcess[str]], environment: dict[str, str]
) -> None:
    """`tierlift … | head -1` ends without a word."""
    tierlift("keys", "create", "shop", "--scope", "offers:read")
    with subprocess.Popen(  # noqa: S603  # our own program
        [PROGRAM, "keys", "list"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
        process.wait(PATIENCE_S)
    assert told == ""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_an_import_that_is_cut_off_is_completed_by_the_next(
    environment: dict[str, str], tmp_path: Path, sent: signal.Signals
) -> None:
    """Ctrl-C says what is kept; after it, or after a crash, running it again adds the rest."""
    count = 60_000
    path = tmp_path / "conversions.csv"
    lines = [f"c-{number},m-1,order,2026-01-01T00:00:00Z\n" for number in range(count)]
    path.write_text("conversion_id,member_id,event,occurred_at\n" + "".join(lines))
    words = [PROGRAM, "import", "conversions", str(path), "--json"]
    with subprocess.Popen(  # noqa: S603  # our own program
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        _wait_for_conversions(tmp_path / "cli.db", 20_000)
        process.send_signal(sent)
        out, err = process.communicate(timeout=PATIENCE_S)
    if sent is signal.SIGINT:
        assert (process.returncode, out) == (130, "")
        assert err.startswith("Stopped.\nThe ")
        assert "rows before are kept. Run the same command again" in err
    again = subprocess.run(  # noqa: S603  # our own program
        words, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert again.returncode == 0
    summary = json.loads(again.stdout)
    assert summary["accepted"] + summary["duplicates"] == count
    assert summary["duplicates"] >= 20_000
    assert summary["accepted"] > 0


def _wait_for_conversions(path: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    with closing(sqlite3.connect(path)) as store:
        while store.execute("SELECT count(*) FROM conversions").fetchone()[0] < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_serve_answers_until_it_is_told_to_stop(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Options go before the environment; SIGTERM ends it with 0."""
    port = free_port()
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(  # noqa: S603  # our own program
            [PROGRAM, "serve", "--port", str(port), "--host", "127.0.0.1"],
            env=environment | {"TIERLIFT_PORT": "1"}, stderr=log, stdout=log,
        ) as process,
    ):  # fmt: skip
        try:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                try:
                    answer = httpx.get(f"http://127.0.0.1:{port}/readyz")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, (tmp_path / "log").read_text()
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            assert answer.status_code == 200
        finally:
            process.terminate()
            code = process.wait(PATIENCE_S)
    assert code == 0


def test_serve_refuses_what_would_fail_at_the_first_request(
    tierlift: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """Without a database nothing is listened on."""
    done = tierlift("serve", TIERLIFT_DATABASE_URL="sqlite:///absent.db")
    assert done.returncode == 1
    assert "Create it with `tierlift db upgrade`" in done.stderr
