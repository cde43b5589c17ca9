"""Makes files of reports for a server: in a process of their own, few at a time, each only once.

Drawing and setting type take seconds and a hundred megabytes, and the processes that answer offers
have neither to spare. So a file is made by a process that ends with it, one after the other.
Whoever comes when several wait already is refused at once, and told to come again. The last files
are kept, as the same report is sent in the same language more than once.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

from app.gate import Gate
from app.report.files import file_of
from experiments.errors import Overloaded

if TYPE_CHECKING:
    from app.report.files import FileKind
    from app.report.view import ReportView

PLACES: Final = 4
"""Files that are made or wait to be made."""

LIMIT_S: Final = 90.0
"""How long one may take; its process is ended then."""

KEPT: Final = 16
"""Files that are kept: half a megabyte each."""

NICENESS: Final = 5


class Workshop:
    """Makes files, and keeps the last ones."""

    def __init__(self, places: int = PLACES, limit_s: float = LIMIT_S) -> None:
        """Take on `places` files at once, and give each `limit_s` seconds."""
        self.gate, self._limit_s = Gate(places), limit_s
        self._turn, self._kept = Lock(), OrderedDict[bytes, bytes]()

    def file_of(self, view: ReportView, kind: FileKind) -> bytes:
        """Give a report as a file, in the language of its view.

        Raises:
            InvalidValues: The kind needs something that is not installed.
            Overloaded: Too many wait already, or it takes too long.
        """
        if not kind.is_drawn:
            return file_of(view, kind)
        order = pickle.dumps((view, kind))
        name = sha256(order).digest()
        found = self._kept.get(name)
        if found is not None:
            return found
        with self.gate.passing(1), self._turn:
            if name not in self._kept:
                self._kept[name] = _made(order, self._limit_s)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[name]


WORKSHOP: Final = Workshop()
"""The one of this process."""


def _made(order: bytes, limit_s: float) -> bytes:
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603  # this module, by the Python that runs
            command, input=order, stdout=subprocess.PIPE, timeout=limit_s, check=True
        )
    except subprocess.TimeoutExpired as fault:
        raise Overloaded from fault
    return done.stdout


def make() -> None:
    """Read an order, and write the file."""
    os.nice(NICENESS)
    view, kind = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that began this one
    sys.stdout.buffer.write(file_of(view, kind))


if __name__ == "__main__":
    make()
