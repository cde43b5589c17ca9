"""Says what stands for a member without deciding anything new: variant, offer, its worth.

Looking at one's progress is not asking for an offer: whoever was not assigned before is not
assigned by it, and nothing is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.assignment import Assignment, assign, unit_of
from experiments.climb import TIER
from experiments.member import Member, text_of
from experiments.offer import is_worth_by_tier, value_for
from experiments.store.assignments import find_assignment, standing_variants
from experiments.store.engine import reading
from experiments.store.members import find_member

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.catalogue import CompiledCampaign
    from experiments.member import Attribute
    from experiments.offer import Offer
    from experiments.serving import OfferAnswer, Serving


_PRESENT: Final = "\0"
"""Stands for the present tier; no tier can have this key."""


def member_of(serving: Serving, member_id: str) -> Member:
    """Give a member; one nobody has sent yet has no attributes.

    Raises:
        StoreError: The member cannot be read.
    """
    memory = serving.memory
    ticket = memory.ticket
    found = memory.member(member_id)
    if found is None:
        with reading(serving.engine) as connection:
            found = find_member(connection, member_id)
        if found is None:  # not remembered: who was erased is served otherwise than who is new
            return Member(member_id)
        memory.keep_member(found, ticket)
    return found


def standing_offer(
    serving: Serving, campaign: CompiledCampaign, member: Member, now: datetime
) -> tuple[str, Offer]:
    """Give the variant that a member was assigned to and its offer, if it is still served.

    Returns:
        The variant's key, empty where the default offer holds: nothing was assigned yet, or the
        campaign is paused or over, or the member has opted out.

    Raises:
        StoreError: The assignment cannot be read.
    """
    unit_id = unit_of(member, campaign.unit)
    if campaign.phase and unit_id is not None:
        prior = _prior(serving, campaign, unit_id)
        decided = assign(campaign, member, now, prior=prior) if prior is not None else None
        if isinstance(decided, Assignment) and decided.remembered:
            return decided.variant.key, decided.variant.offer
    return "", campaign.default_offer


def worth_of(serving: Serving, answer: OfferAnswer) -> int | None:
    """Give what an offer is worth to the member, in minor units; None where nothing says it.

    What was promised at the assignment stays: a member who climbs later keeps the worth of the tier
    that the assignment was made in. Of a household, that is so for the member for whom it was made;
    to the others it is worth what their present tier says.

    Raises:
        StoreError: The assignment cannot be read.
    """
    offer, member, campaign = answer.offer, answer.member, answer.campaign
    if not is_worth_by_tier(offer):
        return None
    if answer.remembered and (unit_id := unit_of(member, campaign.unit)) is not None:
        tier = _tier_at_assignment(serving, campaign, member.member_id, unit_id)
        if tier != _PRESENT:
            return value_for(offer, tier)
    return value_for(offer, _tier(member.attributes.get(TIER)))


def _tier_at_assignment(
    serving: Serving, campaign: CompiledCampaign, member_id: str, unit_id: str
) -> str:
    """Give the tier at the assignment, empty for none; of a household one member's is known."""
    key = (campaign.key, campaign.phase, member_id)
    tier = serving.memory.tier_at(key)
    if tier is None:
        with reading(serving.engine) as connection:
            made = find_assignment(connection, campaign.key, campaign.phase, unit_id)
        is_own = made is not None and made.member_id == member_id
        tier = _tier(made.attributes.get(TIER)) if made is not None and is_own else _PRESENT
        serving.memory.keep_tier_at(key, tier)
    return tier


def _prior(serving: Serving, campaign: CompiledCampaign, unit_id: str) -> str | None:
    memory = serving.memory
    ticket = memory.ticket
    of_unit = memory.variants(unit_id)
    of_phase = (campaign.key, campaign.phase)
    if of_phase in of_unit:
        return of_unit[of_phase]
    key = (campaign.key, campaign.phase, unit_id)
    with reading(serving.engine) as connection:
        found = standing_variants(connection, [key]).get(key)
    memory.keep_variants(unit_id, {of_phase: found}, ticket)
    return found


def _tier(value: Attribute) -> str:
    return "" if value is None else text_of(value)
