"""The money of a scorecard: against SciPy and NumPy over the rows, and its states."""

import json
import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy import optimize
from scipy import stats as scipy_stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from stats.aggregation.aggregate import aggregate
from stats.inference.outcome import Undefined
from stats.plan import AnalysisPlan
from stats.scorecard import (
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from stats.scorecard.money import AudienceSource, MoneyResult, MoneyState
from tests.stats.facts import DAY, START, facts, order
from tests.stats.money_read import OEC, ends, money_of, scored
from tests.stats.money_world import AS_OF, BY_ORDER, MONEY, World, money_plan, money_world


@pytest.fixture(scope="module")
def world() -> World:
    """One seeded world."""
    return money_world(7, members=900)


@pytest.fixture(scope="module")
def found(world: World) -> MoneyResult:
    """Its money."""
    return money_of(scored(world))


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
