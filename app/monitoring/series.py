"""Every series that is shown at `/metrics`: one row of `TABLE` each.

`docs/reference/monitoring.md` has the same rows (a test compares them). No label holds what a
caller can make up: routes are rules, campaigns exist, methods and reasons are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Shape(StrEnum):
    """How a series behaves, and with it how those of several processes become one."""

    COUNTER = "counter"
    """Only grows; the sum, ended processes included."""

    HISTOGRAM = "histogram"
    """Counts by size; as a counter."""

    TOTAL = "gauge (sum)"
    """The sum over the processes that live."""

    HIGHEST = "gauge (highest)"
    """The highest of the processes that live."""

    SHARED = "gauge"
    """The same whichever process is asked."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series.

    Attributes:
        name: As a query names it; for a histogram without the endings that it has there.
        shape: How it behaves.
        labels: What it is split by.
        meaning: What is counted.
    """

    name: str
    shape: Shape
    labels: tuple[str, ...]
    meaning: str


REQUESTS: Final = Series(
    "tierlift_requests_total",
    Shape.COUNTER,
    ("route", "method", "status"),
    "Requests that were answered.",
)
DURATION: Final = Series(
    "tierlift_request_duration_seconds",
    Shape.HISTOGRAM,
    ("route",),
    "Time from a request's head to its answer, without sending it.",
)
EVALUATIONS: Final = Series(
    "tierlift_evaluations_total",
    Shape.COUNTER,
    ("campaign", "reason"),
    "Offers that were answered; a bulk request counts each campaign.",
)
EVENTS: Final = Series(
    "tierlift_events_total",
    Shape.COUNTER,
    ("kind", "outcome"),
    "Events that came over HTTP: accepted, duplicate, quarantined, or suppressed after an erasure.",
)
GRANTS: Final = Series(
    "tierlift_grants_total",
    Shape.COUNTER,
    ("action", "outcome"),
    "Orders for rewards: accepted, duplicate (a repeat), or the code of the refusal.",
)
LOG_LINES_DROPPED: Final = Series(
    "tierlift_log_lines_dropped_total",
    Shape.COUNTER,
    (),
    "Lines about requests that were not written, since the log could not follow.",
)
CATALOGUE_AGE: Final = Series(
    "tierlift_catalogue_age_seconds",
    Shape.HIGHEST,
    (),
    "Time since the store confirmed the campaigns that offers are answered from; 0 in a process "
    "that has answered none for a minute.",
)
WRITES_WAITING: Final = Series(
    "tierlift_writes_waiting",
    Shape.TOTAL,
    (),
    "Requests that wait for their turn to be committed.",
)
EVENTS_IN_WORK: Final = Series(
    "tierlift_events_in_work_bytes",
    Shape.TOTAL,
    (),
    "Bodies of events that are being worked on.",
)
LOG_LINES_WAITING: Final = Series(
    "tierlift_log_lines_waiting",
    Shape.TOTAL,
    (),
    "Lines about requests that wait to be written.",
)
WORKERS: Final = Series(
    "tierlift_workers",
    Shape.TOTAL,
    (),
    "Processes that live and have answered a request.",
)
QUARANTINE_OPEN: Final = Series(
    "tierlift_quarantine_open_items",
    Shape.SHARED,
    ("kind",),
    "Refused events that wait in quarantine to be corrected, replayed or discarded.",
)
BUILD: Final = Series(
    "tierlift_build_info",
    Shape.SHARED,
    ("version", "python"),
    "Always 1; its labels say which version of Tierlift answers, and on which Python.",
)

TABLE: Final = (
    REQUESTS,
    DURATION,
    EVALUATIONS,
    EVENTS,
    GRANTS,
    QUARANTINE_OPEN,
    CATALOGUE_AGE,
    WRITES_WAITING,
    EVENTS_IN_WORK,
    LOG_LINES_WAITING,
    LOG_LINES_DROPPED,
    WORKERS,
    BUILD,
)

BOUNDS_S: Final = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf")),
)
"""Upper bounds of the histogram, in seconds."""

NO_ROUTE: Final = "(none)"
"""Route of an address that nothing answers."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD: Final = "other"
