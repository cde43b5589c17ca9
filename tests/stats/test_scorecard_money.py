"""The money of a scorecard: against SciPy and NumPy over the rows, its states, its coverage."""

import json
import math
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize
from scipy import stats as scipy_stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from stats.aggregation.aggregate import aggregate
from stats.errors import EffectNearZero, InvalidPlan, NoExtraCost, NoGain, UndefinedStatus
from stats.inference.money import Costs, Incremental
from stats.inference.outcome import Certain, Estimate, Rate, Undefined
from stats.inference.point import Point
from stats.inference.ratio_of_differences import Pair, RatioEstimate, UnboundedRatio
from stats.metric import contribution_margin_per_member
from stats.metric.money import NO_RATES
from stats.moments import Moments
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
from stats.scorecard import (
    Scorecard,
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from stats.scorecard.costs import costs_of
from stats.scorecard.looks import Information
from stats.scorecard.money import AudienceSource, MoneyResult, MoneyState, MoneyTreatment
from stats.scorecard.oec import Points, oec_result
from tests.stats.facts import DAY, START, facts, in_use, order
from tests.stats.money_world import AS_OF, BY_ORDER, MONEY, RATES, World, money_plan, money_world

OEC = in_use("repurchase_rate", MetricRole.OEC)


@pytest.fixture(scope="module")
def world() -> World:
    """One seeded world."""
    return money_world(7, members=900)


@pytest.fixture(scope="module")
def found(world: World) -> MoneyResult:
    """Its money."""
    return money_of(scored(world))


def scored(
    world: World, the_plan: AnalysisPlan | None = None, as_of: datetime = AS_OF
) -> Scorecard:
    """The scorecard of a world."""
    the_plan = the_plan or money_plan(OEC)
    return assemble_scorecard(the_plan, aggregate(world.facts, the_plan, as_of), computed_at=as_of)


def money_of(card: Scorecard) -> MoneyResult:
    """Its money, which is there."""
    assert card.money is not None
    return card.money


def rows(world: World, variant: str, tier: str | None = None) -> dict[str, np.ndarray]:
    """The values of the mature units of a variant."""
    chosen = world.units[(world.units["variant"] == variant) & world.units["mature"]]
    if tier is not None:
        chosen = chosen[chosen["tier"] == tier]
    columns = ("gross", "reward", "contact", "upgraded", "rewards", "earlier")
    return {name: chosen[name].map(float).to_numpy() for name in columns}


def welch(treated: np.ndarray, control: np.ndarray) -> tuple[float, float, float]:
    """Difference and both ends of its interval, by statsmodels."""
    compared = CompareMeans(DescrStatsW(treated), DescrStatsW(control))
    low, high = compared.tconfint_diff(alpha=0.05, usevar="unequal")
    return float(treated.mean() - control.mean()), float(low), float(high)


def ends(outcome: object) -> tuple[float, float, float]:
    """Estimate and both ends of what is an estimate."""
    assert isinstance(outcome, Estimate | RatioEstimate | Rate)
    return outcome.estimate, outcome.ci_low, outcome.ci_high


def test_differences_per_member_equal_statsmodels(world: World, found: MoneyResult) -> None:
    """Every difference is that of Welch's interval over the rows; the plan's contact is added."""
    before, after = rows(world, "control"), rows(world, "B")
    (one,) = found.treatments

    assert ends(one.gross_margin) == pytest.approx(welch(after["gross"], before["gross"]))
    assert ends(one.reward_cost) == pytest.approx(welch(after["reward"], before["reward"]))
    contact = welch(after["contact"] + 15, before["contact"])
    assert ends(one.contact_cost) == pytest.approx(contact)
    assert ends(one.upgraded) == pytest.approx(welch(after["upgraded"], before["upgraded"]))
    net = [side["gross"] - side["reward"] - side["contact"] for side in (after, before)]
    assert ends(one.contribution_margin) == pytest.approx(welch(net[0] - 15, net[1]))


def test_amounts_are_the_difference_scaled(world: World, found: MoneyResult) -> None:
    """All treated, 1,000 and a year are Welch's interval times the units, less fixed costs."""
    before, after = rows(world, "control"), rows(world, "B")
    net = [side["gross"] - side["reward"] - side["contact"] for side in (after, before)]
    per_unit = np.array(welch(net[0] - 15, net[1]))
    (one,) = found.treatments
    treated = int((world.units["variant"] == "B").sum())
    fixed = 90_000 - 20_000

    assert one.units == treated > len(net[0])
    assert one.fixed_minor == fixed
    assert ends(one.incremental_margin) == pytest.approx(treated * per_unit - fixed)
    assert ends(one.per_thousand) == pytest.approx(1000 * (per_unit - fixed / treated))
    assert ends(one.per_year) == pytest.approx(4 * (100_000 * 0.8 * per_unit - fixed))


def fieller(
    top: tuple[np.ndarray, np.ndarray], bottom: tuple[np.ndarray, np.ndarray], df: float
) -> tuple[float, float, float]:
    """The ratio of two differences and where its t test changes its mind, by bisection."""
    n = [len(side) for side in top]
    gap = top[1].mean() - top[0].mean(), bottom[1].mean() - bottom[0].mean()
    q = scipy_stats.t.isf(0.025, df)

    def beyond(r: float) -> float:
        error = math.sqrt(sum((top[i] - r * bottom[i]).var(ddof=1) / n[i] for i in (0, 1)))
        return float(abs(gap[0] - r * gap[1]) - float(q) * error)

    ratio, step = gap[0] / gap[1], abs(gap[0] / gap[1]) + 1.0
    low, high = ratio, ratio
    while beyond(low) < 0:
        low -= step
    while beyond(high) < 0:
        high += step
    return (
        ratio,
        float(optimize.brentq(beyond, low, ratio, xtol=1e-9)),
        float(optimize.brentq(beyond, ratio, high, xtol=1e-9)),
    )


def test_quotients_are_where_the_t_test_changes_its_mind(world: World, found: MoneyResult) -> None:
    """ROI, cost per upgrade, break-even reward and what an upgrade may cost, over the rows."""
    before, after = rows(world, "control"), rows(world, "B")
    (one,) = found.treatments
    extra = 15 + 70_000 / one.units
    cost = before["reward"] + before["contact"], after["reward"] + after["contact"]
    earned = before["gross"] - before["contact"], after["gross"] - after["contact"] - extra
    net = before["gross"] - cost[0], after["gross"] - cost[1] - extra

    def df(sides: tuple[np.ndarray, np.ndarray]) -> float:
        return float(scipy_stats.ttest_ind(sides[1], sides[0], equal_var=False).df)

    upgraded = before["upgraded"], after["upgraded"]
    granted = before["rewards"], after["rewards"]
    roi = fieller(net, (cost[0], cost[1] + extra), df(net))
    assert ends(one.roi) == pytest.approx(roi, rel=1e-6)
    paid = cost[0], cost[1] + 15
    assert ends(one.cost_per_upgrade) == pytest.approx(
        fieller(paid, upgraded, df(upgraded)), rel=1e-6
    )
    assert ends(one.break_even_reward) == pytest.approx(
        fieller(earned, granted, df(granted)), rel=1e-6
    )
    assert ends(one.affordable_per_upgrade) == pytest.approx(
        fieller(earned, upgraded, df(upgraded)), rel=1e-6
    )
    assert one.reward_now == pytest.approx(after["reward"].sum() / after["rewards"].sum())


def test_variants_have_their_own_amounts(world: World, found: MoneyResult) -> None:
    """What a variant brought and cost is the mean over its rows, with Student's interval."""
    for row in found.variants:
        own = rows(world, row.variant)
        planned = 15 if row.variant == "B" else 0
        net = own["gross"] - own["reward"] - own["contact"] - planned
        want = DescrStatsW(net).tconfint_mean(alpha=0.05)

        assert row.n == len(net)
        assert ends(row.contribution_margin) == pytest.approx((net.mean(), *want))
        assert row.gross_margin_total == pytest.approx(own["gross"].sum())
        assert row.contact_cost_total == pytest.approx((own["contact"] + planned).sum())
        assert row.upgraded_units == own["upgraded"].sum()
        assert row.rewards == pytest.approx(own["rewards"].sum())
    assert [row.fixed_minor for row in found.variants] == [20_000, 90_000]


def test_tiers_are_the_money_of_their_rows(world: World, found: MoneyResult) -> None:
    """A tier's difference is Welch's over its rows, before fixed costs, largest tier first."""
    tiers = found.tiers
    assert tiers is not None
    sizes = [one.control_units + one.treatment_units for one in tiers.effects]
    assert sizes == sorted(sizes, reverse=True)
    assert {one.tier for one in tiers.effects} == {"bronze", "silver", "gold"}
    for one in tiers.effects:
        before, after = rows(world, "control", one.tier), rows(world, "B", one.tier)
        net = [side["gross"] - side["reward"] - side["contact"] for side in (after, before)]
        assert ends(one.contribution_margin) == pytest.approx(welch(net[0] - 15, net[1]))


def test_a_tier_with_few_members_is_listed_and_not_estimated(world: World) -> None:
    """Below the plan's minimum a tier has its counts and the reason."""
    the_plan = money_plan(OEC)
    strict = replace(the_plan, segments=(replace(the_plan.segments[0], minimum_units=10_000),))

    tiers = money_of(scored(world, strict)).tiers

    assert tiers is not None
    assert all(isinstance(one.contribution_margin, Undefined) for one in tiers.effects)
    assert all(one.control_units for one in tiers.effects)


def test_adjusted_margin_takes_out_what_members_earned_before(
    world: World, found: MoneyResult
) -> None:
    """It is the coefficient of a regression on the variant and the earlier margin, scaled."""
    before, after = rows(world, "control"), rows(world, "B")
    y = np.concatenate([s["gross"] - s["reward"] - s["contact"] for s in (before, after)])
    x = np.concatenate([before["earlier"], after["earlier"]])
    treated = np.concatenate([np.zeros(len(before["gross"])), np.ones(len(after["gross"]))])
    design = np.column_stack([np.ones_like(y), treated, x])
    coefficient = np.linalg.lstsq(design, y, rcond=None)[0][1]
    (one,) = found.treatments

    adjusted = ends(one.adjusted_margin)

    assert adjusted[0] == pytest.approx(one.units * (coefficient - 15) - 70_000, rel=1e-9)


def test_money_survives_json(world: World) -> None:
    """Written to JSON text and read back, the money is the same."""
    card = scored(world)

    text = json.dumps(scorecard_to_json(card), allow_nan=False)

    assert scorecard_from_json(json.loads(text)) == card
    assert AnalysisPlan.from_json(json.loads(json.dumps(card.plan.to_json()))) == card.plan


def test_without_margin_there_is_no_money_and_a_reason(world: World) -> None:
    """Orders that say neither margin nor cost, without a rate, are a state and no number."""
    found = money_of(scored(world, money_plan(OEC, money=BY_ORDER)))

    assert found.state is MoneyState.MARGIN_UNKNOWN
    assert "gross_margin_rate" in found.sentence
    assert found.orders_without_margin > 0
    assert (found.variants, found.treatments) == ((), ())


def test_early_money_says_when_it_comes() -> None:
    """Before a window has closed there is a state with a date, and no amount."""
    given = facts([("a", "control", START), ("b", "B", START)], [order("a", START + DAY, 100)])
    the_plan = money_plan(OEC, tiers=False)
    as_of = START + timedelta(days=59)

    card = assemble_scorecard(the_plan, aggregate(given, the_plan, as_of), computed_at=as_of)

    found = money_of(card)
    assert found.state is MoneyState.IMMATURE
    assert "2026-03-02" in found.sentence
    assert found.treatments == ()


def test_orders_never_seen_are_no_margin_of_zero() -> None:
    """A feed without orders gives a state, not a margin of 0."""
    given = facts([("a", "control", START), ("b", "B", START)], [])
    the_plan = money_plan(OEC, tiers=False)

    found = money_of(
        assemble_scorecard(the_plan, aggregate(given, the_plan, AS_OF), computed_at=AS_OF)
    )

    assert found.state is MoneyState.EVENTS_MISSING


def test_a_year_without_a_planned_audience_is_of_those_reached(world: World) -> None:
    """Who has counted no audience gets the units of all variants, and is told so."""
    found = money_of(scored(world, money_plan(OEC, money=replace(MONEY, audience=None))))

    assert found.scaling is not None
    assert found.scaling.source is AudienceSource.COUNTED
    assert found.scaling.audience == len(world.units)


def test_without_target_tiers_nothing_is_said_of_upgrades(world: World) -> None:
    """A campaign that names no tier has no cost per upgrade, rather than one of 0."""
    (one,) = money_of(scored(world, money_plan(OEC, money=replace(MONEY, upgrade=())))).treatments

    assert (one.upgraded, one.cost_per_upgrade, one.affordable_per_upgrade) == (None, None, None)


def pair(control: np.ndarray, treatment: np.ndarray) -> Pair:
    """Moments of five rows each."""
    made = []
    for columns in (control, treatment):
        n = columns.shape[1]
        sums = [float(one) for one in columns.sum(axis=1)]
        made.append(Moments.from_shifted(n, [0.0] * 5, sums, (columns @ columns.T).tolist()))
    return Pair(*made)


def test_treatment_that_saves_money_has_no_return_on_extra_spending() -> None:
    """Where the treatment costs less than the control there is no spending to have a return."""
    rng = np.random.default_rng(3)
    made = [rng.exponential(100, (5, 200)) for _ in range(2)]
    made[0][1] += 500

    result = Incremental(pair(*made), Costs(200), 0.05)

    with pytest.raises(NoExtraCost) as fault:
        result.roi()
    assert Undefined.because(fault.value).status is UndefinedStatus.NO_EXTRA_COST


def test_quotients_over_an_effect_that_may_be_zero_do_not_exist() -> None:
    """Nothing is divided by upgrades that cannot be told from 0, nor by fewer of them."""
    rng = np.random.default_rng(4)
    made = [rng.exponential(100, (5, 200)) for _ in range(2)]
    made[0][3] = made[1][3]

    with pytest.raises(EffectNearZero, match="upgrades cannot be told from 0"):
        Incremental(pair(*made), Costs(200), 0.05).cost_per_upgrade()
    made[0][3] = made[0][3] + 500
    with pytest.raises(NoGain, match="fewer upgrades"):
        Incremental(pair(*made), Costs(200), 0.05).affordable_per_upgrade()


def test_costs_that_nobody_has_are_known() -> None:
    """Without a reward in either variant its difference is 0 for certain, and no fault."""
    zeros = np.zeros((5, 10))

    outcome = Incremental(pair(zeros, zeros), Costs(10), 0.05).cost(0, 1)

    assert isinstance(outcome, Certain)
    assert outcome.estimate == 0


TRUE = {"margin": 1.2, "cost": 2.0, "upgrades": 0.15, "rewards": 0.5}
"""Per unit: net 1.2 after cost 2.0; 0.15 upgrades and 0.5 rewards more."""
RUNS, UNITS = 3000, 300


def drawn(rng: np.random.Generator) -> Pair:
    """Units of both variants: margins skewed, costs and upgrades correlated with them."""
    sides = []
    for treated in (0, 1):
        upgraded = rng.random(UNITS) < 0.2 + TRUE["upgrades"] * treated
        granted = (rng.random(UNITS) < 0.1 + TRUE["rewards"] * treated).astype(float)
        reward = granted * 4.0
        gross = rng.gamma(1.5, 6.0, UNITS) + 5.0 * (upgraded - 0.2 - TRUE["upgrades"] * treated)
        gross += treated * (TRUE["margin"] + TRUE["cost"])
        contact = np.full(UNITS, 0.5)
        sides.append(np.array([gross, reward, contact, upgraded.astype(float), granted]))
    return pair(sides[0], sides[1])


def kept(outcome: object, truth: float) -> bool:
    """Whether a set holds the truth."""
    if isinstance(outcome, UnboundedRatio):
        if outcome.at_most is None or outcome.at_least is None:
            return True
        return truth <= outcome.at_most or truth >= outcome.at_least
    _, low, high = ends(outcome)
    return low <= truth <= high


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Over 3,000 seeded draws each interval holds the truth in 95 %, within three errors."""
    rng = np.random.default_rng(20_260_731)
    costs = Costs(UNITS, fixed=0.3 * UNITS)
    held = dict.fromkeys(("margin", "roi", "cost", "break_even"), 0)
    for _ in range(RUNS):
        result = Incremental(drawn(rng), costs, 0.05)
        held["margin"] += kept(result.margin(), (TRUE["margin"] - 0.3) * UNITS)
        held["roi"] += kept(result.roi(), (TRUE["margin"] - 0.3) / (TRUE["cost"] + 0.3))
        # rarely the effect cannot be told from 0: then there is no interval to miss the truth
        try:
            held["cost"] += kept(result.cost_per_upgrade(), TRUE["cost"] / TRUE["upgrades"])
        except EffectNearZero:
            held["cost"] += 1
        reward = (TRUE["margin"] + TRUE["cost"] - 0.3) / TRUE["rewards"]
        held["break_even"] += kept(result.break_even_reward(), reward)

    slack = 3 * math.sqrt(0.95 * 0.05 / RUNS)
    for name, count in held.items():
        assert count / RUNS == pytest.approx(0.95, abs=slack), name


MARGIN = MetricInUse(contribution_margin_per_member(RATES), MetricRole.OEC, MONEY.window)
RULE = DecisionRule(
    DecisionScale.INCREMENTAL_MARGIN, exempt_checks=("event_gaps", "freshness", "pre_period")
)


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
