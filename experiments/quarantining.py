"""Works on what was refused: looks at it, replays it as it came or corrected, or discards it.

A replay is recorded by the rules of any other event, and repeats are harmless there, so an item is
recorded first and settled after: whoever is interrupted in between replays it again. An item that
said no time happened when it arrived; one with a time of its own is judged by the clock of now, and
however late it is, since a person has looked at it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

import orjson

from experiments.arrival import Arrival
from experiments.errors import AlreadySettled, InvalidValues, Problem, UnknownQuarantined
from experiments.outcomes import ItemResult, Outcome
from experiments.recording import record_conversions, record_exposures
from experiments.store.audit import Change, SubjectKind, note_change
from experiments.store.engine import reading, writing
from experiments.store.quarantine import (
    Kind,
    Quarantined,
    QuarantineState,
    Settlement,
    Which,
    count_quarantine,
    find_quarantined,
    quarantine_items,
    read_quarantine,
    read_quarantine_upwards,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.directory import Directory
    from experiments.lifecycle import Act

__all__ = ["Kind", "QuarantineState", "Quarantined", "Settlement", "Which"]

MAX_REASON: Final = 2_000
MOST_SORTED: Final = 1_000
"""Items that are sorted by reason at once."""

MAX_REPLAYED: Final = 1_000
"""Items that one call replays; whoever wants more goes on where it ended."""

_TIME_FIELDS: Final = ("occurred_at", "exposed_at")


@dataclass(frozen=True, slots=True)
class RefusedText:
    """Something that came and could not be read.

    Attributes:
        text: As it came.
        problems: Every reason.
    """

    text: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of an item that was replayed.

    Attributes:
        number: Of the item.
        outcome: ACCEPTED or DUPLICATE, and it is settled; QUARANTINED, and it is open as before.
        problems: Every reason why it is refused still.
    """

    number: int
    outcome: Outcome
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ManyReplayed:
    """What became of the items that one call replayed.

    Attributes:
        replays: One for each, the oldest first.
        next_after: The number to go on after; None when that were all.
    """

    replays: tuple[Replay, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """Why items were refused.

    Attributes:
        items: How many are open for it; 0 where nobody counted.
    """

    kind: Kind
    field: str
    message: str
    items: int = 0


def put_aside(engine: Engine, kind: Kind, texts: Sequence[RefusedText], arrival: Arrival) -> None:
    """Keep what could not even be read in the quarantine."""
    items = [
        Quarantined(kind, None, one.text, one.problems, arrival.now, arrival.sender)
        for one in texts
    ]
    with writing(engine) as connection:
        quarantine_items(connection, items)


def list_quarantine(
    engine: Engine, which: Which, *, before: int | None = None, limit: int = 100
) -> tuple[Quarantined, ...]:
    """Give items, the newest first; those before the number `before`, at most `limit`."""
    with reading(engine) as connection:
        return read_quarantine(connection, which, before=before, limit=limit)


def open_items(engine: Engine) -> dict[Kind, int]:
    """Give how many items of each kind wait."""
    with reading(engine) as connection:
        return count_quarantine(connection, QuarantineState.OPEN)


def open_reasons(engine: Engine) -> tuple[RefusalReason, ...]:
    """Give why open items were refused, the commonest reason first, by their first problem.

    Only the newest `MOST_SORTED` are looked at.
    """
    items = list_quarantine(engine, Which(state=QuarantineState.OPEN), limit=MOST_SORTED)
    counted = Counter(map(reason_of, items))
    return tuple(replace(reason, items=number) for reason, number in counted.most_common())


def reason_of(item: Quarantined) -> RefusalReason:
    """Give why an item was refused: its kind, the field of its first problem, what was wrong."""
    first = item.problems[0] if item.problems else Problem("", None, "")
    return RefusalReason(item.kind, first.field, first.message)


def show_quarantined(engine: Engine, number: int) -> Quarantined:
    """Give an item.

    Raises:
        UnknownQuarantined: There is none with this number.
    """
    with reading(engine) as connection:
        return _found(connection, number)


def replay(
    engine: Engine, directory: Directory, number: int, act: Act, *, correction: object = None
) -> Replay:
    """Record an item as it came, or a correction of it in its place.

    Args:
        engine: The store.
        directory: This process's listing of campaigns.
        number: Of the item.
        act: Who does it, and when.
        correction: The whole corrected item, as values of JSON.

    Returns:
        What became of it: DUPLICATE where its fact was there already.

    Raises:
        UnknownQuarantined: There is none with this number.
        InvalidValues: It is refused still; nothing was stored, and the item is open as before.
        AlreadySettled: It was discarded, or replayed with another correction.
    """
    item = show_quarantined(engine, number)
    text = None if correction is None else orjson.dumps(correction).decode()
    if item.settlement is not None:
        _require_same(number, item.settlement, text)
        return Replay(number, Outcome.DUPLICATE)
    value = _value_of(item) if correction is None else correction
    (result,) = _record(engine, directory, item.kind, [value], _arrival(item, value, act), one=True)
    settlement = Settlement(QuarantineState.REPLAYED, act.now, act.actor, correction=text)
    with writing(engine) as connection:
        settle(connection, [number], settlement)
        standing = _found(connection, number).settlement
        if standing == settlement:
            _note(connection, str(number), act, settlement, corrected=text is not None)
    if standing is not None and standing.correction != text:
        way_out = "What you sent was recorded as well; look at both facts."
        raise AlreadySettled(number, str(standing.state), standing.by, way_out)
    return Replay(number, result.outcome)


def replay_all(
    engine: Engine,
    directory: Directory,
    which: Which,
    act: Act,
    *,
    after: int = 0,
    limit: int = MAX_REPLAYED,
    reason: RefusalReason | None = None,
) -> ManyReplayed:
    """Record open items as they came, the oldest first; those that are refused still stay open.

    Args:
        engine: The store.
        directory: This process's listing of campaigns.
        which: Only these, and of them those that are open.
        act: Who does it, and when.
        after: Only items with a higher number: where the call before ended.
        limit: At most this many are looked at.
        reason: Only those that were refused for it.
    """
    with reading(engine) as connection:
        waiting = replace(which, state=QuarantineState.OPEN)
        items = read_quarantine_upwards(connection, waiting, after=after, limit=limit)
    last = _number(items[-1]) if len(items) == limit else None
    if reason is not None:
        items = tuple(item for item in items if reason_of(item) == replace(reason, items=0))
    replays: dict[int, Replay] = {}
    groups: dict[tuple[Kind, Arrival], list[tuple[int, object]]] = {}
    for item in items:
        number = _number(item)
        try:
            value = _value_of(item)
        except InvalidValues as error:
            replays[number] = Replay(number, Outcome.QUARANTINED, error.problems)
            continue
        group = (item.kind, _arrival(item, value, act))
        groups.setdefault(group, []).append((number, value))
    for (kind, arrival), members in groups.items():
        values = [value for _, value in members]
        results = _record(engine, directory, kind, values, arrival, one=False)
        for (number, _), result in zip(members, results, strict=True):
            replays[number] = Replay(number, result.outcome, result.problems)
    taken = sorted(one.number for one in replays.values() if one.outcome is not Outcome.QUARANTINED)
    if taken:
        with writing(engine) as connection:
            settlement = Settlement(QuarantineState.REPLAYED, act.now, act.actor)
            settle(connection, taken, settlement)
            named = f"{taken[0]} to {taken[-1]}" if len(taken) > 1 else str(taken[0])
            _note(connection, named, act, settlement, items=len(taken))
    return ManyReplayed(tuple(replays[number] for number in sorted(replays)), last)


def discard(engine: Engine, number: int, act: Act) -> Quarantined:
    """Settle an item for good without a fact; it stays, with the reason.

    Raises:
        UnknownQuarantined: There is none with this number.
        InvalidValues: The act has no reason, or one that is too long.
        AlreadySettled: It was replayed.
    """
    reason = (act.reason or "").strip()
    if not 0 < len(reason) <= MAX_REASON or "\0" in reason:
        way_out = f"Say in 1 to {MAX_REASON} characters why the item need not count."
        raise InvalidValues([Problem("reason", act.reason, "is missing or unusable", way_out)])
    settlement = Settlement(QuarantineState.DISCARDED, act.now, act.actor, reason=reason)
    with writing(engine) as connection:
        was_open = _found(connection, number).settlement is None
        settle(connection, [number], settlement)
        item = _found(connection, number)
        if was_open:
            _note(connection, str(number), act, settlement)
    if item.settlement is not None and item.state is not QuarantineState.DISCARDED:
        way_out = "Its fact is kept; facts are corrected by facts of their own, like a refund."
        raise AlreadySettled(number, str(item.state), item.settlement.by, way_out)
    return item


def _note(
    connection: Connection, subject: str, act: Act, settlement: Settlement, **detail: int
) -> None:
    """Write into the audit log what became of items; never what they hold, which is personal."""
    before = {"state": str(QuarantineState.OPEN)}
    after = {"state": str(settlement.state), **detail}
    action = {QuarantineState.REPLAYED: "replay", QuarantineState.DISCARDED: "discard"}
    change = Change(action[settlement.state], SubjectKind.QUARANTINE, subject, before, after)
    note_change(connection, change, act.now, act.actor, act.trace_id)


def _found(connection: Connection, number: int) -> Quarantined:
    item = find_quarantined(connection, number)
    if item is None:
        raise UnknownQuarantined(str(number))
    return item


def _number(item: Quarantined) -> int:
    if item.number is None:
        message = "an item of the store has a number"
        raise ValueError(message)
    return item.number


def _require_same(number: int, settlement: Settlement, correction: str | None) -> None:
    """Let a repeat of the same replay pass, and nothing else."""
    match settlement.state:
        case QuarantineState.DISCARDED:
            way_out = "Where it should count after all, let its sender send it anew."
        case _ if correction in {None, settlement.correction}:
            return
        case _:
            way_out = "Its fact is kept; send what should count besides as an event of its own."
    raise AlreadySettled(number, str(settlement.state), settlement.by, way_out)


def _value_of(item: Quarantined) -> object:
    """Give the values of an item as it came.

    Raises:
        InvalidValues: It is no JSON.
    """
    try:
        return orjson.loads(item.payload)
    except orjson.JSONDecodeError as error:
        way_out = "Replay it with a correction: the whole item as JSON."
        problem = Problem("(item)", item.payload, f"is not JSON: {error.msg}", way_out)
        raise InvalidValues([problem]) from None


def _arrival(item: Quarantined, value: object, act: Act) -> Arrival:
    """Give the arrival that a replay is judged by."""
    says_time = isinstance(value, dict) and any(
        value.get(field) is not None for field in _TIME_FIELDS
    )
    now: datetime = act.now if says_time else item.received_at
    return Arrival(now, item.sender)


def _record(
    engine: Engine,
    directory: Directory,
    kind: Kind,
    values: Sequence[object],
    arrival: Arrival,
    *,
    one: bool,
) -> Sequence[ItemResult]:
    match kind:
        case Kind.EXPOSURE:
            return record_exposures(
                engine, directory, values, arrival, alone=one, keep_refused=False
            )
        case Kind.CONVERSION:
            return record_conversions(engine, values, arrival, alone=one, keep_refused=False)
        case _:
            assert_never(kind)
