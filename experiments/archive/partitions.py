"""Writes facts as Parquet files, one or more for each kind, campaign, phase and UTC day.

A file is made in memory, so it is at most `FILE_ROWS` long. Its name says from which transactions
its facts are, and ends with something random: no attempt ever replaces a file of another one.
"""

from __future__ import annotations

import hashlib
import secrets
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.archive.manifest import ArchivedFile, Partition
from experiments.store.arrivals import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from experiments.archive.place import Place
    from experiments.store.arrivals import FactKind

FILE_ROWS: Final = 2_000_000
"""Longest file, and most rows held in memory at a time: some 0.5 GB."""

_ROW_GROUP: Final = 250_000
_DAY: Final = "day"


class PartitionWriter:
    """Writes what is added, and says which files that made.

    Args:
        place: Where to.
        since: Facts come from transactions with this number or a higher one,
        until: and a lower one than this.
        file_rows: Longest file.
    """

    def __init__(self, place: Place, *, since: int, until: int, file_rows: int = FILE_ROWS) -> None:
        self._place = place
        self._range = f"{since}-{until}"
        self._file_rows = file_rows
        self.files: list[ArchivedFile] = []

    def write(self, kind: FactKind, batches: Iterable[pa.RecordBatch]) -> int:
        """Write facts of one kind; give how many there were."""
        written = 0
        for table in _tables(kind, batches, self._file_rows):
            for partition, rows in _split(kind, table):
                self.files.append(self.write_file(partition, rows))
            written += table.num_rows
        return written

    def write_file(self, partition: Partition, rows: pa.Table) -> ArchivedFile:
        """Write the facts of one partition, in the order that its shape says."""
        shape = SHAPES[partition.kind]
        rows = rows.sort_by([(name, "ascending") for name in shape.sorted_by])
        content = to_parquet(rows)
        path = f"{partition.folder}/{self._range}-{secrets.token_hex(4)}.parquet"
        self._place.write(path, content)
        return ArchivedFile(
            path=path,
            partition=partition,
            rows=rows.num_rows,
            size=content.size,
            digest=hashlib.sha256(content).hexdigest(),
            sums=sums_of(partition.kind, rows),
        )


def to_parquet(rows: pa.Table) -> pa.Buffer:
    """Give a table as the content of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd", row_group_size=_ROW_GROUP)
    return sink.getvalue()


def sums_of(kind: FactKind, rows: pa.Table) -> Mapping[str, int]:
    """Give the money in minor units by currency; exact, however much it is."""
    name = SHAPES[kind].amount
    if name is None:
        return MappingProxyType({})
    paid = rows.select(["currency", name]).filter(pc.field(name).is_valid())
    exact = paid.set_column(1, name, paid[name].cast(pa.decimal128(19, 0)))
    summed = exact.group_by("currency").aggregate([(name, "sum")])
    sums: dict[str, Decimal] = dict(
        zip(summed["currency"].to_pylist(), summed[f"{name}_sum"].to_pylist(), strict=True)
    )
    return MappingProxyType({currency: int(sums[currency]) for currency in sorted(sums)})


def _tables(
    kind: FactKind, batches: Iterable[pa.RecordBatch], file_rows: int
) -> Iterator[pa.Table]:
    """Give the rows of batches together, `file_rows` at a time."""
    schema = SHAPES[kind].schema
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= file_rows:
            yield pa.Table.from_batches([*held, rest.slice(0, file_rows - count)], schema)
            rest = rest.slice(file_rows - count)
            held, count = [], 0
        held.append(rest)
        count += rest.num_rows
    if count:
        yield pa.Table.from_batches(held, schema)


def _split(kind: FactKind, table: pa.Table) -> Iterator[tuple[Partition, pa.Table]]:
    """Give the rows of each partition."""
    shape = SHAPES[kind]
    keys = [_DAY, *shape.campaign]
    with_day = table.append_column(_DAY, table[shape.happened_at].cast(pa.date32()))
    ordered = with_day.sort_by([(key, "ascending") for key in keys])
    counts = ordered.group_by(keys, use_threads=False).aggregate([([], "count_all")]).to_pylist()
    start = 0
    ordered = ordered.drop_columns([_DAY])
    for row in counts:
        partition = Partition(kind, row[_DAY], *(row[name] for name in shape.campaign))
        yield partition, ordered.slice(start, row["count_all"])
        start += row["count_all"]
