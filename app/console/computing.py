"""Computes beside the requests what takes long, so that a page is there at once.

A question is asked by its words, and computed once however many ask it. Whoever asks waits for as
long as they have patience; until it is answered, their page says so and asks again. An answer is
kept for a while. Each process has its own: another one computes it once more.
"""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillComputing
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import current_app

from app.console.context import wiring

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

AT_ONCE: Final = 2
"""Questions that a process computes at a time; more wait for their turn."""

KEPT_S: Final = 300.0
RECENT_S: Final = 60.0

PATIENCE: Final = "CONSOLE_PATIENCE_S"
"""In the application's configuration: how long the part of a page waits."""

PATIENCE_S: Final = 2.0
MOST_KEPT: Final = 256

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Answered(Generic[AnswerT]):
    """An answer.

    Attributes:
        at: As of when it holds.
        known_s: When it was there, on the clock of the process.
    """

    answer: AnswerT
    at: datetime
    known_s: float


@dataclass(frozen=True, slots=True)
class Asking:
    """How a page asks.

    Attributes:
        now: Aware UTC: the moment as of which it would be computed.
        patience_s: How long to wait for the answer; None for as long as it takes.
        newest_s: An answer older than this is computed anew.
    """

    now: datetime
    patience_s: float | None = 0.0
    newest_s: float = KEPT_S

    @classmethod
    def at_sight(cls) -> Asking:
        """Ask for a page that must be there at once: whatever is known."""
        return cls(wiring().clock())

    @classmethod
    def patiently(cls, newest_s: float = RECENT_S) -> Asking:
        """Ask for a part of a page, which may wait a little."""
        return cls(wiring().clock(), current_app.config.get(PATIENCE, PATIENCE_S), newest_s)

    @classmethod
    def until_known(cls) -> Asking:
        """Ask for an act that depends on the answer."""
        return cls(wiring().clock(), None, RECENT_S)


class Computations:
    """The questions of one store that are computed, or were lately."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._begun: dict[str, Future[Answered[Any]]] = {}

    def ask(
        self, question: str, compute: Callable[[], AnswerT], asking: Asking
    ) -> Answered[AnswerT] | None:
        """Give the answer, or None while it is being computed.

        Whatever `compute` raises is raised to whoever is waiting or asks next, and forgotten then.

        Args:
            question: All that the answer depends on, but for what members and facts there are.
            compute: Called in another thread, unless it is known.
            asking: How long to wait, and what is new enough.
        """
        with self._lock:
            begun = self._begun.get(question)
            if begun is None or self._is_old(begun, asking.newest_s):
                begun = self._begun[question] = Future()
                computing = (begun, compute, asking.now)
                Thread(target=_compute, args=computing, name="computing", daemon=True).start()
                self._forget_some()
        try:
            return cast("Answered[AnswerT]", begun.result(asking.patience_s))
        except StillComputing:
            if begun.done():  # it was the computation that ran out of time
                self._forget(question, begun)
                raise
            return None
        except BaseException:
            self._forget(question, begun)
            raise

    @staticmethod
    def _is_old(begun: Future[Answered[Any]], newest_s: float) -> bool:
        if not begun.done() or begun.exception() is not None:
            return False
        return monotonic() - begun.result().known_s > newest_s

    def _forget(self, question: str, begun: Future[Answered[Any]]) -> None:
        with self._lock:
            if self._begun.get(question) is begun:
                del self._begun[question]

    def _forget_some(self) -> None:
        done = [name for name, begun in self._begun.items() if begun.done()]
        for name in done[: max(0, len(self._begun) - MOST_KEPT)]:
            del self._begun[name]


_turns: Final = BoundedSemaphore(AT_ONCE)
_lock: Final = Lock()
_of_engine: WeakKeyDictionary[Engine, Computations] = WeakKeyDictionary()


def _compute(
    begun: Future[Answered[AnswerT]], compute: Callable[[], AnswerT], now: datetime
) -> None:
    """Answer a question once it is its turn; a process that ends does not wait for it."""
    with _turns:
        try:
            begun.set_result(Answered(compute(), now, monotonic()))
        except BaseException as error:  # noqa: BLE001  # raised to whoever asks
            begun.set_exception(error)


def computations_of(engine: Engine) -> Computations:
    """Give what is computed of a store in this process."""
    with _lock:
        return _of_engine.setdefault(engine, Computations())
