"""Keeps the runs of the programme's computation, of which one at a time goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from experiments.errors import RecomputeBusy
from experiments.store.one_at_a_time import Work, alone
from experiments.store.tables import programme_runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection, Engine, RowMapping

# the number is ``tierprog`` in ASCII
_RECOMPUTING: Final = Work("-recomputing", 0x7469_6572_7072_6F67, RecomputeBusy)


@dataclass(frozen=True, slots=True)
class ProgrammeRun:
    """One computation of all members.

    Attributes:
        number: Counted from 1.
        version: Of the rules.
        as_of: Facts counted that occurred before it.
        started_at: When it began.
        computed_at: When it was complete; None while it runs, and where it was interrupted.
        actor: Who asked for it.
        counts: What was done: `members`, `changed`, `moved_up`, `moved_down`, `progress`, and
            members by tier as `tier.<key>`.
    """

    number: int
    version: str
    as_of: datetime
    started_at: datetime
    computed_at: datetime | None
    actor: str
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def recomputing(engine: Engine, *, wait_s: float = 0.0) -> AbstractContextManager[None]:
    """Let nobody else compute the programme of this database meanwhile.

    Args:
        engine: The store.
        wait_s: How long to wait for another process.

    Raises:
        RecomputeBusy: Another process computes and did not end in time.
    """
    return alone(engine, _RECOMPUTING, wait_s=wait_s)


def begin_run(
    connection: Connection, version: str, as_of: datetime, now: datetime, actor: str
) -> int:
    """Note that a run begins; give its number."""
    values = {"version": version, "as_of": as_of, "started_at": now, "actor": actor}
    statement = insert(programme_runs).values(**values).returning(programme_runs.c.id)
    return int(connection.execute(statement).scalar_one())


def complete_run(
    connection: Connection, number: int, counts: Mapping[str, int], now: datetime
) -> None:
    """Note that a run is complete."""
    statement = update(programme_runs).where(programme_runs.c.id == number)
    connection.execute(statement.values(counts=dict(counts), computed_at=now))


def read_runs(connection: Connection, limit: int = 100) -> tuple[ProgrammeRun, ...]:
    """Give the latest runs, the latest first."""
    query = select(programme_runs).order_by(programme_runs.c.id.desc()).limit(limit)
    return tuple(map(_run, connection.execute(query).mappings()))


def latest_as_of(connection: Connection) -> datetime | None:
    """Give the latest moment up to which anything was computed, in part or in whole."""
    query = select(programme_runs.c.as_of).order_by(programme_runs.c.as_of.desc()).limit(1)
    return connection.scalar(query)


def completed_as_of(connection: Connection) -> datetime | None:
    """Give the moment up to which the latest complete run counted facts."""
    query = (
        select(programme_runs.c.as_of)
        .where(programme_runs.c.computed_at.is_not(None))
        .order_by(programme_runs.c.computed_at.desc())
        .limit(1)
    )
    return connection.scalar(query)


def _run(row: RowMapping) -> ProgrammeRun:
    return ProgrammeRun(
        number=row["id"],
        version=row["version"],
        as_of=row["as_of"],
        started_at=row["started_at"],
        computed_at=row["computed_at"],
        actor=row["actor"],
        counts=MappingProxyType(row["counts"] or {}),
    )
