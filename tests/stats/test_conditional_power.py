"""Power mid-campaign, and what planned looks cost."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from stats.errors import InvalidLooks, InvalidSizing
from stats.inference.boundary import boundaries
from stats.inference.conditional_power import (
    conditional_power,
    looks_ahead,
    mid_campaign,
    single_end,
    units_for,
)
from stats.inference.difference import point_difference
from stats.inference.group_sequential import Monitoring
from stats.inference.inflation import looks_cost
from stats.inference.outcome import Estimate
from stats.inference.point import Point
from stats.inference.power import Baseline, PlannedTest, Sizes, power
from stats.inference.sample_size import units_needed
from stats.plan.looks import Spending

OBF, POCOCK = Spending.OBRIEN_FLEMING, Spending.POCOCK


def even(looks: int) -> tuple[float, ...]:
    """Fractions of evenly spaced looks."""
    return tuple(k / looks for k in range(1, looks + 1))


def found_by_integral(fractions: tuple[float, ...], zs: tuple[float, ...], drift: float) -> float:
    """Power of several looks as one integral over the joint normal."""
    t = np.array(fractions)
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    inside = multivariate_normal(drift * np.sqrt(t), covariance, maxpts=500_000, abseps=1e-7)
    return 1 - float(inside.cdf(np.array(zs), lower_limit=-np.array(zs)))


@pytest.mark.parametrize("spending", [OBF, POCOCK])
@pytest.mark.parametrize("fractions", [even(2), (0.3, 0.9, 1.0), even(4)])
@pytest.mark.parametrize("goal", [0.8, 0.95])
def test_inflation_gives_back_the_power_of_a_single_look(
    spending: Spending, fractions: tuple[float, ...], goal: float
) -> None:
    """With so many more units, all looks together have the power, by an independent integral."""
    got = looks_cost(fractions, alpha=0.05, spending=spending, goal=goal)

    # the drift of a single look with this power; its lower tail is below 1e-5
    single = norm.isf(0.025) + norm.ppf(goal)
    zs = tuple(look.z for look in boundaries(fractions, alpha=0.05, spending=spending))
    drift = single * math.sqrt(got.inflation)
    assert found_by_integral(fractions, zs, drift) == pytest.approx(goal, abs=1e-5)
    assert got.inflation > 1
    assert got.expected < got.inflation


def test_planned_looks_cost_little_and_save_much() -> None:
    """Five looks take 3 % more units at most (O'Brien-Fleming type), 19 % (Pocock type).

    Jennison and Turnbull (2000), chapter 2, give 1.026 and 1.207 at power 0.9 for the designs that
    the two spending functions resemble.
    """
    obf = looks_cost(even(5), alpha=0.05, spending=OBF, goal=0.9)
    pocock = looks_cost(even(5), alpha=0.05, spending=POCOCK, goal=0.9)

    assert obf.inflation == pytest.approx(1.026, abs=0.005)
    assert pocock.inflation == pytest.approx(1.207, abs=0.02)
    assert obf.expected < 0.8
    assert pocock.expected < obf.expected


def test_a_single_look_costs_nothing() -> None:
    """One look at the end is the fixed horizon."""
    got = looks_cost((1.0,), alpha=0.05, spending=OBF, goal=0.8)

    assert (got.inflation, got.expected) == pytest.approx((1.0, 1.0), rel=1e-9)


def test_looks_that_do_not_end_at_the_plan_are_refused() -> None:
    """The cost is that of a plan, whose last look is at 1, and of a power above alpha."""
    with pytest.raises(InvalidSizing, match="last planned look"):
        looks_cost((0.5, 0.9), alpha=0.05, spending=OBF, goal=0.8)
    with pytest.raises(InvalidSizing, match="power"):
        looks_cost((1.0,), alpha=0.05, spending=OBF, goal=0.04)


@pytest.mark.parametrize("z", [-1.0, 0.0, 1.5])
@pytest.mark.parametrize("drift", [0.0, 2.8])
@pytest.mark.parametrize("t", [0.2, 0.75])
def test_conditional_power_of_one_look_is_the_closed_form(z: float, drift: float, t: float) -> None:
    """Phi((z sqrt(t) + drift (1 - t) - c)/sqrt(1 - t)) above, and its mirror image below."""
    got = conditional_power(z, t, drift, single_end(0.05))

    c, ahead, scale = norm.isf(0.025), z * math.sqrt(t) + drift * (1 - t), math.sqrt(1 - t)
    assert got.above == pytest.approx(norm.cdf((ahead - c) / scale), rel=1e-9)
    assert got.below == pytest.approx(norm.cdf((-c - ahead) / scale), rel=1e-9)


def test_conditional_power_of_several_looks_equals_simulation() -> None:
    """Continuing 200,000 campaigns from the same middle crosses as often as it says."""
    so_far = Monitoring((0.25, 0.5))
    ahead = looks_ahead(so_far, even(4))
    runs, rng, z, drift = 200_000, np.random.default_rng(9), 1.1, 2.5

    got = conditional_power(z, 0.5, drift, ahead)

    motion, crossed = np.full(runs, z * math.sqrt(0.5)), np.zeros(runs, dtype=bool)
    for look in ahead:
        motion += rng.normal(drift * 0.25, 0.5, runs)
        crossed |= motion > look.z * math.sqrt(look.fraction)
    tolerance = 3 * math.sqrt(got.above * (1 - got.above) / runs)
    assert crossed.mean() == pytest.approx(got.above, abs=tolerance)


def test_looks_ahead_are_those_of_the_whole_plan() -> None:
    """The boundaries to come are what the plan as a whole gives, the last spending the rest."""
    whole = boundaries(even(4), alpha=0.05, spending=POCOCK)

    ahead = looks_ahead(Monitoring((0.25, 0.5), spending=POCOCK), even(4))

    assert [look.z for look in ahead] == pytest.approx([look.z for look in whole[2:]], rel=1e-9)
    assert looks_ahead(Monitoring((1.0,)), even(4)) == ()


def test_a_finished_campaign_has_no_conditional_power() -> None:
    """At or past the last look nothing is conditional any more; it is refused, not 0 or 1."""
    for fraction in (1.0, 1.2, 0.0):
        with pytest.raises(InvalidLooks, match="beyond the present"):
            conditional_power(1.0, fraction, 0.0, single_end(0.05))


def halfway(effect: float, n: int = 5000) -> Estimate:
    """A difference after n units per variant, each with a standard deviation of 1."""
    error = 1 / math.sqrt(n)
    got = point_difference(Point(10, error, n), Point(10 + effect, error, n), alpha=0.05)
    assert isinstance(got, Estimate)
    return got


def test_mid_campaign_says_where_it_stands() -> None:
    """Achieved power, units needed and both conditional powers follow from error and plan."""
    test, estimate = PlannedTest(), halfway(0.02)
    planned = units_needed(Baseline(10.0, 1.0), 0.05, test, goal=0.9)

    got = mid_campaign(
        estimate,
        units=10_000,
        planned_units=2 * planned.whole[0],
        planned_effect=0.05,
        goal=0.9,
        test=test,
        ahead=single_end(0.05),
    )

    assert got.fraction == pytest.approx(10_000 / (2 * planned.whole[0]))
    sizes = Sizes(5000, 5000)
    assert got.achieved_power == pytest.approx(
        power(Baseline(10.0, 1.0), 0.05, sizes, test), rel=1e-9
    )
    assert got.units_needed == pytest.approx(2 * planned.control, rel=1e-3)
    assert got.if_observed is not None
    assert got.if_planned is not None
    assert got.if_observed.above < got.if_planned.above < 1


def test_past_the_planned_end_only_what_is_left_to_say_is_said() -> None:
    """With all planned units in, there is a power and a need, but nothing conditional."""
    got = mid_campaign(
        halfway(0.02),
        units=10_000,
        planned_units=8_000,
        planned_effect=0.05,
        goal=0.8,
        test=PlannedTest(),
        ahead=single_end(0.05),
    )

    assert got.fraction == 1.25
    assert (got.if_planned, got.if_observed) == (None, None)
    assert got.units_needed > 10_000 * (1 - 1e-9)
    assert got.achieved_power < 0.8


def test_conditional_power_averages_to_the_power() -> None:
    """Before the data, the mean of the conditional power under the plan is the planned power."""
    rng, t, drift = np.random.default_rng(12), 0.4, 2.9
    zs = rng.normal(drift * math.sqrt(t), 1, 4000)

    found = [conditional_power(float(z), t, drift, single_end(0.05)).above for z in zs]

    expected = norm.sf(norm.isf(0.025) - drift)
    assert np.mean(found) == pytest.approx(expected, abs=3 * np.std(found) / math.sqrt(4000))


def test_units_from_the_present_error_have_the_power() -> None:
    """At the units given, the present error shrunk by the root of the growth has the power."""
    estimate, test = halfway(0.02), PlannedTest()

    units = units_for(estimate, 0.05, units=10_000, goal=0.8, test=test)
    more = units_for(estimate, 0.05, units=10_000, goal=0.8, test=test, inflation=1.1)

    planned = units_needed(Baseline(10.0, 1.0), 0.05, test, goal=0.8)
    assert units == pytest.approx(2 * planned.control, abs=2)
    assert more == pytest.approx(1.1 * units, abs=2)


def test_a_campaign_that_has_seen_too_much_needs_less() -> None:
    """An effect so large that two units would do asks for no more than a few."""
    assert units_for(halfway(0.02), 1e6, units=10_000, goal=0.8, test=PlannedTest()) <= 10


def test_mid_campaign_without_a_plan_is_refused() -> None:
    """No planned effect, no units or no power: named, with the way out."""
    plan = {"units": 10, "planned_units": 20}
    for field, effect, units in (("effect", 0.0, plan), ("units", 0.1, {**plan, "units": 0})):
        with pytest.raises(InvalidSizing, match=field):
            mid_campaign(
                halfway(0.02),
                **units,
                planned_effect=effect,
                goal=0.8,
                test=PlannedTest(),
                ahead=single_end(0.05),
            )
    for effect, goal in ((0.0, 0.8), (0.1, 1.0)):
        with pytest.raises(InvalidSizing, match="effect, power"):
            units_for(halfway(0.02), effect, units=10, goal=goal, test=PlannedTest())
