"""Lets one process at a time do a piece of work on a database, whatever else is written meanwhile.

The operating system or PostgreSQL ends the claim of a process that dies.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from experiments.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

_RETRY_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work that one process at a time may do.

    Attributes:
        ending: Of the file beside a SQLite database that is locked meanwhile.
        number: Names the lock on PostgreSQL.
        busy: Gives the fault of another process doing it, from the seconds that were waited.
    """

    ending: str
    number: int
    busy: Callable[[float], Exception]


@contextmanager
def alone(engine: Engine, work: Work, *, wait_s: float = 0.0) -> Iterator[None]:
    """Let nobody else do the same work on this database meanwhile.

    Args:
        engine: The store.
        work: What is done; its fault is raised where another process does not end in time.
        wait_s: How long to wait for it.
    """
    if engine.dialect.name == "sqlite":
        with _sqlite_lock(engine, work, wait_s):
            yield
    else:
        with _postgresql_lock(engine, work, wait_s):
            yield


@contextmanager
def _sqlite_lock(engine: Engine, work: Work, wait_s: float) -> Iterator[None]:
    """Lock a file beside the database; the database itself stays free for its writers."""
    path = f"{engine.url.database}{work.ending}"
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise work.busy(wait_s) from error
            message = f"The lock file {path} cannot be used: {error}."
            raise StoreError(message) from error
        yield
    finally:
        connection.close()


@contextmanager
def _postgresql_lock(engine: Engine, work: Work, wait_s: float) -> Iterator[None]:
    """Take an advisory lock of a session of its own, which is not in a transaction."""
    until = time.monotonic() + wait_s
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text(f"SELECT pg_try_advisory_lock({work.number})")):
            if time.monotonic() >= until:
                raise work.busy(wait_s)
            time.sleep(_RETRY_S)
        try:
            yield
        finally:
            try:
                connection.execute(text(f"SELECT pg_advisory_unlock({work.number})"))
            except (DBAPIError, StoreError):
                # the session is gone, and the lock with it; what is written tells if it matters
                connection.invalidate()
