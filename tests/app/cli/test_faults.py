"""Every fault is told in a few lines with an exit code; a traceback is shown to who asks for it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click
import pytest
from sqlalchemy.exc import OperationalError

from app.cli.faults import SHOWN_PROBLEMS, faults_told, lines_of
from app.errors import StartRefused
from experiments.errors import InvalidValues, Problem, UnknownCampaign

if TYPE_CHECKING:
    from tests.app.cli.conftest import Run


def test_a_refused_value_is_one_line() -> None:
    """Field, what is wrong, what came, what would do."""
    problem = Problem("alpha", 2, "is too large", "Give less than 0.5.")
    assert lines_of(InvalidValues([problem])) == [
        "Error: alpha is too large (got 2). Give less than 0.5.",
        "Nothing was stored.",
    ]


def test_many_refused_values_are_cut() -> None:
    """A terminal shows the first ones and how many more there are."""
    problems = [Problem(f"f{number}", None, "is required") for number in range(SHOWN_PROBLEMS + 5)]
    lines = lines_of(InvalidValues(problems))
    assert len(lines) == SHOWN_PROBLEMS + 2
    assert lines[-2] == "… and 5 more."


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnknownCampaign("a", ["b"]), "Error: There is no campaign 'a'; known: b."),
        (StartRefused("Port 1 needs privileges."), "Error: Port 1 needs privileges."),
        (OSError(28, "No space left on device", "q.csv"), "cannot use q.csv: No space left"),
        (
            OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
            "Error: the database failed: database or disk is full.",
        ),
        (RuntimeError("odd"), "Error: an unexpected fault: RuntimeError: odd"),
    ],
)
def test_other_faults_are_told_by_what_they_say(error: Exception, told: str) -> None:
    """Our own errors speak for themselves; of others the kind and the first line are told."""
    assert told in lines_of(error)[0]


def test_notes_are_told_after_the_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """What is kept, or what to try, follows the error."""
    error = StartRefused("No.")
    error.add_note("Try 8001.")
    with pytest.raises(click.exceptions.Exit) as ended, faults_told():
        raise error
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "Error: No.\nTry 8001.\n"


def test_what_is_kept_is_not_denied() -> None:
    """Where a note says what is kept, it is not said that nothing was stored."""
    error = InvalidValues([Problem("FILE", "a.parquet", "cannot be read further")])
    error.add_note("The 10,000 rows before are kept.")
    assert lines_of(error) == ["Error: FILE cannot be read further (got 'a.parquet')."]


def test_an_interruption_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is no fault, and needs no traceback."""
    with pytest.raises(click.exceptions.Exit) as ended, faults_told():
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_debugging_shows_the_traceback(run: Run) -> None:
    """With the log level debug a fault is left as it is."""
    with pytest.raises(UnknownCampaign):
        run("campaign", "show", "nope", TIERLIFT_LOG_LEVEL="debug")


def test_settings_that_cannot_be_used_are_named(run: Run) -> None:
    """Each variable on its own line, with what came and what would do."""
    done = run("campaign", "list", TIERLIFT_PORT="http", TIERLIFT_WORKERS="0")
    assert done.exit_code == 1
    assert "Error: TIERLIFT_PORT is 'http', but must be a whole number" in done.stderr
    assert "Error: TIERLIFT_WORKERS is '0'" in done.stderr


def test_a_variable_that_is_no_setting_is_noted(run: Run) -> None:
    """A misspelt variable would else be silently without effect."""
    done = run("campaign", "list", TIERLIFT_DATABASE="sqlite:///other.db")
    assert done.exit_code == 0
    assert "TIERLIFT_DATABASE is not a setting" in done.stderr


def test_a_command_that_does_not_exist_is_a_usage_error(run: Run) -> None:
    """It ends with 2 and says how to get help."""
    done = run("campain")
    assert done.exit_code == 2
    assert "campain" in done.stderr
