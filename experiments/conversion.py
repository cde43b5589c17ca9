"""Says what a conversion is: an outcome of a member, whichever campaign may have caused it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Conversion:
    """One outcome, a fact that is never changed; a refund is a conversion of its own.

    Attributes:
        conversion_id: The sender's own id; a repeat of it changes nothing.
        member_id: Whose outcome it is.
        event: What happened: ``order``, ``refund``, ``tier_change``, or a name of one's own.
        occurred_at: When it happened.
        received_at: When it arrived.
        amount_minor: Money in minor units, never negative, or None.
        currency: ISO 4217 code of the amount.
        properties: Whatever else is known: ``to`` of a tier change, ``cause``.
        sender: Who sent it.
    """

    conversion_id: str
    member_id: str
    event: str
    occurred_at: datetime
    received_at: datetime
    amount_minor: int | None = None
    currency: str | None = None
    properties: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    sender: str | None = None
