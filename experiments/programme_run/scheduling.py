"""Says when the members are due to be computed: once a day, as the programme's day begins.

What counts is the moment, not the process: whoever looks computes up to the same midnight, and what
another one has computed is not computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from experiments.errors import UnknownProgramme
from experiments.programme_run.days import Days
from experiments.programme_run.rules import version_of
from experiments.store.engine import reading
from experiments.store.programme import read_programme
from experiments.store.programme_runs import ProgrammeRun, latest_as_of, read_runs

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

__all__ = ["ProgrammeRun", "due", "runs"]


def due(engine: Engine, now: datetime) -> datetime | None:
    """Give the moment up to which the members should be computed, or None where they are.

    Raises:
        UnknownProgramme: None is set.
    """
    with reading(engine) as store:
        programme = read_programme(store)
        if programme is None:
            raise UnknownProgramme
        at = _midnight(programme.time_zone, now)
        version = version_of(programme)
        # interrupted ones have no end, and are computed again
        is_done = any(
            run.computed_at is not None and run.as_of >= at and run.version == version
            for run in read_runs(store)
        )
        latest = latest_as_of(store)
    if is_done:
        return None
    return at if latest is None else max(at, latest)


def runs(engine: Engine, limit: int = 100) -> tuple[ProgrammeRun, ...]:
    """Give the latest computations, the latest first."""
    with reading(engine) as store:
        return read_runs(store, limit)


def _midnight(zone: str, now: datetime) -> datetime:
    return Days(zone, now).day_begins(now.astimezone(ZoneInfo(zone)).date())
