"""Makes few large files of many small ones, and removes what nobody reads any more.

A file that was merged into another is retired: it stays for `GRACE`, since a reader that opened the
archive before still has its name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from experiments.archive.files import read_file
from experiments.archive.partitions import FILE_ROWS, PartitionWriter
from experiments.archive.publishing import POINTER, current_state, publish
from experiments.store.archives import archiving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.archive.manifest import ArchivedFile, Manifest
    from experiments.archive.place import Place

GRACE: Final = timedelta(hours=24)
"""How long a reader may take, and how old an attempt must be to have died."""

MERGED_FILES: Final = 16
"""So many files of one partition are merged by the run that makes the last of them."""


@dataclass(frozen=True, slots=True)
class Compaction:
    """What a run did.

    Attributes:
        files_before: Files of the archive.
        files_after: The same, afterwards.
        removed: Files that nobody reads any more and that were removed.
        generation: Of the archive.
    """

    files_before: int
    files_after: int
    removed: int
    generation: int


def compact(engine: Engine, place: Place, *, now: datetime, wait_s: float = 0.0) -> Compaction:
    """Merge every partition that has several files, and remove what is left of dead attempts.

    Readers see the files of before or those of after, never some of both.

    Raises:
        ArchiveError: As for `extending.extend`.
    """
    with archiving(engine, wait_s=wait_s):
        state = current_state(engine, place, now)
        before = state.manifest
        merged = merge(place, before, now, at_least=2)
        dropped = len(merged.retired)
        merged = sweep(place, merged, now)
        dropped -= len(merged.retired)
        orphans = _orphans(place, merged, state.name, now)
        place.delete(orphans)
        if state.name is not None and (merged.files, merged.retired) != (
            before.files,
            before.retired,
        ):
            merged = publish(engine, place, state, merged, now).manifest
        return Compaction(
            len(before.files), len(merged.files), dropped + len(orphans), merged.generation
        )


def merge(
    place: Place, manifest: Manifest, now: datetime, *, at_least: int, file_rows: int = FILE_ROWS
) -> Manifest:
    """Give the state in which partitions of at least so many files have few; nothing is published.

    Args:
        place: Where the archive is.
        manifest: Its state.
        now: Aware UTC.
        at_least: Partitions with fewer files that could grow stay as they are.
        file_rows: Longest file; one that is half as long already is not merged again.
    """
    made: list[ArchivedFile] = []
    gone: list[str] = []
    for partition, files in manifest.by_partition().items():
        small = [file for file in files if file.rows <= file_rows // 2]
        if len(small) < at_least:
            continue
        writer = PartitionWriter(place, since=0, until=manifest.until, file_rows=file_rows)
        for some in _together(small, file_rows):
            rows = pa.concat_tables(read_file(place, file) for file in some)
            made.append(writer.write_file(partition, rows))
        gone += [file.path for file in small]
    return manifest.with_files(made, gone, now) if gone else manifest


def sweep(place: Place, manifest: Manifest, now: datetime) -> Manifest:
    """Remove the files that were retired long ago, and give the state without them."""
    old = {path for path, at in manifest.retired.items() if now - at > GRACE}
    place.delete(sorted(old))
    kept = {path: at for path, at in manifest.retired.items() if path not in old}
    return replace(manifest, retired=MappingProxyType(kept))


def _together(files: Sequence[ArchivedFile], file_rows: int) -> Iterator[list[ArchivedFile]]:
    """Give files in groups of at most `file_rows` rows together."""
    group: list[ArchivedFile] = []
    rows = 0
    for file in files:
        if group and rows + file.rows > file_rows:
            yield group
            group, rows = [], 0
        group.append(file)
        rows += file.rows
    if group:
        yield group


def _orphans(place: Place, manifest: Manifest, name: str | None, now: datetime) -> list[str]:
    """Give old files that no state names: what attempts left that did not come to their end."""
    named = {file.path for file in manifest.files} | set(manifest.retired)
    named |= {POINTER, name or "", manifest.households.path or ""}
    return sorted(
        path
        for path, written_at in place.files().items()
        if path not in named and now - written_at > GRACE
    )
