"""Extends an archive by what arrived since, each fact once.

What was read is decided by numbers of transactions (`experiments.store.arrivals`) and becomes part
of the archive in one moment (`publishing`). So a run that is killed at any point is as if it had
not begun, and the next one reads the same facts again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from experiments.archive.compacting import MERGED_FILES, merge, sweep
from experiments.archive.erasing import finish_erasures
from experiments.archive.households import picture_of_households
from experiments.archive.manifest import Manifest
from experiments.archive.partitions import FILE_ROWS, PartitionWriter
from experiments.archive.publishing import State, current_state, publish, read_state
from experiments.errors import ArchiveDamaged, ArchiveMissing
from experiments.store.archives import archiving
from experiments.store.arrivals import (
    FactKind,
    count_arrivals,
    frontier,
    households_mark,
    renumber,
    stream_arrivals,
    unhurried,
)
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.archive.place import Place


@dataclass(frozen=True, slots=True)
class Extension:
    """What a run did.

    Attributes:
        added: Facts that it added, by kind.
        files: How many files it made of them.
        until: The archive has the facts of transactions with lower numbers.
        waiting: Facts that are there, but have to wait until an older transaction is over.
        generation: Of the archive; the same as before where nothing was new.
    """

    added: Mapping[FactKind, int]
    files: int
    until: int
    waiting: int
    generation: int


def extend(
    engine: Engine,
    place: Place,
    *,
    now: datetime,
    wait_s: float = 0.0,
    file_rows: int = FILE_ROWS,
) -> Extension:
    """Add what arrived since the last time, making the archive where there is none.

    Costs a few look-ups where nothing is new.

    Args:
        engine: The store.
        place: Where the archive is.
        now: Aware UTC.
        wait_s: How long to wait for another process that works on it.
        file_rows: Longest file, and how many rows are held in memory.

    Raises:
        ArchiveBusy: Another process still works on it.
        ArchiveError: The archive cannot be extended; it is as it was.
        StoreError: The database cannot be read.
    """
    # an archive that has somebody under an id whom the database has under a pseudonym counts twice
    finish_erasures(engine, place, now=now, wait_s=wait_s)
    with archiving(engine, wait_s=wait_s):
        state = current_state(engine, place, now)
        if state.name is None:
            with writing(engine) as connection:
                renumber(connection)
        return _extend(engine, place, state, now, file_rows)


def rebuild(
    engine: Engine,
    place: Place,
    *,
    now: datetime,
    wait_s: float = 0.0,
    file_rows: int = FILE_ROWS,
) -> Extension:
    """Make the archive anew from the database, in place of what is there.

    Readers see the old one until the new one is complete. What only the old one has is lost.

    Args and errors: as for `extend`.
    """
    with archiving(engine, wait_s=wait_s):
        with writing(engine) as connection:
            renumber(connection)
        try:
            old = read_state(place).manifest
            left = {**old.retired, **dict.fromkeys((file.path for file in old.files), now)}
        except (ArchiveMissing, ArchiveDamaged):
            left = {}
        empty = Manifest(str(uuid4()), 0, 0, now, retired=left)
        return _extend(engine, place, State(empty, None), now, file_rows)


def _extend(engine: Engine, place: Place, state: State, now: datetime, file_rows: int) -> Extension:
    before = state.manifest
    with reading(engine) as connection:
        unhurried(connection)
        limit = frontier(connection)
        counts = {
            kind: count_arrivals(connection, kind, before.until, limit.number) for kind in FactKind
        }
        mark = households_mark(connection)
    waiting = sum(later for _, later in counts.values())
    is_new = any(ready for ready, _ in counts.values()) or mark != before.households.mark
    if state.name is not None and not is_new:
        nothing = dict.fromkeys(FactKind, 0)
        return Extension(nothing, 0, before.until, waiting, before.generation)
    writer = PartitionWriter(place, since=before.until, until=limit.number, file_rows=file_rows)
    added = {
        kind: writer.write(kind, stream_arrivals(engine, kind, before.until, limit.number))
        for kind in FactKind
        if counts[kind][0]
    }
    after = before.with_files(writer.files, (), now)
    after = replace(after, until=limit.number, extended_at=now)
    after = merge(place, after, now, at_least=MERGED_FILES, file_rows=file_rows)
    after = picture_of_households(engine, place, after, mark, now)
    published = publish(engine, place, state, sweep(place, after, now), now)
    return Extension(
        added={kind: added.get(kind, 0) for kind in FactKind},
        files=len(writer.files),
        until=limit.number,
        waiting=waiting,
        generation=published.manifest.generation,
    )
