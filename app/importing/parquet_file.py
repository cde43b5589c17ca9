"""Reads Parquet a few thousand rows at a time, with the values that its types stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet

from app.importing.columns import ImportKind
from app.importing.records import BATCH_ROWS, Batch, Row, Unreadable
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.importing.columns import Columns

MAGIC: Final = b"PAR1"
"""The first bytes of a Parquet file."""


class ParquetFile:
    """A Parquet file; the line of a row is its number, from 1."""

    has_types = True

    def __init__(self, path: Path) -> None:
        """Open the file and read its schema.

        Raises:
            InvalidValues: It is not a whole Parquet file.
            OSError: It cannot be read.
        """
        self._path = path
        try:
            # rows pass once: reading a whole row group ahead would only cost memory
            self._file = pyarrow.parquet.ParquetFile(path, pre_buffer=False)
        except pa.ArrowException as error:
            raise self._broken(error) from error
        self._schema = self._file.schema_arrow

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self._schema.names)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def check_types(self, columns: Columns, kind: ImportKind) -> None:
        """Refuse columns whose type cannot be what they should be.

        Raises:
            InvalidValues: Ids as floating-point numbers, times as numbers, nested attributes.
        """
        fields = [self._schema.field(place) for place in range(len(self._schema.names))]
        problems = [
            _unfit(name, fields[place].type, *_FITTING.get(name, _KEY))
            for name, place in columns.named.items()
        ]
        if kind is ImportKind.MEMBERS:
            problems += [
                _unfit(name, fields[place].type, _is_scalar, "text, numbers, booleans or times")
                for name, place in columns.others.items()
            ]
        if unfit := [problem for problem in problems if problem is not None]:
            raise InvalidValues(unfit)

    def batches(self) -> Iterator[Batch]:
        """Give the rows in batches.

        Raises:
            InvalidValues: The file is damaged further on.
        """
        count = self._file.metadata.num_rows
        line = 0
        chunks = self._file.iter_batches(batch_size=BATCH_ROWS)
        while True:
            try:
                chunk = next(chunks, None)
            except (pa.ArrowException, OSError) as error:
                raise self._broken(error) from error
            if chunk is None:
                return
            columns = [_values(column) for column in chunk.columns]
            rows = [
                Row(number, values)
                for number, values in enumerate(zip(*columns, strict=True), start=line + 1)
            ]
            line += len(rows)
            yield Batch(rows, line / count if count else 1.0)

    def _broken(self, error: Exception) -> InvalidValues:
        reason = str(error).splitlines()[0].rstrip(".")
        message = f"cannot be read as Parquet: {reason}"
        way_out = "Write the file again, and check that it was copied whole."
        return InvalidValues([Problem("FILE", str(self._path), message, way_out)])


def _is_key(kind: pa.DataType) -> bool:
    return _is_text(kind) or pa.types.is_integer(kind)


def _is_text(kind: pa.DataType) -> bool:
    return any(
        check(kind)
        for check in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_binary_view,
            pa.types.is_null,
        )
    )


def _is_time(kind: pa.DataType) -> bool:
    return _is_text(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind)


def _is_amount(kind: pa.DataType) -> bool:
    return _is_key(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind)


def _is_consent(kind: pa.DataType) -> bool:
    return _is_amount(kind) or pa.types.is_boolean(kind)


def _is_scalar(kind: pa.DataType) -> bool:
    return not pa.types.is_nested(kind)


_KEY: Final = (_is_key, "text or whole numbers")
_FITTING: Final = {
    "exposed_at": (_is_time, "timestamps, or text in ISO 8601"),
    "occurred_at": (_is_time, "timestamps, or text in ISO 8601"),
    "amount": (_is_amount, "decimals"),
    "personalisation_consent": (_is_consent, "booleans"),
}


def _unfit(
    name: str, kind: pa.DataType, fits: Callable[[pa.DataType], bool], wanted: str
) -> Problem | None:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if fits(kind):
        return None
    way_out = f"Write the column as {wanted}, or leave it out."
    return Problem(name, None, f"has the type {kind} in this file", way_out)


def _values(column: pa.Array) -> list[object]:
    """Give the values of a column; what Python cannot hold becomes `Unreadable`."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    try:
        if pa.types.is_timestamp(kind):
            # facts are kept to the microsecond; a timestamp with a zone is a moment in UTC
            zone = None if kind.tz is None else "UTC"
            column = column.cast(pa.timestamp("us", zone), safe=False)
        values: list[object] = column.to_pylist()
    except (ValueError, OverflowError, ArithmeticError, pa.ArrowException):
        values = [_value(scalar) for scalar in column]
    return values


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError, ArithmeticError, pa.ArrowException) as error:
        return Unreadable(f"(unreadable: {str(error).splitlines()[0]})")
