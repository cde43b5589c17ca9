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

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from experiments.archive.files import read_file
from experiments.archive.households import picture_of_households
from experiments.archive.partitions import PartitionWriter
from experiments.archive.publishing import POINTER, current_state, publish
from experiments.pseudonym import Pseudonyms
from experiments.store.archives import archiving, known_archives
from experiments.store.arrivals import households_mark
from experiments.store.engine import reading, writing
from experiments.store.erasures import complete_erasure, defer_erasure, pending_erasures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.archive.manifest import ArchivedFile, Partition
    from experiments.archive.place import Place
    from experiments.archive.publishing import State
    from experiments.store.arrivals import FactKind
    from experiments.store.erasures import Erasure as PendingErasure

_JSON: Final = ("attributes", "properties")
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

        def change(_: FactKind, rows: pa.Table) -> tuple[pa.Table, int]:
            return _without(rows, identities), _touched(rows, identities)

        return _rewrite(engine, place, state, change, now)


def finish_erasures(
    engine: Engine, place: Place | None, *, now: datetime, wait_s: float = 600.0
) -> int:
    """Give the members who were erased from the database their pseudonyms in the archive, too.

    Afterwards a row of the archive is what it is in the database, under the same new ids, and
    nothing that leads from a member to a pseudonym is kept. Costs one look-up where nobody waits.

    Args:
        engine: The store.
        place: Where the archive is; None where there is none to rewrite.
        now: Aware UTC.
        wait_s: How long to wait for another process that works on it.

    Returns:
        How many erasures this archive had not seen.

    Raises:
        ArchiveError: As for `extending.extend`; the erasures wait as before.
    """
    with reading(engine) as connection:
        if not pending_erasures(connection):
            return 0
    with archiving(engine, wait_s=wait_s):
        state = None if place is None else current_state(engine, place, now)
        here = state.manifest.archive_id if state is not None and state.name else None
        with reading(engine) as connection:
            waiting = pending_erasures(connection)
        unseen = [one for one in waiting if here not in _seen(one)] if here else []
        if unseen and place is not None and state is not None:
            everybody = [Pseudonyms.from_json(one.pending or {}) for one in unseen]

            def change(kind: FactKind, rows: pa.Table) -> tuple[pa.Table, int]:
                return _disguised(kind, rows, everybody)

            _rewrite(engine, place, state, change, now)
        with writing(engine) as connection:
            # whoever makes an archive holds the same lock: none can come up meanwhile
            known = known_archives(connection)
            for one in waiting:
                seen = _seen(one) | ({here} if here else set())
                if known <= seen:
                    complete_erasure(connection, one.number or 0, now)
                else:
                    pending = {**(one.pending or {}), "archives": sorted(seen)}
                    defer_erasure(connection, one.number or 0, pending)
        return len(unseen)


def _seen(erasure: PendingErasure) -> set[str]:
    """Give the archives that were rewritten by an erasure."""
    return set((erasure.pending or {}).get("archives", ()))


def remove_older(
    engine: Engine,
    place: Place,
    goes: Callable[[FactKind, Partition], bool],
    *,
    now: datetime,
    wait_s: float = 600.0,
) -> Erasure:
    """Remove whole files: the days that the programme keeps no longer.

    Args and errors: as for `erase`; `goes` says which partitions are removed.
    """
    with archiving(engine, wait_s=wait_s):
        state = current_state(engine, place, now)
        before = state.manifest
        gone = [file for file in before.files if goes(file.partition.kind, file.partition)]
        if state.name is None or not gone:
            return Erasure(0, 0, before.generation)
        after = before.with_files((), [file.path for file in gone], now)
        after = replace(after, retired=MappingProxyType({}))
        published = publish(engine, place, state, after, now)
        _remove_all_but_state(place, state, published)
        return Erasure(sum(file.rows for file in gone), len(gone), published.manifest.generation)


def _rewrite(
    engine: Engine,
    place: Place,
    state: State,
    change: Callable[[FactKind, pa.Table], tuple[pa.Table, int]],
    now: datetime,
) -> Erasure:
    """Make every file anew of which `change` changes rows; it gives the rows, and how many."""
    before = state.manifest
    writer = PartitionWriter(place, since=0, until=before.until)
    gone: list[str] = []
    facts = 0
    for file in before.files:
        rows, touched = change(file.partition.kind, read_file(place, file))
        if not touched:
            continue
        facts += touched
        gone.append(file.path)
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
    _remove_all_but_state(place, state, published)
    return Erasure(facts, len(gone), published.manifest.generation)


def _disguised(
    kind: FactKind, rows: pa.Table, everybody: Sequence[Pseudonyms]
) -> tuple[pa.Table, int]:
    """Give rows under pseudonyms, each as `Pseudonyms.changes` has it in the database."""
    by_id = {name: one for one in everybody for name in one.replaced}
    is_mine = _is_in(rows, set(by_id))
    touched = int(pc.sum(is_mine).as_py() or 0)
    if not touched:
        return rows, 0
    mine = rows.filter(is_mine)
    changed = []
    for row in mine.to_pylist():
        values = {**row, **{name: orjson.loads(row[name]) for name in _JSON if row.get(name)}}
        for one in everybody:
            values |= one.changes(str(kind), values)
        changed.append(
            {
                **values,
                **{name: orjson.dumps(values[name]).decode() for name in _JSON if values.get(name)
                   is not None},
            }
        )  # fmt: skip
    renamed = pa.Table.from_pylist(changed, rows.schema)
    return pa.concat_tables([rows.filter(pc.invert(is_mine)), renamed]), touched


def _remove_all_but_state(place: Place, state: State, published: State) -> None:
    _remove_all_but(
        place,
        published.manifest.files,
        {POINTER, published.name, state.name, published.manifest.households.path},
    )


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
