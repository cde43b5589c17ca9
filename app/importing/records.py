"""Says what a file gives, whatever its format: columns, and rows in batches with their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.importing.columns import Columns, ImportKind

BATCH_ROWS: Final = 10_000
"""Rows that are read, and then kept in one transaction."""

BATCH_CHARACTERS: Final = 16_000_000
"""Text after which a batch of long rows ends early, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that could be read.

    Attributes:
        line: Where it begins: the line of a CSV file, the number of the row in a Parquet file.
        values: One for each column; text in CSV, Python values in Parquet.
    """

    line: int
    values: Sequence[object]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """Something that is not a row.

    Attributes:
        line: Where it begins.
        text: What stands there, as far as it can be shown.
        reason: What is wrong with it.
    """

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that follow one another, good and broken ones in their order.

    Attributes:
        rows: At most `BATCH_ROWS` of them.
        share_read: How much of the file has been read, from 0 to 1.
    """

    rows: Sequence[Row | BrokenRow]
    share_read: float


class Source(Protocol):
    """A file that is open for reading."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, as the file has them."""

    @property
    def has_types(self) -> bool:
        """Whether values have types of their own; in CSV all is text."""

    def check_types(self, columns: Columns, kind: ImportKind) -> None:
        """Refuse columns whose type cannot be what they should be.

        Raises:
            InvalidValues: There are some; all are named.
        """

    def batches(self) -> Iterator[Batch]:
        """Give the rows, once."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value of a typed file that Python has no form for.

    Attributes:
        text: What can be said of it.
    """

    text: str

    def __str__(self) -> str:
        """Give what can be said of it."""
        return self.text
