"""Reports with money: three variants and tiers, a verdict in money, no margin, nothing yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from app.report import CampaignBrief, ReportView
from stats.aggregation.aggregate import aggregate
from stats.metric import contribution_margin_per_member
from stats.plan import (
    DecisionRule,
    DecisionScale,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
    MoneyPlan,
    VariantCost,
)
from stats.scorecard import Scorecard, assemble_scorecard
from tests.stats.facts import START, in_use
from tests.stats.money_world import (
    AS_OF,
    BY_ORDER,
    MONEY,
    RATES,
    World,
    money_plan,
    money_world,
)

if TYPE_CHECKING:
    from stats.plan import AnalysisPlan

SHARES: dict[str, str | None] = {"control": "0.34", "B": "0.33", "C": "0.33"}
UPGRADES = in_use("upgrade_conversion", MetricRole.OEC, target_tiers=["gold"])
MARGIN = MetricInUse(contribution_margin_per_member(RATES), MetricRole.OEC, MONEY.window)
NAMES = {"control": "As usual", "B": "Travel mug on upgrade", "C": "Double points"}


@cache
def _world(*variants: str) -> World:
    return money_world(3, members=900, variants=variants)


@cache
def _scored(plan: AnalysisPlan, days: int) -> Scorecard:
    world = _world(*(variant.key for variant in plan.variants))
    as_of = START + timedelta(days=days)
    return assemble_scorecard(plan, aggregate(world.facts, plan, as_of), computed_at=as_of)


def _view(card: Scorecard) -> ReportView:
    return ReportView(card, CampaignBrief(name="Worth the money?", variant_names=NAMES))


def money() -> ReportView:
    """Two treatments by tier, while some windows are open."""
    money = replace(MONEY, costs=(*MONEY.costs, VariantCost("C", 250_000)))
    return _view(_scored(money_plan(UPGRADES, money=money, shares=SHARES), 100))


def _decided(threshold: int, plan: MoneyPlan, looks: Looks) -> ReportView:
    rule = DecisionRule(
        DecisionScale.INCREMENTAL_MARGIN,
        Decimal(threshold),
        exempt_checks=("event_gaps", "freshness", "pre_period"),
    )
    made = replace(money_plan(MARGIN, money=plan), decision_rule=rule, looks=looks)
    return _view(_scored(made, 160))


def money_pays() -> ReportView:
    """A verdict in money: ship."""
    plan = replace(MONEY, costs=(), audience=None, runs_per_year=Decimal(1))
    return _decided(0, plan, Looks())


def money_does_not_pay() -> ReportView:
    """A verdict in money against a threshold, at any look: do not ship."""
    looks = Looks(LookKind.CONTINUOUS, planned_units=1_000)
    return _decided(2_000_000, replace(MONEY, costs=(VariantCost("B", 10**8),)), looks)


def money_unknown() -> ReportView:
    """Orders that say neither margin nor cost, and no rate."""
    return _view(_scored(money_plan(UPGRADES, money=BY_ORDER), (AS_OF - START).days))


def money_early() -> ReportView:
    """Before any window has closed."""
    return _view(_scored(money_plan(UPGRADES), 50))
