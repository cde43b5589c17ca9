"""Keeps what one process remembers as true as the store: campaigns, members and assignments.

Whoever asks looks at the clock. Where the last look at the store is older than a quarter of a
second, one of those who ask looks again while the others go on; so a pause is in force everywhere
within a second, an idle process asks nothing, and no thread has to be started after a fork. While
the store cannot be asked, what was known stays in force for a while, so that a restart of the
database is no outage for members who were assigned before.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from experiments.errors import StoreError
from experiments.store.assignments import assigned_since
from experiments.store.engine import reading
from experiments.store.erasures import has_erasures_since
from experiments.store.members import changed_members, changes_until
from experiments.store.programme_runs import completed_as_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.directory import Directory, Listing
    from experiments.memory import Memory

CHECK_EVERY_S: Final = 0.25
"""What is known is at most this much older than the store, while there are requests."""

AT_ONCE_AFTER_S: Final = 0.75
"""From this age on a request waits for the look at the store instead of going on without."""

STALE_S: Final = 30.0
"""How long what was known stays in force while the store cannot be asked, by default."""

_MOST_CHANGES: Final = 5_000
"""More changes than this between two looks are not followed one by one."""


class Watch:
    """The campaigns as one process knows them now, and its memory kept true."""

    def __init__(
        self,
        engine: Engine,
        directory: Directory,
        memory: Memory,
        *,
        stale_s: float = STALE_S,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at the store of `engine`, whose changes `directory` and `memory` follow."""
        self._engine = engine
        self._directory = directory
        self._memory = memory
        self._stale_s = stale_s
        self._elapsed = elapsed
        self._lock = Lock()
        self._listing: Listing | None = None
        self._since: int | None = None
        self._computed_as_of: datetime | None = None
        self._looked_at = float("-inf")
        self._confirmed_at = float("-inf")

    def listing(self) -> Listing:
        """Give the campaigns, as they were in the store a moment ago.

        Raises:
            StoreError: The store has not answered for longer than what is known may be used.
        """
        age = self._elapsed() - self._looked_at
        if age < CHECK_EVERY_S and self._listing is not None:
            return self._listing
        is_needed = self._listing is None or age >= AT_ONCE_AFTER_S
        # whoever needs an answer waits as long as a look may take, and no longer than it is useful
        if self._lock.acquire(timeout=CHECK_EVERY_S if is_needed else 0):
            try:
                self._look()
            finally:
                self._lock.release()
        if self._listing is None:  # somebody else is looking for the first time
            with self._lock:
                self._look()
        listing = self._listing
        if listing is None:  # pragma: no cover  # looking gives one or raises
            message = "looking at the store gave no listing"
            raise AssertionError(message)
        return listing

    def expire(self) -> None:
        """Look at the store again before the next answer: this process has changed something."""
        self._looked_at = float("-inf")

    @property
    def computed_as_of(self) -> datetime | None:
        """Up to when the latest complete run of the programme counted facts, as was seen last."""
        return self._computed_as_of

    @property
    def age_s(self) -> float:
        """Seconds since the store last confirmed what is known; infinite before it ever did."""
        return self._elapsed() - self._confirmed_at

    def _look(self) -> None:
        """Follow the store, unless somebody else just has."""
        began = self._elapsed()
        if began - self._looked_at < CHECK_EVERY_S:
            return
        try:
            with reading(self._engine) as connection:
                listing = self._directory.current(connection)
                until = changes_until(connection)
                computed_as_of = completed_as_of(connection)
                if self._since is not None and has_erasures_since(connection, self._since):
                    self._memory.clear()  # whatever is remembered may name who was erased
                elif self._since is not None:
                    self._memory.apply(
                        changed_members(connection, self._since, _MOST_CHANGES),
                        assigned_since(connection, self._since, _MOST_CHANGES),
                    )
        except StoreError:
            if self._listing is None or began - self._confirmed_at > self._stale_s:
                raise
            self._looked_at = self._elapsed()
            return
        self._since, self._listing = until, listing
        self._computed_as_of = computed_as_of
        self._looked_at = self._confirmed_at = began
