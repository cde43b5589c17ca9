"""Opens a database and decides what a transaction is; what is kept there is said in `tables`.

A commit that returned is durable. SQLite runs in WAL mode, so readers never wait for the writer,
with ``synchronous=FULL``: under NORMAL a power cut can undo the last commits, and a sender whose
fact was acknowledged does not send it again. The price, one disk sync a commit, is paid once per
batch. Write transactions begin with ``BEGIN IMMEDIATE``: a second writer waits its turn, where a
transaction that turns from reading to writing would fail at once.

Faults of the drivers become errors of this package, with the address (never its password) and the
way out.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

import orjson
import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from experiments.errors import (
    DatabaseFailed,
    DatabaseFull,
    DatabaseLocked,
    DatabaseMissing,
    MalformedDatabaseUrl,
    QueryTimedOut,
    StoreError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS: Final = 5_000
STATEMENT_TIMEOUT_MS: Final = 30_000
IDLE_TIMEOUT_MS: Final = 60_000
CONNECT_TIMEOUT_S: Final = 5
POOL_SIZE: Final = 10
POOL_OVERFLOW: Final = 10

STUCK_AFTER_S: Final = 2.0
"""Another program that holds a SQLite file for longer is waited for by one thread alone."""

_TURN_TIMEOUT_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.5

_POSTGRESQL_SCHEMES: Final = frozenset({"postgresql", "postgresql+psycopg", "postgres"})
_SQLITE_PRIMARY_CODE: Final = (
    0xFF  # an extended result code carries the primary one in its low byte
)


def open_engine(
    url: str,
    *,
    create: bool = False,
    foreign_keys: bool = True,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
) -> Engine:
    """Give an engine for a database address; nothing is connected yet.

    Args:
        url: ``sqlite:///path`` or ``postgresql://…``.
        create: Make a missing SQLite file. Only a migration may; anything else would turn a
            mistyped path into an empty database.
        foreign_keys: Whether SQLite enforces them; PostgreSQL always does. Off for migrations.
        busy_timeout_ms: How long a locked database is waited for.

    Raises:
        MalformedDatabaseUrl: The address is neither.
    """
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(
            address, create=create, foreign_keys=foreign_keys, busy_timeout_ms=busy_timeout_ms
        )
    return _open_postgresql(address, busy_timeout_ms=busy_timeout_ms)


def parse_url(url: str) -> URL:
    """Give the address in the form that SQLAlchemy uses, with an absolute path for a file.

    Raises:
        MalformedDatabaseUrl: The address is not one of SQLite or PostgreSQL.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise MalformedDatabaseUrl(_without_password(url), "it is not a URL") from error
    if address.drivername == "sqlite":
        return _parse_sqlite(address)
    if address.drivername in _POSTGRESQL_SCHEMES:
        if not address.database:
            raise MalformedDatabaseUrl(shown(address), "it names no database")
        return address.set(drivername="postgresql+psycopg")
    raise MalformedDatabaseUrl(
        shown(address), f"{address.drivername!r} is neither sqlite nor postgresql"
    )


def shown(address: URL) -> str:
    """Give the address as it may be shown: as the operator wrote it, without the password."""
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql")
    return address.render_as_string(hide_password=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot of the database and cannot change it."""
    options: dict[str, Any] = {"sqlite_begin": "BEGIN"}
    if engine.dialect.name == "postgresql":
        # psycopg sends both with BEGIN: no extra round trip
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose changes are all kept when the block ends, or none if it raises.

    Raises:
        DatabaseLocked: Another writer held the database for longer than the busy timeout.
    """
    options = {"sqlite_begin": "BEGIN IMMEDIATE"}
    turn = _turns.get(engine)
    if turn is not None:
        turn.take(engine)
    try:
        with (
            engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            if turn is not None:
                turn.begun()
            yield connection
    finally:
        if turn is not None:
            turn.give_back()


def require_writable(engine: Engine) -> None:
    """Refuse to wait where a thread of this process has waited for another program for long.

    Raises:
        DatabaseLocked: One has. Whoever waited too would keep a thread from other work.
    """
    turn = _turns.get(engine)
    if turn is not None and turn.is_stuck:
        raise _stuck(engine)


class _Turn:
    """Lets the threads of this process write to a SQLite file one after the other.

    They would have to anyway, but SQLite waits by sleeping up to 100 ms between tries, and a thread
    that is woken by a lock goes on at once: the slowest of 16 writers waits 0.2 s, not 1.5 s.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waits_since: float | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether the thread whose turn it is has long waited for another program."""
        since = self._waits_since
        return since is not None and time.monotonic() - since > STUCK_AFTER_S

    def take(self, engine: Engine) -> None:
        """Wait until it is this thread's turn; from then on it waits for other programs."""
        deadline = time.monotonic() + _TURN_TIMEOUT_S
        while not self._lock.acquire(timeout=_LOOK_EVERY_S):
            if self.is_stuck:
                raise _stuck(engine)
            if time.monotonic() > deadline:
                raise DatabaseLocked(shown(engine.url), "another thread of this process is writing")
        self._waits_since = time.monotonic()

    def begun(self) -> None:
        """Note that the database is this thread's."""
        self._waits_since = None

    def give_back(self) -> None:
        """Let the next one."""
        self._waits_since = None
        self._lock.release()


_turns: Final[WeakKeyDictionary[Engine, _Turn]] = WeakKeyDictionary()


def _stuck(engine: Engine) -> DatabaseLocked:
    return DatabaseLocked(shown(engine.url), "another program has been writing for long")


def _parse_sqlite(address: URL) -> URL:
    if address.host or address.username or address.query:
        raise MalformedDatabaseUrl(
            shown(address), "a SQLite address has three slashes, then only a path"
        )
    if not address.database or address.database == ":memory:":
        raise MalformedDatabaseUrl(
            shown(address), "it names no file, and several connections must see the same database"
        )
    return address.set(database=str(Path(address.database).expanduser().resolve()))


def _open_sqlite(address: URL, *, create: bool, foreign_keys: bool, busy_timeout_ms: int) -> Engine:
    mode = "rwc" if create else "rw"
    file_uri = f"file:{quote(str(address.database))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            file_uri,
            uri=True,
            timeout=busy_timeout_ms / 1_000,
            isolation_level=None,  # transactions begin where `_begin_sqlite` says so
            check_same_thread=False,  # the pool hands a connection to one thread at a time
        )

    engine = create_engine(
        address,
        creator=connect,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        hide_parameters=True,  # members' data and key hashes do not belong in logs
    )
    _turns[engine] = _Turn()

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA cache_size = -65536")  # 64 MiB; the default 2 MiB slows imports
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten, not unlinked
        cursor.close()

    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _name_sqlite_fault)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE")
    read_only = begin == "BEGIN"
    # Past SQLAlchemy, which makes a result object of each; only BEGIN IMMEDIATE, which can find the
    # database locked, needs it to name the fault. The pragma makes SQLite prepare every statement
    # of the connection anew, so it is set where it changes alone: both together, a quarter of an
    # offer's time.
    cursor, pooled = connection.connection.cursor(), connection.connection.info
    if pooled.get("query_only") is not read_only:
        cursor.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
        pooled["query_only"] = read_only
    if read_only:
        cursor.execute(begin)
    else:
        connection.exec_driver_sql(begin)
    cursor.close()


def _name_sqlite_fault(context: ExceptionContext) -> None:
    fault = context.original_exception
    if not isinstance(fault, sqlite3.Error):
        return
    code = getattr(fault, "sqlite_errorcode", None)
    if code is None or context.dialect is None:
        return
    url = _engine_url(context)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:  # the memory that processes share is a file, too
        raise DatabaseFull(url, "there is no room for the file ending in -shm") from fault
    match code & _SQLITE_PRIMARY_CODE:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            raise DatabaseLocked(url, str(fault)) from fault
        case sqlite3.SQLITE_FULL:
            raise DatabaseFull(url, str(fault)) from fault
        case sqlite3.SQLITE_CANTOPEN:
            raise DatabaseMissing(
                url,
                "the file is absent or may not be opened",
                "Create it with `tierlift db upgrade`, or correct the address.",
            ) from fault
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CORRUPT:
            raise DatabaseFailed(url, str(fault)) from fault
        case sqlite3.SQLITE_READONLY if not _only_reads(context.connection):
            raise DatabaseFailed(url, str(fault)) from fault
        case sqlite3.SQLITE_NOTADB:
            raise DatabaseMissing(
                url, "the file is not a SQLite database", "Correct the address."
            ) from fault
        case _:
            return


def _only_reads(connection: Connection | None) -> bool:
    """Say whether it is our own fault that the connection may not write."""
    return connection is not None and (
        connection.get_execution_options().get("sqlite_begin") == "BEGIN"
    )


def _open_postgresql(address: URL, *, busy_timeout_ms: int) -> Engine:
    engine = create_engine(
        address,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,  # a server that was restarted costs a round trip, not a failed request
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        hide_parameters=True,  # members' data and key hashes do not belong in logs
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(
            f"SET TimeZone = 'UTC'; SET statement_timeout = {STATEMENT_TIMEOUT_MS}; "
            f"SET lock_timeout = {busy_timeout_ms}; "
            f"SET idle_in_transaction_session_timeout = {IDLE_TIMEOUT_MS}"
        )
        cursor.close()
        connection.commit()

    event.listen(engine, "handle_error", _name_postgresql_fault)
    return engine


def _name_postgresql_fault(context: ExceptionContext) -> None:
    fault = context.original_exception
    # a failed pre-ping is how the pool notices a stale connection: it makes a new one
    if not isinstance(fault, psycopg.Error) or context.is_pre_ping:
        return
    url = _engine_url(context)
    reason = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    named: StoreError
    match fault:
        case psycopg.errors.DiskFull():
            named = DatabaseFull(url, reason)
        case psycopg.errors.LockNotAvailable() | psycopg.errors.DeadlockDetected():
            named = DatabaseLocked(url, reason)
        case psycopg.errors.QueryCanceled():
            named = QueryTimedOut(url, reason)
        case psycopg.OperationalError() if context.is_disconnect or fault.sqlstate is None:
            named = DatabaseMissing(
                url, reason, "Start the server, or correct the address, and try again."
            )
        case _:
            return
    raise named from fault


def _engine_url(context: ExceptionContext) -> str:
    if context.engine is not None:
        return shown(context.engine.url)
    return "(unknown)"


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", url)
