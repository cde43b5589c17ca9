"""Reports whose funnel is over all assigned, with the way from all members to the assignment.

Facts come from the simulator, the count of members is made by hand: every reason occurs in it.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa

from app.report import CampaignBrief, ReportView
from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.metric import Condition, Window, builtin
from stats.plan import (
    AnalysisPlan,
    Basis,
    Funnel,
    FunnelStep,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    RandomizationUnit,
    Track,
)
from stats.scorecard import (
    Enrolment,
    Kept,
    KeptCount,
    NotCounted,
    TierCount,
    Unseen,
    UnseenCount,
    assemble_scorecard,
)
from stats.simulation import (
    CampaignPlan,
    Effect,
    VariantPlan,
    WorldPlan,
    simulate_campaign,
    simulate_world,
    with_json_properties,
)

SHARES = {"control": 0.4, "gift": 0.3, "trial": 0.3}
OFFERED = {
    "gift": Effect(upgrade=1.6, offer_view=0.8, offer_click=0.5, offer_claim=0.6),
    "trial": Effect(upgrade=1.1, offer_view=0.7, offer_click=0.3, offer_claim=0.4),
}
TIERS = ("bronze", "silver", "gold", "diamond")
STEPS = (
    FunnelStep("viewed", "Viewed the offer", ("offer_view",), track=Track.OFFER),
    FunnelStep("clicked", "Clicked the offer", ("offer_click",), track=Track.OFFER),
    FunnelStep("claimed", "Claimed the offer", ("offer_claim",), track=Track.OFFER),
    FunnelStep("upgraded", "Upgraded", ("tier_change",), (Condition("to", TIERS[1:]),)),
    FunnelStep("retained", "Retained a month later", ("activity", "order"), after=Window(36, 30)),
)
FUNNEL = Funnel(STEPS, Window(30), Basis.ASSIGNED, ("gift", "trial"), TIERS)
ENROLMENT = Enrolment(
    members=52_340,
    eligible=8_113,
    assigned=7_204,
    kept=(
        KeptCount(Kept.NOT_ELIGIBLE, "tier ONE_OF [bronze, silver, gold]", 3_201, 0),
        KeptCount(Kept.NOT_ELIGIBLE, "region ONE_OF [TW] and tags MATCHES 常客", 1_044, 0),
        KeptCount(Kept.CONSENT, "email_consent ONE_OF [true]", 2_018, 0),
        KeptCount(Kept.MANUAL_TIER, "staff", 61, 0),
        KeptCount(Kept.OPTED_OUT, "", 2_530, 1_400),
        KeptCount(Kept.HELD_OUT, "layer home-banner", 1_280, 900),
        KeptCount(Kept.HELD_OUT, "programme", 1_001, 811),
        KeptCount(Kept.OTHER_CAMPAIGN, "summer-sale", 20_092, 15_000),
        KeptCount(Kept.TRAFFIC, "", 11_800, 11_800),
        KeptCount(Kept.CAPPED, "", 1_200, 1_200),
    ),
    by_tier=(
        TierCount("bronze", "Bronze", False, 30_000, 5_000),
        TierCount("silver", "銀卡", False, 12_000, 3_113),
        TierCount("staff", "Staff and family", True, 61, 0),
        TierCount(None, "", False, 10_279, 0),
    ),
    unseen=(
        UnseenCount("control", Unseen.OPTED_OUT, 12),
        UnseenCount("control", Unseen.NOT_SEEN, 240),
        UnseenCount("gift", Unseen.NOT_SEEN, 1),
        UnseenCount("trial", Unseen.PAUSED, 30),
        UnseenCount("trial", Unseen.ENDED, 4),
    ),
)


@cache
def _view(days: int, members: int, enrolment: Enrolment | NotCounted) -> ReportView:
    world = simulate_world(WorldPlan(members=members, seed=11, time_zone="Asia/Taipei"))
    starts = datetime(2025, 9, 1, tzinfo=UTC)
    variants = tuple(
        VariantPlan(key, share, OFFERED.get(key, Effect())) for key, share in SHARES.items()
    )
    made = simulate_campaign(
        world, CampaignPlan("gift-or-trial", variants, starts, starts + timedelta(days=14), seed=11)
    )
    assigned = made.assignments.table
    rng = np.random.default_rng(11)
    seen = assigned.filter(pa.array(rng.random(len(assigned)) < 0.93))
    ids = assigned["member_id"]
    tier = rng.choice(
        ["bronze", "silver", "gold", "unheard of"], len(ids), p=[0.5, 0.4, 0.05, 0.05]
    )
    tables = FactTables(
        seen.append_column("unit_id", seen["member_id"]),
        with_json_properties(made.world.conversions()),
        assignments=pa.table(
            {
                "unit_id": ids,
                "variant": assigned["variant"],
                "assigned_at": assigned["exposed_at"],
            }
        ),
        units=pa.table({"unit_id": ids, "tier": pa.array(tier, pa.string())}),
    )
    plan = AnalysisPlan(
        campaign="gift-or-trial",
        phase=1,
        randomization_unit=RandomizationUnit.MEMBER,
        variants=tuple(
            PlannedVariant(key, Decimal(str(share)), is_control=key == "control")
            for key, share in SHARES.items()
        ),
        metrics=(MetricInUse(builtin("repurchase_rate"), MetricRole.OEC),),
        currency="TWD",
        currency_exponent=2,
        time_zone="Asia/Taipei",
        funnel=FUNNEL,
    )
    as_of = starts + timedelta(days=days)
    found = assemble_scorecard(
        plan, aggregate(tables, plan, as_of), computed_at=as_of, enrolment=enrolment
    )
    brief = CampaignBrief(
        name="A gift or a trial", variant_names={"gift": "禮物", "trial": "Trial"}
    )
    return ReportView(found, brief)


def funnel() -> ReportView:
    """A funnel with every reason, all steps mature, two treatments with offers, tiers."""
    return _view(100, 9_000, ENROLMENT)


def funnel_early() -> ReportView:
    """One of which nobody is mature for the last step, and whose members nobody counted."""
    return _view(
        50, 2_000, NotCounted("The split was made elsewhere, and with it who is eligible.")
    )


def hostile_enrolment(detail: str) -> Enrolment:
    """A count whose words mean harm."""
    kept = KeptCount(Kept.NOT_ELIGIBLE, detail, 10, 0)
    tier = TierCount("bronze", detail, True, 10, 0)
    return dataclasses.replace(ENROLMENT, kept=(kept,), by_tier=(tier,))
