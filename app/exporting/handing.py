"""Hands a file out over HTTP: written to the end first, then sent in parts and forgotten."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Written = TypeVar("Written")

PART: Final = 1 << 20


def handed(write: Callable[[Path], Written]) -> tuple[Written, Iterator[bytes]]:
    """Have a file written, and give what was said of it, and its bytes.

    What fails while it is written is raised before a byte is sent. The file has no name any more
    once it is read, so that nothing is left of it, however the sending ends.
    """
    descriptor, name = tempfile.mkstemp(prefix="tierlift-export-")
    os.close(descriptor)
    path = Path(name)
    try:
        written = write(path)
        stream = path.open("rb")
    finally:
        path.unlink(missing_ok=True)

    def parts() -> Iterator[bytes]:
        with stream:
            while part := stream.read(PART):
                yield part

    return written, parts()
