"""Writes one line for each request the front answers, a moment later and many at once.

A line costs a system call, which a request should not wait for. Lines are kept for a tenth of a
second and written together; a process that is killed loses those of its last moment, which are a
record of traffic and not of facts.
"""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

import orjson

from app.settings import LogFormat

if TYPE_CHECKING:
    from typing import TextIO

WRITTEN_EVERY_S: Final = 0.1
_MOST: Final = 100_000
"""Lines that wait at most; past that the oldest are dropped, since the disk cannot follow."""


class AccessLog:
    """The lines of one process."""

    def __init__(self, stream: TextIO, form: LogFormat) -> None:
        """Write to `stream`; nothing is started before the first line."""
        self._stream = stream
        self._form = form
        self._waiting: deque[tuple[float, str, str, str, int, float, str | None]] = deque(
            maxlen=_MOST
        )
        self._dropped = 0
        self._some = Event()
        self._lock = Lock()
        self._thread: Thread | None = None

    def add(
        self,
        *,
        trace_id: str,
        method: str,
        route: str,
        status: int,
        seconds: float,
        key_id: str | None,
    ) -> None:
        """Have a line written soon."""
        if len(self._waiting) == _MOST:
            self._dropped += 1
        self._waiting.append((time.time(), trace_id, method, route, status, seconds, key_id))
        if not self._some.is_set():
            self._some.set()
            if self._thread is None:
                self._start()

    @property
    def waiting(self) -> int:
        """How many lines wait."""
        return len(self._waiting)

    @property
    def dropped(self) -> int:
        """How many lines were not written, since the stream could not follow."""
        return self._dropped

    def flush(self) -> None:
        """Write what waits, now."""
        with self._lock:
            lines = []
            while self._waiting:
                lines.append(self._line(*self._waiting.popleft()))
            if lines:
                self._stream.write("".join(lines))
                self._stream.flush()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._write, name="access-log", daemon=True)
                self._thread.start()
                # a worker process ends without Python's own exit functions
                Finalize(self, self.flush, exitpriority=0)

    def _write(self) -> None:
        while True:
            self._some.wait()
            time.sleep(WRITTEN_EVERY_S)
            self._some.clear()
            self.flush()

    def _line(  # the columns of a line
        self,
        at: float,
        trace_id: str,
        method: str,
        route: str,
        status: int,
        seconds: float,
        key_id: str | None,
    ) -> str:
        moment = datetime.fromtimestamp(at, UTC)
        ms = round(seconds * 1000, 2)
        match self._form:
            case LogFormat.JSON:
                values = {
                    "method": method,
                    "route": route,
                    "status": status,
                    "ms": ms,
                    "key_id": key_id,
                    "event": "request",
                    "trace_id": trace_id,
                    "level": "info",
                    "timestamp": moment,
                }
                return orjson.dumps(values, option=orjson.OPT_UTC_Z).decode() + "\n"
            case LogFormat.TEXT:
                return (
                    f"{moment:%Y-%m-%dT%H:%M:%S.%fZ} [info     ] {'request':<30} key_id={key_id} "
                    f"method={method} ms={ms} route={route} status={status} trace_id={trace_id}\n"
                )
