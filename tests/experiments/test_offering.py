"""Offers of all campaigns, with what became of their grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.budget import Tally
from experiments.campaign import State
from experiments.grant import GrantState
from experiments.lifecycle import set_programme
from experiments.offering import offers_of
from experiments.store.budgets import put_tallies
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from tests.experiments.designs import DESIGN, campaign, programme

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


def test_grants_are_counted_by_offer_over_campaigns_and_phases(
    engine: Engine, now: datetime
) -> None:
    """Stock is the campaign's: what is live in any of its phases takes a place of it."""
    control, gift = DESIGN["variants"]
    variants = [control, {**gift, "offer": {**gift["offer"], "offer_id": "tea", "stock": 10}}]
    set_programme(engine, programme(), now)
    with writing(engine) as connection:
        add_campaign(connection, campaign(State.RUNNING, key="spring", variants=variants))
        add_campaign(connection, campaign(State.RUNNING, key="summer", variants=variants))
        tallies = []
        for phase, state in enumerate((GrantState.REDEEMED, GrantState.REVERSED), 1):
            tally = Tally("spring", phase, "gift", "tea", "TWD")
            tally.units[state] = 3
            tallies.append(tally)
        put_tallies(connection, tallies)

    (found,) = offers_of(engine, now)

    assert found.offer_id == "tea"
    assert {use.campaign.key: use.stock_left for use in found.uses} == {"spring": 7, "summer": 10}
    assert sum(use.granted for use in found.uses) == 6
    assert found.units(GrantState.REVERSED) == 3
