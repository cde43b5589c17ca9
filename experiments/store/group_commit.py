"""Commits together what many threads write at once: one disk sync for all of them.

A commit waits for the disk, and most requests write one row. So the threads of a process lead and
follow: whoever comes while nobody writes becomes the leader and commits; who comes meanwhile queues
and waits, and the next leader, the first of the queue, commits all of theirs in one transaction.
Only the leader waits for another program to let go of a SQLite file for long: threads that waited
with it would be missing where nothing has to be written.
Nobody waits for company, no thread is started, and a thread that returns has its work on the disk.
A crash before the commit has acknowledged nothing.

What fails is undone and done again in halves, so a work that cannot succeed fails alone; works
must therefore bear to be run again. Where the database itself fails, all who wait are told.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from weakref import WeakKeyDictionary, ref

import psycopg
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from experiments.errors import DatabaseLocked, Overloaded, StoreError
from experiments.store.engine import require_writable, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Engine

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_WAITING: Final = 1_000
"""More than this queue and the next is refused: it would be answered too late for anybody."""

MOST_TOGETHER: Final = 250
"""Works of one transaction; who waits for it waits for all of them."""

_LOOK_EVERY_S: Final = 0.5

Keep: TypeAlias = "Callable[[Connection, Sequence[Item]], Sequence[Result]]"
"""Does several works of a kind in a transaction, and gives the result of each, in order."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """One work, from the moment it is queued until its thread goes on.

    Attributes:
        keep: Does it, together with others of the same kind.
        gate: Held until it is settled, or its thread is the next leader.
        is_settled: Whether `result` or `fault` is what became of it.
    """

    keep: Keep[Any, Any]
    item: Any
    gate: Lock
    is_settled: bool = False
    result: Any = None
    fault: Exception | None = None

    def settle(self, result: object, fault: Exception | None = None) -> None:
        self.result, self.fault, self.is_settled = result, fault, True


class GroupCommit:
    """The writers of one process to one store, who share their commits."""

    def __init__(
        self,
        engine: Engine,
        *,
        most_waiting: int = MOST_WAITING,
        most_together: int = MOST_TOGETHER,
    ) -> None:
        """Write to `engine`, which the caller keeps.

        Args:
            engine: The store.
            most_waiting: How many may queue.
            most_together: How many share a transaction.
        """
        self._engine = ref(engine)
        self._most_waiting, self._most_together = most_waiting, most_together
        self._lock = Lock()
        self._queue: deque[_Waiting] = deque()
        self._has_leader = False

    @property
    def waiting(self) -> int:
        """How many queue now."""
        return len(self._queue)

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do a work in a transaction that others share, and give its result once it is committed.

        Args:
            work: Reads and writes by the connection, and nothing else; it may be run several
                times, of which the last counts. If it raises, all that it wrote is undone.

        Raises:
            Overloaded: Too many wait; nothing was done.
            DatabaseLocked: Another program has been writing for long; nothing was done.
            StoreError: The database failed; nothing was stored, unless the connection broke while
                committing, when nobody can know.
            Exception: Whatever the work raised.
        """
        result: Result = self.together(_each, work)
        return result

    def together(self, keep: Keep[Item, Result], item: Item) -> Result:
        """Do the works of a kind that wait together at once; errors as for `run`.

        Args:
            keep: A function of a module, by which works are known to be of one kind.
            item: The work of this thread.
        """
        engine = self._kept_engine()
        require_writable(engine)
        waiting = _Waiting(keep, item, Lock())
        waiting.gate.acquire()
        with self._lock:
            if len(self._queue) >= self._most_waiting:
                raise Overloaded
            self._queue.append(waiting)
            leads, self._has_leader = not self._has_leader, True
        if not leads:
            self._follow(waiting, engine)
        if not waiting.is_settled:
            self._lead(waiting)
        if waiting.fault is not None:
            raise waiting.fault
        result: Result = waiting.result
        return result

    def _follow(self, waiting: _Waiting, engine: Engine) -> None:
        """Wait until a work is settled or its thread leads.

        Raises:
            DatabaseLocked: The leader has waited for another program for long; it goes on alone.
        """
        while not waiting.gate.acquire(timeout=_LOOK_EVERY_S):
            try:
                require_writable(engine)
            except DatabaseLocked:
                with self._lock:
                    # who was made the leader, or whose work is being done, stays
                    if waiting.gate.locked() and waiting in self._queue:
                        self._queue.remove(waiting)
                        raise

    def _lead(self, own: _Waiting) -> None:
        """Commit what is queued, the leader's own work first, and pass the lead on."""
        group: list[_Waiting] = []
        try:
            self._commit(group)
        finally:
            with self._lock:
                # a leader that was interrupted leaves the works of others to the next one
                left = [one for one in group if one is not own and not one.is_settled]
                self._queue.extendleft(reversed(left))
                if own in self._queue:
                    self._queue.remove(own)
                self._has_leader = bool(self._queue)
                if self._queue:
                    self._queue[0].gate.release()
            for one in group:
                if one is not own and one.is_settled:
                    one.gate.release()

    def _commit(self, group: list[_Waiting]) -> None:
        """Do the works in one transaction, or in several where one of them fails.

        Args:
            group: The works; filled from the queue if empty, once the transaction has begun, so
                that whoever came while others wrote comes along.
        """
        try:
            with writing(self._kept_engine()) as connection:
                self._fill(group)
                results = _kept(connection, group)
        except (StoreError, PoolTimeoutError) as fault:
            self._fill(group)
            if len(group) > 1 and isinstance(fault.__cause__, psycopg.errors.DeadlockDetected):
                self._commit_halves(group)
                return
            for one in group:
                one.settle(None, fault)
        except Exception as fault:  # noqa: BLE001  # handed to the thread whose work it is
            self._fill(group)
            if len(group) > 1:
                self._commit_halves(group)
            else:
                group[0].settle(None, fault)
        else:
            for one, result in zip(group, results, strict=True):
                one.settle(result)

    def _fill(self, group: list[_Waiting]) -> None:
        """Take from the queue, if nothing was yet."""
        if not group:
            with self._lock:
                size = min(len(self._queue), self._most_together)
                group.extend(self._queue.popleft() for _ in range(size))

    def _kept_engine(self) -> Engine:
        engine = self._engine()
        assert engine is not None, "the caller of a thread that waits keeps the engine"  # noqa: S101  # no user can cause it
        return engine

    def _commit_halves(self, group: list[_Waiting]) -> None:
        middle = len(group) // 2
        self._commit(group[:middle])
        self._commit(group[middle:])


_groups: Final[WeakKeyDictionary[Engine, GroupCommit]] = WeakKeyDictionary()
_groups_lock: Final = Lock()


def group_commit(engine: Engine) -> GroupCommit:
    """Give the group of this process for a store."""
    group = _groups.get(engine)
    if group is None:
        with _groups_lock:
            group = _groups.setdefault(engine, GroupCommit(engine))
    return group


def _kept(connection: Connection, group: Sequence[_Waiting]) -> list[Any]:
    """Do the works, those of a kind at once, and give their results in the order of the group."""
    kinds: dict[Keep[Any, Any], list[int]] = {}
    for place, one in enumerate(group):
        kinds.setdefault(one.keep, []).append(place)
    results: list[Any] = [None] * len(group)
    for keep, places in kinds.items():
        kept = keep(connection, [group[place].item for place in places])
        for place, result in zip(places, kept, strict=True):
            results[place] = result
    return results


def _each(connection: Connection, works: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    return [work(connection) for work in works]
