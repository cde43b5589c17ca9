"""Answers what a member is offered, and remembers the first answer.

A member who was assigned before costs reads only. A first assignment is one write transaction: the
assignment, the count under a cap, and the exposure where the campaign has the server log it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.assignment import Assignment, NotAssigned, Reason, assign, unit_of
from experiments.exposure import Exposure
from experiments.locale import fall_back, negotiate
from experiments.member import Member
from experiments.store.assignments import RecordedAssignment, prior_variant, remember
from experiments.store.engine import reading, writing
from experiments.store.enrolments import try_enrol
from experiments.store.exposures import append_exposures, has_exposure
from experiments.store.members import find_member

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.catalogue import CompiledCampaign
    from experiments.directory import Directory
    from experiments.offer import Offer, Texts

SERVER_SENDER = "server"
"""Sender of the exposures that the server logs itself."""


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """What a frontend gets for a member.

    Attributes:
        phase: The campaign's phase, 0 before its first launch.
        answer: The assignment, or why there is none.
        offer: The variant's, or the campaign's default offer.
        locale: Locale of `texts`; None where the offer has none.
        catalogue_version: Names the configuration that decided.
    """

    member_id: str
    phase: int
    answer: Assignment | NotAssigned
    offer: Offer
    locale: str | None
    texts: Texts | None
    catalogue_version: str


class _Full(Exception):  # leaves the transaction, never this module
    """The cap was reached between reading and writing."""


def offer_for(
    engine: Engine,
    directory: Directory,
    *,
    campaign: str,
    member_id: str,
    locales: Sequence[str],
    now: datetime,
) -> OfferAnswer:
    """Give a member's offer in a campaign, and remember a first assignment.

    Args:
        engine: The store.
        directory: This process's listing of campaigns.
        campaign: Key of the campaign.
        member_id: As the business knows the member; one that nobody sent yet has no attributes.
        locales: What the frontend asked for, best first.
        now: Aware UTC.

    Raises:
        UnknownCampaign: No campaign has that key.
    """
    with reading(engine) as connection:
        listing = directory.current(connection)
        compiled = listing.compiled(campaign)
        member = find_member(connection, member_id) or Member(member_id)
        unit_id = unit_of(member, compiled.unit)
        prior = (
            prior_variant(connection, campaign, compiled.phase, unit_id)
            if unit_id is not None and compiled.phase
            else None
        )
        answer = assign(compiled, member, now, prior=prior)
        unlogged = (
            isinstance(answer, Assignment)
            and compiled.server_logs_exposures
            and not has_exposure(connection, _exposure_id(answer, member_id))
        )
    if isinstance(answer, Assignment):
        if not answer.remembered:
            answer = _enrol(engine, compiled, member, answer, now)
        elif unlogged:  # another member of the household
            with writing(engine) as connection:
                _log_exposure(connection, member, answer, answer.variant.key, now)
    offer = answer.variant.offer if isinstance(answer, Assignment) else compiled.default_offer
    locale, texts = _texts(offer, locales, listing.catalogue.locales)
    return OfferAnswer(
        member_id=member_id,
        phase=compiled.phase,
        answer=answer,
        offer=offer,
        locale=locale,
        texts=texts,
        catalogue_version=listing.catalogue.version,
    )


def _enrol(
    engine: Engine, campaign: CompiledCampaign, member: Member, decided: Assignment, now: datetime
) -> Assignment | NotAssigned:
    """Remember a first assignment; another process may have been first, or the cap reached."""
    try:
        with writing(engine) as connection:
            standing = remember(
                connection,
                RecordedAssignment(
                    campaign=campaign.key,
                    phase=campaign.phase,
                    unit_id=decided.unit_id,
                    variant=decided.variant.key,
                    member_id=member.member_id,
                    assigned_at=now,
                    attributes=member.attributes,
                ),
            )
            if standing.new:
                _count(connection, campaign)
            if campaign.server_logs_exposures:
                _log_exposure(connection, member, decided, standing.variant, now)
    except _Full:
        return NotAssigned(campaign.key, Reason.CAPPED)
    if standing.variant == decided.variant.key:
        return decided
    return assign(campaign, member, now, prior=standing.variant)


def _count(connection: Connection, campaign: CompiledCampaign) -> None:
    """Count one more unit under the campaign's cap, or leave the transaction."""
    if campaign.cap is not None and not try_enrol(
        connection, campaign.key, campaign.phase, campaign.cap
    ):
        raise _Full


def _log_exposure(
    connection: Connection, member: Member, decided: Assignment, variant: str, now: datetime
) -> None:
    append_exposures(
        connection,
        [
            Exposure(
                exposure_id=_exposure_id(decided, member.member_id),
                campaign=decided.campaign,
                phase=decided.phase,
                variant=variant,
                member_id=member.member_id,
                unit_id=decided.unit_id,
                exposed_at=now,
                received_at=now,
                sender=SERVER_SENDER,
            )
        ],
    )


def _exposure_id(decided: Assignment, member_id: str) -> str:
    """Give the one id of a member's exposure in a phase: asking again logs nothing more."""
    text = f"{decided.campaign}\n{decided.phase}\n{member_id}"
    return f"{SERVER_SENDER}-{hashlib.sha256(text.encode()).hexdigest()}"


def _texts(
    offer: Offer, asked: Sequence[str], fallbacks: Sequence[str]
) -> tuple[str | None, Texts | None]:
    """Give the offer's texts in the best locale: asked for, else the programme's own order."""
    available = tuple(offer.texts)
    locale = negotiate(asked, available) or fall_back(asked, fallbacks, available)
    return locale, offer.texts[locale] if locale is not None else None
