"""Takes in facts and members: kept once, or put aside with the reason, never lost.

One item alone is either kept or refused. Of many, the good ones are kept and each bad one goes to
the quarantine, in one transaction: what was answered is what was committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar, assert_never

import orjson

from experiments.arrival import conversion_from, exposure_from
from experiments.campaign import UnitKind
from experiments.errors import InvalidValues, Problem
from experiments.store.appending import Appended
from experiments.store.conversions import append_conversions
from experiments.store.engine import reading, writing
from experiments.store.exposures import append_exposures
from experiments.store.members import find_members, merge_members, put_members
from experiments.store.quarantine import Kind, Quarantined, quarantine_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.arrival import Arrival
    from experiments.conversion import Conversion
    from experiments.directory import Directory, Listing
    from experiments.exposure import Exposure
    from experiments.member import Member

Fact = TypeVar("Fact", "Exposure", "Conversion")

ID_FIELDS: Final = {Kind.EXPOSURE: "exposure_id", Kind.CONVERSION: "conversion_id"}


class Outcome(StrEnum):
    """What became of one item."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item of several.

    Attributes:
        index: Its place among the items, from 0.
        item_id: The sender's id, where it could be read.
        problems: Every reason, for a quarantined item.
    """

    index: int
    item_id: str | None
    outcome: Outcome
    problems: tuple[Problem, ...] = ()


def record_exposures(
    engine: Engine,
    directory: Directory,
    items: Sequence[object],
    arrival: Arrival,
    *,
    alone: bool = False,
    keep_refused: bool = True,
) -> tuple[ItemResult, ...]:
    """Take in exposures.

    Args:
        engine: The store.
        directory: This process's listing of campaigns.
        items: As they came; see `experiments.arrival` for their fields.
        arrival: When they came and from whom.
        alone: Whether there is one item that must be good.
        keep_refused: Whether bad items go to the store's quarantine; an import keeps its own.

    Raises:
        InvalidValues: `alone`, and the item is not good; nothing was stored.
    """
    with reading(engine) as connection:
        listing = directory.current(connection)
        households = _households(connection, listing, items)
    read = [
        exposure_from(item, listing.campaigns, arrival, households=households) for item in items
    ]

    def append(connection: Connection, facts: Sequence[Exposure]) -> tuple[Appended, ...]:
        return append_exposures(connection, facts, untimed=_untimed(items, "exposure_id"))

    taking = _Taking(Kind.EXPOSURE, items, arrival, alone=alone, keep_refused=keep_refused)
    return _take(engine, taking, read, append)


def record_conversions(
    engine: Engine,
    items: Sequence[object],
    arrival: Arrival,
    *,
    alone: bool = False,
    keep_refused: bool = True,
) -> tuple[ItemResult, ...]:
    """Take in conversions; arguments and errors as for `record_exposures`."""
    read = [conversion_from(item, arrival) for item in items]

    def append(connection: Connection, facts: Sequence[Conversion]) -> tuple[Appended, ...]:
        return append_conversions(connection, facts, untimed=_untimed(items, "conversion_id"))

    taking = _Taking(Kind.CONVERSION, items, arrival, alone=alone, keep_refused=keep_refused)
    return _take(engine, taking, read, append)


def put_member(engine: Engine, member: Member, now: datetime) -> None:
    """Keep a member as given, in place of what was known."""
    with writing(engine) as connection:
        put_members(connection, [member], now)


def import_members(
    engine: Engine, given: Iterable[Member], now: datetime, *, with_consent: bool
) -> None:
    """Add what is given to what is known of these members, in one transaction."""
    with writing(engine) as connection:
        merge_members(connection, given, now, with_consent=with_consent)


@dataclass(frozen=True, slots=True)
class _Taking:
    kind: Kind
    items: Sequence[object]
    arrival: Arrival
    alone: bool
    keep_refused: bool

    def item_id(self, index: int) -> str | None:
        item = self.items[index]
        value = item.get(ID_FIELDS[self.kind]) if isinstance(item, dict) else None
        return value if isinstance(value, str) else None

    def refusal(self, result: ItemResult) -> Quarantined:
        return Quarantined(
            kind=self.kind,
            item_id=result.item_id,
            payload=_payload(self.items[result.index]),
            problems=result.problems,
            received_at=self.arrival.now,
            sender=self.arrival.sender,
        )


def _take(
    engine: Engine,
    taking: _Taking,
    read: Sequence[Fact | tuple[Problem, ...]],
    append: Callable[[Connection, Sequence[Fact]], tuple[Appended, ...]],
) -> tuple[ItemResult, ...]:
    """Append the facts, put the rest aside, and say what became of each item."""
    facts = [(index, one) for index, one in enumerate(read) if not isinstance(one, tuple)]
    results = {
        index: ItemResult(index, taking.item_id(index), Outcome.QUARANTINED, one)
        for index, one in enumerate(read)
        if isinstance(one, tuple)
    }
    if taking.alone and results:
        raise InvalidValues(results[0].problems)
    with writing(engine) as connection:
        outcomes = append(connection, [fact for _, fact in facts])
        for (index, _), outcome in zip(facts, outcomes, strict=True):
            results[index] = _result(taking, index, outcome)
        ordered = tuple(results[index] for index in range(len(read)))
        if taking.alone and ordered[0].problems:
            raise InvalidValues(ordered[0].problems)
        if taking.keep_refused:
            quarantine_items(
                connection,
                [taking.refusal(one) for one in ordered if one.outcome is Outcome.QUARANTINED],
            )
    return ordered


def _result(taking: _Taking, index: int, outcome: Appended) -> ItemResult:
    item_id = taking.item_id(index)
    match outcome:
        case Appended.STORED:
            return ItemResult(index, item_id, Outcome.ACCEPTED)
        case Appended.REPEATED:
            return ItemResult(index, item_id, Outcome.DUPLICATE)
        case Appended.CONFLICTING:
            problem = Problem(
                ID_FIELDS[taking.kind],
                item_id,
                "was sent before with other content, which stands",
                "Send a correction as a fact of its own, under a new id.",
            )
            return ItemResult(index, item_id, Outcome.QUARANTINED, (problem,))
        case _:
            assert_never(outcome)


def _untimed(items: Sequence[object], id_field: str) -> frozenset[str]:
    """Give the ids of items that say no time: sent again, they are still the same fact."""
    return frozenset(
        str(item.get(id_field))
        for item in items
        if isinstance(item, dict)
        and item.get("occurred_at") is None
        and item.get("exposed_at") is None
    )


def _households(
    connection: Connection, listing: Listing, items: Sequence[object]
) -> Mapping[str, str | None]:
    """Give the household of each member whose campaign goes by household."""
    by_household = {
        key
        for key, campaign in listing.campaigns.items()
        if campaign.design.randomization_unit is UnitKind.HOUSEHOLD
    }
    wanted = {
        member_id
        for item in items
        if by_household and isinstance(item, dict)
        if isinstance(item.get("campaign"), str) and item["campaign"] in by_household
        if isinstance(member_id := item.get("member_id"), str) and member_id
    }
    members = find_members(connection, sorted(wanted))
    return {member_id: member.household_id for member_id, member in members.items()}


def _payload(item: object) -> str:
    """Give a refused item as JSON text, or as Python shows it where JSON cannot."""
    try:
        return orjson.dumps(item, default=str).decode()
    except orjson.JSONEncodeError:
        return repr(item)
