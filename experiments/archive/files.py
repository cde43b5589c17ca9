"""Reads a file of an archive, and tells one that is not what its manifest says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.errors import ArchiveDamaged
from experiments.store.arrivals import SHAPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.archive.manifest import ArchivedFile
    from experiments.archive.place import Place


def read_file(place: Place, file: ArchivedFile, columns: Sequence[str] | None = None) -> pa.Table:
    """Give the facts of a file, or some of their columns, after its digest was checked.

    Raises:
        ArchiveDamaged: It is missing, or not what was written.
    """
    content = place.read(file.path)
    if content is None:
        raise ArchiveDamaged(place.shown, file.path, "is missing")
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise ArchiveDamaged(place.shown, file.path, "is not what was written")
    wanted = list(columns) if columns is not None else SHAPES[file.partition.kind].schema.names
    # sequential: nothing is gained by threads on content that is in memory already
    return pq.read_table(pa.BufferReader(content), columns=wanted, use_threads=False)
