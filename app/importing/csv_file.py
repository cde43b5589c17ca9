"""Reads CSV row by row: RFC 4180, UTF-8 with or without a byte order mark, in bounded memory.

A line that is no row (a quote that never closes, too many columns, bytes that are not UTF-8) costs
that line alone: whatever was read in the hope of its end is read again as rows of its own.
"""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Final

from app.importing.records import BATCH_CHARACTERS, BATCH_ROWS, Batch, BrokenRow, Row
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.importing.columns import Columns, ImportKind

MAX_RECORD: Final = 1_000_000
"""Characters of one row; a longer one is broken."""

MAX_QUOTED_LINES_TEXT: Final = 8_000
"""Characters of a value that runs over several lines; in a longer one a quote was left open, and no
such value could be kept."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_OTHER_FORMS: Final = (
    (b"\xff\xfe", "is UTF-16, not UTF-8"),
    (b"\xfe\xff", "is UTF-16, not UTF-8"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"PK\x03\x04", "is an archive or a spreadsheet; save it as CSV first"),
)

_OPEN_QUOTE: Final = "a quote is opened and not closed where it should be"
_REASONS: Final = (
    ("unexpected end of data", "a quote is opened and never closed"),
    ("expected after", "text follows a closing quote; write a quote inside a value twice"),
    ("field larger than", "a quote is opened and not closed for very long"),
    ("new-line character", "a carriage return stands inside a value without quotes"),
)


class CsvFile:
    """A CSV file whose first line names the columns."""

    has_types = False

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        """Open the file and read its first line.

        Raises:
            InvalidValues: It is empty, is not UTF-8, or its first line names no columns.
            OSError: It cannot be read.
        """
        self._delimiter = delimiter
        self._size = path.stat().st_size
        self._lines = _Lines(path)
        try:
            self._columns = self._header(path)
        except BaseException:
            self.close()
            raise

    @property
    def columns(self) -> tuple[str, ...]:
        """The names in the first line."""
        return self._columns

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()

    def check_types(self, columns: Columns, kind: ImportKind) -> None:
        """Refuse nothing: text may be anything until it is read."""

    def batches(self) -> Iterator[Batch]:
        """Give the rows in batches."""
        rows: list[Row | BrokenRow] = []
        characters = 0
        for row in self._rows():
            rows.append(row)
            characters += self._lines.record_size
            if len(rows) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
                yield Batch(rows, self._share_read())
                rows, characters = [], 0
        yield Batch(rows, 1.0)

    def _share_read(self) -> float:
        return min(self._lines.bytes_read / self._size, 1.0) if self._size else 1.0

    def _header(self, path: Path) -> tuple[str, ...]:
        way_out = "Give a CSV file in UTF-8 whose first line names the columns."
        for sign, message in _OTHER_FORMS:
            if self._lines.start.startswith(sign):
                raise InvalidValues([Problem("FILE", str(path), message, way_out)])
        first = next(self._records(), None)
        if first is None:
            raise InvalidValues([Problem("FILE", str(path), "is empty", way_out)])
        if isinstance(first, BrokenRow):
            message = f"cannot be read in its first line: {first.reason}"
            raise InvalidValues([Problem("FILE", str(path), message, way_out)])
        return tuple(str(name) for name in first.values)

    def _rows(self) -> Iterator[Row | BrokenRow]:
        """Give rows that have as many values as there are columns."""
        width = len(self._columns)
        for record in self._records():
            if isinstance(record, BrokenRow):
                yield record
                continue
            count = len(record.values)
            if len(self._lines.record) > 1 and (
                count != width or _longest(record.values) > MAX_QUOTED_LINES_TEXT
            ):
                yield self._first_line_broken(_OPEN_QUOTE)
            elif count != width:
                reason = f"the first line names {width} columns, and this row has {count}"
                yield BrokenRow(record.line, self._lines.record_text, reason)
            else:
                yield record

    def _records(self) -> Iterator[Row | BrokenRow]:
        """Give what can be taken apart, with as many values as stand there."""
        lines = self._lines
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            lines.begin_record()
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                several = len(lines.record) > 1
                yield self._first_line_broken(_OPEN_QUOTE if several else _reason(str(error)))
                continue
            if lines.fault:
                yield BrokenRow(lines.record_line, lines.record_text, lines.fault)
            elif values:  # a blank line is no row
                yield Row(lines.record_line, values)

    def _first_line_broken(self, reason: str) -> BrokenRow:
        """Give the record's first line as broken; the lines after it are read again."""
        line, text, fault = self._lines.give_back_rest()
        return BrokenRow(line, text, fault or reason)


class _Lines:
    """Gives lines to the reader one by one, and knows which belong to the record being read.

    Attributes:
        start: The first bytes of the file.
        record: Number, text and fault of each line of the record.
        record_size: Its characters.
        fault: What is wrong with its bytes, or nothing.
    """

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb")
        self.start = bytes(self._stream.peek(4)[:4])
        if self.start.startswith(_BYTE_ORDER_MARK):
            self._stream.read(len(_BYTE_ORDER_MARK))
        self._number = 0
        self._again: deque[tuple[int, str, str]] = deque()
        self.record: list[tuple[int, str, str]] = []
        self.record_size = 0
        self.fault = ""

    def close(self) -> None:
        self._stream.close()

    @property
    def bytes_read(self) -> int:
        return self._stream.tell()

    @property
    def record_line(self) -> int:
        return self.record[0][0]

    @property
    def record_text(self) -> str:
        return "".join(text for _, text, _ in self.record)

    def begin_record(self) -> None:
        self.record.clear()
        self.record_size = 0
        self.fault = ""

    def give_back_rest(self) -> tuple[int, str, str]:
        """Give the record's first line and take back the others."""
        first, *rest = self.record
        self._again.extendleft(reversed(rest))
        self.record[1:] = []
        return first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        self.record.append(line)
        self.record_size += len(line[1])
        self.fault = self.fault or line[2]
        if len(self.record) > 1 and self.record_size > MAX_RECORD:
            message = "field larger than a row may be"
            raise csv.Error(message)
        return line[1]

    def _read(self) -> tuple[int, str, str]:
        raw = self._stream.readline(MAX_RECORD)
        if not raw:
            raise StopIteration
        self._number += 1
        fault = ""
        if len(raw) == MAX_RECORD and not raw.endswith(b"\n"):
            fault = f"is longer than {MAX_RECORD} characters"
            while (rest := self._stream.readline(MAX_RECORD)) and not rest.endswith(b"\n"):
                pass
            raw = raw[:1_000]  # enough to find it by
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            fault = fault or f"has the byte {raw[error.start]:#04x}, which is not UTF-8"
            text = raw.decode(errors="backslashreplace")
        if "\0" in text:
            fault = fault or "has a NUL character"
        return self._number, text, fault


def _reason(message: str) -> str:
    return next((reason for sign, reason in _REASONS if sign in message), message)


def _longest(values: object) -> int:
    return max(len(value) for value in values) if isinstance(values, list) and values else 0
