"""Tells a fault in a few lines and an exit code; nobody is shown a traceback unasked."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from app.settings import PREFIX, InvalidSettings, LogLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from experiments.errors import Problem

FAILED: Final = 1
INTERRUPTED: Final = 130
SHOWN_PROBLEMS: Final = 30


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn every fault into lines on standard error and an exit code.

    With ``TIERLIFT_LOG_LEVEL=debug`` it is left as it is, with its traceback.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise  # click's own, which it tells itself
    except KeyboardInterrupt as interruption:
        _tell(["Stopped.", *_notes(interruption)])
        raise click.exceptions.Exit(INTERRUPTED) from None
    except Exception as error:
        if os.environ.get(f"{PREFIX}LOG_LEVEL") == LogLevel.DEBUG:
            raise
        _tell([*lines_of(error), *_notes(error)])
        raise click.exceptions.Exit(FAILED) from None


def lines_of(error: Exception) -> list[str]:
    """Give the lines that say what was wrong, what came, and what would do."""
    # Deferred, so that a command that cannot fail so does not load the domain.
    from experiments.errors import ExperimentError, InvalidValues  # noqa: PLC0415  # as said above
    from stats.errors import StatsError  # noqa: PLC0415  # as said above

    if isinstance(error, InvalidSettings):
        return [f"Error: {refused}." for refused in error.refused]
    if isinstance(error, InvalidValues):
        told = [f"Error: {sentence_of(problem)}" for problem in error.problems[:SHOWN_PROBLEMS]]
        more = len(error.problems) - SHOWN_PROBLEMS
        rest = [f"… and {more} more."] if more > 0 else []
        # a note says what is kept, where that is something
        return [*told, *rest, *([] if _notes(error) else ["Nothing was stored."])]
    if isinstance(error, ExperimentError | StatsError) or type(error).__module__ == _OURS:
        return [f"Error: {error}"]
    return [f"Error: {_reason(error)}", _TRACEBACK]


_OURS: Final = "app.errors.faults"
_TRACEBACK: Final = f"Run it again with {PREFIX}LOG_LEVEL=debug for where it happened."


def sentence_of(problem: Problem) -> str:
    """Give a refused value as one sentence with its way out."""
    from experiments.errors import shortened  # noqa: PLC0415  # as in lines_of

    came = "" if problem.value is None else f" (got {shortened(problem.value)})"
    way_out = f" {problem.way_out}" if problem.way_out else ""
    return f"{problem.field} {problem.message}{came}.{way_out}"


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None)  # SQLAlchemy's wrapping of what the driver said
    if isinstance(cause, sqlite3.Error):
        return f"the database failed: {cause}."
    if isinstance(error, OSError) and error.strerror:
        place = f" {error.filename}" if error.filename else ""
        return f"cannot use{place}: {error.strerror}." if place else f"{error.strerror}."
    first = str(error).strip().splitlines()[:1]
    return f"an unexpected fault: {type(error).__name__}{f': {first[0]}' if first else ''}"


def _notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", ()))


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
