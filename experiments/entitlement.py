"""Says what a member may be given in a campaign, or what stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.budget import Resource, offer_id_of, tally_of
from experiments.campaign import State
from experiments.grant import Grant, Refusal, RefusalCode, refused, shown
from experiments.offer import Coupon, NoOffer

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from experiments.account import Account
    from experiments.budget import Bound
    from experiments.campaign import Campaign
    from experiments.grant import GrantOrder

_EXHAUSTED: Final = {
    Resource.STOCK: RefusalCode.STOCK_EXHAUSTED,
    Resource.CAMPAIGN_BUDGET: RefusalCode.BUDGET_EXHAUSTED,
    Resource.VARIANT_BUDGET: RefusalCode.BUDGET_EXHAUSTED,
}


@dataclass(frozen=True, slots=True)
class Entrant:
    """What is known of a member who is to get a reward.

    Attributes:
        variant: The variant that the member was assigned to in the present phase; None for none.
        consents: Whether the member takes part in personalised offers.
    """

    variant: str | None
    consents: bool = True


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a variant offers, as far as the ledger needs it."""

    phase: int
    variant: str
    offer_id: str
    kind: str
    cost_minor: int
    currency: str
    breakage: Decimal
    expires_at: datetime | None
    valid_days: int | None


def new_grant(
    account: Account, order: GrantOrder, entrant: Entrant, now: datetime, sender: str | None
) -> Grant | Refusal:
    """Give the grant that an order reserves, or what stands against it."""
    found = _offered(account.campaign, order, entrant, now)
    if isinstance(found, Refusal):
        return found
    terms, at = found, order.occurred_at or now
    grant = Grant(
        grant_id=order.grant_id,
        campaign=order.campaign,
        phase=terms.phase,
        variant=terms.variant,
        member_id=order.member_id,
        offer_id=terms.offer_id,
        offer_kind=terms.kind,
        cost_minor=terms.cost_minor,
        currency=terms.currency,
        breakage=terms.breakage,
        reserved_at=at,
        received_at=now,
        expires_at=_expiry(terms, order, at),
        sender=sender,
    )
    if grant.expires_at is not None and grant.expires_at <= now:
        return refused(
            RefusalCode.OFFER_EXPIRED,
            f"it would have expired at {shown(grant.expires_at)}",
            "Send a later expires_at, or a later occurred_at.",
        )
    return _over_member(account, grant) or _over_bounds(account, grant) or grant


def _offered(
    campaign: Campaign, order: GrantOrder, entrant: Entrant, now: datetime
) -> _Terms | Refusal:
    """Give what a member may be given, or why there is nothing."""
    state, ends = campaign.state_at(now), campaign.design.ends_at
    phase = campaign.phase
    if state is not State.RUNNING or phase is None or (ends is not None and ends <= now):
        said = f"ended at {shown(ends)}" if state is State.RUNNING and ends else f"is {state}"
        return refused(
            RefusalCode.NOT_RUNNING,
            f"campaign {order.campaign!r} {said}, so nothing new is reserved",
            "What was reserved before can be redeemed until it expires.",
        )
    if not entrant.consents:
        return refused(
            RefusalCode.OPTED_OUT,
            f"member {order.member_id!r} takes no part in personalised offers",
            "Grant nothing, or ask the member.",
        )
    variant = None if entrant.variant is None else campaign.design.variant(entrant.variant)
    if variant is None:
        return refused(
            RefusalCode.NOT_ASSIGNED,
            f"member {order.member_id!r} is not assigned in phase {phase.number} of campaign "
            f"{order.campaign!r}",
            "Fetch the member's offer first; only who is assigned can be given it.",
        )
    offer = variant.offer
    if isinstance(offer, NoOffer):
        return refused(
            RefusalCode.NO_OFFER,
            f"member {order.member_id!r} is assigned to {variant.key!r}, which offers nothing",
            "Grant nothing: a variant without an offer gives no reward.",
        )
    if offer.expires_at is not None and offer.expires_at <= now:
        return refused(
            RefusalCode.OFFER_EXPIRED,
            f"the offer of {variant.key!r} expired at {shown(offer.expires_at)}",
            "What was reserved before follows its own expiry.",
        )
    return _Terms(
        phase.number,
        variant.key,
        offer_id_of(order.campaign, variant),
        offer.kind,
        offer.unit_cost_minor,
        offer.currency,
        offer.breakage,
        offer.expires_at,
        offer.valid_days if isinstance(offer, Coupon) else None,
    )


def _over_member(account: Account, grant: Grant) -> Refusal | None:
    """Give why a member may have no more."""
    held = account.live.get((grant.member_id, grant.offer_id))
    if held is not None:
        return refused(
            RefusalCode.ALREADY_GRANTED,
            f"member {grant.member_id!r} has the offer {grant.offer_id!r} already, as grant "
            f"{held.grant_id!r}, which is {held.state}",
            f"Redeem or reverse {held.grant_id!r}; a member is given an offer once.",
        )
    most = account.campaign.design.caps.grants_per_member
    if most is not None and account.held[grant.member_id] >= most:
        return refused(
            RefusalCode.MEMBER_CAP,
            f"member {grant.member_id!r} has {most} grants of campaign {grant.campaign!r}, as many "
            "as caps.grants_per_member allows",
            "Grant nothing more to this member.",
        )
    return None


def _over_bounds(account: Account, grant: Grant) -> Refusal | None:
    """Give the stock or budget that a grant would exceed."""
    for bound in account.bounds:
        used = account.used(bound)
        match bound.resource:
            case Resource.STOCK:
                is_over = bound.subject == grant.offer_id and used + 1 > bound.limit
                what = f"stock of offer {bound.subject!r}: {used} of {bound.limit} are granted"
            case Resource.VARIANT_BUDGET:
                is_over = bound.subject == grant.variant and used + grant.cost_minor > bound.limit
                what = f"budget of variant {bound.subject!r}{_spent(bound, used, grant)}"
            case _:
                is_over = used + grant.cost_minor > bound.limit
                what = f"budget of campaign {grant.campaign!r}{_spent(bound, used, grant)}"
        if is_over:
            return refused(
                _EXHAUSTED[bound.resource],
                f"the {what}",
                "Serve the default offer; the operator may raise it in the campaign's document.",
            )
    tally = account.tallies.get(tally_of(grant).key)
    if tally is not None and not tally.can_count:
        return refused(
            RefusalCode.BUDGET_EXHAUSTED,
            "more money was granted than can be counted",
            "Start a new campaign.",
        )
    return None


def _spent(bound: Bound, used: int, grant: Grant) -> str:
    return (
        f": {used} of {bound.limit} minor units of {grant.currency} are granted, and this costs "
        f"{grant.cost_minor}"
    )


def _expiry(terms: _Terms, order: GrantOrder, at: datetime) -> datetime | None:
    """Give when a grant expires: a coupon by its own days, else with its offer; or earlier."""
    own = terms.expires_at
    if terms.valid_days is not None:
        own = at + timedelta(days=terms.valid_days)
    return min((end for end in (own, order.expires_at) if end is not None), default=None)
