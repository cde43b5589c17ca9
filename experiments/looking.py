"""Shows a member to whoever works with members: what stands, what was recorded, why and why not.

Looking decides nothing: nobody is assigned by it. Every look at rows is written into the access
log; whom a search was about is not, since what was typed may be somebody's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.assignment import Assignment, Reason, assign, unit_of
from experiments.climb import climb_of, standing
from experiments.errors import UnknownMember
from experiments.offer import NoOffer
from experiments.privacy.auditing import AccessAction, note_access
from experiments.progress import progress_of
from experiments.store.assignments import find_assignments
from experiments.store.engine import reading
from experiments.store.member_record import (
    SeenEvent,
    SeenGrant,
    SeenOffer,
    conversions_of,
    exposures_of,
    grants_of,
    members_from,
)
from experiments.store.members import find_member
from experiments.store.opt_outs import OptOut, read_opt_outs

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.catalogue import CompiledCampaign
    from experiments.directory import Listing
    from experiments.lifecycle import Act
    from experiments.member import Member
    from experiments.progress import Progress
    from experiments.serving import Serving
    from experiments.store.assignments import AssignmentKey, RecordedAssignment

__all__ = ["OptOut", "SeenEvent", "SeenGrant", "SeenOffer"]

SHOWN: Final = 20
"""Facts of each kind that a look shows; an export has all."""

LOOKED_THROUGH: Final = 2_000
"""Members that a search by tier looks through at most: no index leads to an attribute."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        members: In the order of their ids.
        after: The id to go on behind; empty where that were all.
        is_cut: Whether the search ended before it had a full page, since it had looked through as
            many members as one search may.
    """

    members: tuple[Member, ...]
    after: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands to one campaign.

    Attributes:
        reason: Why the member gets what they get.
        variant: The one that was assigned, or that the next request would assign; None for none.
        assigned_at: None where nothing was assigned yet.
        detail: The condition that refused, or the other campaign; empty where nothing is to say.
    """

    campaign: str
    reason: Reason
    variant: str | None
    assigned_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A member as the store knows one.

    Attributes:
        progress: How far the next tier is; None where the programme has no ladder.
        standings: To every campaign that is served.
        consents: Every change of consent, the oldest first.
        exposures: To the variants of all campaigns.
    """

    member: Member
    progress: Progress | None
    standings: tuple[Standing, ...]
    consents: tuple[OptOut, ...]
    exposures: tuple[SeenOffer, ...]
    conversions: tuple[SeenEvent, ...]
    grants: tuple[SeenGrant, ...]


def search_members(
    engine: Engine, prefix: str, tier: str, act: Act, *, after: str = "", limit: int = 50
) -> Found:
    """Find members by how their id begins, and by their tier where one is given.

    Args:
        engine: The store.
        prefix: The whole id, or how it begins; empty for all.
        tier: Only members of it; empty for any.
        act: Who asks, and when.
        after: Only ids behind this one.
        limit: At most so many.
    """
    most = LOOKED_THROUGH if tier else limit + 1
    with reading(engine) as connection:
        looked = members_from(connection, prefix, after=after, limit=most)
    found = [one for one in looked if not tier or one.attributes.get("tier") == tier]
    shown = tuple(found[:limit])
    if shown:
        note_access(engine, AccessAction.READ, act, detail={"members": len(shown)})
    if len(found) > limit:
        return Found(shown, shown[-1].member_id)
    is_cut = bool(tier) and len(looked) == most
    return Found(shown, looked[-1].member_id if is_cut else "", is_cut)


def look_at(serving: Serving, member_id: str, act: Act) -> MemberRecord:
    """Give what is known of a member and was recorded lately, and note that it was looked at.

    Raises:
        UnknownMember: There is none with this id.
    """
    listing = serving.watch.listing()
    with reading(serving.engine) as connection:
        member = find_member(connection, member_id)
        if member is None:
            raise UnknownMember(member_id)
        campaigns = sorted(listing.campaigns)
        variants = [
            (key, phase.number, variant.key)
            for key, campaign in listing.campaigns.items()
            for phase in campaign.phases
            for variant in phase.design.variants
        ]
        record = MemberRecord(
            member=member,
            progress=_progress(listing, member, act.now, serving.watch.computed_as_of),
            standings=_standings(connection, listing.catalogue.served, member, act.now),
            consents=read_opt_outs(connection, member_id),
            exposures=tuple(exposures_of(connection, member_id, variants)[:SHOWN]),
            conversions=tuple(conversions_of(connection, member_id, SHOWN)),
            grants=tuple(grants_of(connection, member_id, campaigns, SHOWN)),
        )
    note_access(serving.engine, AccessAction.READ, act, member_id=member_id)
    return record


def _progress(
    listing: Listing, member: Member, now: datetime, as_of: datetime | None
) -> Progress | None:
    programme = listing.programme
    if programme is None or not programme.tiers:
        return None
    tiers = frozenset(tier.key for tier in programme.tiers)
    tier, following = standing(tiers, member.attributes)
    climb = climb_of(programme, tier, "" if tier else following, NoOffer())
    return progress_of(climb, member, now, as_of)


def _standings(
    connection: Connection, served: Collection[CompiledCampaign], member: Member, now: datetime
) -> tuple[Standing, ...]:
    keys: dict[str, AssignmentKey] = {
        one.key: (one.key, one.phase, unit_id)
        for one in served
        if one.phase and (unit_id := unit_of(member, one.unit)) is not None
    }
    made = find_assignments(connection, set(keys.values()))
    found = {campaign: made.get(key) for campaign, key in keys.items()}
    return tuple(_standing(one, found.get(one.key), member, now) for one in served)


def _standing(
    campaign: CompiledCampaign, made: RecordedAssignment | None, member: Member, now: datetime
) -> Standing:
    decided = assign(
        campaign,
        member,
        now,
        prior=made.variant if made else None,
        enrolment_open=not campaign.is_closed,
    )
    assigned_at = made.assigned_at if made else None
    if isinstance(decided, Assignment):
        return Standing(campaign.key, decided.reason, decided.variant.key, assigned_at, "")
    variant = made.variant if made else None
    return Standing(campaign.key, decided.reason, variant, assigned_at, decided.detail)
