"""Reserves, redeems and takes back rewards, and tells what was granted; owns its transaction.

Orders that come at the same time are settled together, one after the other, under the lock of
their campaigns: at the last ten units exactly ten are granted, whoever asks. What was answered is
committed, with the reward's events, which metrics read. Of what is refused nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import orjson

from experiments.account import Account
from experiments.arrival import grant_order_from
from experiments.assignment import unit_of
from experiments.conversion import Conversion
from experiments.entitlement import Entrant
from experiments.errors import InvalidValues, Problem
from experiments.grant import GrantMove, GrantOrder, Refusal, RefusalCode, Step
from experiments.ledger import Ledger
from experiments.member import Member
from experiments.store.appending import Appended
from experiments.store.assignments import standing_variants
from experiments.store.budgets import put_tallies, read_tallies
from experiments.store.conversions import append_conversions
from experiments.store.engine import writing
from experiments.store.erasures import held_back
from experiments.store.exhaustions import close_enrolment, read_exhaustions
from experiments.store.grants import (
    GrantRaced,
    due_grants,
    expire_due,
    find_grants,
    keep_moves,
    live_grants,
    lock_campaigns,
)
from experiments.store.group_commit import group_commit
from experiments.store.members import find_members
from experiments.store.webhook_endpoints import read_endpoints
from experiments.store.webhooks import announce
from experiments.webhooks import EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.arrival import Arrival
    from experiments.budget import Tally
    from experiments.campaign import Campaign
    from experiments.directory import Directory
    from experiments.grant import Grant
    from experiments.ledger import Settled

MOST_SHARED: Final = 100
"""Orders of a request that may share its transaction; others would wait too long for more."""

EVENTS: Final = MappingProxyType(
    {
        Step.RESERVE: "reward_issue",
        Step.REDEEM: "reward_redeem",
        Step.REVERSE: "reward_reverse",
    }
)
"""The event of each step; an expiry has none, since breakage is what is expected to expire."""

_TOLD: Final = MappingProxyType(
    {
        Step.RESERVE: EventKind.GRANT_RESERVED,
        Step.REDEEM: EventKind.GRANT_REDEEMED,
        Step.REVERSE: EventKind.GRANT_REVERSED,
        Step.EXPIRE: EventKind.GRANT_EXPIRED,
    }
)

_TRIES: Final = 3


class GrantOutcome(StrEnum):
    """What became of an order."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class GrantResult:
    """What became of one order.

    Attributes:
        index: Its place among the items, from 0.
        grant_id: The sender's id, where it could be read.
        grant: As it stands now; None where it was refused.
        refusal: Why it was refused.
        problems: Every fault of an item that is not an order.
    """

    index: int
    grant_id: str | None
    outcome: GrantOutcome
    grant: Grant | None = None
    refusal: Refusal | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Request:
    """The items of one request, read: orders, or what is wrong with them."""

    directory: Directory
    items: Sequence[object]
    read: Sequence[GrantOrder | tuple[Problem, ...]]
    arrival: Arrival

    @property
    def orders(self) -> Iterable[GrantOrder]:
        return (one for one in self.read if isinstance(one, GrantOrder))

    def item_id(self, index: int) -> str | None:
        item = self.items[index]
        value = item.get("grant_id") if isinstance(item, dict) else None
        return value if isinstance(value, str) else None


def settle_grants(
    engine: Engine,
    directory: Directory,
    items: Sequence[object],
    arrival: Arrival,
    *,
    alone: bool = False,
) -> tuple[GrantResult, ...]:
    """Settle orders for grants, in their order.

    Args:
        engine: The store.
        directory: This process's listing of campaigns.
        items: As they came; see `experiments.arrival` for their fields.
        arrival: When they came and from whom.
        alone: Whether there is one item, which must be an order.

    Returns:
        What became of each item.

    Raises:
        InvalidValues: `alone`, and the item is no order; or somebody has sent an event under the
            id of a grant's own. Nothing was stored.
        Overloaded: Too much waits to be written; nothing was stored.
        StoreError: The database failed; nothing was stored.
    """
    read = tuple(grant_order_from(item, arrival) for item in items)
    if alone and isinstance(refused := read[0], tuple):
        raise InvalidValues(refused)
    request = _Request(directory, items, read, arrival)
    for _ in range(_TRIES - 1):
        try:
            return _settled(engine, request)
        except GrantRaced:
            continue
    return _settled(engine, request)


def _settled(engine: Engine, request: _Request) -> tuple[GrantResult, ...]:
    if len(request.items) <= MOST_SHARED:
        return group_commit(engine).together(_settle, request)
    with writing(engine) as connection:
        return _settle(connection, [request])[0]


def _settle(connection: Connection, requests: Sequence[_Request]) -> list[tuple[GrantResult, ...]]:
    """Settle the orders of several requests, one after the other."""
    orders = list(chain.from_iterable(request.orders for request in requests))
    now = max(request.arrival.now for request in requests)
    known = _Known.read(connection, requests[0].directory, orders, now)
    results = [
        tuple(_result(known, request, index, one) for index, one in enumerate(request.read))
        for request in requests
    ]
    _keep(connection, known.ledger)
    return results


def _result(
    known: _Known, request: _Request, index: int, one: GrantOrder | tuple[Problem, ...]
) -> GrantResult:
    if isinstance(one, tuple):
        refusal = Refusal(RefusalCode.INVALID_VALUES, "The item is no order.", "See errors.")
        item_id = request.item_id(index)
        return GrantResult(index, item_id, GrantOutcome.REFUSED, None, refusal, one)
    entrant = known.entrants.get((one.campaign, one.member_id), _NOBODY)
    settled: Settled | Refusal = known.ledger.settle(one, entrant, request.arrival.sender)
    if isinstance(settled, Refusal):
        return GrantResult(index, one.grant_id, GrantOutcome.REFUSED, refusal=settled)
    outcome = GrantOutcome.ACCEPTED if settled.is_new else GrantOutcome.DUPLICATE
    return GrantResult(index, one.grant_id, outcome, settled.grant)


_NOBODY: Final = Entrant(None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What orders are decided by.

    Attributes:
        entrants: What is known of the members who have no such grant yet, by campaign and member.
    """

    ledger: Ledger
    entrants: Mapping[tuple[str, str], Entrant] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        connection: Connection,
        directory: Directory,
        orders: Sequence[GrantOrder],
        now: datetime,
    ) -> _Known:
        """Lock the campaigns, let expire what is due, and read what the orders are about."""
        keys = sorted({order.campaign for order in orders})
        # an erasure waits for this transaction, and the assignments read below know of it
        held_back(connection, (), now)
        lock_campaigns(connection, keys)
        listing = directory.within(connection)
        keys = [key for key in keys if key in listing.campaigns]
        tallies = _by_campaign(read_tallies(connection, keys), keys) if keys else {}
        expired = _expired(connection, keys, tallies, now)
        grants = find_grants(connection, sorted({order.grant_id for order in orders}))
        new = [order for order in orders if order.grant_id not in grants]
        ledger = Ledger(now, {}, grants, touched=expired)
        entrants: dict[tuple[str, str], Entrant] = {}
        standing = read_exhaustions(connection, keys, standing=True) if keys else ()
        members = find_members(connection, sorted({order.member_id for order in new}))
        for key in keys:
            campaign = listing.campaigns[key]
            ids = sorted({order.member_id for order in new if order.campaign == key})
            entrants |= _entrants(connection, campaign, ids, members)
            ledger.accounts[key] = Account(
                campaign,
                tallies[key],
                {
                    (grant.member_id, grant.offer_id): grant
                    for grant in live_grants(connection, key, _concerned(orders, key))
                },
                {
                    (one.resource, one.subject)
                    for one in standing
                    if one.campaign == key
                    and campaign.phase is not None
                    and one.phase == campaign.phase.number
                },
            )
        return cls(ledger, entrants)


def _concerned(orders: Sequence[GrantOrder], campaign: str) -> list[str]:
    return sorted({order.member_id for order in orders if order.campaign == campaign})


def _by_campaign(
    tallies: Iterable[Tally], keys: Sequence[str]
) -> dict[str, dict[tuple[str, int, str, str, str], Tally]]:
    found: dict[str, dict[tuple[str, int, str, str, str], Tally]] = {key: {} for key in keys}
    for tally in tallies:
        found[tally.campaign][tally.key] = tally
    return found


def _expired(
    connection: Connection,
    keys: Sequence[str],
    tallies: Mapping[str, dict[tuple[str, int, str, str, str], Tally]],
    now: datetime,
) -> dict[tuple[str, int, str, str, str], Tally]:
    """Let reservations expire that are due; give the tallies that changed by it."""
    if keys and _is_wanted(connection, EventKind.GRANT_EXPIRED):
        due = [grant.expired() for grant in due_grants(connection, keys, now)]
        tell_moves(
            connection,
            (GrantMove(one, Step.EXPIRE, one.expired_at or now, now) for one in due),
            now,
        )
    touched = {}
    for gone in expire_due(connection, keys, now) if keys else ():
        tally = tallies[gone.campaign][gone.key]
        tally.expire(gone)
        touched[tally.key] = tally
    return touched


def _entrants(
    connection: Connection,
    campaign: Campaign,
    member_ids: Sequence[str],
    members: Mapping[str, Member],
) -> dict[tuple[str, str], Entrant]:
    """Give what is known of members who are to get a reward."""
    if campaign.phase is None or not member_ids:
        return {}
    phase, kind = campaign.phase.number, campaign.design.randomization_unit
    known = {one: members.get(one) or Member(one) for one in member_ids}
    units = {one: unit_of(member, kind) for one, member in known.items()}
    wanted = sorted({unit for unit in units.values() if unit is not None})
    found = standing_variants(connection, [(campaign.key, phase, unit) for unit in wanted])
    return {
        (campaign.key, one): Entrant(
            found.get((campaign.key, phase, unit or "")), member.personalisation_consent
        )
        for (one, member), unit in zip(known.items(), units.values(), strict=True)
    }


def _keep(connection: Connection, ledger: Ledger) -> None:
    """Keep everything that the orders changed."""
    keep_moves(connection, ledger.moves)
    put_tallies(connection, ledger.touched.values())
    events = [_event(move) for move in ledger.moves]
    appended = append_conversions(connection, events)
    taken = [
        event.conversion_id
        for event, outcome in zip(events, appended, strict=True)
        if outcome is Appended.CONFLICTING
    ]
    if taken:
        raise InvalidValues([_taken(event_id) for event_id in taken])
    close_enrolment(connection, ledger.exhaustions)
    tell_moves(connection, ledger.moves, ledger.now)


def tell_moves(connection: Connection, moves: Iterable[GrantMove], now: datetime) -> None:
    """Tell the business of what moved, in the transaction that keeps it."""
    wanted: dict[EventKind, bool] = {}
    for move in moves:
        kind = _TOLD[move.step]
        if kind not in wanted:
            wanted[kind] = _is_wanted(connection, kind)
        if wanted[kind]:
            announce(connection, kind, {**_json(move.grant), **_json(move)}, now)


def _is_wanted(connection: Connection, kind: EventKind) -> bool:
    """Say whether anybody is to be told, before thousands of messages are made for nobody."""
    return any(one.is_enabled and one.wants(kind) for one in read_endpoints(connection))


def _json(shown: Grant | GrantMove) -> dict[str, object]:
    """Give what is shown of a grant or a move as JSON values."""
    values: dict[str, object] = orjson.loads(orjson.dumps(shown.values(), option=orjson.OPT_UTC_Z))
    return values


def _event(move: GrantMove) -> Conversion:
    """Give the event of a step, under an id that only this step has."""
    grant = move.grant
    return Conversion(
        conversion_id=f"grant-{move.step}:{grant.grant_id}",
        member_id=grant.member_id,
        event=EVENTS[move.step],
        occurred_at=move.moved_at,
        received_at=move.received_at,
        amount_minor=grant.cost_minor,
        currency=grant.currency,
        properties={
            "breakage": float(grant.breakage),
            "offer_id": grant.offer_id,
            "grant_id": grant.grant_id,
            "campaign": grant.campaign,
            "phase": grant.phase,
            "variant": grant.variant,
        },
        sender=move.sender,
    )


def _taken(event_id: str) -> Problem:
    return Problem(
        "grant_id",
        event_id.partition(":")[2],
        f"cannot be used: somebody has sent another event as {event_id!r}",
        "Choose another grant_id; ids of events that begin with grant- are the ledger's.",
    )
