"""The options beside Welch: Student, z, one-sided, pooled z, Newcombe."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from stats.errors import InvalidSummary, NoVariance, TooFewUnits
from stats.inference.outcome import Certain, Estimate, Method, OneSided, Side
from stats.inference.point import Point
from stats.inference.proportion import Proportion, newcombe_difference, pooled_z_difference
from stats.inference.two_sample import DifferenceTest, difference_by, one_sided_difference
from stats.summary import MeanSummary

TWENTY_TO_ONE = (2000, 100)


def point(values: np.ndarray) -> Point:
    """Mean and error of values, by NumPy."""
    return Point(
        float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))), len(values)
    )


def samples(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Skewed values of control and treatment."""
    rng = np.random.default_rng(n + m)
    return rng.gamma(2, 3, n), rng.gamma(2, 3.3, m)


@pytest.mark.parametrize("sizes", [(300, 280), TWENTY_TO_ONE, (2, 3)])
@pytest.mark.parametrize("test", [DifferenceTest.WELCH, DifferenceTest.STUDENT])
def test_t_tests_equal_scipy(sizes: tuple[int, int], test: DifferenceTest) -> None:
    """Welch's and Student's test give SciPy's p-value, interval and degrees of freedom."""
    control, treatment = samples(*sizes)

    got = difference_by(point(control), point(treatment), alpha=0.05, test=test)

    want = scipy_stats.ttest_ind(treatment, control, equal_var=test is DifferenceTest.STUDENT)
    interval = want.confidence_interval(0.95)
    assert isinstance(got, Estimate)
    assert got.p_value == pytest.approx(want.pvalue, rel=1e-9)
    assert got.df == pytest.approx(want.df, rel=1e-9)
    assert (got.ci_low, got.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)


@pytest.mark.parametrize("sizes", [(300, 280), TWENTY_TO_ONE])
def test_z_test_equals_statsmodels(sizes: tuple[int, int]) -> None:
    """The z test gives statsmodels' p-value and interval, and has no degrees of freedom."""
    control, treatment = samples(*sizes)

    got = difference_by(point(control), point(treatment), alpha=0.1, test=DifferenceTest.Z)

    compare = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    assert isinstance(got, Estimate)
    assert got.df is None
    assert got.method is Method.Z
    assert got.p_value == pytest.approx(compare.ztest_ind(usevar="unequal")[1], rel=1e-9)
    want = compare.zconfint_diff(0.1, usevar="unequal")
    assert (got.ci_low, got.ci_high) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("sizes", [(300, 280), TWENTY_TO_ONE])
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("test", [DifferenceTest.WELCH, DifferenceTest.STUDENT])
def test_one_sided_t_tests_equal_scipy(
    sizes: tuple[int, int], side: Side, test: DifferenceTest
) -> None:
    """A one-sided test gives SciPy's p-value and the one bound of its interval."""
    control, treatment = samples(*sizes)

    got = one_sided_difference(point(control), point(treatment), alpha=0.05, side=side, test=test)

    want = scipy_stats.ttest_ind(
        treatment, control, equal_var=test is DifferenceTest.STUDENT, alternative=side.value
    )
    interval = want.confidence_interval(0.95)
    bound = interval.low if side is Side.GREATER else interval.high
    assert isinstance(got, OneSided)
    assert got.p_value == pytest.approx(want.pvalue, rel=1e-9)
    assert got.bound == pytest.approx(bound, rel=1e-9)


def test_one_sided_z_test_equals_statsmodels() -> None:
    """The one-sided z test gives statsmodels' p-value."""
    control, treatment = samples(300, 280)

    got = one_sided_difference(
        point(control), point(treatment), alpha=0.05, side=Side.GREATER, test=DifferenceTest.Z
    )

    compare = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    want = compare.ztest_ind(alternative="larger", usevar="unequal")[1]
    assert isinstance(got, OneSided)
    assert got.p_value == pytest.approx(want, rel=1e-9)


@given(
    st.floats(-6, 6), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 10**6),
    st.integers(2, 10**6), st.sampled_from([0.001, 0.05, 0.3]), st.sampled_from(DifferenceTest),
)  # fmt: skip
def test_every_test_agrees_with_its_interval(
    z: float, a: float, b: float, n: int, m: int, alpha: float, test: DifferenceTest
) -> None:
    """Whichever test: p < alpha exactly when the interval, or the bound, leaves out 0."""
    control, treatment = Point(0.0, a, n), Point(z * math.hypot(a, b), b, m)

    both = difference_by(control, treatment, alpha=alpha, test=test)
    assert isinstance(both, Estimate)
    assert (both.p_value < alpha) == (not both.ci_low <= 0 <= both.ci_high)
    for side, sign in ((Side.GREATER, 1), (Side.LESS, -1)):
        one = one_sided_difference(control, treatment, alpha=alpha, side=side, test=test)
        assert isinstance(one, OneSided)
        assert (one.p_value < alpha) == (sign * one.bound > 0)


@pytest.mark.parametrize("test", DifferenceTest)
def test_variants_without_variance_have_no_test(test: DifferenceTest) -> None:
    """Constants: equal ones are refused, others are certain, whichever the test."""
    five, six = Point(5.0, 0.0, 10), Point(6.0, 0.0, 10)

    assert isinstance(difference_by(five, six, alpha=0.05, test=test), Certain)
    assert isinstance(
        one_sided_difference(five, six, alpha=0.05, side=Side.LESS, test=test), Certain
    )
    with pytest.raises(NoVariance):
        difference_by(five, five, alpha=0.05, test=test)
    with pytest.raises(NoVariance):
        one_sided_difference(five, five, alpha=0.05, side=Side.LESS, test=test)


TABLES = [((15, 52), (7, 50)), ((100, 1000), (130, 1010)), ((50, 2000), (6, 100)), ((0, 9), (5, 9))]


@pytest.mark.parametrize("table", TABLES)
def test_pooled_z_equals_statsmodels(table: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """The pooled z test gives statsmodels' p-value, and its interval agrees with it."""
    (a, n), (b, m) = table

    got = pooled_z_difference(Proportion(a, n), Proportion(b, m), alpha=0.05)

    assert got.p_value == pytest.approx(proportions_ztest([b, a], [m, n])[1], rel=1e-9)
    assert got.df is None
    assert (got.p_value < 0.05) == (not got.ci_low <= 0 <= got.ci_high)


def test_pooled_z_equals_r() -> None:
    """R 4.2: prop.test(c(15, 7), c(52, 50), correct = FALSE)$p.value."""
    got = pooled_z_difference(Proportion(15, 52), Proportion(7, 50), alpha=0.05)

    assert got.p_value == pytest.approx(0.0683938845404018, rel=1e-9)


def test_pooled_z_needs_both_outcomes() -> None:
    """Nobody or everybody with the outcome: there is no variance."""
    for a, b in ((0, 0), (5, 6)):
        with pytest.raises(NoVariance):
            pooled_z_difference(Proportion(a, 5), Proportion(b, 6), alpha=0.05)
    with pytest.raises(TooFewUnits):
        pooled_z_difference(Proportion(0, 0), Proportion(1, 6), alpha=0.05)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
@pytest.mark.parametrize(
    "table", [*TABLES, ((0, 10), (0, 12)), ((10, 10), (12, 12)), ((0, 10), (12, 12))]
)
def test_newcombe_equals_statsmodels(
    table: tuple[tuple[int, int], tuple[int, int]], alpha: float
) -> None:
    """Newcombe's interval is statsmodels', for every table, 15/52 against 7/50 among them."""
    (a, n), (b, m) = table

    got = newcombe_difference(Proportion(a, n), Proportion(b, m), alpha=alpha)

    want = confint_proportions_2indep(b, m, a, n, method="newcomb", alpha=alpha)
    assert (got.ci_low, got.ci_high) == pytest.approx(want, rel=1e-9, abs=1e-12)
    assert -1 <= got.ci_low <= got.estimate <= got.ci_high <= 1
    assert got.ci_low < got.ci_high


def test_newcombe_equals_the_paper() -> None:
    """Newcombe (1998), table II, method 10: 56/70 - 48/80 is 0.2, from 0.0524 to 0.3339."""
    got = newcombe_difference(Proportion(48, 80), Proportion(56, 70), alpha=0.05)

    assert got.estimate == pytest.approx(0.2)
    assert (got.ci_low, got.ci_high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_proportion_is_of_units() -> None:
    """More successes than units, or fewer than none, are refused; none at all has no share."""
    for successes, n in ((3, 2), (-1, 2), (0, -1)):
        with pytest.raises(InvalidSummary):
            Proportion(successes, n)
    with pytest.raises(TooFewUnits):
        assert Proportion(0, 0).share is None
    assert Proportion.of(MeanSummary.from_sums(50, 7, 7)) == Proportion(7, 50)
