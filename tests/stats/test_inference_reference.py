"""Inference equals SciPy, statsmodels and R wherever they offer the same convention."""

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from stats.inference.difference import welch_difference
from stats.inference.lift import lift
from stats.inference.outcome import Estimate, Lift, Rate
from stats.inference.point import mean_point, ratio_point
from stats.inference.proportion import wilson
from stats.inference.ratio import ratio_difference
from stats.inference.single import mean_rate, ratio_rate
from stats.plan import LiftMethod
from stats.summary import MeanSummary, RatioSummary


def mean_summary(values: np.ndarray) -> MeanSummary:
    """Summary of floats, by NumPy."""
    centred = float(((values - values.mean()) ** 2).sum())
    return MeanSummary(len(values), float(values.sum()), centred)


def ratio_summary(y: np.ndarray, d: np.ndarray) -> RatioSummary:
    """Summary of pairs, by NumPy."""
    co_moment = float(((y - y.mean()) * (d - d.mean())).sum())
    return RatioSummary(mean_summary(y), mean_summary(d), co_moment)


def skewed(seed: int, n: int, scale: float = 1.0) -> np.ndarray:
    """Zero-inflated log-normal values."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < 0.3, rng.lognormal(3, 1.2, n) * scale, 0.0)


def normal(seed: int, n: int) -> np.ndarray:
    """Normal values about 10."""
    return np.random.default_rng(seed).normal(10, 1, n)


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        (skewed(1, 400), skewed(2, 380, 1.4)),
        (skewed(1, 2000), skewed(2, 100, 3)),  # 20:1
        (normal(3, 500), normal(4, 400)),
        ((normal(5, 900) > 12) * 1.0, (normal(6, 900) > 11) * 1.0),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0])),
        (np.array([0.0, 0.0, 0.0]), np.array([1.0, 3.0])),  # one side without variance
    ],
)
def test_difference_equals_scipy_and_statsmodels(
    control: np.ndarray, treatment: np.ndarray
) -> None:
    """Difference, error, degrees of freedom, interval and p-value are those of Welch's test."""
    got = welch_difference(mean_summary(control), mean_summary(treatment), alpha=0.05)

    assert isinstance(got, Estimate)
    test = scipy_stats.ttest_ind(treatment, control, equal_var=False)
    interval = test.confidence_interval(0.95)
    compare = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    low, high = compare.tconfint_diff(0.05, usevar="unequal")
    assert got.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert got.df == pytest.approx(test.df, rel=1e-9)
    assert (got.ci_low, got.ci_high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert (got.ci_low, got.ci_high) == pytest.approx((low, high), rel=1e-9)
    assert got.std_error == pytest.approx(compare.std_meandiff_separatevar, rel=1e-9)


def test_difference_equals_r_on_sleep_data() -> None:
    """Welch's test on R's `sleep` gives R's printed result.

    R 4: t.test(extra ~ group, data = sleep)
    t = -1.8608, df = 17.776, p-value = 0.07939; 95 percent interval -3.3654832 0.2054832.
    """
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

    got = welch_difference(mean_summary(second), mean_summary(first), alpha=0.05)

    assert isinstance(got, Estimate)
    assert got.df == pytest.approx(17.776, abs=5e-4)
    assert got.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (got.ci_low, got.ci_high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_p_value_does_not_underflow_to_zero_early() -> None:
    """A p-value of 1e-200 is reported as such: 1 - cdf would have made it 0 at 1e-16."""
    control, treatment = MeanSummary(10_000, 0.0, 10_000.0), MeanSummary(10_000, 4_300.0, 10_000.0)

    got = welch_difference(control, treatment, alpha=0.05)

    assert isinstance(got, Estimate)
    test = scipy_stats.ttest_ind_from_stats(
        0.43, np.sqrt(10_000 / 9_999), 10_000, 0, np.sqrt(10_000 / 9_999), 10_000, equal_var=False
    )
    assert got.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert 0 < got.p_value < 1e-190


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.2])
def test_own_interval_of_a_mean_equals_statsmodels(alpha: float) -> None:
    """A variant's own interval of a mean is Student's."""
    values = skewed(7, 300)

    got = mean_rate(mean_summary(values), alpha=alpha)

    assert isinstance(got, Rate)
    want = DescrStatsW(values).tconfint_mean(alpha)
    assert (got.ci_low, got.ci_high) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (10, 10), (1, 3), (15, 52), (7, 50), (3, 10**6)])
def test_interval_of_a_proportion_equals_statsmodels(k: int, n: int) -> None:
    """A variant's own interval of a proportion is Wilson's, within 0 and 1."""
    got = wilson(k, n, alpha=0.05)

    want = proportion_confint(k, n, 0.05, method="wilson")
    assert (got.ci_low, got.ci_high) == pytest.approx(want, rel=1e-9, abs=1e-15)
    assert 0 <= got.ci_low <= got.estimate <= got.ci_high <= 1


def test_error_of_a_ratio_equals_that_of_its_linearised_values() -> None:
    """The delta method is the standard error of (y - r d) / mean(d), by NumPy."""
    rng = np.random.default_rng(8)
    d = rng.poisson(2.0, 700).astype(float)
    y = np.array([rng.lognormal(3, 1, int(k)).sum() for k in d])

    got = ratio_point(ratio_summary(y, d))

    ratio = y.sum() / d.sum()
    linear = (y - ratio * d) / d.mean()
    assert got.value == pytest.approx(ratio, rel=1e-12)
    assert got.std_error == pytest.approx(linear.std(ddof=1) / np.sqrt(len(d)), rel=1e-9)


def test_error_of_a_ratio_agrees_with_resampling_units() -> None:
    """The delta method agrees with the spread of the ratio over resampled units.

    Tolerance: the error of a standard deviation over B = 4000 draws is 1/sqrt(2B) = 1.1 %; the
    delta method is of first order besides. 5 % tells it from row-level errors, which are far off.
    """
    rng = np.random.default_rng(9)
    n, draws = 1500, 4000
    d = rng.negative_binomial(1, 0.3, n).astype(float) + 1
    y = d * rng.lognormal(2, 0.4, n)

    got = ratio_point(ratio_summary(y, d)).std_error

    picks = rng.integers(0, n, (draws, n))
    ratios = y[picks].sum(axis=1) / d[picks].sum(axis=1)
    assert got == pytest.approx(ratios.std(ddof=1), rel=0.05)


def test_ratio_with_denominators_of_one_is_welch() -> None:
    """A ratio metric whose denominator is the unit gives the test of the mean."""
    control, treatment = skewed(10, 200), skewed(11, 300)
    ones = [ratio_summary(v, np.ones(len(v))) for v in (control, treatment)]

    got = ratio_difference(*ones, alpha=0.05)

    want = welch_difference(mean_summary(control), mean_summary(treatment), alpha=0.05)
    assert isinstance(got, Estimate)
    assert isinstance(want, Estimate)
    for name in ("estimate", "std_error", "ci_low", "ci_high", "p_value", "df"):
        assert getattr(got, name) == pytest.approx(getattr(want, name), rel=1e-12)


def test_own_interval_of_a_ratio_is_symmetric_t() -> None:
    """A variant's own interval of a ratio is its delta error times the t quantile."""
    d = np.random.default_rng(12).poisson(3, 50) + 1.0
    summary = ratio_summary(d * 2 + np.random.default_rng(13).normal(0, 1, 50), d)

    got = ratio_rate(summary, alpha=0.1)

    point = ratio_point(summary)
    want = scipy_stats.t.interval(0.9, 49, point.value, point.std_error)
    assert isinstance(got, Rate)
    assert (got.ci_low, got.ci_high) == pytest.approx(want, rel=1e-9)


def test_lift_equals_delta_method_by_numerical_derivative() -> None:
    """The error of a lift is the root of g'Vg, with the gradient taken numerically."""
    control, treatment = mean_summary(skewed(14, 900)), mean_summary(skewed(15, 700, 1.3))
    c, t = mean_point(control), mean_point(treatment)

    got = lift(c, t, alpha=0.05, method=LiftMethod.DELTA)

    def relative(x: float, y: float) -> float:
        return y / x - 1

    h = 1e-5
    by_c = (relative(c.value + h, t.value) - relative(c.value - h, t.value)) / (2 * h)
    by_t = (relative(c.value, t.value + h) - relative(c.value, t.value - h)) / (2 * h)
    assert isinstance(got, Lift)
    assert got.estimate == pytest.approx(relative(c.value, t.value), rel=1e-12)
    want = np.hypot(by_c * c.std_error, by_t * t.std_error)
    assert got.std_error == pytest.approx(want, rel=1e-7)
    half = scipy_stats.t.ppf(0.975, got.df) * got.std_error
    assert got.ci_high - got.estimate == pytest.approx(half, rel=1e-9)
