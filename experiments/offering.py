"""Lists every offer that variants make, in which campaigns, and what became of it.

Variants share an offer by its id; one without an id of its own is its variant's alone. What is due
to expire is told as expired, whether or not anybody has written that down yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.budget import Resource, bounds_of, offer_id_of, used_of
from experiments.grant import GrantState
from experiments.offer import NoOffer
from experiments.store.budgets import read_tallies
from experiments.store.campaigns import read_campaigns
from experiments.store.engine import reading
from experiments.store.grants import due_tallies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.budget import Tally
    from experiments.campaign import Campaign
    from experiments.variant import Variant


@dataclass(frozen=True, slots=True)
class OfferUse:
    """A variant that makes an offer.

    Attributes:
        units: Grants of it by state, in all phases.
        stock_left: What is left of the campaign's stock of it; None where it has no bound.
    """

    campaign: Campaign
    variant: Variant
    units: Mapping[GrantState, int]
    stock_left: int | None

    @property
    def granted(self) -> int:
        """How many grants were ever made."""
        return sum(self.units.values())


@dataclass(frozen=True, slots=True)
class UsedOffer:
    """An offer, and the variants that make it.

    Attributes:
        offer_id: Under which it is granted, exported and answered.
        uses: The campaign that changed last comes first; its terms are shown.
    """

    offer_id: str
    uses: tuple[OfferUse, ...]

    @property
    def variant(self) -> Variant:
        """The variant whose terms and texts are shown."""
        return self.uses[0].variant

    def units(self, state: GrantState) -> int:
        """Give how many grants stand in a state, over all uses."""
        return sum(use.units[state] for use in self.uses)


def offers_of(engine: Engine, now: datetime) -> tuple[UsedOffer, ...]:
    """Give every offer of every campaign, those of campaigns that changed last first."""
    with reading(engine) as connection:
        campaigns = read_campaigns(connection)
        keys = [one.key for one in campaigns]
        tallies = {tally.key: tally for tally in read_tallies(connection, keys)}
        for gone in due_tallies(connection, keys, now):
            tallies[gone.key].expire(gone)
    by_campaign: dict[str, list[Tally]] = {}
    for tally in tallies.values():
        by_campaign.setdefault(tally.campaign, []).append(tally)
    found: dict[str, list[OfferUse]] = {}
    for campaign in sorted(campaigns, key=lambda one: one.updated_at, reverse=True):
        for variant in campaign.design.variants:
            if not isinstance(variant.offer, NoOffer):
                use = _use(campaign, variant, by_campaign.get(campaign.key, ()))
                found.setdefault(offer_id_of(campaign.key, variant), []).append(use)
    return tuple(UsedOffer(offer_id, tuple(uses)) for offer_id, uses in found.items())


def _use(campaign: Campaign, variant: Variant, tallies: Sequence[Tally]) -> OfferUse:
    offer_id = offer_id_of(campaign.key, variant)
    own = [one for one in tallies if one.variant == variant.key and one.offer_id == offer_id]
    return OfferUse(
        campaign,
        variant,
        {state: sum(one.units[state] for one in own) for state in GrantState},
        _stock_left(campaign, offer_id, tallies),
    )


def _stock_left(campaign: Campaign, offer_id: str, tallies: Iterable[Tally]) -> int | None:
    for bound in bounds_of(campaign.design):
        if bound.name == (Resource.STOCK, offer_id):
            return max(0, bound.limit - used_of(bound, tallies))
    return None
