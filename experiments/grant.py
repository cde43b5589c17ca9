"""Says what a grant is: a reward given to one member once, with its cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """One reward given, a fact that is never changed.

    Attributes:
        grant_id: The sender's own id; a repeat of it changes nothing.
        campaign: Key of the campaign.
        variant: Key of the variant whose offer was granted.
        member_id: Who got it.
        offer_kind: Kind of the offer: ``gift``, ``discount`` and so on.
        cost_minor: What it cost, in minor units.
        currency: ISO 4217 code of the cost.
        granted_at: When it was given.
        received_at: When we were told.
        sender: Who told us.
    """

    grant_id: str
    campaign: str
    variant: str
    member_id: str
    offer_kind: str
    cost_minor: int
    currency: str
    granted_at: datetime
    received_at: datetime
    sender: str | None = None
