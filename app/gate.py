"""Bounds how much of one kind of work a process takes on at once, and refuses the rest at once.

A queue that grows is answered too late for anybody; whoever is refused is told when to come again.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from experiments.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """Lets through what together is not too much."""

    def __init__(self, limit_bytes: int) -> None:
        """Let at most `limit_bytes` be inside together."""
        self.limit_bytes = limit_bytes
        self._lock = Lock()
        self._inside = 0

    @property
    def inside_bytes(self) -> int:
        """What is inside now."""
        return self._inside

    @contextmanager
    def passing(self, size_bytes: int) -> Iterator[None]:
        """Be inside for as long as the block runs; something that comes alone is never too much.

        Args:
            size_bytes: What it weighs; come when all of it is there, so that nobody waits inside.

        Raises:
            Overloaded: With what is inside it would be too much.
        """
        with self._lock:
            if self._inside and self._inside + size_bytes > self.limit_bytes:
                raise Overloaded
            self._inside += size_bytes
        try:
            yield
        finally:
            with self._lock:
                self._inside -= size_bytes
