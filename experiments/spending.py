"""Tells what was granted and what is left: every grant, and what bounds a campaign.

What is due to expire is told as expired, whether or not anybody has written that down yet, so an
answer depends on the moment alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.budget import IN_MONEY, IN_UNITS, Bound, bounds_of, counts_in, used_of
from experiments.errors import UnknownGrant
from experiments.grant import LIVE, GrantState
from experiments.store import grants as kept
from experiments.store.budgets import read_tallies
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading
from experiments.store.enrolments import read_enrolled
from experiments.store.exhaustions import is_closed, read_exhaustions
from experiments.store.grants import GrantFilter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.budget import Exhaustion, Tally
    from experiments.campaign import Campaign
    from experiments.grant import Grant, GrantMove

__all__ = ["GrantFilter", "Left", "Spending", "find_grant", "list_grants", "spending_of"]


@dataclass(frozen=True, slots=True)
class Left:
    """How much is left of something that may run out.

    Attributes:
        bound: What there is.
        used: What is taken: live grants, or the units that are enrolled.
        reserved: Of it, what is promised and may still expire; None for units.
        redeemed: Of it, what was redeemed; None for units.
        released: What expired or was taken back, and is free again; None for units.
        exhausted_at: When it closed enrolment in the present phase; None where it does not.
    """

    bound: Bound
    used: int
    reserved: int | None = None
    redeemed: int | None = None
    released: int | None = None
    exhausted_at: datetime | None = None

    @property
    def remaining(self) -> int:
        """What is left; never below nothing, though an operator may have lowered a bound."""
        return max(0, self.bound.limit - self.used)

    def values(self) -> dict[str, object]:
        """Give it as faces show it, as JSON values."""
        return {
            "resource": str(self.bound.resource),
            "subject": self.bound.subject,
            "limit": self.bound.limit,
            "used": self.used,
            "reserved": self.reserved,
            "redeemed": self.redeemed,
            "released": self.released,
            "remaining": self.remaining,
            "exhausted_at": self.exhausted_at,
        }


@dataclass(frozen=True, slots=True)
class Spending:
    """What a campaign has granted, and what it may still grant.

    Attributes:
        is_open: Whether members can be assigned for the first time, as far as bounds go.
        left: Everything that may run out.
        tallies: What was granted, by phase, variant and offer.
        exhaustions: What was exhausted, of all phases, the oldest first.
    """

    campaign: Campaign
    is_open: bool
    left: tuple[Left, ...]
    tallies: tuple[Tally, ...]
    exhaustions: tuple[Exhaustion, ...]

    def values(self) -> dict[str, object]:
        """Give it as faces show it, as JSON values."""
        phase = self.campaign.phase
        return {
            "campaign": self.campaign.key,
            "phase": phase.number if phase else 0,
            "enrolment_open": self.is_open,
            "bounds": [left.values() for left in self.left],
            "offers": [_granted(tally) for tally in self.tallies],
            "exhaustions": [_exhausted(one) for one in self.exhaustions],
        }


def spending_of(engine: Engine, key: str, now: datetime) -> Spending:
    """Give what a campaign has granted and what is left of what bounds it.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        campaign = read_campaign(connection, key)
        tallies = {tally.key: tally for tally in read_tallies(connection, [key])}
        for gone in kept.due_tallies(connection, [key], now):
            tallies[gone.key].expire(gone)
        exhaustions = read_exhaustions(connection, [key])
        phase = campaign.phase.number if campaign.phase else 0
        standing = {
            (one.resource, one.subject): one.at
            for one in exhaustions
            if one.phase == phase and one.reopened_at is None
        }
        found = tuple(tallies.values())
        left = tuple(
            _left(connection, bound, found, key, phase, standing.get(bound.name))
            for bound in bounds_of(campaign.design)
        )
        is_open = not is_closed(connection, key, phase)
    return Spending(campaign, is_open, left, found, exhaustions)


def list_grants(
    engine: Engine, wanted: GrantFilter, now: datetime, *, after: str | None, limit: int
) -> tuple[Grant, ...]:
    """Give grants in the order of their ids' characters, those behind the id `after`.

    Args:
        engine: The store.
        wanted: Which ones.
        now: What is due by then is told as expired.
        after: The last id of the page before.
        limit: At most so many.
    """
    with reading(engine) as connection:
        found = kept.list_grants(connection, wanted, now, after=after, limit=limit)
    return tuple(_as_of(grant, now) for grant in found)


def find_grant(engine: Engine, grant_id: str, now: datetime) -> tuple[Grant, tuple[GrantMove, ...]]:
    """Give a grant and what was done to it, the oldest first.

    Raises:
        UnknownGrant: There is none with this id.
    """
    with reading(engine) as connection:
        found = kept.find_grants(connection, [grant_id])
        moves = kept.read_moves_of(connection, [grant_id])
    if grant_id not in found:
        raise UnknownGrant(grant_id)
    return _as_of(found[grant_id], now), tuple(moves[grant_id])


def _as_of(grant: Grant, now: datetime) -> Grant:
    """Give a grant as it is, whether or not its expiry was written down."""
    ends = grant.expires_at
    if grant.state is GrantState.RESERVED and ends is not None and ends <= now:
        return grant.expired()
    return grant


def _left(
    connection: Connection,
    bound: Bound,
    tallies: Sequence[Tally],
    key: str,
    phase: int,
    exhausted_at: datetime | None,
) -> Left:
    if bound.resource in IN_UNITS:
        enrolled = read_enrolled(connection, key, phase, bound.subject)
        return Left(bound, enrolled, exhausted_at=exhausted_at)
    counted = dict.fromkeys(GrantState, 0)
    for tally in tallies:
        if counts_in(bound, tally):
            by_state = tally.minor if bound.resource in IN_MONEY else tally.units
            for state in GrantState:
                counted[state] += by_state[state]
    return Left(
        bound,
        used_of(bound, tallies),
        reserved=counted[GrantState.RESERVED],
        redeemed=counted[GrantState.REDEEMED],
        released=sum(number for state, number in counted.items() if state not in LIVE),
        exhausted_at=exhausted_at,
    )


def _granted(tally: Tally) -> dict[str, object]:
    return {
        "phase": tally.phase,
        "variant": tally.variant,
        "offer_id": tally.offer_id,
        "currency": tally.currency,
        "units": {str(state): number for state, number in tally.units.items()},
        "minor": {str(state): minor for state, minor in tally.minor.items()},
    }


def _exhausted(one: Exhaustion) -> dict[str, object]:
    return {
        "phase": one.phase,
        "resource": str(one.resource),
        "subject": one.subject,
        "bound": one.bound,
        "at": one.at,
        "reopened_at": one.reopened_at,
    }
