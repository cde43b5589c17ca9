"""Counts wrong passwords by where they come from, against whoever tries a few on many people.

Wrong ones for one person lock that person (`app.auth.people`); these are counted whoever they are
for. Each process counts for itself, so as many as there are processes times `MANY` may be tried.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

MANY: Final = 20
"""Wrong passwords from one place, after which no other is tried from there for a while."""

WITHIN: Final = timedelta(minutes=15)
SENDERS_LIMIT: Final = 10_000
"""Places that are remembered; the one that was wrong longest ago goes."""


class WrongPasswords:
    """The wrong passwords of this process, by sender."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        # how many, and since when
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def are_too_many(self, sender: str | None, now: datetime) -> bool:
        """Say whether no other password is to be tried from somewhere; None is nowhere."""
        with self._lock:
            count, since = self._wrong.get(sender or "", (0, now))
            return count >= MANY and now - since < WITHIN

    def count(self, sender: str | None, now: datetime) -> None:
        """Count one more."""
        if sender is None:
            return
        with self._lock:
            count, since = self._wrong.pop(sender, (0, now))
            self._wrong[sender] = (1, now) if now - since >= WITHIN else (count + 1, since)
            if len(self._wrong) > SENDERS_LIMIT:
                self._wrong.popitem(last=False)
