"""Says what an exposure is: the moment at which a member could feel the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exposure:
    """One exposure, a fact that is never changed.

    Attributes:
        exposure_id: The sender's own id; a repeat of it changes nothing.
        campaign: Key of the campaign.
        phase: Phase in force when it happened, from 1.
        variant: Key of the variant that was shown.
        member_id: Who saw it.
        unit_id: The randomization unit at that moment; None where the campaign goes by household
            and none was known.
        exposed_at: When it happened.
        received_at: When it arrived.
        sender: Who sent it: an API key's id, an import, the server itself.
    """

    exposure_id: str
    campaign: str
    phase: int
    variant: str
    member_id: str
    unit_id: str | None
    exposed_at: datetime
    received_at: datetime
    sender: str | None = None
