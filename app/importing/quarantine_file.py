"""Writes refused rows beside the file that they came from, so that they can be corrected and sent.

The columns are those of the file, then the line, the reason, and the text of what was no row. An
import leaves these three out, so a corrected quarantine file is imported like any other. Values
stand as they came: nothing is escaped for spreadsheets, or a correction would change them.
"""

from __future__ import annotations

import csv
import os
from typing import IO, TYPE_CHECKING, Self

import orjson

from app.importing.columns import QUARANTINE_COLUMNS
from app.importing.values import value_of_type
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from app.importing.records import BrokenRow, Row

_ENDING = ",".join(QUARANTINE_COLUMNS)


class QuarantineFile:
    """The refused rows of one import; the file is made when the first row is refused.

    Attributes:
        path: Where it is, or would be.
        count: How many rows it has.
    """

    def __init__(self, path: Path, columns: Sequence[str], source: Path) -> None:
        """Make way for the refused rows of `source`, which has `columns`.

        Raises:
            InvalidValues: The path cannot be written, or holds something else than refused rows.
        """
        self.path = path
        self.count = 0
        self._columns = tuple(columns)
        # a corrected quarantine file has these columns already
        self._kept = [place for place, name in enumerate(columns) if name not in QUARANTINE_COLUMNS]
        self._stream: IO[str] | None = None
        self._clear(source)

    def __enter__(self) -> Self:
        """Give the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file, with whatever was refused until now."""
        if self._stream is not None:
            self._stream.close()

    def add(self, row: Row | BrokenRow, reason: str) -> None:
        """Write one refused row."""
        if self._stream is None:
            # what cannot be written as UTF-8 is written as an escape
            self._stream = self.path.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
            names = [self._columns[place] for place in self._kept]
            self._writer = csv.writer(self._stream)  # CRLF, as RFC 4180 says
            self._writer.writerow([*names, *QUARANTINE_COLUMNS])
        values = getattr(row, "values", None)
        if values is None:
            cells = [""] * len(self._kept)
            text = getattr(row, "text", "").rstrip("\r\n")
        else:
            cells = [_written(values[place]) for place in self._kept]
            text = ""
        self._writer.writerow([*cells, row.line, reason, text])
        self.count += 1

    def flush(self) -> None:
        """Bring what was refused to the disk."""
        if self._stream is not None:
            self._stream.flush()

    def _clear(self, source: Path) -> None:
        """Remove the refused rows of an earlier run, and refuse to remove anything else."""
        path = self.path
        shown = str(path)
        way_out = "Name another file with --quarantine."
        if path.is_dir() or (path.exists() and path.samefile(source)):
            message = "is a directory" if path.is_dir() else "is the file that is imported"
            raise InvalidValues([Problem("--quarantine", shown, message, way_out)])
        if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            message = "stands in a directory that is absent or may not be written"
            raise InvalidValues([Problem("--quarantine", shown, message, way_out)])
        if not path.exists():
            return
        with path.open(encoding="utf-8", errors="replace") as stream:
            ours = stream.readline(1_000_000).rstrip("\r\n").endswith(_ENDING)
        if not ours:
            message = "exists, and is no quarantine file, so it is not written over"
            raise InvalidValues([Problem("--quarantine", shown, message, way_out)])
        path.unlink()


def _written(value: object) -> str:
    plain = value_of_type(value)
    match plain:
        case None:
            return ""
        case str():
            return plain
        case bool():
            return "true" if plain else "false"
        case int() | float():
            return repr(plain)
        case _:
            return orjson.dumps(plain, default=str).decode()
