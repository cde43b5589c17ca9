"""Sends beside the requests of a process, by a thread of its own.

It begins at once when this process announces something, and looks every few seconds for what other
processes announced. A database that fails is logged once and asked again.
"""

from __future__ import annotations

import time
from multiprocessing.util import Finalize
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from app.webhooks.sending import Sender
from experiments.store.webhooks import announced_event

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from structlog.typing import FilteringBoundLogger

    from app.wiring import Clock

LOOKED_EVERY_S: Final = 5.0
FORGOTTEN_EVERY_S: Final = 3_600.0
LONGEST_PAUSE_S: Final = 60.0
_COMMITTED_S: Final = 0.1  # what is announced is there once its transaction is committed
STOPPED_WITHIN_S: Final = 5.0


class SendingThread:
    """Sends for one process, for as long as the process serves."""

    def __init__(
        self, engine: Engine, log: FilteringBoundLogger, clock: Clock, *, any_address: bool
    ) -> None:
        """Send by a thread of its own, from `begin` on; arguments as for `Sender`."""
        self._log = log
        self._wake = announced_event(engine, Event())
        self._sender = Sender(engine, log, clock, any_address=any_address, ended=self._wake)
        self._stopping = Event()
        self._is_failing = False
        self._forgotten_at = time.monotonic()
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)

    def begin(self) -> None:
        """Begin."""
        self._thread.start()
        # a worker process ends without Python's own exit functions
        Finalize(None, self.stop, exitpriority=10)

    def stop(self) -> None:
        """End once what is being sent was answered; whatever is slow is sent again by others."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(STOPPED_WITHIN_S)
        self._sender.wait(STOPPED_WITHIN_S)

    def _run(self) -> None:
        pause = LOOKED_EVERY_S
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self._sender.begin_due():
                    pass
                due = self._sender.seconds_until_due()
                self._forget()
            except Exception as fault:  # noqa: BLE001  # whatever it is, requests go on
                self._failed(fault)
                pause = min(2 * pause, LONGEST_PAUSE_S)
                self._stopping.wait(pause)
                continue
            self._is_failing, pause = False, LOOKED_EVERY_S
            # what is due and was not begun waits for a place, which wakes this thread
            self._wake.wait(due or LOOKED_EVERY_S)

    def _forget(self) -> None:
        if time.monotonic() - self._forgotten_at > FORGOTTEN_EVERY_S:
            self._forgotten_at = time.monotonic()
            self._sender.forget_old()

    def _failed(self, fault: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            self._log.warning("webhooks_not_sent", reason=str(fault))
