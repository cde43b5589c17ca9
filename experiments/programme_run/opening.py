"""Opens a DuckDB whose memory is bounded; what does not fit is held in a temporary directory."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MEMORY_LIMIT: Final = "1GB"
"""What DuckDB may use unless a process says otherwise."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a computation may use.

    Attributes:
        memory_limit: Of DuckDB, such as `1GB`.
        directory: Where it holds the rest; None is the system's temporary directory.
    """

    memory_limit: str = MEMORY_LIMIT
    directory: Path | None = None


@contextmanager
def opened(room: Room) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to a database of our own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tierlift-programme-", dir=room.directory) as directory:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "TimeZone": "UTC",
            "memory_limit": room.memory_limit or MEMORY_LIMIT,
            "preserve_insertion_order": "false",  # none matters here, and it costs memory
            "temp_directory": directory,
        }
        # a file, not memory: its tables are compressed and need not stay
        path = Path(directory) / "run.duckdb"
        with duckdb.connect(str(path), config=config) as connection:
            yield connection


def moment(at: datetime) -> str:
    """Give a moment as SQL."""
    return f"TIMESTAMPTZ '{at.isoformat()}'"
