"""Planned looks: boundaries, repeated intervals and what they cost."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtr
from scipy.stats import multivariate_normal, norm

from stats.errors import InvalidLooks
from stats.inference.boundary import CEILING, boundaries, crossings
from stats.inference.difference import point_difference, welch_difference
from stats.inference.group_sequential import (
    Monitoring,
    planned_lift,
    planned_look,
    repeated_p_value,
)
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift
from stats.inference.point import Point, t_quantile
from stats.inference.spending import spent_by
from stats.plan.looks import Spending
from stats.summary import MeanSummary

OBF, POCOCK = Spending.OBRIEN_FLEMING, Spending.POCOCK


def even(looks: int) -> tuple[float, ...]:
    """Fractions of evenly spaced looks."""
    return tuple(k / looks for k in range(1, looks + 1))


def estimate(z: float, df: float = 1e9) -> Estimate:
    """A difference of z standard errors of 1, with the p-value of a fixed horizon."""
    p = 2 * float(stdtr(df, -abs(z)))
    return Estimate(z, 1.0, z - 2, z + 2, p, df, 0.05, Method.WELCH)


def crossing_by_integral(fractions: tuple[float, ...], zs: tuple[float, ...]) -> float:
    """Probability to cross at any look, as one integral over the joint normal of all looks."""
    t = np.array(fractions)
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    inside = multivariate_normal(cov=covariance, maxpts=4_000_000, abseps=1e-8, releps=0, seed=1)
    return 1 - float(inside.cdf(np.array(zs), lower_limit=-np.array(zs)))


@pytest.mark.parametrize(
    ("spending", "looks", "alpha", "published"),
    [
        # R: gsDesign(k = 2, test.type = 1, alpha = 0.025, sfu = sfLDOF), and k = 3
        (OBF, 2, 0.05, [2.9626, 1.9686]),
        (OBF, 3, 0.05, [3.7103, 2.5114, 1.9930]),
        # Julia: SeqBounds.bounds([0.25, 0.5, 0.75, 1.0], 0.05), one-sided
        (OBF, 4, 0.10, [3.74955, 2.53993, 2.01604, 1.72014]),
        # R: ldbounds::ldBounds(t = (1:5)/5, iuse = c(1, 1), alpha = c(0.025, 0.025))
        (OBF, 5, 0.05, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        # the same with iuse = c(2, 2)
        (POCOCK, 5, 0.05, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_boundaries_equal_the_published_ones(
    spending: Spending, looks: int, alpha: float, published: list[float]
) -> None:
    """Boundaries of even looks are those that other programs print, to their grids' 1e-4."""
    got = boundaries(even(looks), alpha=alpha, spending=spending)

    assert [look.z for look in got] == pytest.approx(published, abs=1.5e-4)


@pytest.mark.parametrize("spending", [OBF, POCOCK])
@pytest.mark.parametrize(
    ("fractions", "alpha"),
    [
        (even(2), 0.01),
        (even(3), 0.05),
        (even(5), 0.05),
        ((0.1, 0.15, 0.6, 0.61), 0.01),
        ((0.3, 0.9, 1.0), 0.1),
        ((0.5, 1.0, 1.25), 0.05),
    ],
)
def test_crossing_probability_equals_the_joint_normal_integral(
    spending: Spending, fractions: tuple[float, ...], alpha: float
) -> None:
    """All looks together cross with what they may spend, by an independent integral, to 1e-6."""
    got = boundaries(fractions, alpha=alpha, spending=spending)

    total = crossing_by_integral(fractions, tuple(look.z for look in got))
    assert total == pytest.approx(got[-1].spent, abs=1e-6)
    goal = spent_by(fractions[-1], alpha=alpha, spending=spending)
    assert got[-1].spent == pytest.approx(goal, rel=1e-9)


def test_crossing_with_an_effect_equals_the_joint_normal_integral() -> None:
    """The power over several looks equals an independent integral about the drifted mean."""
    fractions, drift = (0.2, 0.55, 1.0), 2.5
    zs = tuple(look.z for look in boundaries(fractions, alpha=0.05, spending=OBF))
    t = np.array(fractions)
    covariance = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    inside = multivariate_normal(drift * np.sqrt(t), covariance, maxpts=1_000_000, abseps=1e-8)

    got = crossings(fractions, zs, drift=drift)

    expected = 1 - inside.cdf(np.array(zs), lower_limit=-np.array(zs))
    assert math.fsum(look.either for look in got) == pytest.approx(expected, abs=1e-6)
    assert sum(look.below for look in got) < 1e-4


@pytest.mark.parametrize("looks", [14, 28])
@pytest.mark.parametrize("spending", [OBF, POCOCK])
def test_many_looks_keep_the_error_rate(looks: int, spending: Spending) -> None:
    """Under no effect 14 and 28 looks find one in 5 % of campaigns, within 3 standard errors."""
    runs = 100_000
    rng = np.random.default_rng(20260311)
    zs = np.array([look.z for look in boundaries(even(looks), alpha=0.05, spending=spending)])

    crossed = np.zeros(runs, dtype=bool)
    motion = np.zeros(runs)
    for k, z in enumerate(zs, 1):
        motion += rng.normal(0, math.sqrt(1 / looks), runs)
        crossed |= np.abs(motion) > z * math.sqrt(k / looks)

    assert crossed.mean() == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / runs))


def test_levels_used_as_if_alone_would_not_keep_the_error_rate() -> None:
    """The known fault, 1.96 / sqrt(fraction) at each look as if alone, finds 7.2 % over 14."""
    fractions = even(14)
    alone = tuple(float(norm.isf(0.025)) / math.sqrt(f) for f in fractions)

    wrong = math.fsum(look.either for look in crossings(fractions, alone, drift=0.0))
    right = boundaries(fractions, alpha=0.05, spending=OBF)

    assert wrong == pytest.approx(0.072, abs=0.001)
    assert right[-1].spent == pytest.approx(0.05, abs=1e-12)
    assert all(ours.z > as_if for ours, as_if in zip(right[2:], alone[2:], strict=True))


def test_one_look_is_a_fixed_horizon() -> None:
    """A campaign looked at once, at its end, uses alpha itself."""
    (look,) = boundaries((1.0,), alpha=0.05, spending=OBF)

    assert look.z == pytest.approx(float(norm.isf(0.025)), rel=1e-12)
    assert look.nominal_alpha == pytest.approx(0.05, rel=1e-12)


@given(
    st.lists(st.floats(0.02, 1.3), min_size=2, max_size=6, unique=True), st.sampled_from(Spending)
)
@settings(deadline=None, max_examples=40)
def test_later_looks_never_move_earlier_boundaries(
    fractions: list[float], spending: Spending
) -> None:
    """A boundary that was used stays what it was, however many looks follow, planned or not."""
    ordered = tuple(sorted(fractions))
    whole = boundaries(ordered, alpha=0.05, spending=spending)
    part = boundaries(ordered[:-1], alpha=0.05, spending=spending)

    for now, then in zip(whole, part, strict=False):
        assert now.z == pytest.approx(then.z, rel=1e-8)
    assert all(later.spent >= earlier.spent for earlier, later in pairwise(whole))
    assert whole[-1].spent <= 0.05 * (1 + 1e-9)


@pytest.mark.parametrize("spending", [OBF, POCOCK])
def test_under_running_spends_all_that_is_left(spending: Spending) -> None:
    """A campaign that ends at 80 % of its plan spends the whole error rate at its last look."""
    early = boundaries((0.4, 0.8), alpha=0.05, spending=spending)
    ended = boundaries((0.4, 0.8), alpha=0.05, spending=spending, final=True)

    assert early[-1].spent < 0.05
    assert ended[-1].spent == pytest.approx(0.05, rel=1e-9)
    assert ended[-1].z < early[-1].z
    total = crossing_by_integral((0.4, 0.8), tuple(look.z for look in ended))
    assert total == pytest.approx(0.05, abs=1e-6)


def test_after_all_is_spent_nothing_can_cross() -> None:
    """Over-running past the look that spent everything leaves nothing: the boundary is 8."""
    looks = boundaries((0.5, 1.2, 1.3), alpha=0.05, spending=POCOCK)

    assert looks[1].spent == pytest.approx(0.05, rel=1e-9)
    assert looks[2].z == CEILING


def test_a_look_without_news_tests_nothing() -> None:
    """Looking twice at the same data spends nothing more and moves no later boundary."""
    repeated = boundaries((0.5, 0.5, 0.50001, 1.0), alpha=0.05, spending=POCOCK)
    once = boundaries((0.5, 1.0), alpha=0.05, spending=POCOCK)

    assert [look.z for look in repeated[1:3]] == [CEILING, CEILING]
    assert repeated[-1].z == pytest.approx(once[-1].z, rel=1e-9)


def test_a_final_look_without_news_still_spends_the_rest() -> None:
    """Ending right after a look tests the same data once more, at what is left."""
    looks = boundaries((0.5, 0.5), alpha=0.05, spending=OBF, final=True)

    assert looks[-1].z == pytest.approx(float(norm.isf(0.025)), abs=2e-3)


def test_looks_that_no_campaign_can_have_are_refused() -> None:
    """No look, a fraction of 0, NaN, and information that shrinks are named."""
    for fractions in ((), (0.0, 1.0), (float("nan"),), (0.5, 0.4)):
        with pytest.raises(InvalidLooks, match="information fractions"):
            boundaries(fractions, alpha=0.05, spending=OBF)
    with pytest.raises(InvalidLooks, match="alpha"):
        Monitoring((1.0,), alpha=0.0)


@given(
    z=st.floats(-6, 6),
    fractions=st.sampled_from([(0.3,), (0.3, 0.6), (0.3, 0.6, 1.0)]),
    spending=st.sampled_from(Spending),
    df=st.sampled_from([3.0, 40.0, 1e6]),
    final=st.booleans(),
)
@settings(deadline=None, max_examples=80)
def test_crossing_interval_and_p_value_agree(
    z: float, fractions: tuple[float, ...], spending: Spending, df: float, *, final: bool
) -> None:
    """A look crosses exactly when its repeated interval leaves out 0 and its p-value is < alpha."""
    monitoring = Monitoring(fractions, spending=spending, final=final)

    got = planned_look(estimate(z, df), monitoring)

    leaves_out = got.repeated.ci_low > 0 or got.repeated.ci_high < 0
    assert got.crossed is leaves_out
    assert got.crossed is (got.repeated.p_value < monitoring.alpha)
    half = t_quantile(df, got.boundary.nominal_alpha)
    assert got.repeated.ci_high - z == pytest.approx(half, rel=1e-9)


@given(
    control=st.floats(-20, 20).filter(lambda value: abs(value) > 0.01),
    gap=st.floats(-4, 4),
    errors=st.tuples(st.floats(0.05, 2), st.floats(0.05, 2)),
    fractions=st.sampled_from([(0.5,), (0.3, 0.6, 1.0)]),
)
@settings(deadline=None, max_examples=60)
def test_repeated_intervals_of_difference_and_lift_agree(
    control: float, gap: float, errors: tuple[float, float], fractions: tuple[float, ...]
) -> None:
    """At every planned look the lift leaves out 0 exactly when the difference crosses."""
    left, right = Point(control, errors[0], 400), Point(control + gap, errors[1], 300)
    monitoring = Monitoring(fractions, spending=POCOCK)
    difference = point_difference(left, right, alpha=0.05)
    assert isinstance(difference, Estimate)

    look = planned_look(difference, monitoring)
    lift = planned_lift(left, right, monitoring)

    assert isinstance(lift, Lift | UnboundedLift)
    above = lift.ci_low is not None and lift.ci_low > 0
    below = lift.ci_high is not None and lift.ci_high < 0
    assert look.crossed is (above or below)
    assert (lift.alpha, lift.method) == (0.05, Method.GROUP_SEQUENTIAL)


@pytest.mark.parametrize("spending", [OBF, POCOCK])
def test_repeated_intervals_hold_together(spending: Spending) -> None:
    """With an effect, all six intervals of a campaign cover it in 95 % of campaigns."""
    runs, looks, effect = 40_000, 6, 2.5
    rng = np.random.default_rng(20260801)
    t = np.array(even(looks))
    zs = np.array([look.z for look in boundaries(even(looks), alpha=0.05, spending=spending)])

    motion = rng.normal(effect / looks, math.sqrt(1 / looks), (runs, looks)).cumsum(axis=1)
    estimates, errors = motion / t, 1 / np.sqrt(t)
    covered = (np.abs(estimates - effect) <= zs * errors).all(axis=1).mean()

    assert covered == pytest.approx(0.95, abs=3 * math.sqrt(0.05 * 0.95 / runs))


def test_planned_lift_of_constants_is_certain() -> None:
    """Variants that do not vary have a lift without an interval, at any look."""
    got = planned_lift(Point(5.0, 0.0, 9), Point(6.0, 0.0, 9), Monitoring((0.5,)))

    assert isinstance(got, Certain)
    assert got.estimate == pytest.approx(0.2)


@pytest.mark.parametrize("spending", [OBF, POCOCK])
def test_data_looked_at_daily_keep_the_error_rate(spending: Spending) -> None:
    """Welch's test of rates of 10 %, at 14 looks from 200 units each on, finds chance in 5 %."""
    runs, looks, step = 4_000, 14, 200
    rng = np.random.default_rng(20260701)
    levels = [b.nominal_alpha for b in boundaries(even(looks), alpha=0.05, spending=spending)]
    control, treatment = rng.binomial(step, 0.1, (2, runs, looks)).cumsum(axis=2)

    found = 0
    for c, t in zip(control, treatment, strict=True):
        for k, level in enumerate(levels):
            n = step * (k + 1)
            got = welch_difference(
                MeanSummary.from_sums(n, int(c[k]), int(c[k])),
                MeanSummary.from_sums(n, int(t[k]), int(t[k])),
                alpha=level,
            )
            if isinstance(got, Estimate) and got.p_value < level:
                found += 1
                break

    assert found / runs == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / runs))


def test_repeated_p_value_is_the_level_at_which_the_look_would_just_cross() -> None:
    """At the error rate that equals its p-value, the look stands on its boundary."""
    fractions, p = (0.25, 0.5, 0.75), 0.004

    at = repeated_p_value(p, Monitoring(fractions))

    level = boundaries(fractions, alpha=at, spending=OBF)[-1].nominal_alpha
    assert level == pytest.approx(p, rel=1e-7)


def test_adjusted_p_value_is_that_of_the_ordering_by_stages() -> None:
    """Stopping at look 2 with z = 3: P(stop at look 1) + P(go on, |Z2| > 3), by integration."""
    monitoring = Monitoring((0.5, 0.8), spending=POCOCK)
    first = monitoring.boundaries[0].z

    got = planned_look(estimate(3.0), monitoring)

    assert got.crossed
    assert got.adjusted_p_value == pytest.approx(
        crossing_by_integral((0.5, 0.8), (first, 3.0)), abs=1e-6
    )


def test_adjusted_p_value_at_the_last_look_is_uniform_without_an_effect() -> None:
    """Under no effect, the p-value at the look where a campaign stops is below u in u of runs."""
    runs, fractions = 2_000, (0.4, 0.7, 1.0)
    rng = np.random.default_rng(5)
    steps = rng.normal(size=(runs, 3)) * np.sqrt(np.diff((0.0, *fractions)))
    zs = np.cumsum(steps, axis=1) / np.sqrt(fractions)
    limits = [look.z for look in boundaries(fractions, alpha=0.05, spending=POCOCK)]
    found = []
    for run in zs:
        stop = next((k for k in range(2) if abs(run[k]) > limits[k]), 2)
        reached = (*limits[:stop], abs(run[stop]))
        looks = crossings(fractions[: stop + 1], tuple(map(float, reached)), drift=0.0)
        found.append(math.fsum(look.either for look in looks))

    for u in (0.02, 0.05, 0.2, 0.5):
        share = float(np.mean(np.array(found) < u))
        assert share == pytest.approx(u, abs=3 * math.sqrt(u * (1 - u) / runs))


def test_no_adjusted_p_value_while_the_campaign_goes_on() -> None:
    """A look that neither crosses nor ends the campaign has no stopped p-value."""
    assert planned_look(estimate(1.0), Monitoring((0.5,))).adjusted_p_value is None


def test_a_vanishing_p_value_crosses_and_is_reported_at_the_resolution() -> None:
    """A p-value stored as 0 gives the smallest repeated p-value that is resolved, not 0."""
    vanishing = estimate(90.0)

    got = planned_look(vanishing, Monitoring((0.01,)))

    assert got.crossed
    assert got.repeated.p_value == 1e-12
