"""What one application knows of itself and of the processes beside it.

Alone, it answers from memory. With a folder, each process leaves its figures there every second, by
a thread that begins with its first request, so that whichever is asked answers for all.
"""

from __future__ import annotations

import time
from multiprocessing.util import Finalize
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, Protocol

from app.monitoring.exposition import exposition
from app.monitoring.figures import Figures, together
from app.monitoring.place import Place
from app.monitoring.series import (
    CATALOGUE_AGE,
    EVENTS_IN_WORK,
    LOG_LINES_DROPPED,
    LOG_LINES_WAITING,
    WORKERS,
    WRITES_WAITING,
)
from app.monitoring.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from structlog.typing import FilteringBoundLogger

LEFT_EVERY_S: Final = 1.0
"""How old the figures of another process are at most."""

_IDLE_S: Final = 60.0


class Depths(Protocol):
    """Tells how long the queues of a process are."""

    def writes_waiting(self) -> int:
        """Give how many requests wait to be committed."""

    def events_in_work_bytes(self) -> int:
        """Give the size of the bodies of events in work."""

    def log_lines_waiting(self) -> int:
        """Give how many lines wait to be written."""

    def log_lines_dropped(self) -> int:
        """Give how many lines were not written."""

    def catalogue_age_s(self) -> float:
        """Give how long ago the store confirmed the campaigns; infinite before it ever did."""


class Monitor:
    """The figures of one application, and of the processes of its server."""

    def __init__(self, depths: Depths, folder: str, log: FilteringBoundLogger) -> None:
        """Count for one application.

        Args:
            depths: Its queues.
            folder: Where the processes of the server leave their figures; empty for one alone.
            log: Told when the folder cannot be used.
        """
        self.tally = Tally(self._begin)
        self._depths = depths
        self._place = Place(folder) if folder else None
        self._log = log
        self._lock = Lock()
        self._taken: Figures | None = None
        self._is_failing = False
        self._has_begun = self._place is None
        self._rounds, self._answered_at, self._age_s = 0, float("-inf"), 0.0

    def text(
        self, quarantined: Mapping[str, int], version: str, accept: str = ""
    ) -> tuple[bytes, str]:
        """Give the figures of all processes as Prometheus reads them; see `exposition`."""
        self.leave()
        everybody = [self._own()]
        if self._place is not None:
            try:
                everybody += self._place.others()
            except OSError as error:
                self._failed(error)
        return exposition(together(everybody), quarantined, version, accept)

    def leave(self) -> None:
        """Leave the figures of this process for the others, if there may be any."""
        if self._place is None:
            return
        with self._lock:
            try:
                if self._taken is None:
                    self._taken = self._place.take_over(self._own())
                self._place.leave(self._own())
            except OSError as error:
                self._failed(error)
            else:
                self._is_failing = False

    def _own(self) -> Figures:
        depths = self._depths
        counted = self.tally.figures()
        counted.counters[(LOG_LINES_DROPPED.name,)] = depths.log_lines_dropped()
        standing = {
            CATALOGUE_AGE.name: self._catalogue_age_s(),
            WRITES_WAITING.name: depths.writes_waiting(),
            EVENTS_IN_WORK.name: depths.events_in_work_bytes(),
            LOG_LINES_WAITING.name: depths.log_lines_waiting(),
            WORKERS.name: 1,
        }
        own = Figures(counted.counters, counted.histograms, standing)
        return own if self._taken is None else together([own, self._taken])

    def _catalogue_age_s(self) -> float:
        """Give the age of the campaigns at the latest answers: an idle process need not look."""
        rounds, now = self.tally.rounds, time.monotonic()
        if rounds != self._rounds:
            self._rounds, self._answered_at = rounds, now
            self._age_s = self._depths.catalogue_age_s()
        elif now - self._answered_at > _IDLE_S:
            self._age_s = 0.0
        return self._age_s

    def _failed(self, error: OSError) -> None:
        if not self._is_failing:
            self._is_failing = True
            self._log.warning("figures_not_shared", reason=str(error))

    def _begin(self) -> None:
        with self._lock:
            if self._has_begun:  # with another route, or because nobody shares the figures
                return
            self._has_begun = True
            Thread(target=self._keep_leaving, name="monitor", daemon=True).start()
            # a worker process ends without Python's own exit functions
            Finalize(self, self.leave, exitpriority=0)

    def _keep_leaving(self) -> None:
        while True:
            self.leave()
            time.sleep(LEFT_EVERY_S)
