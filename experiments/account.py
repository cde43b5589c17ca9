"""One campaign in the ledger: what of it is granted, what bounds it, and what each member holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from experiments.budget import IN_UNITS, bounds_of, used_of

if TYPE_CHECKING:
    from experiments.budget import Bound, Resource, Tally
    from experiments.campaign import Campaign
    from experiments.grant import Grant


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
