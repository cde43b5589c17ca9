"""Folds exposures into first ones, later than they arrive and where nobody waits for it.

`first_exposures` says of every exposure up to a number, `exposure_folding.folded_until`, what
analysis must know: whatever carries a higher `written_by` is the *tail*, which readers sum up
beside it. A fold moves the number up in the transaction that adds what lies below, so that every
exposure is in one of the two at any moment, whoever folds, reads, or is killed in between. It goes
no further than the frontier, below which no exposure can still appear
(`experiments.store.arrivals`), and a few thousand rows at a time, since SQLite's other writers wait
meanwhile; what one transaction wrote is folded at once.

A PostgreSQL database that was loaded from a dump has numbers of another server: nothing is taken
for folded there until all of it has been folded anew.
"""

from __future__ import annotations

import time
from enum import StrEnum
from threading import Event
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from sqlalchemy import delete, select, text, update

from experiments.store.arrivals import frontier, incarnation, unhurried
from experiments.store.engine import reading, writing
from experiments.store.tables import (
    WritingTransaction,
    exposure_folding,
    exposures,
    first_exposures,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine

STEP_ROWS: Final = 5_000
"""Exposures that one transaction folds, unless one transaction has written more."""

LONG_TAIL_ROWS: Final = 20_000
"""An analysis folds first where more have not been folded; up to that, reading them is nothing."""

FOLDED_UNTIL: Final[Mapping[str, str]] = {
    "sqlite": "SELECT folded_until FROM exposure_folding",
    "postgresql": (
        "SELECT folded_until FROM exposure_folding, pg_control_system(), pg_database "
        "WHERE datname = current_database() AND incarnation = system_identifier || '/' || oid"
    ),
}
"""Gives the highest number that is folded, by dialect; no row where nothing can be told by it."""

_KEYS: Final = "campaign_key, phase, variant, member_id, COALESCE(unit_id, '')"
_FOLD: Final = (
    "INSERT INTO first_exposures "  # noqa: S608  # our own names
    f"SELECT {_KEYS}, MIN(exposed_at), MAX(exposed_at), COUNT(*) FROM exposures "
    "WHERE written_by > :since AND written_by <= :until "
    # in the order of the key, in which the rows are kept
    f"GROUP BY {_KEYS} ORDER BY {_KEYS} "
    "ON CONFLICT (campaign_key, phase, variant, member_id, unit_id) DO UPDATE SET "
    "exposed_at = {least}(first_exposures.exposed_at, excluded.exposed_at), "
    "last_exposed_at = {most}(first_exposures.last_exposed_at, excluded.last_exposed_at), "
    "exposures = first_exposures.exposures + excluded.exposures"
)
_STATEMENTS: Final = {
    "sqlite": text(_FOLD.format(least="min", most="max")),
    "postgresql": text(_FOLD.format(least="least", most="greatest")),
}

_came: Final[WeakKeyDictionary[Engine, Event]] = WeakKeyDictionary()


class Folded(StrEnum):
    """How far a fold has come.

    ALL: nothing is left. SOME: more can be folded at once. WAITING: what is left cannot be folded
    yet, since a transaction that began before is still open, or somebody else is folding.
    """

    ALL = "all"
    SOME = "some"
    WAITING = "waiting"


def fold(engine: Engine, *, most_rows: int = STEP_ROWS) -> Folded:
    """Fold the next exposures, in one transaction; writes nothing where there are none.

    Args:
        engine: The store.
        most_rows: Of about so many exposures.

    Raises:
        StoreError: The database failed; nothing was folded.
    """
    with reading(engine) as connection:
        since = folded_until(connection)
        if since is not None and not _has_tail(connection, since):
            return Folded.ALL
    with writing(engine) as connection:
        standing = select(exposure_folding).with_for_update(skip_locked=True)
        row = connection.execute(standing).one_or_none()
        if row is None:
            return Folded.WAITING
        here, since = incarnation(connection), row.folded_until
        if row.incarnation != here:
            _begin_anew(connection, here)
            return Folded.SOME
        last = frontier(connection).number - 1
        end = _end_of_step(connection, since, last, most_rows)
        until = max(since, last) if end is None else end
        unhurried(connection)
        bounds = {"since": since, "until": until}
        connection.execute(_STATEMENTS[connection.dialect.name], bounds)
        connection.execute(update(exposure_folding).values(folded_until=until))
        if not _has_tail(connection, until):
            return Folded.ALL
        return Folded.WAITING if end is None else Folded.SOME


def fold_all(engine: Engine, *, within_s: float) -> Folded:
    """Fold until nothing is left that can be folded now, and let others write in between.

    Args:
        engine: The store.
        within_s: No step begins later than that; the rest is left to the next.

    Raises:
        StoreError: The database failed; the steps before are kept.
    """
    deadline = time.monotonic() + within_s
    while True:
        began = time.monotonic()
        folded = fold(engine)
        ended = time.monotonic()
        if folded is not Folded.SOME or ended > deadline:
            return folded
        time.sleep(ended - began)


def folded_until(connection: Connection) -> int | None:
    """Give the highest number that is folded; None where `first_exposures` says nothing."""
    found: int | None = connection.scalar(text(FOLDED_UNTIL[connection.dialect.name]))
    return found


def has_long_tail(engine: Engine) -> bool:
    """Say whether more exposures have not been folded than are read without noticing it."""
    with reading(engine) as connection:
        since = folded_until(connection) or 0
        number = exposures.c.written_by
        query = select(number).where(number > since).offset(LONG_TAIL_ROWS).limit(1)
        return connection.scalar(query) is not None


def arrivals_event(engine: Engine) -> Event:
    """Give what is set whenever this process keeps exposures, for whoever folds them."""
    return _came.setdefault(engine, Event())


def tell_arrivals(connection: Connection) -> None:
    """Tell whoever folds that there will be something to fold."""
    event = _came.get(connection.engine)
    if event is not None:
        event.set()


def _has_tail(connection: Connection, since: int) -> bool:
    number = exposures.c.written_by
    return connection.scalar(select(number).where(number > since).limit(1)) is not None


def _end_of_step(connection: Connection, since: int, last: int, most_rows: int) -> int | None:
    """Give the number up to which there are about so many rows; None where there are fewer."""
    number = exposures.c.written_by
    query = select(number).where(number > since, number <= last).order_by(number)
    found: int | None = connection.scalar(query.offset(most_rows - 1).limit(1))
    return found


def _begin_anew(connection: Connection, here: str) -> None:
    """Forget what was folded under the numbers of another server."""
    unhurried(connection)
    # those of a number that this server has not come to would stay in the tail until it does
    now = WritingTransaction()
    ahead = update(exposures).where(exposures.c.written_by > now)
    connection.execute(ahead.values(written_by=now))
    connection.execute(delete(first_exposures))
    connection.execute(update(exposure_folding).values(folded_until=0, incarnation=here))
