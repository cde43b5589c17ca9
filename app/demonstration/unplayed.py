"""Says which campaigns of Harbour Club only have a state: nobody was ever exposed to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from app.demonstration import texts
from app.demonstration.design import club_design, guardrail, one_of
from app.demonstration.programme import CURRENCY
from experiments.campaign import CampaignDesign, MetricInUse, Role
from experiments.offer import (
    Benefit,
    Discount,
    Gift,
    Lottery,
)
from experiments.variant import Variant

SCHEDULED: Final = "welcome-back"
DRAFT: Final = "birthday-cake"
ARCHIVED: Final = "flight-raffle"


def scheduled(end: datetime) -> CampaignDesign:
    """Give the campaign that starts in two weeks."""
    return club_design(
        key=SCHEDULED,
        name="Welcome back",
        owner="CRM",
        hypothesis="NT$200 bring back members who have stayed away for half a year.",
        starts_at=end + timedelta(days=14),
        ends_at=end + timedelta(days=42),
        audience=one_of("lifecycle", "dormant", "lost"),
        price_difference_rationale="Whoever is not drawn gets the same voucher a month later.",
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="voucher",
                name="NT$200",
                planned_share=Decimal("50.00"),
                offer=Discount(
                    kind="discount",
                    amount_minor=20_000,
                    unit_cost_minor=20_000,
                    currency=CURRENCY,
                    benefit=Benefit.VALUE,
                    texts=texts.WELCOME_BACK,
                ),
            ),
        ),
        metrics=(
            MetricInUse(metric="repurchase_rate", role=Role.OEC),
            MetricInUse(metric="spend_per_member", role=Role.DIAGNOSTIC),
            guardrail("unsubscribe", "0.50"),
        ),
        funnel=("offer_view", "offer_click", "offer_claim", "order"),
    )


def draft() -> CampaignDesign:
    """Give the campaign that somebody is still writing."""
    return club_design(
        key=DRAFT,
        name="Birthday cake",
        owner="Shops",
        audience=one_of("tier", "bronze", "silver"),
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="cake",
                name="A cake",
                planned_share=Decimal("50.00"),
                offer=Gift(
                    kind="gift",
                    gift="Birthday cake",
                    unit_cost_minor=35_000,
                    currency=CURRENCY,
                    benefit=Benefit.EMOTIONAL,
                    texts=texts.BIRTHDAY,
                ),
            ),
        ),
        metrics=(MetricInUse(metric="repurchase_rate", role=Role.DIAGNOSTIC),),
    )


def archived() -> CampaignDesign:
    """Give the campaign that was given up before it began."""
    return club_design(
        key=ARCHIVED,
        name="Flight raffle",
        owner="Membership",
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="raffle",
                name="A flight for two",
                planned_share=Decimal("50.00"),
                offer=Lottery(
                    kind="lottery",
                    prize="A flight for two",
                    win_probability=0.0005,
                    unit_cost_minor=1_500,
                    currency=CURRENCY,
                    texts=texts.RAFFLE,
                ),
            ),
        ),
        metrics=(MetricInUse(metric="spend_per_member", role=Role.OEC),),
    )
