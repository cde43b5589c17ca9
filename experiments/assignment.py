"""Decides the variant of a member: one pure function for serving, export, preview and audit.

It reads the compiled campaign, the member, the clock and what was remembered of an earlier
assignment; it reads and writes nothing else, so any answer can be computed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from experiments.bucketing import shard
from experiments.campaign import State, UnitKind
from experiments.member import HOUSEHOLD

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.catalogue import CompiledCampaign, CompiledVariant
    from experiments.member import Member


class Reason(StrEnum):
    """Why a member gets the offer that they get."""

    ASSIGNED = "assigned"
    NOT_ELIGIBLE = "not_eligible"
    HELD_OUT = "held_out"
    OTHER_CAMPAIGN = "other_campaign"
    OPTED_OUT = "opted_out"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    ENDED = "ended"
    CAPPED = "capped"
    TRAFFIC = "traffic"
    EXTERNALLY_ASSIGNED = "externally_assigned"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The variant decided for a unit.

    Attributes:
        unit_id: The member's id, or the household's.
        remembered: Whether it was decided earlier, perhaps under other attributes.
    """

    campaign: str
    phase: int
    unit_id: str
    variant: CompiledVariant
    remembered: bool = False

    @property
    def reason(self) -> Reason:
        """Always ASSIGNED; `NotAssigned` has the other reasons."""
        return Reason.ASSIGNED


@dataclass(frozen=True, slots=True)
class NotAssigned:
    """No variant, and why.

    Attributes:
        detail: What exactly refused: the failing condition, the other campaign, the holdout.
    """

    campaign: str
    reason: Reason
    detail: str = ""


def unit_of(member: Member, unit: UnitKind) -> str | None:
    """Give the randomization unit of a member, or None where the household is not known."""
    return member.member_id if unit is UnitKind.MEMBER else member.household_id


def assign(  # noqa: PLR0911  # one return a reason, in the order in which they count
    campaign: CompiledCampaign,
    member: Member,
    now: datetime,
    *,
    prior: str | None = None,
    enrolment_open: bool = True,
) -> Assignment | NotAssigned:
    """Decide the variant of a member in a campaign.

    Args:
        campaign: Compiled; its state, windows, salts and ranges.
        member: With the attributes known now; a member nobody knows has none.
        now: Aware UTC.
        prior: Key of the variant that the unit was assigned to earlier in this phase. It stays,
            whatever the attributes say now; only consent, pause and end come before it.
        enrolment_open: False once a cap is reached.

    Returns:
        The assignment, or the first reason that stands against it: state of the campaign, consent,
        holdout, layer, audience, traffic share, cap.
    """
    refused = _unavailable(campaign, member, now)
    if refused is not None:
        return refused
    key = campaign.key
    unit_id = unit_of(member, campaign.unit)
    if unit_id is None:
        return NotAssigned(key, Reason.NOT_ELIGIBLE, f"{HOUSEHOLD} IS_NULL false")
    if prior is not None and (remembered := campaign.variant_by_key.get(prior)) is not None:
        return Assignment(key, campaign.phase, unit_id, remembered, remembered=True)
    excluded = _excluded(campaign, unit_id)
    if excluded is not None:
        return excluded
    if campaign.admission is not None and (missing := campaign.admission(member)) is not None:
        return NotAssigned(key, Reason.NOT_ELIGIBLE, missing)
    if shard(campaign.traffic_salt, unit_id) >= campaign.traffic_slots:
        return NotAssigned(key, Reason.TRAFFIC)
    if not enrolment_open:
        return NotAssigned(key, Reason.CAPPED)
    variant = campaign.variant_at(shard(campaign.split_salt, unit_id))
    return Assignment(key, campaign.phase, unit_id, variant)


def _unavailable(campaign: CompiledCampaign, member: Member, now: datetime) -> NotAssigned | None:
    """Give the reason that holds for everyone, or for a member without consent."""
    state, key = campaign.state, campaign.key
    starts, ends = campaign.starts_at, campaign.ends_at
    if state is State.DRAFT or (starts is not None and now < starts):
        return NotAssigned(key, Reason.NOT_STARTED)
    if state is State.PAUSED:
        return NotAssigned(key, Reason.PAUSED)
    if state not in {State.RUNNING, State.SCHEDULED} or (ends is not None and now >= ends):
        return NotAssigned(key, Reason.ENDED)
    if campaign.external:
        return NotAssigned(key, Reason.EXTERNALLY_ASSIGNED)
    if not member.personalisation_consent:
        return NotAssigned(key, Reason.OPTED_OUT)
    return None


def _excluded(campaign: CompiledCampaign, unit_id: str) -> NotAssigned | None:
    """Give the holdout or the other campaign of the layer that has the unit."""
    key = campaign.key
    if campaign.holdout_slots and shard(campaign.holdout_salt, unit_id) < campaign.holdout_slots:
        return NotAssigned(key, Reason.HELD_OUT, "programme")
    layer = campaign.layer
    if layer is None:
        return None
    if layer.holdout_slots and shard(layer.holdout_salt, unit_id) < layer.holdout_slots:
        return NotAssigned(key, Reason.HELD_OUT, f"layer {layer.key}")
    slot = shard(layer.salt, unit_id)
    if any(slot in held for held in layer.own):
        return None
    other = next((name for held, name in layer.others if slot in held), None)
    detail = other or f"layer {layer.key}: slots that no campaign holds"
    return NotAssigned(key, Reason.OTHER_CAMPAIGN, detail)
