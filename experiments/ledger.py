"""Decides on orders for grants: one after the other, over what is known of a few campaigns.

It reads and writes nothing. Whoever asks holds the campaigns' lock, so that what is decided here is
still true when it is written; `experiments.granting` sees to both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from experiments.budget import Exhaustion, is_exhausted, tally_of
from experiments.entitlement import new_grant
from experiments.grant import (
    Action,
    Grant,
    GrantMove,
    GrantState,
    Refusal,
    RefusalCode,
    Step,
    refused,
    shown,
)

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.account import Account
    from experiments.budget import Tally
    from experiments.entitlement import Entrant
    from experiments.grant import GrantOrder

_STEPS: Final = {
    Action.RESERVE: (Step.RESERVE,),
    Action.REDEEM: (Step.REDEEM,),
    Action.REVERSE: (Step.REVERSE,),
    Action.GRANT: (Step.RESERVE, Step.REDEEM),
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an order that was not refused.

    Attributes:
        is_new: Whether anything moved; False for a repeat.
    """

    grant: Grant
    is_new: bool


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
            return refused(
                RefusalCode.UNKNOWN_CAMPAIGN,
                f"there is no campaign {order.campaign!r}",
                "Send the key of a campaign that exists.",
            )
        grant = self.grants.get(order.grant_id)
        if grant is None:
            if order.action not in {Action.RESERVE, Action.GRANT}:
                return refused(
                    RefusalCode.UNKNOWN_GRANT,
                    f"there is no grant {order.grant_id!r} to {order.action}",
                    "Reserve it first, under the same grant_id.",
                )
            made = new_grant(account, order, entrant, self.now, sender)
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
                return refused(
                    RefusalCode.EXPIRED,
                    f"the grant {grant.grant_id!r} expired at {shown(grant.expired_at)}",
                    "Reserve the offer anew, under another grant_id, if it can still be had.",
                )
            if grant.state is GrantState.REVERSED:
                return refused(
                    RefusalCode.REVERSED,
                    f"the grant {grant.grant_id!r} was taken back at {shown(grant.reversed_at)}",
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
    return refused(
        RefusalCode.CONFLICT,
        f"the grant {order.grant_id!r} was sent before with another {' and '.join(differing)}, "
        "which stands",
        "Use a grant_id of its own for each grant, and repeat an order as it was.",
    )
