"""Scorecards as the report meets them: each is made by the real aggregation from real facts.

Sound ones come from the simulator; those whose point is one odd number are made by hand.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from app.report import CampaignBrief, Goal, ReportView
from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.metric import Condition, Window, builtin
from stats.plan import (
    AnalysisPlan,
    Funnel,
    FunnelStep,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    RandomizationUnit,
)
from stats.scorecard import Scorecard, assemble_scorecard
from stats.simulation import (
    CampaignPlan,
    Effect,
    OrderPlan,
    VariantPlan,
    WorldPlan,
    simulate_campaign,
    simulate_world,
    with_json_properties,
)
from tests.app.report import funnels, moneys, rich
from tests.stats.facts import (
    START,
    Conversion,
    event,
    in_use,
    order,
    plan,
    refund,
)
from tests.stats.facts import facts as facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTS = datetime(2025, 9, 1, tzinfo=UTC)
ENDS = datetime(2025, 9, 15, tzinfo=UTC)
LATER = datetime(2025, 11, 1, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>&{{7*7}}<img src=x onerror=alert(2)>\x00\x1b\u202e'
LONG = "An offer with a name that somebody wrote as if it were its whole description, " * 3

UPGRADES = (Condition("cause", ("organic", "offer")),)
STEPS = Funnel(
    (
        FunnelStep("viewed", "Saw the offer", ("offer_view",)),
        FunnelStep("clicked", "Clicked the offer", ("offer_click",)),
        FunnelStep("claimed", "Claimed the offer", ("offer_claim",)),
        FunnelStep("ordered", "Ordered", ("order",)),
    ),
    Window(30),
)
METRICS = (
    MetricInUse(builtin("repurchase_rate"), MetricRole.OEC),
    MetricInUse(builtin("unsubscribe"), MetricRole.GUARDRAIL, None, Decimal("0.25")),
    MetricInUse(builtin("refund_rate"), MetricRole.GUARDRAIL, None, Decimal("0.1")),
    MetricInUse(builtin("spend_per_member"), MetricRole.DIAGNOSTIC),
    MetricInUse(builtin("average_order_value"), MetricRole.DIAGNOSTIC),
    MetricInUse(builtin("purchase_frequency"), MetricRole.DIAGNOSTIC),
    MetricInUse(builtin("activity"), MetricRole.DIAGNOSTIC),
    MetricInUse(builtin("offer_click_through"), MetricRole.DIAGNOSTIC),
)
GIFT = Effect(order_rate=1.35, offer_view=0.8, offer_click=0.5, offer_claim=0.6)
TRIAL = Effect(order_rate=1.02, offer_view=0.7, offer_click=0.3, offer_claim=0.4)


def simulated(
    variants: Sequence[VariantPlan],
    *,
    as_of: datetime = LATER,
    members: int = 12_000,
    currency: tuple[str, int] = ("TWD", 2),
    orders: OrderPlan | None = None,
    metrics: tuple[MetricInUse, ...] = METRICS,
    seed: int = 5,
) -> Scorecard:
    """Simulate a campaign and analyse it as the product does; the first variant is the control."""
    world = simulate_world(
        WorldPlan(
            members=members,
            seed=seed,
            time_zone="Asia/Taipei",
            currency=currency[0],
            currency_exponent=currency[1],
            orders=orders or OrderPlan(),
            yearly_opt_out=0.3,
        )
    )
    campaign = simulate_campaign(
        world, CampaignPlan("gift-or-trial", tuple(variants), STARTS, ENDS, seed=seed)
    )
    exposures = campaign.assignments.table
    exposures = exposures.append_column("unit_id", exposures["member_id"])
    conversions = with_json_properties(campaign.world.conversions())
    design = AnalysisPlan(
        campaign="gift-or-trial",
        phase=1,
        randomization_unit=RandomizationUnit.MEMBER,
        variants=tuple(
            PlannedVariant(v.key, Decimal(str(v.planned_share)), is_control=index == 0)
            for index, v in enumerate(variants)
        ),
        metrics=metrics,
        currency=currency[0],
        currency_exponent=currency[1],
        time_zone="Asia/Taipei",
        funnel=STEPS,
    )
    return analysed(FactTables(exposures, conversions), design, as_of)


def analysed(tables: FactTables, design: AnalysisPlan, as_of: datetime) -> Scorecard:
    """Analyse facts as the product does."""
    computed_at = as_of + timedelta(minutes=1)
    return assemble_scorecard(design, aggregate(tables, design, as_of), computed_at=computed_at)


@cache
def three_variants() -> Scorecard:
    """A sound campaign with a control and two treatments, one of which works."""
    return simulated(
        (VariantPlan("control", 0.4), VariantPlan("gift", 0.3, GIFT),
         VariantPlan("trial", 0.3, TRIAL))
    )  # fmt: skip


@cache
def same_variants() -> Scorecard:
    """An A/A campaign."""
    return simulated((VariantPlan("control", 0.5), VariantPlan("same", 0.5)), members=4_000)


@cache
def broken_split() -> Scorecard:
    """A campaign whose logging loses a fifth of one variant."""
    return simulated(
        (VariantPlan("control", 0.5), VariantPlan("gift", 0.5, GIFT, 0.2)), members=8_000
    )


@cache
def preliminary() -> Scorecard:
    """A campaign of which some windows have closed and others have not."""
    return simulated(
        (VariantPlan("control", 0.5), VariantPlan("gift", 0.5, GIFT)),
        as_of=datetime(2025, 10, 8, tzinfo=UTC),
        members=6_000,
    )


@cache
def immature() -> Scorecard:
    """A campaign whose windows are all open."""
    return simulated(
        (VariantPlan("control", 0.5), VariantPlan("gift", 0.5, GIFT)),
        as_of=datetime(2025, 9, 20, tzinfo=UTC),
        members=2_000,
    )


@cache
def yen() -> Scorecard:
    """A campaign in a currency without decimals."""
    return simulated(
        (VariantPlan("control", 0.5), VariantPlan("gift", 0.5, GIFT)),
        currency=("JPY", 0),
        members=3_000,
    )


@cache
def eight_variants() -> Scorecard:
    """A campaign with as many variants as there may be."""
    treatments = (VariantPlan(f"v{n}", 0.125, Effect(order_rate=0.8 + n / 10)) for n in range(1, 8))
    return simulated(
        (VariantPlan("control", 0.125), *treatments), members=6_000, metrics=METRICS[:4]
    )


def empty() -> Scorecard:
    """A campaign that nobody has seen."""
    return analysed(facts_of([]), plan(*METRICS, funnel=STEPS), START)


def half_empty() -> Scorecard:
    """A campaign of which only the control has been seen."""
    seen = [(f"m{n}", "control", START) for n in range(20)]
    return analysed(facts_of(seen), plan(*METRICS), START + timedelta(days=40))


def events_missing() -> Scorecard:
    """A campaign whose orders never arrived."""
    return analysed(facts_of(_seen(200)), plan(*METRICS, funnel=STEPS), START + timedelta(days=60))


def zero_baseline() -> Scorecard:
    """A campaign whose control cannot click, and whose units all behave alike in one metric."""
    seen = _seen(400)
    clicks = [event(f"m{n}", "offer_click", START + timedelta(days=1)) for n in range(1, 300, 2)]
    orders = [order(f"m{n}", START + timedelta(days=2), 5_000) for n in range(400)]
    metrics = (
        in_use("offer_click_through", MetricRole.OEC),
        in_use("repurchase_rate"),
        in_use("purchase_frequency"),
        in_use("spend_per_member"),
    )
    return analysed(facts_of(seen, [*clicks, *orders]), plan(*metrics), START + timedelta(days=60))


def certain() -> Scorecard:
    """A campaign in which every unit of a variant does the same, and the variants differ."""
    orders = [
        order(f"m{n}", START + timedelta(days=1 + again), 5_000)
        for n in range(100)
        for again in range(1 + n % 2)
    ]
    metrics = (in_use("purchase_frequency", MetricRole.OEC), in_use("spend_per_member"))
    return analysed(facts_of(_seen(100), orders), plan(*metrics), START + timedelta(days=60))


def refunds() -> Scorecard:
    """A campaign in which more money went back than came in."""
    rows: list[Conversion] = []
    for n in range(300):
        rows.append(order(f"m{n}", START + timedelta(days=1), 10_000 + 17 * (n % 7)))
        rows.append(refund(f"m{n}", START + timedelta(days=2), 13_000 + 300 * (n % 11)))
    metrics = (in_use("spend_per_member", MetricRole.OEC), in_use("average_order_value"))
    return analysed(facts_of(_seen(300), rows), plan(*metrics), START + timedelta(days=60))


def households() -> Scorecard:
    """A campaign that counts households, with members seen in two variants and a rogue variant."""
    exposures = [
        *_seen(60), ("m0", "B", START + timedelta(days=1)), ("x1", "rogue", START),
        ("x2", "control", START),
    ]  # fmt: skip
    units: dict[str, str | None] = {f"m{n}": f"家{n // 4 * 4 + n % 2}" for n in range(60)}
    units |= {"x1": "家900", "x2": None}
    orders = [order(f"m{n}", START + timedelta(days=1), 3_000 + n) for n in range(0, 60, 3)]
    orders += [order("m1", START + timedelta(days=1), 500, "USD")]
    design = plan(
        in_use("repurchase_rate", MetricRole.OEC), in_use("spend_per_member"),
        unit=RandomizationUnit.HOUSEHOLD,
    )  # fmt: skip
    return analysed(facts_of(exposures, orders, units), design, START + timedelta(days=60))


def hostile() -> ReportView:
    """A sound campaign in which every text that somebody chose means harm, or is very long."""
    scorecard = same_variants()
    names = {"control": HOSTILE, "same": f"特別な会員のための🎁 {LONG}"}
    metrics = tuple(
        dataclasses.replace(
            metric,
            definition=dataclasses.replace(
                metric.definition, name=HOSTILE, description=f"{HOSTILE} {LONG}"
            ),
        )
        for metric in scorecard.metrics
    )
    return ReportView(
        dataclasses.replace(scorecard, metrics=metrics),
        CampaignBrief(
            name=f"{HOSTILE} 升級禮物活動🎁 {LONG}",
            programme=HOSTILE,
            hypothesis=HOSTILE,
            owner=HOSTILE,
            variant_names=names,
        ),
    )


def story() -> ReportView:
    """A report with everything that a careful team writes down."""
    return ReportView(
        three_variants(),
        CampaignBrief(
            name="Gift or trial: which one brings silver members back?",
            programme="Harbour Club",
            hypothesis="A small gift with the next order brings more silver members back within "
            "30 days than a free month of gold.",
            owner="Mei-Ling Chen",
            goal=Goal("repurchase_rate", 0.31, 0.36, datetime(2025, 12, 31, 15, 59, tzinfo=UTC)),
            variant_names={
                "control": "No offer",
                "gift": "Gift with next order",
                "trial": "Gold for a month",
            },
        ),
        checked_at=LATER + timedelta(hours=2),
    )


CAST = {
    "story": story,
    "same_variants": lambda: ReportView(same_variants()),
    "broken_split": lambda: ReportView(broken_split()),
    "preliminary": lambda: ReportView(preliminary()),
    "immature": lambda: ReportView(immature()),
    "yen": lambda: ReportView(yen()),
    "eight_variants": lambda: ReportView(eight_variants()),
    "empty": lambda: ReportView(empty()),
    "half_empty": lambda: ReportView(half_empty()),
    "events_missing": lambda: ReportView(events_missing()),
    "zero_baseline": lambda: ReportView(zero_baseline()),
    "certain": lambda: ReportView(certain()),
    "refunds": lambda: ReportView(refunds()),
    "households": lambda: ReportView(households()),
    "hostile": hostile,
    "planned_looks": rich.planned_looks,
    "continuous": rich.continuous,
    "before_the_end": rich.before_the_end,
    "small": rich.small,
    "times": rich.times,
    "funnel": funnels.funnel,
    "funnel_early": funnels.funnel_early,
    "money": moneys.money,
    "money_pays": moneys.money_pays,
    "money_does_not_pay": moneys.money_does_not_pay,
    "money_unknown": moneys.money_unknown,
    "money_early": moneys.money_early,
}
"""Every report that the tests look at, by name."""


def _seen(members: int) -> list[tuple[str, str, datetime]]:
    return [(f"m{n}", "B" if n % 2 else "control", START) for n in range(members)]
