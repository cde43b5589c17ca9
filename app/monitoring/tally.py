"""Counts in memory what one process does: the part of monitoring that requests pay for.

One short lock for each request and one for all answers of a bulk request; whoever wants the figures
copies them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

from app.monitoring.figures import Figures, Key
from app.monitoring.series import (
    BOUNDS_S,
    DURATION,
    EVALUATIONS,
    EVENTS,
    GRANTS,
    METHODS,
    NO_ROUTE,
    OTHER_METHOD,
    REQUESTS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from experiments.outcomes import Outcome
    from experiments.serving import OfferAnswer


class Tally:
    """What one process has counted since it began."""

    def __init__(self, begun: Callable[[], None]) -> None:
        """Begin at zero.

        Args:
            begun: Called at the first request of each route, which is when more can be done than
                at every request.
        """
        self._begun = begun
        self._lock = Lock()
        self._requests: dict[tuple[str, str, int], int] = {}
        self._durations: dict[str, list[float]] = {}
        self._evaluations: Counter[tuple[str, str]] = Counter()
        self._events: Counter[tuple[str, str]] = Counter()
        self._grants: Counter[tuple[str, str]] = Counter()
        self._rounds = 0

    def answered(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            route: Its rule; None where nothing is at the address.
            method: As it came.
            status: Of the answer.
            seconds: What it took.
        """
        route = route or NO_ROUTE
        key = (route, method if method in METHODS else OTHER_METHOD, status)
        place = bisect_left(BOUNDS_S, seconds)
        with self._lock:
            self._requests[key] = self._requests.get(key, 0) + 1
            durations = self._durations.get(route)
            if is_first := durations is None:
                durations = self._durations[route] = [0] * len(BOUNDS_S) + [0.0]
            durations[place] += 1
            durations[-1] += seconds
        if is_first:
            self._begun()

    def evaluated(self, answers: Sequence[OfferAnswer]) -> None:
        """Count the answers of a request, all of them at once."""
        if len(answers) == 1:
            one = (answers[0][0].key, answers[0][1])
            with self._lock:
                self._rounds += 1
                self._evaluations[one] = self._evaluations.get(one, 0) + 1
            return
        found = [(answer[0].key, answer[1]) for answer in answers]
        with self._lock:
            self._rounds += 1
            self._evaluations.update(found)

    def took_in(self, kind: str, outcomes: Mapping[Outcome, int]) -> None:
        """Count events by what became of them."""
        with self._lock:
            for outcome, number in outcomes.items():
                self._events[kind, outcome] += number

    def granted(self, orders: Mapping[tuple[str, str], int]) -> None:
        """Count orders for rewards by what was asked for and what became of it."""
        with self._lock:
            for asked, number in orders.items():
                self._grants[asked] += number

    @property
    def rounds(self) -> int:
        """How many requests were answered with offers."""
        return self._rounds

    def figures(self) -> Figures:
        """Give what was counted so far."""
        counters: dict[Key, float] = {}
        with self._lock:
            requests, evaluations = self._requests.copy(), self._evaluations.copy()
            events, grants = self._events.copy(), self._grants.copy()
            durations = {route: [*values] for route, values in self._durations.items()}
        for (route, method, status), number in requests.items():
            counters[REQUESTS.name, route, method, str(status)] = number
        for (campaign, reason), number in evaluations.items():
            counters[EVALUATIONS.name, campaign, str(reason)] = number
        for (kind, outcome), number in events.items():
            counters[EVENTS.name, str(kind), str(outcome)] = number
        for (action, outcome), number in grants.items():
            counters[GRANTS.name, action, outcome] = number
        histograms: dict[Key, list[float]] = {
            (DURATION.name, route): values for route, values in durations.items()
        }
        return Figures(counters, histograms)
