"""The verdict in money: that of the section, with fixed costs and thresholds, and its errors."""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from stats.errors import InvalidPlan
from stats.inference.outcome import Rate
from stats.inference.point import Point
from stats.metric import contribution_margin_per_member
from stats.metric.money import NO_RATES
from stats.plan import (
    AnalysisPlan,
    DecisionRule,
    DecisionScale,
    EstimateUsed,
    Looks,
    MetricInUse,
    MetricRole,
    MoneyPlan,
    VariantCost,
)
from stats.scorecard.costs import costs_of
from stats.scorecard.looks import Information
from stats.scorecard.money import MoneyResult, MoneyTreatment
from stats.scorecard.oec import Points, oec_result
from tests.stats.facts import DAY, START, in_use
from tests.stats.money_read import OEC, ends, money_of, scored
from tests.stats.money_world import AS_OF, MONEY, RATES, World, money_plan, money_world

MARGIN = MetricInUse(contribution_margin_per_member(RATES), MetricRole.OEC, MONEY.window)
RULE = DecisionRule(
    DecisionScale.INCREMENTAL_MARGIN, exempt_checks=("event_gaps", "freshness", "pre_period")
)


@pytest.fixture(scope="module")
def world() -> World:
    """One seeded world."""
    return money_world(7, members=900)


@pytest.fixture(scope="module")
def found(world: World) -> MoneyResult:
    """Its money."""
    return money_of(scored(world))


def ruled(rule: DecisionRule = RULE, money: MoneyPlan = MONEY) -> AnalysisPlan:
    """A plan that decides by the incremental margin."""
    return replace(money_plan(MARGIN, money=money), decision_rule=rule)


def test_the_verdict_in_money_is_the_margin_of_the_money_section(world: World) -> None:
    """With one look, one treatment and no planned size the two intervals are one."""
    card = scored(world, ruled())

    one: MoneyTreatment = money_of(card).treatments[0]
    assert card.decision is not None
    said = card.decision.treatments[0].parameters
    assert said["scale"] == "incremental_margin"
    assert said["units"] == one.units
    assert (said["estimate"], said["low"], said["high"]) == pytest.approx(
        ends(one.incremental_margin), rel=1e-9
    )


@pytest.mark.parametrize(
    ("fixed", "threshold", "want"),
    [(0, 0, "ship"), (10**9, 0, "do_not_ship"), (0, 10**9, "do_not_ship")],
)
def test_fixed_costs_and_thresholds_are_money(
    world: World, fixed: int, threshold: int, want: str
) -> None:
    """What pays without fixed costs does not with large ones, nor against a large threshold."""
    money = replace(MONEY, costs=(VariantCost("B", fixed),))
    rule = replace(RULE, threshold=Decimal(threshold))

    card = scored(world, ruled(rule, money), AS_OF + 60 * DAY)

    assert card.decision is not None
    assert card.decision.treatments[0].verdict.value == want


@pytest.mark.parametrize(
    ("metric", "rule", "money"),
    [
        (OEC, RULE, MONEY),
        (in_use("spend_per_member", MetricRole.OEC), RULE, MONEY),
        (MARGIN, replace(RULE, estimate=EstimateUsed.CAPPED), MONEY),
        (MARGIN, RULE, None),
    ],
)
def test_money_decides_by_margins_alone(
    metric: MetricInUse, rule: DecisionRule, money: MoneyPlan | None
) -> None:
    """A share, revenue, capped money or a plan without money cannot decide by the margin."""
    with pytest.raises(InvalidPlan):
        replace(money_plan(metric), money=money, decision_rule=rule)


def test_costs_are_of_variants_of_the_plan() -> None:
    """A cost of a variant that does not exist is refused, and the variants are named."""
    with pytest.raises(InvalidPlan, match="B, control"):
        money_plan(OEC, money=replace(MONEY, costs=(VariantCost("gift", 5),)))


def test_definition_and_money_agree_on_the_margin(world: World, found: MoneyResult) -> None:
    """The metric of the contribution margin is the section's, but for contacts of the plan."""
    card = scored(world, ruled())

    value = card.metrics[0].variants[0].value

    assert isinstance(value, Rate)
    assert value.estimate == pytest.approx(ends(found.variants[0].contribution_margin)[0])
    assert NO_RATES.gross_margin_rate is None
    assert Fraction(RATES.gross_margin_rate or 0) == Fraction(35, 100)


def test_holm_keeps_its_error_rate_where_the_threshold_is_not_zero() -> None:
    """Two treatments that earn exactly their fixed costs: one ships in 2.5 % of runs at most.

    Both are far better than the control, so that levels taken from the p-values of no difference
    would give the second the whole rate.
    """
    rng = np.random.default_rng(11)
    base = money_plan(
        MARGIN,
        money=replace(
            MONEY, costs=(VariantCost("B", 500_000), VariantCost("C", 500_000)), covariate_days=0
        ),
        tiers=False,
        shares={"control": "0.34", "B": "0.33", "C": "0.33"},
    )
    the_plan = replace(base, decision_rule=RULE)
    information = Information(
        AS_OF, START, 3000, (), over=True, nonzero=dict.fromkeys("ABC", 1000),
        counted={"control": 1000, "B": 1000, "C": 1000},
    )  # fmt: skip
    runs, wrong = 4000, 0
    for _ in range(runs):
        points: Points = {
            "control": Point(float(rng.normal(1000, 30)), 30.0, 1000),
            "B": Point(float(rng.normal(1500, 30)), 30.0, 1000),
            "C": Point(float(rng.normal(1500, 30)), 30.0, 1000),
        }
        judged = oec_result(the_plan, MARGIN, points, information)
        wrong += any(ends(one.difference)[1] * 1000 - 500_000 > 0 for one in judged.treatments)

    assert wrong / runs <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / runs)


def test_a_fixed_cost_is_spread_over_the_units_that_are_planned() -> None:
    """At an early look the fixed cost is that of the whole campaign, and so are the units."""
    the_plan = replace(ruled(), looks=Looks(planned_units=10_000))

    early = costs_of(the_plan, "B", {"control": 100, "B": 100})
    late = costs_of(the_plan, "B", {"control": 9_000, "B": 9_000})

    assert (early.units, late.units) == (5_000, 9_000)
    assert early.total(20.0) == 5_000 * (20 - 15) - 70_000
