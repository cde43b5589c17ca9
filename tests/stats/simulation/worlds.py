"""Worlds and campaigns that several tests use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from stats.simulation import (
    CampaignPlan,
    Effect,
    OrderPlan,
    SeasonPlan,
    TierPlan,
    VariantPlan,
    WorldPlan,
)

FLAT = SeasonPlan(weekdays=(1.0,) * 7, yearly_swing=0.0, november_peak=0.0, night=1.0)
CAMPAIGN_START = datetime(2025, 9, 1, tzinfo=UTC)
CAMPAIGN_END = datetime(2025, 9, 15, tzinfo=UTC)
WINDOW = timedelta(days=30)
OFFERED = Effect(
    upgrade=1.5,
    order_rate=1.2,
    amount=1.1,
    offer_view=0.8,
    offer_click=0.5,
    offer_claim=0.4,
    reward_cost_minor=500,
)


def settled(seed: int, members: int = 20_000, orders: OrderPlan | None = None) -> WorldPlan:
    """Give a plan of one tier where everybody is there all year and buys evenly over it."""
    return WorldPlan(
        members=members,
        seed=seed,
        tiers=(TierPlan("member", 1.0),),
        seasons=FLAT,
        orders=orders or OrderPlan(),
        newcomer_share=0.0,
        yearly_churn=0.0,
    )


def campaign(effect: Effect, *, seed: int = 1, lost: float = 0.0) -> CampaignPlan:
    """Give a campaign of a control and a treatment, half each."""
    return CampaignPlan(
        key="gold-q3",
        variants=(VariantPlan("control", 0.5), VariantPlan("trial", 0.5, effect, lost)),
        starts_at=CAMPAIGN_START,
        ends_at=CAMPAIGN_END,
        window=WINDOW,
        seed=seed,
    )


def per_member(member_ids: list[str], counted: list[str]) -> np.ndarray:
    """Count how often each member occurs, in the order of the members."""
    place = {member_id: row for row, member_id in enumerate(member_ids)}
    return np.bincount([place[one] for one in counted], minlength=len(member_ids))
