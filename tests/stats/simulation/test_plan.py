"""What a plan refuses when it is built."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from stats.errors import InvalidSimulation
from stats.simulation import (
    CampaignPlan,
    Effect,
    OrderPlan,
    SeasonPlan,
    TierPlan,
    VariantPlan,
    WorldPlan,
)
from tests.stats.simulation.worlds import CAMPAIGN_END, CAMPAIGN_START

if TYPE_CHECKING:
    from collections.abc import Callable

_HALVES = (VariantPlan("control", 0.5), VariantPlan("trial", 0.5))
_NAIVE = datetime(2025, 1, 1)  # noqa: DTZ001 -- the naive time is what is refused


def _campaign(*variants: VariantPlan, ends_at: datetime = CAMPAIGN_END) -> CampaignPlan:
    return CampaignPlan("gold", variants, CAMPAIGN_START, ends_at)


@pytest.mark.parametrize(
    ("build", "names"),
    [
        (lambda: WorldPlan(members=0), "members: 0"),
        (lambda: WorldPlan(seed=-1), "seed: -1"),
        (lambda: WorldPlan(start=_NAIVE), "start: .* time zone"),
        (lambda: WorldPlan(end=datetime(2025, 1, 1, 5, tzinfo=UTC)), "end: .* a day after"),
        (lambda: WorldPlan(time_zone="Europe/Bielefeld"), "time_zone: 'Europe/Bielefeld'"),
        (lambda: WorldPlan(currency="eur"), "currency: 'eur'"),
        (lambda: WorldPlan(currency_exponent=5), "currency_exponent: 5"),
        (lambda: WorldPlan(tiers=()), "tiers"),
        (lambda: WorldPlan(tiers=(TierPlan("a", 0.5), TierPlan("b", 0.4))), "0.9 .* total 1"),
        (lambda: WorldPlan(tiers=(TierPlan("a", 0.5), TierPlan("a", 0.5))), "keys that differ"),
        (lambda: WorldPlan(newcomer_share=1.5), "newcomer_share: 1.5"),
        (lambda: WorldPlan(yearly_churn=float("nan")), "yearly_churn: nan"),
        (lambda: TierPlan("gold tier", 1.0), "tier key: 'gold tier'"),
        (lambda: TierPlan("gold", 0.0), "share of tier gold: 0.0"),
        (lambda: SeasonPlan(weekdays=(1.0,) * 6), "seven factors"),
        (lambda: SeasonPlan(yearly_swing=1.0), "yearly_swing: 1.0"),
        (lambda: SeasonPlan(november_peak=-0.1), "november_peak: -0.1"),
        (lambda: OrderPlan(large_exponent=2.0), "have a variance"),
        (lambda: OrderPlan(dispersion=0.0), "dispersion: 0.0"),
        (lambda: OrderPlan(order_sigma=9.0), "order_sigma: 9.0"),
        (lambda: Effect(order_rate=-0.5), "order_rate: -0.5"),
        (lambda: Effect(amount=0.0), "amount: 0.0"),
        (lambda: Effect(offer_view=1.1), "offer_view: 1.1"),
        (lambda: Effect(refund_probability=float("nan")), "refund_probability: nan"),
        (lambda: _campaign(_HALVES[0]), "at least two variants"),
        (lambda: _campaign(*_HALVES, _HALVES[0]), "keys that differ"),
        (lambda: _campaign(_HALVES[0], VariantPlan("trial", 0.4)), "planned shares: 0.9"),
        (lambda: _campaign(*_HALVES, ends_at=CAMPAIGN_START), "ends_at"),
        (lambda: CampaignPlan("Gold!", _HALVES, CAMPAIGN_START, CAMPAIGN_END), "campaign key"),
        (
            lambda: CampaignPlan(
                "gold", _HALVES, CAMPAIGN_START, CAMPAIGN_END, window=timedelta(minutes=5)
            ),
            "window: .* an hour",
        ),
    ],
)
def test_impossible_plans_are_refused_by_name(build: Callable[[], object], names: str) -> None:
    """A plan that cannot be names the field, what came and what would do."""
    with pytest.raises(InvalidSimulation, match=names):
        build()
