"""The folder in which the processes of one server leave their figures for one another.

A file is replaced as a whole, so that nobody reads half of one, and a full disk costs nothing but
the latest figures: files that are mapped into memory, as `prometheus_client` has them, would end
the process there. What an ended process counted is taken over by the next that begins, so that a
sum never falls and the folder never grows.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.monitoring.figures import Figures, from_json, together

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX: Final = ".figures"
_LOCK: Final = "lock"


class Place:
    """The folder, as one process has it; one application of a process may use it."""

    def __init__(self, folder: str) -> None:
        """Use a folder of this machine, which is made where there is none."""
        self._folder = Path(folder)
        self._left = b""

    def take_over(self, figures: Figures) -> Figures:
        """Give what ended processes have counted, from now on as this process's own.

        Args:
            figures: What this process has counted itself by now.

        Raises:
            OSError: The folder cannot be used; nothing was taken over.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(exclusive=True):
            # one with this process's own number is of another that had it before
            ended = [
                path for path in self._files() if not _lives(path) or _pid(path) == os.getpid()
            ]
            taken = together(_read(path).counted() for path in ended)
            self.leave(together([figures, taken]))
            for path in ended:
                if path != self._own():
                    path.unlink(missing_ok=True)
        return taken

    def leave(self, figures: Figures) -> None:
        """Leave the figures of this process for the others.

        Raises:
            OSError: They cannot be written; those of before stay.
        """
        text = figures.to_json()
        if text == self._left:
            return
        own = self._own()
        waiting = own.with_suffix(".new")
        waiting.write_bytes(text)
        waiting.replace(own)
        self._left = text

    def others(self) -> list[Figures]:
        """Give the figures of the other processes; of ended ones what they had counted.

        Raises:
            OSError: The folder cannot be read.
        """
        own = self._own()
        with self._locked(exclusive=False):
            return [
                _read(path) if _lives(path) else _read(path).counted()
                for path in self._files()
                if path != own
            ]

    def _own(self) -> Path:
        return self._folder / f"{os.getpid()}{_SUFFIX}"

    def _files(self) -> list[Path]:
        found = self._folder.glob(f"*{_SUFFIX}")
        return sorted(path for path in found if path.stem.isdecimal())

    @contextmanager
    def _locked(self, *, exclusive: bool) -> Iterator[None]:
        """Keep files from being taken over while they are read; ends with the process, too."""
        with (self._folder / _LOCK).open("ab") as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield


def _pid(path: Path) -> int:
    return int(path.stem)


def _lives(path: Path) -> bool:
    try:
        os.kill(_pid(path), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(path: Path) -> Figures:
    try:
        return from_json(path.read_bytes())
    except (ValueError, KeyError, TypeError, AttributeError):
        # of another version, or cut off when the machine went down: figures are no facts
        return Figures()
