"""Events over HTTP: how many a second are kept, beside inserting the same rows and nothing else.

The limit is the driver's own ``executemany`` of the same rows into the same table, with the same
settings and as many commits, in a copy of the same database. It checks nothing, knows no repeats
and answers nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import orjson
from load import load, post
from measurement import Subject, measure
from programme import ANALYSED
from serving import PRODUCT, served

from experiments.store.tables import conversions, exposures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from measurement import Result
    from programme import Filled
    from sqlalchemy import Table
    from stores import Inserter

BATCH: Final = 1_000
BATCHES: Final = 10
SINGLES: Final = 200


def measure_events(
    filled: Filled, url: str, limit: Inserter, *, rounds: int, workers: int, directory: Path
) -> list[Result]:
    """Measure exposures and conversions, in batches and one by one, each beside its limit.

    Every event is new: the demonstration's own, under ids of this run.

    Args:
        filled: What the database holds.
        url: Its address.
        limit: Inserts into a copy of it.
        rounds: How often.
        workers: Server processes.
        directory: For the server's log.
    """
    kinds = (
        ("exposures", exposures, _renamed(filled.exposures, "exposure_id"), _exposure_row),
        (
            "conversions",
            conversions,
            _renamed(filled.conversions, "conversion_id"),
            _conversion_row,
        ),
    )
    subjects = []
    with served(PRODUCT, url=url, workers=workers, log=directory / "events.log") as port:
        for name, table, events, as_row in kinds:
            for form, count, size in (("batches", BATCH * BATCHES, BATCH), ("singles", SINGLES, 1)):
                bare = f"{name}, executemany, {size} a commit"
                sent = _sending(port, f"/v1/{name}", filled.token, events, count, size)
                inserted = _inserting(limit, table, events, as_row, count, size)
                subjects.append(Subject(bare, inserted))
                subjects.append(Subject(f"{name} in {form}", sent, (bare,)))
        return measure(subjects, unit="events/s", rounds=rounds)


def _sending(
    port: int, path: str, token: str, events: Iterator[dict[str, Any]], count: int, size: int
) -> Callable[[int], float]:
    """Give a run that sends new events, one request after another, and counts those accepted."""

    def run(_number: int) -> float:
        some = list(islice(events, count))
        batches = [some[start : start + size] for start in range(0, count, size)]
        bodies = [batch[0] if size == 1 else batch for batch in batches]
        requests = [post(path, token, orjson.dumps(body)) for body in bodies]
        return count / load(port, requests, connections=1).seconds

    return run


def _inserting(
    limit: Inserter,
    table: Table,
    events: Iterator[dict[str, Any]],
    as_row: Callable[[Mapping[str, Any]], dict[str, Any]],
    count: int,
    size: int,
) -> Callable[[int], float]:
    """Give a run that inserts new events."""

    def run(_number: int) -> float:
        insert = limit.prepare(table, [as_row(event) for event in islice(events, count)], size)
        began = perf_counter()
        insert()
        return count / (perf_counter() - began)

    return run


def _renamed(events: tuple[dict[str, Any], ...], id_name: str) -> Iterator[dict[str, Any]]:
    """Give events without end, each under an id that was never used."""
    for number, event in enumerate(cycle(events)):
        yield event | {id_name: f"bench-{event[id_name]}-{number}"}


def _exposure_row(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "exposure_id": event["exposure_id"],
        "campaign_key": ANALYSED,
        "phase": 1,
        "variant": event["variant"],
        "member_id": event["member_id"],
        "unit_id": event["member_id"],
        "exposed_at": datetime.fromisoformat(event["exposed_at"]),
        "received_at": datetime.now(UTC),
        "sender": "bench",
    }


def _conversion_row(event: Mapping[str, Any]) -> dict[str, Any]:
    properties = event.get("properties")
    return {
        "conversion_id": event["conversion_id"],
        "member_id": event["member_id"],
        "event": event["event"],
        "occurred_at": datetime.fromisoformat(event["occurred_at"]),
        "received_at": datetime.now(UTC),
        "amount_minor": event.get("amount_minor"),
        "currency": event.get("currency"),
        "properties": None if properties is None else orjson.dumps(properties).decode(),
        "sender": "bench",
    }
