"""Answers what a member is offered, in one campaign or in all, and remembers the first answer.

A member who was assigned before costs no query: campaigns, attributes and assignments are those
that the process knows (`experiments.watch`). A first assignment is one write transaction: the
assignment, the count under a cap, and the exposure where the campaign has the server log it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from experiments.answer_record import AnswerRecord
from experiments.assignment import Assignment, NotAssigned, Reason, assign, unit_of
from experiments.bucketing import shard
from experiments.campaign import UnitKind
from experiments.member import Member
from experiments.store.assignments import standing_variants
from experiments.store.engine import reading
from experiments.store.erasures import is_held_back
from experiments.store.members import find_member

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.catalogue import CompiledCampaign, CompiledVariant
    from experiments.directory import Listing
    from experiments.member import Attribute
    from experiments.memory import Memory
    from experiments.offer import Offer
    from experiments.store.assignments import AssignmentKey
    from experiments.store.group_commit import GroupCommit
    from experiments.watch import Watch

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

_ASSIGNED: Final = Reason.ASSIGNED

_made = tuple.__new__
"""Makes a named tuple of its fields in half the time of a call of its class."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What one process answers offers from.

    Attributes:
        engine: The store.
        watch: The campaigns as they are now.
        memory: Members and assignments that were asked for lately.
        commits: Writes for several requests at once.
    """

    engine: Engine
    watch: Watch
    memory: Memory
    commits: GroupCommit


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what a member is offered, and when.

    Attributes:
        member_id: As the business knows the member; one nobody has sent yet has no attributes.
        now: Aware UTC.
        attributes: What the asker knows of the member; it counts before what was sent earlier.
        overrides: Variants to be looked at, by campaign: nothing is remembered of them.
        is_seen: Whether the answer is about to be shown, so that a campaign whose exposures the
            server logs has one.
    """

    member_id: str
    now: datetime
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: _NOTHING)
    overrides: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    is_seen: bool = True


class OfferAnswer(NamedTuple):
    """What a frontend gets for a member; a tuple, since a bulk answer is made of many.

    Attributes:
        campaign: As it was compiled.
        reason: Why the member gets this offer.
        variant: None where the default offer is served.
        offer: The variant's, or the campaign's default offer.
        member: Who asked, with what is known and what the asker said.
        detail: What exactly refused; it tells of rules and of other campaigns.
        remembered: Whether it was assigned at an earlier request.
    """

    campaign: CompiledCampaign
    reason: Reason
    variant: CompiledVariant | None
    offer: Offer
    member: Member
    detail: str = ""
    remembered: bool = False


def offer_for(serving: Serving, listing: Listing, campaign: str, asking: Asking) -> OfferAnswer:
    """Give a member's offer in a campaign, and remember a first assignment.

    Raises:
        UnknownCampaign: No campaign has that key.
        StoreError: What has to be read or remembered cannot be; nothing was.
    """
    return _answers(serving, listing, (listing.compiled(campaign),), asking)[0]


def offers_for(serving: Serving, listing: Listing, asking: Asking) -> list[OfferAnswer]:
    """Give a member's offers in every campaign that is served, and remember first assignments.

    Raises:
        StoreError: What has to be read or remembered cannot be; nothing was.
    """
    return _answers(serving, listing, listing.catalogue.served, asking)


def _answers(
    serving: Serving, listing: Listing, campaigns: Sequence[CompiledCampaign], asking: Asking
) -> list[OfferAnswer]:
    memory, now = serving.memory, asking.now
    member, known = _known(serving, campaigns, asking)
    revision = listing.catalogue.revision
    # campaigns of one layer or under one holdout hash a member under the same salts
    slot_of = cache(shard) if len(campaigns) > 1 else shard
    is_seen, overrides = asking.is_seen, asking.overrides
    answers: list[OfferAnswer] = []
    firsts: list[tuple[int, Assignment]] = []
    shown: list[Assignment] = []
    for campaign in campaigns:
        if overrides and (variant := _overriding(campaign, asking)) is not None:
            answers.append(OfferAnswer(campaign, Reason.OVERRIDE, variant, variant.offer, member))
            continue
        decided = assign(
            campaign,
            member,
            now,
            prior=known.get((campaign.key, campaign.phase)),
            enrolment_open=not campaign.is_capped
            or not (campaign.is_closed or memory.is_full(campaign.key, campaign.phase, revision)),
            slot_of=slot_of,
        )
        if isinstance(decided, Assignment):
            if not decided.remembered:
                firsts.append((len(answers), decided))
            elif is_seen and campaign.server_logs_exposures:
                shown.append(decided)
        answers.append(_answer(campaign, decided, member))
    if firsts or shown:
        record = AnswerRecord(
            serving.engine, memory, serving.commits, member, now, is_seen, revision
        )
        standing = record.keep(
            [decided for _, decided in firsts],
            {campaign.key: campaign for campaign in campaigns},
            [one for one in shown if not record.is_logged(one)],
        )
        for (index, decided), stands in zip(firsts, standing, strict=True):
            answers[index] = _standing_answer(answers[index], decided, stands)
    return answers


def _answer(
    campaign: CompiledCampaign, decided: Assignment | NotAssigned, member: Member
) -> OfferAnswer:
    if isinstance(decided, Assignment):
        variant, offer = decided.variant, decided.variant.offer
        fields = (campaign, _ASSIGNED, variant, offer, member, "", decided.remembered)
        return _made(OfferAnswer, fields)
    offer = campaign.default_offer
    return OfferAnswer(campaign, decided.reason, None, offer, member, decided.detail)


def _standing_answer(answer: OfferAnswer, decided: Assignment, standing: str | None) -> OfferAnswer:
    """Give the answer once the store has spoken: somebody may have been first, or it is full."""
    campaign, member = answer.campaign, answer.member
    if standing is None:
        return OfferAnswer(campaign, Reason.CAPPED, None, campaign.default_offer, member)
    if standing == decided.variant.key:
        return answer
    # decided elsewhere a moment ago, under another design of the same phase
    variant = campaign.variant_by_key.get(standing, decided.variant)
    return OfferAnswer(campaign, _ASSIGNED, variant, variant.offer, member, remembered=True)


def _overriding(campaign: CompiledCampaign, asking: Asking) -> CompiledVariant | None:
    wanted = asking.overrides.get(campaign.key)
    return None if wanted is None else campaign.variant_by_key.get(wanted)


_Variants: TypeAlias = "dict[tuple[str, int], str | None]"
"""The variant that stands for a unit, by campaign and phase; None for none."""


def _known(
    serving: Serving, campaigns: Sequence[CompiledCampaign], asking: Asking
) -> tuple[Member, _Variants]:
    """Give the member as asked about, and the variants that stand for the member's units.

    What is not remembered is read, all of it in one transaction.
    """
    memory = serving.memory
    ticket = memory.ticket
    stored = memory.member(asking.member_id)
    if stored is not None:
        member = _as_asked(stored, asking)
        known, missing = _remembered(memory, campaigns, member)
        if not missing:
            return member, known
    with reading(serving.engine) as connection:
        if stored is None:
            stored = find_member(connection, asking.member_id) or _unknown(connection, asking)
            memory.keep_member(stored, ticket)
        member = _as_asked(stored, asking)
        known, missing = _remembered(memory, campaigns, member)
        found = standing_variants(connection, missing)
    by_unit: dict[str, _Variants] = {}
    for campaign_key, phase, unit_id in missing:
        variant = found.get((campaign_key, phase, unit_id))
        known[campaign_key, phase] = variant
        by_unit.setdefault(unit_id, {})[campaign_key, phase] = variant
    for unit_id, variants in by_unit.items():
        memory.keep_variants(unit_id, variants, ticket)
    return member, known


def _unknown(connection: Connection, asking: Asking) -> Member:
    """Give a member nobody has sent; one who was erased lately is not drawn, nor remembered."""
    erased = is_held_back(connection, asking.member_id, asking.now)
    return Member(asking.member_id, personalisation_consent=not erased)


def _as_asked(member: Member, asking: Asking) -> Member:
    """Give the member with what the asker knows."""
    if not asking.attributes:
        return member
    merged = {**member.attributes, **asking.attributes}
    known_now = {name: value for name, value in merged.items() if value is not None}
    return Member(member.member_id, MappingProxyType(known_now), member.personalisation_consent)


def _remembered(
    memory: Memory, campaigns: Sequence[CompiledCampaign], member: Member
) -> tuple[_Variants, list[AssignmentKey]]:
    """Give the variants that are remembered, and what has to be read."""
    of_member = memory.variants(member.member_id)
    known: _Variants = {}
    missing: list[AssignmentKey] = []
    for campaign in campaigns:
        key = (campaign.key, campaign.phase)
        if not campaign.phase:
            continue
        if campaign.unit is UnitKind.MEMBER:
            unit_id: str | None = member.member_id
            of_unit = of_member
        elif (unit_id := unit_of(member, campaign.unit)) is not None:
            of_unit = memory.variants(unit_id)
        if unit_id is None:
            continue
        if key in of_unit:
            known[key] = of_unit[key]
        else:
            missing.append((*key, unit_id))
    return known, missing
