"""Decides on orders for grants: one after the other, over what is known of a few campaigns.

It reads and writes nothing. Whoever asks holds the campaigns' lock, so that what is decided here is
still true when it is written; `experiments.granting` sees to both.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.budget import (
    IN_UNITS,
    Exhaustion,
    Resource,
    bounds_of,
    is_exhausted,
    offer_id_of,
    tally_of,
    used_of,
)
from experiments.campaign import State
from experiments.grant import (
    Action,
    Grant,
    GrantMove,
    GrantState,
    Refusal,
    RefusalCode,
    Step,
)
from experiments.offer import Coupon, NoOffer

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from experiments.budget import Bound, Tally
    from experiments.campaign import Campaign
    from experiments.grant import GrantOrder

_STEPS: Final = {
    Action.RESERVE: (Step.RESERVE,),
    Action.REDEEM: (Step.REDEEM,),
    Action.REVERSE: (Step.REVERSE,),
    Action.GRANT: (Step.RESERVE, Step.REDEEM),
}
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
class Settled:
    """What became of an order that was not refused.

    Attributes:
        is_new: Whether anything moved; False for a repeat.
    """

    grant: Grant
    is_new: bool


@dataclass(slots=True)
class Account:
    """One campaign in the ledger.

    Attributes:
        tallies: What was granted in all of its phases, by the tallies' keys.
        live: Live grants of the members in question, by member and offer.
        closed: Bounds that have closed enrolment in the present phase.
        bounds: What the grants of the campaign are bounded by.
        held: How many live grants each of these members has.
    """

    campaign: Campaign
    tallies: dict[tuple[str, int, str, str, str], Tally]
    live: dict[tuple[str, str], Grant]
    closed: set[tuple[Resource, str]]
    bounds: tuple[Bound, ...] = ()
    held: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Read the bounds once for all orders, and count what each member holds."""
        self.held = Counter(member for member, _ in self.live)
        self.bounds = tuple(
            bound for bound in bounds_of(self.campaign.design) if bound.resource not in IN_UNITS
        )

    def used(self, bound: Bound) -> int:
        """Give how much of a bound is taken."""
        return used_of(bound, self.tallies.values())

    def hold(self, grant: Grant, *, is_first: bool) -> None:
        """Take in how a grant stands now."""
        place = (grant.member_id, grant.offer_id)
        if grant.is_live:
            self.live[place] = grant
            self.held[grant.member_id] += is_first
        elif self.live.pop(place, None) is not None:
            self.held[grant.member_id] -= 1


@dataclass(slots=True)
class Ledger:
    """What is known in one transaction, and what was decided in it.

    Attributes:
        accounts: By campaign.
        grants: By id: those that the orders name.
        moves: What moved, in order.
        exhaustions: What was exhausted by it.
        touched: Tallies that changed, by their keys.
    """

    now: datetime
    accounts: dict[str, Account]
    grants: dict[str, Grant]
    moves: list[GrantMove] = field(default_factory=list)
    exhaustions: list[Exhaustion] = field(default_factory=list)
    touched: dict[tuple[str, int, str, str, str], Tally] = field(default_factory=dict)

    def settle(self, order: GrantOrder, entrant: Entrant, sender: str | None) -> Settled | Refusal:
        """Decide on an order, and count what it changes.

        Args:
            order: What is asked for.
            entrant: What is known of its member, where the grant is not there yet.
            sender: Who asks.
        """
        account = self.accounts.get(order.campaign)
        if account is None:
            return _refused(
                RefusalCode.UNKNOWN_CAMPAIGN,
                f"there is no campaign {order.campaign!r}",
                "Send the key of a campaign that exists.",
            )
        grant = self.grants.get(order.grant_id)
        if grant is None:
            if order.action not in {Action.RESERVE, Action.GRANT}:
                return _refused(
                    RefusalCode.UNKNOWN_GRANT,
                    f"there is no grant {order.grant_id!r} to {order.action}",
                    "Reserve it first, under the same grant_id.",
                )
            made = _new_grant(account, order, entrant, self.now, sender)
            if isinstance(made, Refusal):
                return made
            self._keep(account, made, None, Step.RESERVE, order, sender)
            return self._go_on(account, Settled(made, is_new=True), order, sender)
        if (refusal := _conflict(grant, order)) is not None:
            return refusal
        return self._go_on(account, Settled(grant, is_new=False), order, sender)

    def _go_on(
        self, account: Account, settled: Settled, order: GrantOrder, sender: str | None
    ) -> Settled | Refusal:
        """Take the steps of an order that were not taken yet."""
        grant, is_new = settled.grant, settled.is_new
        for step in _STEPS[order.action]:
            if grant.taken_at(step) is not None:
                continue
            if grant.state is GrantState.EXPIRED:
                return _refused(
                    RefusalCode.EXPIRED,
                    f"the grant {grant.grant_id!r} expired at {_shown(grant.expired_at)}",
                    "Reserve the offer anew, under another grant_id, if it can still be had.",
                )
            if grant.state is GrantState.REVERSED:
                return _refused(
                    RefusalCode.REVERSED,
                    f"the grant {grant.grant_id!r} was taken back at {_shown(grant.reversed_at)}",
                    "Reserve the offer anew, under another grant_id, if it can still be had.",
                )
            after = grant.after(step, order.occurred_at or self.now)
            self._keep(account, after, grant, step, order, sender)
            grant, is_new = after, True
        return Settled(grant, is_new)

    def _keep(
        self,
        account: Account,
        grant: Grant,
        before: Grant | None,
        step: Step,
        order: GrantOrder,
        sender: str | None,
    ) -> None:
        """Count a move, and note what it exhausts."""
        self.grants[grant.grant_id] = grant
        at = grant.taken_at(step) or self.now
        self.moves.append(GrantMove(grant, step, at, self.now, sender, order.reason))
        fresh = tally_of(grant)
        tally = account.tallies.setdefault(fresh.key, fresh)
        tally.count(grant, before.state if before is not None else None)
        self.touched[tally.key] = tally
        account.hold(grant, is_first=before is None)
        if before is None:
            self._close(account)

    def _close(self, account: Account) -> None:
        """Note every bound that has just been exhausted."""
        phase = account.campaign.phase
        if phase is None:  # pragma: no cover  # a grant has an assignment, and that a phase
            return
        for bound in account.bounds:
            if bound.name in account.closed or not is_exhausted(bound, account.used(bound)):
                continue
            account.closed.add(bound.name)
            self.exhaustions.append(
                Exhaustion(
                    account.campaign.key,
                    phase.number,
                    bound.resource,
                    bound.subject,
                    bound.limit,
                    self.now,
                )
            )


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


def _new_grant(
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
        return _refused(
            RefusalCode.OFFER_EXPIRED,
            f"it would have expired at {_shown(grant.expires_at)}",
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
        said = f"ended at {_shown(ends)}" if state is State.RUNNING and ends else f"is {state}"
        return _refused(
            RefusalCode.NOT_RUNNING,
            f"campaign {order.campaign!r} {said}, so nothing new is reserved",
            "What was reserved before can be redeemed until it expires.",
        )
    if not entrant.consents:
        return _refused(
            RefusalCode.OPTED_OUT,
            f"member {order.member_id!r} takes no part in personalised offers",
            "Grant nothing, or ask the member.",
        )
    variant = None if entrant.variant is None else campaign.design.variant(entrant.variant)
    if variant is None:
        return _refused(
            RefusalCode.NOT_ASSIGNED,
            f"member {order.member_id!r} is not assigned in phase {phase.number} of campaign "
            f"{order.campaign!r}",
            "Fetch the member's offer first; only who is assigned can be given it.",
        )
    offer = variant.offer
    if isinstance(offer, NoOffer):
        return _refused(
            RefusalCode.NO_OFFER,
            f"member {order.member_id!r} is assigned to {variant.key!r}, which offers nothing",
            "Grant nothing: a variant without an offer gives no reward.",
        )
    if offer.expires_at is not None and offer.expires_at <= now:
        return _refused(
            RefusalCode.OFFER_EXPIRED,
            f"the offer of {variant.key!r} expired at {_shown(offer.expires_at)}",
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
        return _refused(
            RefusalCode.ALREADY_GRANTED,
            f"member {grant.member_id!r} has the offer {grant.offer_id!r} already, as grant "
            f"{held.grant_id!r}, which is {held.state}",
            f"Redeem or reverse {held.grant_id!r}; a member is given an offer once.",
        )
    most = account.campaign.design.caps.grants_per_member
    if most is not None and account.held[grant.member_id] >= most:
        return _refused(
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
            return _refused(
                _EXHAUSTED[bound.resource],
                f"the {what}",
                "Serve the default offer; the operator may raise it in the campaign's document.",
            )
    tally = account.tallies.get(tally_of(grant).key)
    if tally is not None and not tally.can_count:
        return _refused(
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


def _conflict(grant: Grant, order: GrantOrder) -> Refusal | None:
    """Give why an order is not about the grant that has its id."""
    said = {
        "campaign": (grant.campaign, order.campaign),
        "member_id": (grant.member_id, order.member_id),
    }
    differing = [name for name, (kept, came) in said.items() if kept != came]
    at = grant.taken_at(_STEPS[order.action][0])
    if order.occurred_at is not None and at is not None and order.occurred_at != at:
        differing.append("occurred_at")
    if not differing:
        return None
    return _refused(
        RefusalCode.CONFLICT,
        f"the grant {order.grant_id!r} was sent before with another {' and '.join(differing)}, "
        "which stands",
        "Use a grant_id of its own for each grant, and repeat an order as it was.",
    )


def _refused(code: RefusalCode, message: str, way_out: str) -> Refusal:
    return Refusal(code, f"{message[:1].upper()}{message[1:]}.", way_out)


def _shown(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else f"{moment:%FT%TZ}"
