"""Takes members out of an archive, or gives them another id, in every file where they are.

The database comes first: whoever erases a member changes its rows, and then the archive's with this
function, which waits for a run that may have read the rows before. Files of before are removed at
once, not after the time of grace, and so is whatever earlier states and dead attempts left: a
reader of an earlier state has to open the archive again. Versions and backups that an object store
keeps are its owner's to remove.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from experiments.archive.files import read_file
from experiments.archive.households import picture_of_households
from experiments.archive.partitions import PartitionWriter
from experiments.archive.publishing import POINTER, current_state, publish
from experiments.store.archives import archiving
from experiments.store.arrivals import households_mark
from experiments.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.archive.manifest import ArchivedFile
    from experiments.archive.place import Place

_IDENTITIES: Final = ("member_id", "unit_id")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased.

    Attributes:
        facts: Rows that were removed or got another id.
        files: Files that were made anew.
        generation: Of the archive.
    """

    facts: int
    files: int
    generation: int


def erase(
    engine: Engine,
    place: Place,
    identities: Mapping[str, str | None],
    *,
    now: datetime,
    wait_s: float = 600.0,
) -> Erasure:
    """Take the facts of members out of the archive, or keep them under another id.

    Reads every file once, however many members there are; collect requests.

    Args:
        engine: The store, whose rows were changed before.
        place: Where the archive is.
        identities: By member id, what stands in its place; None to remove the facts.
        now: Aware UTC.
        wait_s: How long to wait for another process that works on it.

    Raises:
        ArchiveError: As for `extending.extend`; then nobody was erased.
    """
    with archiving(engine, wait_s=wait_s):
        state = current_state(engine, place, now)
        if state.name is None:
            return Erasure(0, 0, 0)
        before = state.manifest
        writer = PartitionWriter(place, since=0, until=before.until)
        gone: list[str] = []
        facts = 0
        for file in before.files:
            rows = read_file(place, file)
            touched = _touched(rows, identities)
            if not touched:
                continue
            facts += touched
            gone.append(file.path)
            rows = _without(rows, identities)
            if rows.num_rows:
                writer.files.append(writer.write_file(file.partition, rows))
        after = before.with_files(writer.files, gone, now)
        with reading(engine) as connection:
            mark = households_mark(connection)
        # taken anew whatever its mark says: it may name those who are erased
        after = replace(after, households=replace(after.households, mark="?"))
        after = picture_of_households(engine, place, after, mark, now)
        after = replace(after, retired=MappingProxyType({}))
        published = publish(engine, place, state, after, now)
        _remove_all_but(
            place,
            published.manifest.files,
            {POINTER, published.name, state.name, published.manifest.households.path},
        )
        return Erasure(facts, len(gone), published.manifest.generation)


def _touched(rows: pa.Table, identities: Mapping[str, str | None]) -> int:
    return int(pc.sum(_is_in(rows, set(identities))).as_py() or 0)


def _is_in(rows: pa.Table, ids: set[str]) -> pa.ChunkedArray:
    """Give for each row whether its member, or its unit where that is a member, is one of these."""
    wanted = pa.array(sorted(ids), pa.string())
    found = pc.is_in(rows["member_id"], value_set=wanted)
    if "unit_id" in rows.column_names:
        found = pc.or_(found, pc.is_in(rows["unit_id"], value_set=wanted))
    return found


def _without(rows: pa.Table, identities: Mapping[str, str | None]) -> pa.Table:
    """Give the rows that stay, under the ids that stand from now on."""
    removed = {member for member, other in identities.items() if other is None}
    rows = rows.filter(pc.invert(_is_in(rows, removed)))
    renamed = {member: other for member, other in identities.items() if other is not None}
    old, new = pa.array(list(renamed), pa.string()), pa.array(list(renamed.values()), pa.string())
    for name in _IDENTITIES:
        if renamed and name in rows.column_names:
            place = pc.index_in(rows[name], value_set=old)
            field = rows.schema.field(name)
            other = pc.coalesce(pc.take(new, place), rows[name])
            rows = rows.set_column(rows.column_names.index(name), field, other)
    return rows


def _remove_all_but(place: Place, files: tuple[ArchivedFile, ...], others: set[str | None]) -> None:
    kept = {file.path for file in files} | others
    place.delete(sorted(path for path in place.files() if path not in kept))
