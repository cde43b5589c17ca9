"""What a process counts, while many threads count."""

from __future__ import annotations

from threading import Thread

from app.monitoring.series import BOUNDS_S, DURATION, REQUESTS
from app.monitoring.tally import Tally

ROUTE = "/v1/members/<path:member_id>/offer"


def nothing() -> None:
    """Be told that something began."""


def test_nothing_is_lost_between_threads() -> None:
    """Requests that many threads count at once are all counted."""
    tally = Tally(nothing)

    def count() -> None:
        for _ in range(2_000):
            tally.answered(ROUTE, "GET", 200, 0.001)

    threads = [Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    figures = tally.figures()
    assert figures.counters[REQUESTS.name, ROUTE, "GET", "200"] == 16_000
    assert sum(figures.histograms[DURATION.name, ROUTE][:-1]) == 16_000


def test_a_label_holds_nothing_that_a_caller_makes_up() -> None:
    """Unknown methods are one method, and addresses at which nothing is are one route."""
    tally = Tally(nothing)
    for number in range(100):
        tally.answered(None, f"M{number}", 404, 0.001)

    counters = tally.figures().counters
    assert counters == {(REQUESTS.name, "(none)", "other", "404"): 100}


def test_a_duration_is_in_the_bucket_that_it_does_not_exceed() -> None:
    """A bound is the longest time that its bucket counts, and nothing is too long for the last."""
    tally = Tally(nothing)
    for seconds in (0.0005, 0.000501, 10.0, 11.0):
        tally.answered(ROUTE, "GET", 200, seconds)

    values = tally.figures().histograms[DURATION.name, ROUTE]
    found = {bound: number for bound, number in zip(BOUNDS_S, values, strict=False) if number}
    assert found == {0.0005: 1, 0.001: 1, 10.0: 1, float("inf"): 1}
    assert abs(values[-1] - 21.001001) < 1e-9


def test_what_was_given_does_not_change() -> None:
    """Figures that were asked for stay what they were while counting goes on."""
    tally = Tally(nothing)
    tally.answered(ROUTE, "GET", 200, 0.001)
    before = tally.figures()
    tally.answered(ROUTE, "GET", 200, 0.001)

    assert before.counters[REQUESTS.name, ROUTE, "GET", "200"] == 1
    assert sum(before.histograms[DURATION.name, ROUTE][:-1]) == 1
