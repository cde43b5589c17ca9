"""Tells how far a new installation is, and guards the loading of sample data into an empty one.

That sample data is being loaded stands in the audit log, which every process reads: its beginning
by whoever asked for it, its end by the process that loaded it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from experiments.errors import Conflict
from experiments.store.audit import AuditQuery, Change, SubjectKind, note_change, read_audit
from experiments.store.campaigns import read_campaigns
from experiments.store.engine import reading, writing
from experiments.store.members import some_members
from experiments.store.programme import read_programme
from experiments.store.tables import conversions, exposures

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

SAMPLE: Final = "sample data"
LONGEST: Final = timedelta(minutes=15)
"""What takes longer was ended by something else."""


class Loading(StrEnum):
    """What became of the sample data; also what the audit log calls it."""

    BEGUN = "load_sample"
    DONE = "sample_loaded"
    FAILED = "sample_failed"


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample data of an installation: what became of it, and since when."""

    state: Loading
    since: datetime


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What a new installation has."""

    has_programme: bool
    has_members: bool
    has_events: bool
    has_campaigns: bool

    @property
    def is_empty(self) -> bool:
        """Whether sample data can be loaded."""
        return self == Beginnings(
            has_programme=False, has_members=False, has_events=False, has_campaigns=False
        )


def beginnings_of(engine: Engine) -> Beginnings:
    """Tell what there is, by one look at each."""
    with reading(engine) as connection:
        return _beginnings(connection)


def begin_sample(engine: Engine, actor: str, now: datetime) -> None:
    """Note that sample data is being loaded.

    Raises:
        Conflict: Something is there already, or it is being loaded.
    """
    with writing(engine) as connection:
        sample = _sample(connection, now)
        is_loading = sample is not None and sample.state is Loading.BEGUN
        if is_loading or not _beginnings(connection).is_empty:
            message = (
                "Sample data is loaded into an empty installation only: without a programme, "
                "members, events and campaigns. Use another database, or tierlift demo."
            )
            raise Conflict(message)
        _note(connection, Loading.BEGUN, actor, now)


def end_sample(engine: Engine, outcome: Loading, actor: str, now: datetime) -> None:
    """Note what became of the loading."""
    with writing(engine) as connection:
        _note(connection, outcome, actor, now)


def sample_of(engine: Engine, now: datetime) -> Sample | None:
    """Tell what became of the sample data, or None where none was ever loaded."""
    with reading(engine) as connection:
        return _sample(connection, now)


def _sample(connection: Connection, now: datetime) -> Sample | None:
    wanted = AuditQuery(subject_kind=str(SubjectKind.PROGRAMME), subject=SAMPLE)
    found = read_audit(connection, wanted, limit=1)
    if not found:
        return None
    state = Loading(found[0].change.action)
    if state is Loading.BEGUN and now - found[0].at > LONGEST:
        state = Loading.FAILED
    return Sample(state, found[0].at)


def _beginnings(connection: Connection) -> Beginnings:
    has_events = any(
        connection.execute(select(table.c.received_at).limit(1)).first() is not None
        for table in (exposures, conversions)
    )
    return Beginnings(
        has_programme=read_programme(connection) is not None,
        has_members=bool(some_members(connection, 1)),
        has_events=has_events,
        has_campaigns=bool(read_campaigns(connection)),
    )


def _note(connection: Connection, action: Loading, actor: str, now: datetime) -> None:
    change = Change(str(action), SubjectKind.PROGRAMME, SAMPLE)
    note_change(connection, change, now, actor)
