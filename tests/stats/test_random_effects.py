"""Averaging the effects of independent studies, and joining treatments that share a control."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.meta_analysis import combine_effects

from stats.errors import (
    BaselineNearZero,
    InvalidSummary,
    NonFiniteValue,
    NotPositive,
    NoVariance,
    TooFewStudies,
    UndefinedStatus,
)
from stats.inference.lift import lift
from stats.inference.log_ratio import log_ratio
from stats.inference.point import Point
from stats.inference.random_effects import Study, pool

ALPHA = 0.05
VACCINE = (
    *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619)),
    *((33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892)),
    *((29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338)),
    (27, 16886, 29, 17825),
)
"""Ill and well, vaccinated and not, in 13 trials of the BCG vaccine: Colditz and others (1994),
JAMA 271; the example of Viechtbauer (2010), Journal of Statistical Software 36 (3), section 3."""


def vaccine() -> list[Study]:
    """Log relative risks of the trials, as metafor's escalc(measure="RR") gives them."""
    return [
        Study(
            math.log(a / (a + b) * (c + d) / c),
            math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)),
        )
        for a, b, c, d in VACCINE
    ]


def drawn(seed: int, k: int, tau: float) -> list[Study]:
    """Studies of unequal size about a mean of 0.1."""
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.03, 0.2, k)
    estimates = 0.1 + tau * rng.standard_normal(k) + errors * rng.standard_normal(k)
    return [Study(float(y), float(s)) for y, s in zip(estimates, errors, strict=True)]


def test_heterogeneity_of_the_vaccine_trials_is_the_published_one() -> None:
    """Q and the Q-profile interval of tau are those printed by metafor.

    R: library(metafor); dat <- escalc(measure="RR", ai=tpos, bi=tneg, ci=cpos, di=cneg,
    data=dat.bcg); confint(rma(yi, vi, data=dat)) prints Q(df = 12) = 152.2330, and tau from
    0.3460 to 1.0543.
    """
    found = pool(vaccine(), alpha=ALPHA).heterogeneity

    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.df == 12
    assert found.p_value == pytest.approx(scipy_stats.chi2.sf(found.q, 12), rel=1e-9)
    assert found.i_squared == pytest.approx((152.2330 - 12) / 152.2330, abs=1e-6)
    assert found.tau_low == pytest.approx(0.3460, abs=5e-5)
    assert found.tau_high == pytest.approx(1.0543, abs=5e-5)


@pytest.mark.parametrize(("seed", "k", "tau"), [(1, 3, 0.3), (2, 8, 0.3), (3, 40, 0.3)])
def test_mean_and_tau_equal_statsmodels(seed: int, k: int, tau: float) -> None:
    """Paule and Mandel's tau² and Hartung and Knapp's interval are those of statsmodels.

    Not of every seed: its iteration stops at 0 where a step of it leads below 0 (seed 3, k 4).
    """
    studies = drawn(seed, k, tau)
    reference = combine_effects(
        np.array([one.estimate for one in studies]),
        np.array([one.std_error**2 for one in studies]),
        method_re="iterated",
        use_t=True,
        atol=1e-14,
    )
    low, high = reference.conf_int(alpha=ALPHA)[3]  # of the random effects, Hartung and Knapp
    found = pool(studies, alpha=ALPHA)

    assert found.heterogeneity.tau**2 == pytest.approx(reference.tau2, rel=1e-6)
    assert found.heterogeneity.q == pytest.approx(reference.q, rel=1e-9)
    assert found.estimate == pytest.approx(reference.mean_effect_re, rel=1e-6)
    assert found.std_error == pytest.approx(reference.sd_eff_w_re_hksj, rel=1e-6)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), rel=1e-6)


@pytest.mark.parametrize(("seed", "k"), [(1, 3), (5, 6), (6, 30)])
def test_tau_is_where_weighted_squares_are_as_many_as_expected(seed: int, k: int) -> None:
    """Paule and Mandel's equation holds: Σ(y - mean)² / (s² + tau²) = k - 1."""
    studies = drawn(seed, k, 0.3)
    found = pool(studies, alpha=ALPHA)
    variances = [one.std_error**2 + found.heterogeneity.tau**2 for one in studies]
    squares = [
        (one.estimate - found.estimate) ** 2 / v for one, v in zip(studies, variances, strict=True)
    ]

    assert found.heterogeneity.tau > 0
    assert sum(squares) == pytest.approx(k - 1, rel=1e-9)


def test_studies_that_agree_too_well_keep_the_normal_error() -> None:
    """Where tau is 0, the interval is by t and never narrower than the one of a common effect."""
    studies = [Study(0.10, 0.05), Study(0.101, 0.05), Study(0.099, 0.1)]
    found = pool(studies, alpha=ALPHA)
    common = 1 / math.sqrt(1 / 0.05**2 + 1 / 0.05**2 + 1 / 0.1**2)

    assert found.heterogeneity.tau == 0
    assert found.heterogeneity.tau_low is None
    assert found.heterogeneity.tau_high is None
    assert found.std_error == pytest.approx(common, rel=1e-12)
    assert found.ci_high - found.estimate == pytest.approx(
        scipy_stats.t.ppf(0.975, 2) * common, rel=1e-9
    )
    assert found.shrunken == pytest.approx([found.estimate] * 3)


def test_prediction_is_that_of_higgins_thompson_and_spiegelhalter() -> None:
    """Another study is expected within t with studies - 2 degrees of freedom."""
    found = pool(vaccine(), alpha=ALPHA)
    half = scipy_stats.t.ppf(0.975, 11) * math.hypot(found.heterogeneity.tau, found.std_error)

    assert found.prediction is not None
    assert found.prediction.df == 11
    assert found.prediction.low == pytest.approx(found.estimate - half, rel=1e-9)
    assert found.prediction.high == pytest.approx(found.estimate + half, rel=1e-9)


def test_one_study_is_no_average_and_two_do_not_predict() -> None:
    """One study is refused; two have a wide interval and no prediction."""
    one, two = Study(0.1, 0.02), Study(0.3, 0.02)

    for few in ([], [one]):
        with pytest.raises(TooFewStudies) as fault:
            pool(few, alpha=ALPHA)
        assert fault.value.status is UndefinedStatus.TOO_FEW_STUDIES
    found = pool([one, two], alpha=ALPHA)
    assert found.prediction is None
    assert found.df == 1
    assert found.ci_low < 0 < found.ci_high  # each alone is 5 or 15 errors from 0


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_studies_without_numbers_are_refused(wrong: float) -> None:
    """Missing and infinite values never enter, nor errors that are not above 0."""
    with pytest.raises(NonFiniteValue):
        Study(wrong, 0.1)
    with pytest.raises(NonFiniteValue):
        Study(0.1, wrong)
    with pytest.raises(InvalidSummary):
        Study(0.1, 0.0)


@given(
    st.lists(
        st.tuples(st.floats(-2, 2), st.floats(0.001, 2)).map(lambda one: Study(*one)),
        min_size=2,
        max_size=12,
    ),
    st.floats(-3, 3),
)
def test_pooling_does_not_depend_on_order_nor_on_the_origin(
    studies: list[Study], shift: float
) -> None:
    """The order of studies moves nothing; a shift of all moves the mean alone."""
    found = pool(studies, alpha=ALPHA)
    turned = pool(studies[::-1], alpha=ALPHA)
    moved = pool([Study(one.estimate + shift, one.std_error) for one in studies], alpha=ALPHA)

    assert turned.estimate == pytest.approx(found.estimate, abs=1e-6)
    assert turned.std_error == pytest.approx(found.std_error, rel=1e-6)
    assert moved.estimate == pytest.approx(found.estimate + shift, abs=1e-6)
    assert moved.std_error == pytest.approx(found.std_error, rel=1e-5)
    lowest, highest = min(s.estimate for s in studies), max(s.estimate for s in studies)
    assert lowest - 1e-9 <= found.estimate <= highest + 1e-9
    normal = scipy_stats.norm.ppf(0.975) * found.std_error
    assert found.ci_high - found.estimate >= normal  # never narrower than the normal one


@pytest.mark.parametrize(("k", "tau"), [(3, 0.0), (5, 0.1), (12, 0.3)])
def test_interval_covers_the_mean_and_predictions_cover_another_study(k: int, tau: float) -> None:
    """Of 1,500 archives, at least 95 % less three Monte Carlo errors hold the mean.

    The prediction is approximate (its tau is estimated), and known to cover a little less where
    there are few studies: it has to reach 90 %.
    """
    runs = 1_500
    rng = np.random.default_rng(7)
    means = predictions = 0
    for run in range(runs):
        found = pool(drawn(run, k, tau), alpha=ALPHA)
        means += found.ci_low <= 0.1 <= found.ci_high
        assert found.prediction is not None
        another = 0.1 + tau * rng.standard_normal()
        predictions += found.prediction.low <= another <= found.prediction.high

    assert means / runs >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)
    assert predictions / runs >= 0.90 - 3 * math.sqrt(0.90 * 0.10 / runs)


def test_log_ratio_of_one_treatment_has_the_error_of_its_lift() -> None:
    """The error of ln(1 + lift) is the lift's own by the delta method, over 1 + lift."""
    control, treatment = Point(0.0747, 0.0049, 2866), Point(0.108, 0.0058, 2841)
    found = log_ratio(control, [treatment])
    own = lift(control, treatment, alpha=ALPHA)

    assert math.expm1(found.estimate) == pytest.approx(own.estimate, rel=1e-12)
    assert found.std_error == pytest.approx(own.std_error / (1 + own.estimate), rel=1e-12)


def test_treatments_of_one_control_count_it_once() -> None:
    """Joined by weights 1 / t_i, the effects have the variance that generalised least squares has.

    The reference inverts the whole covariance matrix, whose cells off the diagonal are the
    control's squared relative error.
    """
    control = Point(50.0, 1.0, 900)
    treatments = [Point(55.0, 1.5, 400), Point(60.0, 0.9, 900), Point(52.0, 2.5, 200)]
    ratios = np.array([math.log(one.value / control.value) for one in treatments])
    covariance = np.diag([(one.std_error / one.value) ** 2 for one in treatments])
    inverse = np.linalg.inv(covariance + (control.std_error / control.value) ** 2)
    found = log_ratio(control, treatments)

    assert found.estimate == pytest.approx((inverse @ ratios).sum() / inverse.sum(), rel=1e-12)
    assert found.std_error == pytest.approx(inverse.sum() ** -0.5, rel=1e-12)


def test_shared_control_is_honest_in_simulation() -> None:
    """Over 4,000 campaigns of three treatments the joined effect varies as much as it says.

    As if they were independent studies, it would be said to vary by 1/√2 of that.
    """
    runs, n = 4_000, 500
    rng = np.random.default_rng(11)
    rates = rng.binomial(n, 0.2, (runs, 4)) / n
    errors = np.sqrt(rates * (1 - rates) / (n - 1))
    found = [
        log_ratio(Point(p[0], s[0], n), [Point(p[i], s[i], n) for i in (1, 2, 3)])
        for p, s in zip(rates.tolist(), errors.tolist(), strict=True)
    ]
    spread = float(np.std([one.estimate for one in found]))
    said = math.sqrt(float(np.mean([one.std_error**2 for one in found])))

    # the error of a standard deviation of `runs` normal values, three times
    assert said == pytest.approx(spread, rel=3 / math.sqrt(2 * runs) + 0.02)


def test_values_near_zero_have_no_log_ratio() -> None:
    """A control or a treatment that is not clearly above 0 is refused, and so is no error."""
    sound = Point(5.0, 0.1, 100)
    with pytest.raises(BaselineNearZero):
        log_ratio(Point(0.2, 0.1, 100), [sound])
    with pytest.raises(BaselineNearZero):
        log_ratio(Point(-5.0, 0.1, 100), [sound])
    with pytest.raises(NotPositive):
        log_ratio(sound, [Point(0.2, 0.1, 100)])
    with pytest.raises(NoVariance):
        log_ratio(Point(5.0, 0.0, 100), [Point(6.0, 0.0, 100)])
    with pytest.raises(InvalidSummary):
        log_ratio(sound, [])
    assert log_ratio(sound, [Point(6.0, 0.0, 100), Point(7.0, 0.5, 100)]).estimate == (
        pytest.approx(math.log(1.2))
    )
