"""Writes rows as CSV or as Parquet, a bounded number of them in memory."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

import pyarrow as pa
import pyarrow.parquet

from app.exporting.columns import OtherColumn, ValueKind, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    Add: TypeAlias = Callable[[Sequence[object], Mapping[str, object]], None]

GROUP_ROWS: Final = 50_000
GROUP_CELLS: Final = 1_000_000
GROUP_CHARACTERS: Final = 32_000_000
"""What a row group of Parquet, which is held in memory, may have at most."""

_TYPES: Final = {
    "exposed_at": pa.timestamp("us", "UTC"),
    "occurred_at": pa.timestamp("us", "UTC"),
    "amount": pa.decimal128(24, 4),  # no currency has more than four decimals
    "personalisation_consent": pa.bool_(),
}
_OTHER_TYPES: Final = {
    ValueKind.BOOLEAN: pa.bool_(),
    ValueKind.INTEGER: pa.int64(),
    ValueKind.NUMBER: pa.float64(),
    ValueKind.TEXT: pa.string(),
}


@contextmanager
def csv_opened(path: Path, fixed: Sequence[str], others: Sequence[OtherColumn]) -> Iterator[Add]:
    """Give what writes a row of CSV: RFC 4180, UTF-8, the first line names the columns."""
    names = [column.name for column in others]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*fixed, *names])

        def add(known: Sequence[object], values: Mapping[str, object]) -> None:
            cells = [_known_text(value) for value in known]
            writer.writerow([*cells, *(written(values.get(name)) for name in names)])

        yield add


@contextmanager
def parquet_opened(
    path: Path, fixed: Sequence[str], others: Sequence[OtherColumn]
) -> Iterator[Add]:
    """Give what writes a row of Parquet."""
    schema = pa.schema(
        [
            *((name, _TYPES.get(name, pa.string())) for name in fixed),
            *((column.name, _OTHER_TYPES[column.kind]) for column in others),
        ]
    )
    limit = max(1, min(GROUP_ROWS, GROUP_CELLS // len(schema)))
    rows: list[tuple[object, ...]] = []
    characters = 0
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            nonlocal characters
            if rows:
                columns = zip(*rows, strict=True)
                arrays = [
                    pa.array(column, kind.type)
                    for column, kind in zip(columns, schema, strict=True)
                ]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows.clear()
            characters = 0

        def add(known: Sequence[object], values: Mapping[str, object]) -> None:
            nonlocal characters
            cells = [_typed(column, values.get(column.name)) for column in others]
            characters += sum(len(cell) for cell in cells if isinstance(cell, str))
            rows.append((*known, *cells))
            if len(rows) >= limit or characters >= GROUP_CHARACTERS:
                flush()

        yield add
        flush()


def _known_text(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return format(value, "f")
        case _:
            return written(value)


def _typed(column: OtherColumn, value: object) -> object:
    if value is None:
        return None
    match column.kind:
        case ValueKind.TEXT:
            return written(value)
        case ValueKind.NUMBER if isinstance(value, int):
            return float(value)
        case _:
            return value
