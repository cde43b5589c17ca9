"""Finds members by their ids, and what was recorded of one lately, each by an index.

What is held in full is read by `experiments.store.holdings`, which reads whole tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, false, func, or_, select

from experiments.store.folding import folded_until
from experiments.store.members import find_members
from experiments.store.tables import conversions, exposures, first_exposures, grants, members

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from experiments.member import Member

_LAST: Final = "\U0010ffff"
"""Sorts behind everything that an id can go on with."""


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """That a member was exposed to a variant.

    Attributes:
        times: How often; of those that are not folded yet as well.
    """

    campaign: str
    phase: int
    variant: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """A conversion of a member."""

    event: str
    occurred_at: datetime
    amount_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class SeenGrant:
    """A reward of a member, and how it stands."""

    grant_id: str
    campaign: str
    variant: str
    offer_id: str
    state: str
    cost_minor: int
    currency: str
    reserved_at: datetime


def members_from(
    connection: Connection, prefix: str, *, after: str = "", limit: int = 100
) -> list[Member]:
    """Give members whose id begins with `prefix`, in the order of their characters.

    Args:
        connection: In any transaction.
        prefix: How their ids begin; empty for all.
        after: Only ids behind this one.
        limit: At most so many.
    """
    ordered: ColumnElement[str] = members.c.member_id
    if connection.dialect.name == "postgresql":
        ordered = members.c.member_id.collate("C")
    query = select(members.c.member_id).order_by(ordered).limit(limit)
    if prefix:
        query = query.where(ordered >= prefix, ordered < prefix + _LAST)
    if after:
        query = query.where(ordered > after)
    ids = list(connection.execute(query).scalars())
    found = find_members(connection, ids)
    return [found[one] for one in ids]


def exposures_of(
    connection: Connection, member_id: str, variants: Sequence[tuple[str, int, str]]
) -> list[SeenOffer]:
    """Give the variants that a member was exposed to, the latest first.

    Args:
        connection: In any transaction.
        member_id: Whom.
        variants: Campaign, phase and key of every variant that is looked for.
    """
    first, later = first_exposures.c, exposures.c
    folded = select(
        first.campaign_key, first.phase, first.variant,
        first.exposed_at.label("first_at"), first.last_exposed_at.label("last_at"),
        first.exposures.label("times"),
    ).where(
        first.member_id == member_id,
        or_(false(), *(
            and_(first.campaign_key == key, first.phase == phase, first.variant == variant)
            for key, phase, variant in variants
        )),
    )  # fmt: skip
    tail = (
        select(
            later.campaign_key, later.phase, later.variant, func.min(later.exposed_at),
            func.max(later.exposed_at), func.count(),
        )
        .where(later.written_by > (folded_until(connection) or 0), later.member_id == member_id)
        .group_by(later.campaign_key, later.phase, later.variant)
    )  # fmt: skip
    found: dict[tuple[str, int, str], SeenOffer] = {}
    rows = [*(connection.execute(folded) if variants else ()), *connection.execute(tail)]
    for key, phase, variant, first_at, last_at, times in rows:
        one = SeenOffer(key, phase, variant, first_at, last_at, times)
        known = found.get((key, phase, variant), one)
        found[key, phase, variant] = SeenOffer(
            key, phase, variant, min(known.first_at, first_at), max(known.last_at, last_at),
            times if known is one else known.times + times,
        )  # fmt: skip
    return sorted(found.values(), key=lambda seen: seen.last_at, reverse=True)


def conversions_of(connection: Connection, member_id: str, limit: int) -> list[SeenEvent]:
    """Give the latest conversions of a member, the latest first."""
    one = conversions.c
    query = (
        select(one.event, one.occurred_at, one.amount_minor, one.currency)
        .where(one.member_id == member_id)
        .order_by(one.occurred_at.desc())
        .limit(limit)
    )
    return [SeenEvent(*row) for row in connection.execute(query)]


def grants_of(
    connection: Connection, member_id: str, campaigns: Sequence[str], limit: int
) -> list[SeenGrant]:
    """Give the latest rewards of a member in some campaigns, the latest first."""
    one = grants.c
    query = (
        select(
            one.grant_id, one.campaign_key, one.variant, one.offer_id, one.state, one.cost_minor,
            one.currency, one.reserved_at,
        )
        .where(one.campaign_key.in_(campaigns), one.member_id == member_id)
        .order_by(one.reserved_at.desc())
        .limit(limit)
    )  # fmt: skip
    return [SeenGrant(*row) for row in connection.execute(query)]
