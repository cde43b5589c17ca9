"""Keeps one thread free of senders whose bodies come slowly.

A request that reads its body waits for it, and with it a thread. A few senders on a bad line, or
one who means ill, would hold them all; so the last thread is left to requests without a body, and
who comes with one meanwhile is told when to come again.
"""

from __future__ import annotations

from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from experiments.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Read = TypeVar("Read", bytes, list[bytes])

SLOW_AFTER_S: Final = 1.0
"""Bodies are small and come with their head: what takes longer comes slowly."""

_LONGEST_WAIT_S: Final = 5.0
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of which no address here reads a body."""


class SlowBodies:
    """A WSGI application whose requests read their bodies a few at a time."""

    def __init__(self, inner: WSGIApplication, most: int) -> None:
        """Stand before `inner`, which runs on more threads than `most`, who may read at once."""
        self._inner = inner
        self._most = most
        self._changed = Condition()
        self._since: dict[object, float] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] not in _BODILESS:
            environ["wsgi.input"] = _Body(environ["wsgi.input"], self)
        return self._inner(environ, start_response)

    def read(self, read: Callable[[int], Read], size: int) -> Read:
        """Read from a body, if there is a place.

        Raises:
            Overloaded: The bodies of as many others come slowly as may.
        """
        reader = object()
        with self._changed:
            self._wait_for_place()
            self._since[reader] = monotonic()
        try:
            return read(size)
        finally:
            with self._changed:
                del self._since[reader]
                self._changed.notify()

    def _wait_for_place(self) -> None:
        """Wait while those who read have not all turned out to be slow."""
        deadline = monotonic() + _LONGEST_WAIT_S
        while len(self._since) >= self._most:
            now = monotonic()
            left = min(max(self._since.values()) + SLOW_AFTER_S, deadline) - now
            if left <= 0:
                raise Overloaded
            self._changed.wait(left)


class _Body:
    """The body of one request; like a file, as far as WSGI asks for it."""

    __slots__ = ("_bodies", "_stream")

    def __init__(self, stream: Any, bodies: SlowBodies) -> None:  # noqa: ANN401  # the server's own
        self._stream, self._bodies = stream, bodies

    def read(self, size: int = -1) -> bytes:
        read: Callable[[int], bytes] = self._stream.read
        return self._bodies.read(read, size)

    def readline(self, size: int = -1) -> bytes:
        read: Callable[[int], bytes] = self._stream.readline
        return self._bodies.read(read, size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return self._bodies.read(self._stream.readlines, hint)

    def __iter__(self) -> Any:  # noqa: ANN401  # of lines
        return iter(self.readline, b"")
