"""Lets in a request that reports facts: through the gate, its body read, its arrival dated.

What is done with each item is decided by whoever asked: `app.front.events`, `app.front.grants`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.front.events_body import is_compressed, read_events
from experiments.arrival import Arrival

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.front.events_body import EventsBody
    from app.front.exchange import Call
    from app.wiring import Wiring

BATCH_LIMIT: Final = 10_000
"""Items in one request, which are one transaction: others wait for it."""

OK: Final = 200
MULTI_STATUS: Final = 207


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a request brought.

    Attributes:
        body: Its items, each still to be judged by itself.
        arrival: When they came, and by which key.
    """

    body: EventsBody
    arrival: Arrival


@contextmanager
def arriving(parts: Wiring, call: Call) -> Iterator[Arrived]:
    """Give what a request brought, and keep its weight inside the gate while the block runs.

    Raises:
        Overloaded: This process has as much in work as it takes on.
        UnsupportedMediaType, BodyTooLarge, MalformedBody: The body cannot be read.
        InvalidValues: The body is neither object nor list.
    """
    limit_bytes = parts.settings.max_body_bytes
    encoding = call.header("CONTENT_ENCODING")
    # before the gate: a client that sends slowly must not keep others out
    raw = call.body()
    with parts.events_gate.passing(limit_bytes if is_compressed(encoding) else len(raw)):
        body = read_events(
            raw,
            call.header("CONTENT_TYPE"),
            encoding,
            limit_items=BATCH_LIMIT,
            limit_bytes=limit_bytes,
            is_measured=bool(call.header("CONTENT_LENGTH")),
        )
        # not `call.now`, when only the head of the request was there
        key_id = call.key.key_id if call.key is not None else None
        yield Arrived(body, Arrival(parts.clock(), key_id))
