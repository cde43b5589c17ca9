"""Folds exposures into first ones beside the requests of a process, by a thread of its own.

It waits until this process has kept exposures, and a moment longer, for more to come; so an idle
process asks nothing. Between two steps it leaves the database to others for longer than it had it.
Whatever fails, a locked or full or absent database, is logged once and tried again: reading is
right without it, only slower.
"""

from __future__ import annotations

import time
from multiprocessing.util import Finalize
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from experiments.store.folding import Folded, arrivals_event, fold

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from structlog.typing import FilteringBoundLogger

COLLECTED_S: Final = 1.0
"""How long exposures are left to gather; and to wait for what cannot be folded yet."""

LEFT_TO_OTHERS: Final = 3
"""For each second that a step took, others have the database for so many."""

LONGEST_PAUSE_S: Final = 60.0
_LOOKED_AGAIN_AFTER: Final = (10, 60)  # times as long as exposures are left to gather
STOPPED_WITHIN_S: Final = 5.0


class FoldingThread:
    """Folds what one process keeps, for as long as the process serves."""

    def __init__(
        self, engine: Engine, log: FilteringBoundLogger, *, collected_s: float = COLLECTED_S
    ) -> None:
        """Fold by a thread of its own, from `begin` on.

        Args:
            engine: The store, which the caller keeps.
            log: Told where folding fails, and when it goes on.
            collected_s: How long exposures are left to gather.
        """
        self._engine, self._log, self._collected_s = engine, log, collected_s
        self._came = arrivals_event(engine)
        self._stopping = Event()
        self._is_failing = False
        self._thread = Thread(target=self._run, name="folding", daemon=True)

    def begin(self) -> None:
        """Begin, with what another process may have left."""
        self._came.set()
        self._thread.start()
        # a worker process ends without Python's own exit functions
        Finalize(None, self.stop, exitpriority=10)

    def stop(self) -> None:
        """End after the step that is being made; what is left stays in the tail."""
        self._stopping.set()
        self._came.set()
        if self._thread.is_alive():
            self._thread.join(STOPPED_WITHIN_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._came.wait()
            self._stopping.wait(self._collected_s)
            self._came.clear()
            self._fold_all()
            # who tells has not committed yet, and may take longer than that
            for times in _LOOKED_AGAIN_AFTER:
                if self._came.wait(times * self._collected_s):
                    break
                self._fold_all()

    def _fold_all(self) -> None:
        pause = self._collected_s
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                folded = fold(self._engine)
            except Exception as fault:  # noqa: BLE001  # whatever it is, requests go on
                self._failed(fault)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                self._went_well()
                if folded is Folded.ALL:
                    return
                took = time.monotonic() - began
                is_waiting = folded is Folded.WAITING
                pause = self._collected_s if is_waiting else LEFT_TO_OTHERS * took
            self._stopping.wait(pause)

    def _failed(self, fault: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            self._log.warning("exposures_not_folded", reason=str(fault))

    def _went_well(self) -> None:
        if self._is_failing:
            self._is_failing = False
            self._log.info("exposures_folded_again")
