"""Takes in exposures and conversions: what came is read, recorded, and answered item by item.

What is answered as accepted is committed. Bodies that are worked on together are bounded by the
gate of the process, which a request enters only once its whole body is there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, assert_never

import orjson

from app.errors import MemberMismatch, field_error
from app.front.arriving import MULTI_STATUS, OK, arriving
from app.front.events_body import UnreadableLine
from app.front.exchange import Reply
from experiments.intake import ID_FIELDS
from experiments.outcomes import Outcome, Results
from experiments.quarantining import Kind, RefusedText, put_aside
from experiments.recording import record_conversions, record_exposures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.front.desk import Desk
    from app.front.events_body import EventsBody
    from app.front.exchange import Call
    from app.wiring import Wiring
    from experiments.arrival import Arrival
    from experiments.errors import Problem

EXPOSURES: Final = "/v1/exposures"
CONVERSIONS: Final = "/v1/conversions"


def report_exposures(desk: Desk, call: Call) -> Reply:
    """Take in the exposures of a request; faults as for `receive`."""
    return receive(desk, Kind.EXPOSURE, call)


def report_conversions(desk: Desk, call: Call) -> Reply:
    """Take in the conversions of a request; faults as for `receive`."""
    return receive(desk, Kind.CONVERSION, call)


def receive(desk: Desk, kind: Kind, call: Call) -> Reply:
    """Take in the events of a request.

    Raises:
        Overloaded: This process has as much in work as it takes on.
        UnsupportedMediaType, BodyTooLarge, MalformedBody: The body cannot be read.
        InvalidValues: One object came and is refused, or the body is neither object nor list.
        MemberMismatch: An item is not about the only member that the request may speak of.
    """
    parts = desk.wiring
    with arriving(parts, call) as arrived:
        results = take(parts, kind, arrived.body, arrived.arrival, only_member=call.member_id)
        counts = Counter(results.outcomes)
        desk.monitor.tally.took_in(kind, counts)
        return Reply(*answer(results, counts))


def take(
    parts: Wiring,
    kind: Kind,
    body: EventsBody,
    arrival: Arrival,
    *,
    only_member: str | None = None,
) -> Results:
    """Record what came; give what became of each item.

    Raises:
        InvalidValues: One object came alone and is refused; nothing was stored.
        MemberMismatch: An item is not about `only_member`; nothing was stored.
    """
    if only_member is not None:
        _require_member(body, only_member)
    return _recorded(parts, kind, body, _timely(parts, arrival))


def answer(results: Results, counts: Counter[Outcome]) -> tuple[int, bytes]:
    """Give the status and the body that say what became of each item, and of all."""
    problems = results.problems
    body = {
        "accepted": counts[Outcome.ACCEPTED],
        "duplicates": counts[Outcome.DUPLICATE],
        "quarantined": counts[Outcome.QUARANTINED],
        "suppressed": counts[Outcome.SUPPRESSED],
        "results": [
            {
                "index": index,
                "id": results.item_id(index),
                "outcome": outcome,
                "errors": list(map(field_error, problems[index])) if index in problems else (),
            }
            for index, outcome in enumerate(results.outcomes)
        ],
    }
    return (MULTI_STATUS if counts[Outcome.QUARANTINED] else OK), orjson.dumps(body)


def _require_member(body: EventsBody, member_id: str) -> None:
    """Refuse the whole body where any item might be about somebody else.

    Nothing of it is quarantined: a browser could otherwise leave data of others there.
    """
    for item in body.items:
        if not isinstance(item, dict) or item.get("member_id") != member_id:
            raise MemberMismatch


def _timely(parts: Wiring, arrival: Arrival) -> Arrival:
    """Give the arrival with the earliest time that the programme takes events from."""
    programme = parts.serving.watch.listing().programme
    if programme is None or programme.accept_events_for_days is None:
        return arrival
    days = timedelta(days=programme.accept_events_for_days)
    return replace(arrival, not_before=arrival.now - days)


def _recorded(parts: Wiring, kind: Kind, body: EventsBody, arrival: Arrival) -> Results:
    unreadable = [item for item in body.items if isinstance(item, UnreadableLine)]
    if not unreadable:
        return _record(parts, kind, body.items, arrival, alone=body.single)
    # before the rest: what was put aside twice, since the request was repeated, is there once
    put_aside(
        parts.engine,
        kind,
        [RefusedText(line.text, (line.problem,)) for line in unreadable],
        arrival,
    )
    problems: dict[int, tuple[Problem, ...]] = {line.index: (line.problem,) for line in unreadable}
    places = [index for index in range(len(body.items)) if index not in problems]
    recorded = _record(parts, kind, [body.items[index] for index in places], arrival, alone=False)
    outcomes = [Outcome.QUARANTINED] * len(body.items)
    for place, result in zip(places, recorded, strict=True):
        outcomes[place] = result.outcome
        if result.problems:
            problems[place] = result.problems
    return Results(body.items, ID_FIELDS[kind], outcomes, problems)


def _record(
    parts: Wiring, kind: Kind, items: Sequence[object], arrival: Arrival, *, alone: bool
) -> Results:
    match kind:
        case Kind.EXPOSURE:
            # a moment old; nothing is refused by it before the store was asked
            listing = parts.serving.watch.listing()
            return record_exposures(
                parts.engine, parts.directory, items, arrival, alone=alone, listing=listing
            )
        case Kind.CONVERSION:
            return record_conversions(parts.engine, items, arrival, alone=alone)
        case _:
            assert_never(kind)
