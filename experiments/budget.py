"""Decides what bounds the grants of a campaign, and when one of the bounds is exhausted.

Money and stock are counted over all phases: what phase 1 spent is spent. Units are enrolled phase
by phase. A bound is exhausted once the next member who is assigned could not be served: from then
on, variants would no longer be given what they promise, so enrolment closes in all of them alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from experiments.document import MAX_INTEGER
from experiments.grant import LIVE, GrantState
from experiments.offer import NoOffer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from experiments.campaign import CampaignDesign
    from experiments.grant import Grant
    from experiments.variant import Variant


class Resource(StrEnum):
    """What may run out."""

    STOCK = "stock"
    CAMPAIGN_BUDGET = "campaign_budget"
    VARIANT_BUDGET = "variant_budget"
    UNITS = "units"
    VARIANT_UNITS = "variant_units"


IN_MONEY = frozenset({Resource.CAMPAIGN_BUDGET, Resource.VARIANT_BUDGET})
IN_UNITS = frozenset({Resource.UNITS, Resource.VARIANT_UNITS})
"""What enrolment counts, not the ledger."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much there is of something.

    Attributes:
        subject: The offer of a stock, the variant of a variant's bound; else empty.
        limit: Minor units of a budget, else a number of grants or units.
        needed: What must be left for the next member who is assigned; 0 where nothing costs.
    """

    resource: Resource
    subject: str
    limit: int
    needed: int

    @property
    def name(self) -> tuple[Resource, str]:
        """What tells it from the other bounds of its campaign."""
        return self.resource, self.subject


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """The moment at which enrolment in a phase closed, and what was exhausted.

    Attributes:
        bound: The limit that was reached.
        reopened_at: When an operator's raising of it opened enrolment again; None while closed.
    """

    campaign: str
    phase: int
    resource: Resource
    subject: str
    bound: int
    at: datetime
    reopened_at: datetime | None = None


@dataclass(slots=True)
class Tally:
    """How many grants of an offer stand in which state, and what they cost.

    Attributes:
        units: By state.
        minor: Their cost by state, in minor units.
    """

    campaign: str
    phase: int
    variant: str
    offer_id: str
    currency: str
    units: dict[GrantState, int] = field(default_factory=lambda: dict.fromkeys(GrantState, 0))
    minor: dict[GrantState, int] = field(default_factory=lambda: dict.fromkeys(GrantState, 0))

    @property
    def key(self) -> tuple[str, int, str, str, str]:
        """What tells it from the others."""
        return self.campaign, self.phase, self.variant, self.offer_id, self.currency

    @property
    def live_units(self) -> int:
        """How many take a place of the stock."""
        return sum(self.units[state] for state in LIVE)

    @property
    def live_minor(self) -> int:
        """What they cost together."""
        return sum(self.minor[state] for state in LIVE)

    def count(self, grant: Grant, before: GrantState | None) -> None:
        """Count a grant in its state, and no longer in the one before."""
        self.units[grant.state] += 1
        self.minor[grant.state] += grant.cost_minor
        if before is not None:
            self.units[before] -= 1
            self.minor[before] -= grant.cost_minor

    def expire(self, gone: Tally) -> None:
        """Count reservations as expired that another tally has counted as such."""
        for counted, expired in ((self.units, gone.units), (self.minor, gone.minor)):
            counted[GrantState.RESERVED] -= expired[GrantState.EXPIRED]
            counted[GrantState.EXPIRED] += expired[GrantState.EXPIRED]

    @property
    def can_count(self) -> bool:
        """Whether the databases can keep another cost of any size."""
        return max(self.minor.values()) < MAX_INTEGER // 2


def tally_of(grant: Grant) -> Tally:
    """Give the tally that a grant is counted in, with nothing counted."""
    return Tally(grant.campaign, grant.phase, grant.variant, grant.offer_id, grant.currency)


def offer_id_of(campaign: str, variant: Variant) -> str:
    """Give the id under which a variant's offer is granted, exported and answered."""
    return variant.offer.offer_id or f"{campaign}.{variant.key}"


def bounds_of(design: CampaignDesign) -> tuple[Bound, ...]:
    """Give everything that may run out in a campaign."""
    return tuple(_bounds(design))


def counts_in(bound: Bound, tally: Tally) -> bool:
    """Say whether what is counted there takes some of a stock or a budget."""
    match bound.resource:
        case Resource.STOCK:
            return tally.offer_id == bound.subject
        case Resource.CAMPAIGN_BUDGET:
            return True
        case Resource.VARIANT_BUDGET:
            return tally.variant == bound.subject
        case Resource.UNITS | Resource.VARIANT_UNITS:
            return False  # enrolment counts them


def used_of(bound: Bound, tallies: Iterable[Tally]) -> int:
    """Give how much of a stock or a budget is taken by grants that are live."""
    counted = [tally for tally in tallies if counts_in(bound, tally)]
    if bound.resource in IN_MONEY:
        return sum(tally.live_minor for tally in counted)
    return sum(tally.live_units for tally in counted)


def is_exhausted(bound: Bound, used: int) -> bool:
    """Say whether the next member who is assigned could not be served."""
    return bound.limit - used < bound.needed


def _bounds(design: CampaignDesign) -> Iterator[Bound]:
    caps = design.caps
    costs = {variant.key: _cost(variant) for variant in design.variants}
    enrolled = [variant for variant in design.variants if variant.planned_share > 0]
    stocks: dict[str, int] = {}
    for variant in design.variants:
        offer = variant.offer
        if not isinstance(offer, NoOffer) and offer.stock is not None:
            offer_id = offer_id_of(design.key, variant)
            # variants that share an offer share its stock; where they disagree, the smaller holds
            stocks[offer_id] = min(stocks.get(offer_id, offer.stock), offer.stock)
    for offer_id, stock in stocks.items():
        yield Bound(Resource.STOCK, offer_id, stock, 1)
    if caps.budget_minor is not None:
        dearest = max((costs[variant.key] for variant in enrolled), default=0)
        yield Bound(Resource.CAMPAIGN_BUDGET, "", caps.budget_minor, dearest)
    if caps.units is not None:
        yield Bound(Resource.UNITS, "", caps.units, 1)
    for variant in design.variants:
        own = caps.variants.get(variant.key)
        if own is not None and own.budget_minor is not None:
            cost = costs[variant.key]
            yield Bound(Resource.VARIANT_BUDGET, variant.key, own.budget_minor, cost)
        if own is not None and own.units is not None:
            yield Bound(Resource.VARIANT_UNITS, variant.key, own.units, 1)


def _cost(variant: Variant) -> int:
    return 0 if isinstance(variant.offer, NoOffer) else variant.offer.unit_cost_minor
