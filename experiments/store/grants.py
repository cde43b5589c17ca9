"""Keeps grants: how each stands now, and every move that it made, which is a fact.

Writers of a campaign's grants take turns: each locks the campaign first, decides on what it reads
then, and writes. On SQLite the transaction is that lock. A conditional UPDATE per grant would lock
the same counter for as long, and take a round trip for each grant instead of a few for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, func, insert, literal, not_, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from experiments.budget import Tally
from experiments.grant import LIVE, Grant, GrantMove, GrantState, Step
from experiments.store.tables import WRITTEN_BY, campaigns, grant_moves, grants
from experiments.store.writes import in_chunks, next_number, numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping

_PARTS: Final = 10_000
"""Breakage is kept in ten-thousandths, exactly."""

_LIVE: Final = tuple(str(state) for state in LIVE)
_TIMES: Final = ("redeemed_at", "reversed_at", "expired_at")
_SHARED: Final = (
    *("grant_id", "campaign_key", "phase", "variant", "member_id", "offer_id", "offer_kind"),
    *("cost_minor", "currency"),
)
_MOVED: Final = (
    update(grants)
    .where(grants.c.grant_id == bindparam("of"))
    .values(state=bindparam("now_state"), **{name: bindparam(f"now_{name}") for name in _TIMES})
)


class GrantRaced(Exception):
    """Another campaign's grant took the same id at the same moment; trying again tells of it."""


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """Which grants are wanted; None is for all."""

    campaign: str | None = None
    member_id: str | None = None
    state: GrantState | None = None


def lock_campaigns(connection: Connection, keys: Iterable[str]) -> None:
    """Let nobody else write grants of these campaigns, nor change them, until the transaction ends.

    In one order, so that no two can wait for each other.
    """
    if connection.dialect.name == "sqlite":
        return
    wanted = select(campaigns.c.key).where(campaigns.c.key.in_(sorted(keys)))
    # the strongest lock that lets rows refer to the campaign meanwhile
    connection.execute(wanted.order_by(campaigns.c.key).with_for_update(key_share=True))


def find_grants(connection: Connection, grant_ids: Sequence[str]) -> dict[str, Grant]:
    """Give those of the grants that there are, by id."""
    found: dict[str, Grant] = {}
    for some in in_chunks(grant_ids):
        query = select(grants).where(grants.c.grant_id.in_(some))
        found |= {row["grant_id"]: _grant(row) for row in connection.execute(query).mappings()}
    return found


def live_grants(connection: Connection, campaign: str, member_ids: Sequence[str]) -> list[Grant]:
    """Give the live grants that members have of a campaign."""
    found: list[Grant] = []
    for some in in_chunks(member_ids):
        query = select(grants).where(
            grants.c.campaign_key == campaign,
            grants.c.member_id.in_(some),
            grants.c.state.in_(_LIVE),
        )
        found += map(_grant, connection.execute(query).mappings())
    return found


def list_grants(
    connection: Connection,
    wanted: GrantFilter,
    now: datetime,
    *,
    after: str | None,
    limit: int,
) -> tuple[Grant, ...]:
    """Give grants in the order of their ids' characters, those behind the id `after`.

    What is due by `now` is among the expired, as the row says it or not.
    """
    # "C" on PostgreSQL, as SQLite compares: a page must not depend on where the database is
    ordered: ColumnElement[str] = grants.c.grant_id
    if connection.dialect.name == "postgresql":
        ordered = grants.c.grant_id.collate("C")
    query = select(grants).order_by(ordered).limit(limit)
    if wanted.campaign is not None:
        query = query.where(grants.c.campaign_key == wanted.campaign)
    if wanted.member_id is not None:
        query = query.where(grants.c.member_id == wanted.member_id)
    if wanted.state is not None:
        query = query.where(_stands_as(wanted.state, now))
    if after is not None:
        query = query.where(ordered > after)
    return tuple(map(_grant, connection.execute(query).mappings()))


def read_moves_of(connection: Connection, grant_ids: Sequence[str]) -> dict[str, list[GrantMove]]:
    """Give the moves of grants, the oldest first; each has its grant as it stands now."""
    standing = find_grants(connection, grant_ids)
    found: dict[str, list[GrantMove]] = {grant_id: [] for grant_id in standing}
    for some in in_chunks(grant_ids):
        query = select(grant_moves).where(grant_moves.c.grant_id.in_(some))
        for row in connection.execute(query).mappings():
            found[row["grant_id"]].append(
                GrantMove(
                    standing[row["grant_id"]],
                    Step(row["step"]),
                    row["moved_at"],
                    row["received_at"],
                    row["sender"],
                    row["reason"],
                )
            )
    order = list(Step)
    for moves in found.values():
        moves.sort(key=lambda move: (move.received_at, order.index(move.step)))
    return found


def keep_moves(connection: Connection, moves: Sequence[GrantMove]) -> None:
    """Keep what moved, and how the grants stand after it.

    Args:
        connection: In a write transaction that holds the campaigns' lock.
        moves: In order.

    Raises:
        GrantRaced: A new grant's id was taken meanwhile, in another campaign.
    """
    if not moves:
        return
    standing = {move.grant.grant_id: move.grant for move in moves}
    made = {move.grant.grant_id for move in moves if move.step is Step.RESERVE}
    # before the new ones: a member may have the offer again that was taken back just now
    if moved := [grant for grant_id, grant in sorted(standing.items()) if grant_id not in made]:
        connection.execute(_MOVED, list(map(_changed, moved)))
    if new := [_values(standing[grant_id]) for grant_id in sorted(made)]:
        try:
            connection.execute(insert(grants), new)
        except IntegrityError as error:  # a campaign's own ids are looked up under its lock
            raise GrantRaced from error
    rows = [_fact(move) for move in moves]
    connection.execute(insert(grant_moves), list(numbered(connection, rows)))


def expire_due(connection: Connection, keys: Sequence[str], now: datetime) -> list[Tally]:
    """Let reservations expire whose time is over, and give what that gives back.

    Args:
        connection: In a write transaction that holds the campaigns' lock.
        keys: Of the campaigns.
        now: Aware UTC; a reservation is over at its expiry.

    Returns:
        What expired, counted as such, for the counters to be moved by.
    """
    due = due_by(keys, now)
    found = due_tallies(connection, keys, now)
    if not found:
        return []
    number = (
        {WRITTEN_BY: literal(next_number(connection))}
        if connection.dialect.name == "sqlite"
        else {}
    )
    values: dict[str, Any] = {
        **{name: grants.c[name] for name in _SHARED},
        "step": literal(str(Step.EXPIRE)),
        "moved_at": grants.c.expires_at,
        "received_at": literal(now, grant_moves.c.received_at.type),
        **number,
    }
    moved = select(*(value.label(name) for name, value in values.items())).where(due)
    connection.execute(insert(grant_moves).from_select(list(values), moved))
    connection.execute(
        update(grants)
        .where(due)
        .values(state=str(GrantState.EXPIRED), expired_at=grants.c.expires_at)
    )
    return found


def due_tallies(connection: Connection, keys: Sequence[str], now: datetime) -> list[Tally]:
    """Give, as expired, how many reservations are over that still count as reserved."""
    names = ("campaign_key", "phase", "variant", "offer_id", "currency")
    grouped = [grants.c[name] for name in names]
    query = (
        select(*grouped, func.count(), func.sum(grants.c.cost_minor))
        .where(due_by(keys, now))
        .group_by(*grouped)
    )
    found = []
    for *key, units, minor in connection.execute(query):
        tally = Tally(*key)
        tally.units[GrantState.EXPIRED] = units
        tally.minor[GrantState.EXPIRED] = int(minor)
        found.append(tally)
    return found


def due_grants(connection: Connection, keys: Sequence[str], now: datetime) -> list[Grant]:
    """Give the reservations whose time is over and that still count as reserved."""
    query = select(grants).where(due_by(keys, now)).order_by(grants.c.expires_at, grants.c.grant_id)
    return list(map(_grant, connection.execute(query).mappings()))


def due_by(keys: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Give the condition under which a grant is reserved no more, though nobody has said so."""
    return and_(grants.c.campaign_key.in_(list(keys)), _is_due(now))


def _is_due(now: datetime) -> ColumnElement[bool]:
    # with the words of the partial index, so that it is used
    return and_(
        text("grants.state = 'reserved'"),
        grants.c.expires_at.is_not(None),
        grants.c.expires_at <= now,
    )


def _stands_as(state: GrantState, now: datetime) -> ColumnElement[bool]:
    is_written = grants.c.state == str(state)
    match state:
        case GrantState.RESERVED:
            return and_(is_written, not_(_is_due(now)))
        case GrantState.EXPIRED:
            return or_(is_written, _is_due(now))
        case _:
            return is_written


def _values(grant: Grant) -> dict[str, Any]:
    return {
        **_about(grant),
        "breakage": int(grant.breakage * _PARTS),
        "state": str(grant.state),
        "reserved_at": grant.reserved_at,
        "expires_at": grant.expires_at,
        **{name: getattr(grant, name) for name in _TIMES},
        "received_at": grant.received_at,
        "sender": grant.sender,
    }


def _changed(grant: Grant) -> dict[str, Any]:
    times = {f"now_{name}": getattr(grant, name) for name in _TIMES}
    return {"of": grant.grant_id, "now_state": str(grant.state), **times}


def _fact(move: GrantMove) -> Mapping[str, Any]:
    return {
        **_about(move.grant),
        "step": str(move.step),
        "moved_at": move.moved_at,
        "received_at": move.received_at,
        "sender": move.sender,
        "reason": move.reason,
    }


def _about(grant: Grant) -> dict[str, Any]:
    return {
        "grant_id": grant.grant_id,
        "campaign_key": grant.campaign,
        "phase": grant.phase,
        "variant": grant.variant,
        "member_id": grant.member_id,
        "offer_id": grant.offer_id,
        "offer_kind": grant.offer_kind,
        "cost_minor": grant.cost_minor,
        "currency": grant.currency,
    }


def _grant(row: RowMapping) -> Grant:
    return Grant(
        grant_id=row["grant_id"],
        campaign=row["campaign_key"],
        phase=row["phase"],
        variant=row["variant"],
        member_id=row["member_id"],
        offer_id=row["offer_id"],
        offer_kind=row["offer_kind"],
        cost_minor=row["cost_minor"],
        currency=row["currency"],
        breakage=Decimal(row["breakage"]) / _PARTS,
        reserved_at=row["reserved_at"],
        received_at=row["received_at"],
        expires_at=row["expires_at"],
        state=GrantState(row["state"]),
        redeemed_at=row["redeemed_at"],
        reversed_at=row["reversed_at"],
        expired_at=row["expired_at"],
        sender=row["sender"],
    )
