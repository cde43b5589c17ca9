"""Computes every member of the store by the programme, and keeps what changed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from experiments.archive.extending import extend
from experiments.archive.place import open_place
from experiments.archive.reading import open_archive
from experiments.errors import InvalidValues, Problem, UnknownProgramme
from experiments.programme_run.attributes import write_attributes
from experiments.programme_run.days import Days
from experiments.programme_run.judging import judge_members, key_of
from experiments.programme_run.opening import Room, opened
from experiments.programme_run.progress import record_progress
from experiments.programme_run.ranks import rank_members
from experiments.programme_run.rules import version_of
from experiments.programme_run.sources import load_facts, load_people
from experiments.programme_run.totals import sum_facts
from experiments.programme_run.writing_back import write_back
from experiments.store.engine import writing
from experiments.store.programme import read_programme
from experiments.store.programme_runs import (
    ProgrammeRun,
    begin_run,
    complete_run,
    latest_as_of,
    recomputing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import duckdb
    from sqlalchemy import Engine

    from experiments.programme import Programme

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
ARCHIVE_WAIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts are read.

    Attributes:
        archive_url: The archive, which is brought up to date first; empty for the database.
        archive_cache: Folder that files of an object store are fetched to.
        room: What the computation may use.
    """

    archive_url: str = ""
    archive_cache: Path | None = None
    room: Room = field(default_factory=Room)


def recompute(
    engine: Engine,
    source: Source,
    *,
    now: datetime,
    as_of: datetime | None = None,
    actor: str = "",
    wait_s: float = 0.0,
    on_progress: Callable[[int], None] = lambda _: None,
) -> ProgrammeRun:
    """Compute every member, and keep the attributes of those whose attributes changed.

    Interrupted, it can be repeated with the same result.

    Args:
        engine: The store.
        source: Where facts are read.
        now: Aware UTC.
        as_of: Facts count that occurred before it; now unless it is given.
        actor: Who asked for it.
        wait_s: How long to wait for another process that computes.
        on_progress: Told now and then how many members were written.

    Raises:
        UnknownProgramme: None is set.
        InvalidValues: `as_of` lies in the future, or before what was computed already.
        RecomputeBusy: Another process computes.
        ArchiveError: The archive cannot be extended or read.
        StoreError: The database failed.
    """
    at = checked_moment(as_of, now)
    with recomputing(engine, wait_s=wait_s):
        began = time.monotonic()
        with writing(engine) as store:
            programme = read_programme(store)
            if programme is None:
                raise UnknownProgramme
            latest = latest_as_of(store)
            if latest is not None and at < latest:
                raise InvalidValues([_went_back(as_of, latest)])
            version = version_of(programme)
            number = begin_run(store, version, at, now, actor)
        counts = _compute(engine, source, programme, at, now, on_progress)
        computed_at = now + timedelta(seconds=time.monotonic() - began)
        with writing(engine) as store:
            complete_run(store, number, counts, computed_at)
    return ProgrammeRun(number, version, at, now, computed_at, actor, counts)


def checked_moment(as_of: datetime | None, now: datetime) -> datetime:
    """Give the moment up to which facts count.

    Raises:
        InvalidValues: It lies in the future, or before there were any.
    """
    if as_of is None:
        return now
    if as_of > now:
        message = "lies in the future, and later facts may still come"
        raise InvalidValues([Problem("as_of", as_of.isoformat(), message, "Give an earlier one.")])
    if as_of < EARLIEST:
        message = "is before 1970"
        raise InvalidValues([Problem("as_of", as_of.isoformat(), message, "Give a later one.")])
    return as_of


def load(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    as_of: datetime,
    now: datetime,
) -> int:
    """Bring members and facts to DuckDB; give the number of members."""
    archived = None
    if source.archive_url:
        extend(engine, open_place(source.archive_url), now=now, wait_s=ARCHIVE_WAIT_S)
        archive = open_archive(source.archive_url, cache=source.archive_cache)
        archived = archive.conversions(last=as_of.date())
    people = load_people(connection, engine)
    load_facts(connection, engine, archived, as_of)
    return people


def _compute(
    engine: Engine,
    source: Source,
    programme: Programme,
    as_of: datetime,
    now: datetime,
    on_progress: Callable[[int], None],
) -> Mapping[str, int]:
    days = Days(programme.time_zone, as_of)
    with opened(source.room) as connection:
        people = load(engine, connection, source, as_of, now)
        sum_facts(connection, programme, days)
        rank_members(connection)
        judge_members(connection, programme, days)
        write_attributes(connection, programme, days)
        up, down = connection.execute(
            "SELECT count(*) FILTER (moved AND COALESCE(has, -1) > COALESCE(had, -1)), "
            "count(*) FILTER (moved AND COALESCE(has, -1) < COALESCE(had, -1)) FROM changed"
        ).fetchall()[0]
        tiers = tier_counts(connection, programme)
        written = write_back(engine, connection, version_of(programme), as_of, now, on_progress)
        progress = record_progress(engine, connection, programme, as_of, now)
    return {
        "members": people,
        "changed": written,
        "moved_up": up,
        "moved_down": down,
        "progress": progress,
        **{f"tier.{key}": count for key, count in tiers.items()},
    }


def tier_counts(connection: duckdb.DuckDBPyConnection, programme: Programme) -> dict[str, int]:
    """Give the members of each tier as they are read: the imported tier wins."""
    ladder = programme.ladder.keys()
    tier = key_of("CASE WHEN is_imported THEN imported ELSE has END", ladder)
    found = dict(
        connection.execute(f"SELECT {tier} AS tier, count(*) FROM judged GROUP BY ALL").fetchall()  # noqa: S608  # quoted keys
    )
    return {key: found.get(key, 0) for key in ladder}


def _went_back(as_of: datetime | None, latest: datetime) -> Problem:
    message = f"is before {latest.isoformat()}, up to which members are computed already"
    way_out = "Give that moment or a later one: going back would undo tiers that were recorded."
    return Problem("as_of", None if as_of is None else as_of.isoformat(), message, way_out)
