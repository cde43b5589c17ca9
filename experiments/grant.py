"""Says what a grant is: a reward given to one member once, with its cost, and how it may move.

A reserved grant is a promise: until it expires it can be redeemed, whatever becomes of the
campaign, its budget or its stock. What is redeemed can be taken back; nothing else leads back.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class Action(StrEnum):
    """What a sender asks for; `grant` is to reserve, unless it was, and to redeem at once."""

    RESERVE = "reserve"
    REDEEM = "redeem"
    REVERSE = "reverse"
    GRANT = "grant"


class GrantState(StrEnum):
    """Where a grant stands."""

    RESERVED = "reserved"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVERSED = "reversed"


class Step(StrEnum):
    """One move of a grant; each is made at most once."""

    RESERVE = "reserve"
    REDEEM = "redeem"
    REVERSE = "reverse"
    EXPIRE = "expire"


LIVE: Final = frozenset({GrantState.RESERVED, GrantState.REDEEMED})
"""States in which a grant takes its place of the stock and its part of the budgets."""

LEGAL: Final[dict[GrantState, dict[Step, GrantState]]] = {
    GrantState.RESERVED: {
        Step.REDEEM: GrantState.REDEEMED,
        Step.REVERSE: GrantState.REVERSED,
        Step.EXPIRE: GrantState.EXPIRED,
    },
    GrantState.REDEEMED: {Step.REVERSE: GrantState.REVERSED},
    GrantState.EXPIRED: {},
    GrantState.REVERSED: {},
}
"""Which move leads where; a grant begins by being reserved."""

_TAKEN_AT: Final = {
    Step.RESERVE: "reserved_at",
    Step.REDEEM: "redeemed_at",
    Step.REVERSE: "reversed_at",
    Step.EXPIRE: "expired_at",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A reward given to a member, as it stands.

    Attributes:
        grant_id: The sender's own id; a repeat of it changes nothing.
        campaign: Key of the campaign.
        phase: Of which phase the member's assignment was.
        variant: Key of the variant whose offer was granted.
        member_id: Who got it.
        offer_id: Which offer.
        offer_kind: Its kind: ``gift``, ``discount`` and so on.
        cost_minor: What one costs the business, in minor units, as it was when reserved.
        currency: ISO 4217 code of the cost.
        breakage: The part of such promises that is expected never to be redeemed, 0 to 1.
        reserved_at: When it was promised.
        received_at: When we were first told.
        expires_at: The first moment at which it can no longer be redeemed; None for never.
        redeemed_at: When it was used.
        reversed_at: When it was taken back.
        expired_at: Its expiry, once that has come and nobody had redeemed it.
        sender: Who told us first.
    """

    grant_id: str
    campaign: str
    phase: int
    variant: str
    member_id: str
    offer_id: str
    offer_kind: str
    cost_minor: int
    currency: str
    breakage: Decimal
    reserved_at: datetime
    received_at: datetime
    expires_at: datetime | None = None
    state: GrantState = GrantState.RESERVED
    redeemed_at: datetime | None = None
    reversed_at: datetime | None = None
    expired_at: datetime | None = None
    sender: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it takes its place of the stock and its part of the budgets."""
        return self.state in LIVE

    @property
    def standing_since(self) -> datetime:
        """When it came to stand as it does."""
        times = (self.expired_at, self.reversed_at, self.redeemed_at)
        return next((at for at in times if at is not None), self.reserved_at)

    def values(self) -> dict[str, object]:
        """Give it as faces show it, as JSON values."""
        return {**asdict(self), "breakage": float(self.breakage)}

    def taken_at(self, step: Step) -> datetime | None:
        """Give when a step was taken, or None where it was not."""
        at: datetime | None = getattr(self, _TAKEN_AT[step])
        return at

    def expired(self) -> Grant:
        """Give the grant as it is from its expiry on, where it was not redeemed before."""
        if self.expires_at is None:  # pragma: no cover  # whoever asks has looked
            message = f"the grant {self.grant_id!r} never expires"
            raise AssertionError(message)
        return self.after(Step.EXPIRE, self.expires_at)

    def after(self, step: Step, at: datetime) -> Grant:
        """Give the grant after a legal step.

        Raises:
            KeyError: The state does not allow it; whoever asks has looked.
        """
        changes: dict[str, Any] = {"state": LEGAL[self.state][step], _TAKEN_AT[step]: at}
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class GrantMove:
    """A step that a grant took: a fact that is never changed.

    Attributes:
        grant: As it stood afterwards.
        moved_at: When it happened.
        received_at: When we were told; of an expiry, when it was noticed.
        sender: Who told us; None for an expiry.
        reason: Why, in the sender's words.
    """

    grant: Grant
    step: Step
    moved_at: datetime
    received_at: datetime
    sender: str | None = None
    reason: str | None = None

    def values(self) -> dict[str, object]:
        """Give the step as faces show it beside its grant, as JSON values."""
        return {
            "step": str(self.step),
            "moved_at": self.moved_at,
            "received_at": self.received_at,
            "sender": self.sender,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class GrantOrder:
    """What a sender asks for.

    Attributes:
        occurred_at: When it happened, where the sender says so.
        expires_at: Until when it is to be reserved, where that is earlier than the offer's own end.
        reason: Why, for whoever reads the ledger.
    """

    grant_id: str
    action: Action
    campaign: str
    member_id: str
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None


class RefusalCode(StrEnum):
    """Why nothing was granted, or nothing moved."""

    INVALID_VALUES = "invalid_values"
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    UNKNOWN_GRANT = "unknown_grant"
    CONFLICT = "conflict"
    NOT_RUNNING = "not_running"
    NOT_ASSIGNED = "not_assigned"
    OPTED_OUT = "opted_out"
    NO_OFFER = "no_offer"
    OFFER_EXPIRED = "offer_expired"
    ALREADY_GRANTED = "already_granted"
    MEMBER_CAP = "member_cap"
    STOCK_EXHAUSTED = "stock_exhausted"
    BUDGET_EXHAUSTED = "budget_exhausted"
    EXPIRED = "expired"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order was refused; nothing was stored of it.

    Attributes:
        message: What stands against it, with its numbers.
        way_out: What would do.
    """

    code: RefusalCode
    message: str
    way_out: str


def refused(code: RefusalCode, message: str, way_out: str) -> Refusal:
    """Give a refusal; its message becomes a sentence."""
    return Refusal(code, f"{message[:1].upper()}{message[1:]}.", way_out)


def shown(moment: datetime | None) -> str:
    """Give a moment as a refusal names it, in UTC."""
    return "an unknown time" if moment is None else f"{moment:%FT%TZ}"
