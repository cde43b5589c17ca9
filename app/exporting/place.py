"""Keeps the place of a file free of half ones, and of files that somebody wants to keep."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.exporting.columns import FileFormat
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENDINGS: Final = {".csv": FileFormat.CSV, ".parquet": FileFormat.PARQUET}


def format_of(path: Path) -> FileFormat:
    """Give the format that the ending of a file names.

    Raises:
        InvalidValues: It names none.
    """
    form = _ENDINGS.get(path.suffix.lower())
    if form is None:
        way_out = "End it with .csv or .parquet, or say --format csv or --format parquet."
        raise _refused(path, "has an ending that names no format", way_out)
    return form


@contextmanager
def completed_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a file to write, which becomes `path` when the block ends and goes if it raises.

    Raises:
        InvalidValues: There is something at `path` already, or nothing can be written there.
    """
    _check(path, overwrite=overwrite)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        unfinished.touch()
        yield unfinished
        with unfinished.open("rb+") as stream:
            os.fsync(stream.fileno())
        _check(path, overwrite=overwrite)  # somebody else may have written it meanwhile
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _check(path: Path, *, overwrite: bool) -> None:
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        message = "stands in a directory that is absent or may not be written"
        raise _refused(path, message, "Name another file.")
    if path.exists() and not path.is_file():
        raise _refused(path, "is no regular file", "Name another file.")
    if path.exists() and not overwrite:
        raise _refused(path, "exists already", "Name another file, or say --overwrite.")


def _refused(path: Path, message: str, way_out: str) -> InvalidValues:
    error = InvalidValues([Problem("FILE", str(path), message, way_out)])
    error.add_note("Nothing was written.")
    return error
