"""A seeded world with money in it, and what its units brought by a plain pandas computation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from stats.aggregation.facts import FactTables
from stats.metric import Condition, Term, Window
from stats.metric.money import REWARD_COST, REWARDS, Rates, contact_cost_terms, gross_margin_terms
from stats.plan import (
    AnalysisPlan,
    DecisionRule,
    MarginKnown,
    MetricInUse,
    MoneyPlan,
    SegmentBy,
    VariantCost,
)
from tests.stats.facts import DAY, START, Conversion, Exposure, facts, plan

RATE = Decimal("0.35")
RATES = Rates(gross_margin_rate=RATE, contact_cost_minor=40)
UPGRADE = (Term(("tier_change",), where=(Condition("to", ("gold",)),)),)
MONEY = MoneyPlan(
    gross_margin=gross_margin_terms(RATES),
    reward_cost=REWARD_COST,
    rewards=REWARDS,
    contact_cost=contact_cost_terms(RATES),
    upgrade=UPGRADE,
    window=Window(60),
    costs=(VariantCost("B", fixed_minor=90_000, contact_minor=15), VariantCost("control", 20_000)),
    audience=100_000,
    runs_per_year=Decimal(4),
    season_factor=Decimal("0.8"),
    covariate_days=30,
)
BY_ORDER = MoneyPlan(
    gross_margin=gross_margin_terms(Rates()),
    reward_cost=REWARD_COST,
    rewards=REWARDS,
    contact_cost=contact_cost_terms(Rates()),
    margin_known=MarginKnown.BY_ORDER,
    window=Window(60),
)
COLUMNS = ("gross", "reward", "contact", "upgraded", "rewards", "without_margin", "earlier")
AS_OF = START + timedelta(days=100)
EVERY_CHECK = DecisionRule(exempt_checks=("event_gaps", "freshness", "pre_period"))


@dataclass(frozen=True)
class World:
    """Facts, and every unit's money by hand."""

    facts: FactTables
    units: pd.DataFrame


def money_plan(
    *metrics: MetricInUse,
    money: MoneyPlan = MONEY,
    tiers: bool = True,
    shares: dict[str, str | None] | None = None,
) -> AnalysisPlan:
    """A plan with money, by tier."""
    return replace(
        plan(*metrics, shares=shares),
        money=money,
        segments=(SegmentBy("tier", "Tier", 5),) if tiers else (),
        decision_rule=EVERY_CHECK,
    )


def money_world(seed: int, members: int = 600, variants: Sequence[str] = ("control", "B")) -> World:
    """Members of two variants over 30 days, with orders, refunds, rewards, contacts, upgrades.

    Orders say their margin, their cost, both or neither; events lie before exposure, on the end of
    the window and after it; rewards are reversed; control members upgrade and earn rewards, too.
    """
    rng = np.random.default_rng(seed)
    exposures: list[Exposure] = []
    conversions: list[Conversion] = []
    rows: list[dict[str, object]] = []
    segments: dict[str, dict[str, str | None]] = {}
    for i in range(members):
        name, variant = f"m{i}", str(rng.choice(list(variants)))
        first = START + int(rng.integers(0, 45)) * DAY
        exposures.append((name, variant, first))
        tier = str(rng.choice(["silver", "bronze", "gold"]))
        segments[name] = {"tier": tier}
        unit = dict.fromkeys(COLUMNS, Fraction(0))
        treated = variant != "control"
        conversions += [_order(rng, name, first, unit, more=treated) for _ in range(rng.poisson(4))]
        if rng.random() < (0.8 if treated else 0.2):
            conversions += _reward(rng, name, first, unit)
        for _ in range(rng.poisson(1.5 if treated else 1)):
            at, cost = first + int(rng.integers(0, 70)) * DAY, int(rng.integers(5, 30))
            silent = rng.random() < 0.3
            amount = (None, None) if silent else (cost, "TWD")
            conversions.append((name, "contact_sent", at, *amount, None))
            unit["contact"] += (40 if silent else cost) * (at < first + 60 * DAY)
        if rng.random() < (0.5 if treated else 0.25):
            at = first + int(rng.integers(0, 70)) * DAY
            conversions.append((name, "tier_change", at, None, None, {"to": "gold"}))
            unit["upgraded"] = Fraction(int(at < first + 60 * DAY))
        rows.append(
            {"unit": name, "variant": variant, "first": first, "tier": tier, **unit}
            | {"mature": first + 60 * DAY <= AS_OF}
        )
    return World(facts(exposures, conversions, segments=segments), pd.DataFrame(rows))


def _order(
    rng: np.random.Generator,
    name: str,
    first: datetime,
    unit: dict[str, Fraction],
    *,
    more: bool,
) -> Conversion:
    refunded = rng.random() < 0.1
    amount = int(rng.integers(1_000, 50_000)) + 4_000 * more
    at = first + int(rng.integers(-40, 70)) * DAY
    margin, cost = int(amount * 0.4) + int(rng.integers(-300, 300)), int(amount * 0.62)
    said: dict[str, int] = {}
    if rng.random() < 0.4:
        said["margin_minor"] = margin
    if rng.random() < 0.4:
        said["cost_minor"] = cost
    earned = Fraction(amount) * Fraction(RATE)
    if "margin_minor" in said:
        earned = Fraction(margin)
    elif "cost_minor" in said:
        earned = Fraction(amount - cost)
    if first <= at < first + 60 * DAY:
        unit["gross"] += -earned if refunded else earned
        unit["without_margin"] += not said and not refunded
    elif first - 30 * DAY <= at < first:
        unit["earlier"] += -earned if refunded else earned
    properties = said or None
    return (name, "refund" if refunded else "order", at, amount, "TWD", properties)  # type: ignore[return-value] # numbers are properties, too


def _reward(
    rng: np.random.Generator, name: str, first: datetime, unit: dict[str, Fraction]
) -> list[Conversion]:
    at, cost = first + int(rng.integers(0, 70)) * DAY, int(rng.choice([250, 400, 999]))
    breakage = float(rng.choice([0, 0.1, 0.25, 0.3333]))
    kept = 1 - Fraction(str(breakage))
    inside = at < first + 60 * DAY
    made: list[Conversion] = [
        (name, "reward_issue", at, cost, "TWD", {"breakage": breakage})  # type: ignore[dict-item] # as above
    ]
    unit["reward"] += cost * kept * inside
    unit["rewards"] += kept * inside
    if rng.random() < 0.2:
        back = at + 5 * DAY
        made.append((name, "reward_reverse", back, cost, "TWD", {"breakage": breakage}))  # type: ignore[dict-item] # as above
        unit["reward"] -= cost * kept * (back < first + 60 * DAY)
        unit["rewards"] -= kept * (back < first + 60 * DAY)
    return made
