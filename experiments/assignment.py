"""Decides the variant of a member: one pure function for serving, export, preview and audit.

It reads the compiled campaign, the member, the clock and what was remembered of an earlier
assignment; it reads and writes nothing else, so any answer can be computed again.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from experiments.bucketing import TOTAL_SHARDS, shard
from experiments.campaign import State, UnitKind
from experiments.member import HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from experiments.catalogue import CompiledCampaign, CompiledVariant
    from experiments.member import Member

_made = tuple.__new__
"""Makes a named tuple of its fields in half the time of a call of its class."""


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
    OVERRIDE = "override"


# Looking a member of an enumeration up takes as long as a fifth of a hash.
_MEMBER: Final = UnitKind.MEMBER
_NOT_ELIGIBLE: Final = Reason.NOT_ELIGIBLE


class Assignment(NamedTuple):
    """The variant decided for a unit; a tuple, for a frozen dataclass takes four times as long.

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


class NotAssigned(NamedTuple):
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
    slot_of: Callable[[str, str], int] = shard,
) -> Assignment | NotAssigned:
    """Decide the variant of a member in a campaign.

    Args:
        campaign: Compiled; its state, windows, salts and ranges.
        member: With the attributes known now; a member nobody knows has none.
        now: Aware UTC.
        prior: Key of the variant that the unit was assigned to earlier in this phase. It stays,
            whatever the attributes say now; only consent, pause and end come before it.
        enrolment_open: False once a cap is reached.
        slot_of: Computes slots of holdouts and layers. Whoever asks many campaigns about one member
            gives ``functools.cache(shard)``: the campaigns share these salts.

    Returns:
        The assignment, or the first reason that stands against it: state of the campaign, consent,
        holdout, layer, audience, traffic share, cap.
    """
    # Frontends wait for this on every page, so what most campaigns do not have costs them nothing,
    # and a share of all needs no hash. `bench/evaluation.py` measures it.
    if (
        not campaign.assigns_from <= now < campaign.assigns_until
        or not member.personalisation_consent
    ):
        return _unavailable(campaign, now)
    unit_id = member.member_id if campaign.unit is _MEMBER else member.household_id
    if unit_id is None:
        return NotAssigned(campaign.key, Reason.NOT_ELIGIBLE, f"{HOUSEHOLD} IS_NULL false")
    if prior is not None and (remembered := campaign.variant_by_key.get(prior)) is not None:
        return _made(Assignment, (campaign.key, campaign.phase, unit_id, remembered, True))
    if (campaign.holdout_slots or campaign.layer is not None) and (
        excluded := _excluded(campaign, unit_id, slot_of)
    ) is not None:
        return excluded
    admission = campaign.admission
    if admission is not None and (missing := admission(member)) is not None:
        return _made(NotAssigned, (campaign.key, _NOT_ELIGIBLE, missing))
    traffic_slots = campaign.traffic_slots
    if traffic_slots < TOTAL_SHARDS and shard(campaign.traffic_salt, unit_id) >= traffic_slots:
        return NotAssigned(campaign.key, Reason.TRAFFIC)
    if not enrolment_open:
        return NotAssigned(campaign.key, Reason.CAPPED)
    slot = shard(campaign.split_salt, unit_id)
    variant = campaign.variants[bisect_right(campaign.split_ends, slot)]
    return _made(Assignment, (campaign.key, campaign.phase, unit_id, variant, False))


def _unavailable(campaign: CompiledCampaign, now: datetime) -> NotAssigned:
    """Give the reason that holds for everyone, else that the member has not consented."""
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
    return NotAssigned(key, Reason.OPTED_OUT)


def _excluded(
    campaign: CompiledCampaign, unit_id: str, slot_of: Callable[[str, str], int]
) -> NotAssigned | None:
    """Give the holdout or the other campaign of the layer that has the unit."""
    key = campaign.key
    if campaign.holdout_slots and slot_of(campaign.holdout_salt, unit_id) < campaign.holdout_slots:
        return NotAssigned(key, Reason.HELD_OUT, "programme")
    layer = campaign.layer
    if layer is None:
        return None
    if layer.holdout_slots and slot_of(layer.holdout_salt, unit_id) < layer.holdout_slots:
        return NotAssigned(key, Reason.HELD_OUT, f"layer {layer.key}")
    holder = layer.holders[slot_of(layer.salt, unit_id)]
    if holder == key:
        return None
    detail = holder or f"layer {layer.key}: slots that no campaign holds"
    return NotAssigned(key, Reason.OTHER_CAMPAIGN, detail)
