"""The lift: Fieller's interval against independent computations, and its agreement."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as scipy_stats

from stats.inference.difference import point_difference
from stats.inference.lift import lift
from stats.inference.outcome import Certain, Estimate, Lift, UnboundedLift
from stats.inference.point import Point
from stats.plan import LiftMethod


def point(values: np.ndarray) -> Point:
    """Mean and error of values, by NumPy."""
    n = len(values)
    return Point(float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)), n)


def rejected(values: np.ndarray, control: np.ndarray, lift_over: float) -> float:
    """How far the t test of T - (1 + L) C = 0 is beyond its critical value, for a control above 0.

    The statistic is SciPy's of the treatment against the control multiplied by 1 + L; its degrees
    of freedom are SciPy's of the plain Welch test.
    """
    scaled = scipy_stats.ttest_ind(values, (1 + lift_over) * control, equal_var=False)
    df = scipy_stats.ttest_ind(values, control, equal_var=False).df
    return float(abs(scaled.statistic) - scipy_stats.t.isf(0.025, df))


@pytest.mark.parametrize(
    ("control_units", "treatment_units", "factor"),
    [(500, 500, 1.1), (2000, 100, 1.0), (100, 2000, 1.5), (40, 30, 0.4), (60, 60, 3.0)],
)
def test_fieller_interval_is_where_the_t_test_changes_its_mind(
    control_units: int, treatment_units: int, factor: float
) -> None:
    """Both ends are roots of the t test of T - (1 + L) C = 0, found by bisection."""
    rng = np.random.default_rng(control_units)
    control = rng.gamma(2, 3, control_units)
    treatment = rng.gamma(2, 3, treatment_units) * factor

    got = lift(point(control), point(treatment), alpha=0.05)

    assert isinstance(got, Lift)
    span = got.ci_high - got.ci_low
    low = optimize.brentq(
        lambda x: rejected(treatment, control, x), got.estimate - 2 * span, got.estimate, xtol=1e-12
    )
    high = optimize.brentq(
        lambda x: rejected(treatment, control, x), got.estimate, got.estimate + 2 * span, xtol=1e-12
    )
    assert (got.ci_low, got.ci_high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)


def test_fieller_interval_equals_r() -> None:
    """The interval is that of Fieller's formula in R, with the df of Welch's test.

    R 4.2, with the formula of Fieller (1954):
    c <- c(4.1, 5.0, 6.2, 3.9, 5.5, 4.8); t <- c(6.0, 7.1, 5.2, 6.6, 8.0, 5.9)
    q <- qt(0.975, t.test(t, c)$parameter); vc <- var(c)/6; vt <- var(t)/6
    g <- q^2*vc/mean(c)^2; r <- mean(t)/mean(c)
    (r + c(-1, 1)*q/mean(c)*sqrt(vt*(1 - g) + r^2*vc))/(1 - g) - 1
    """
    control = np.array([4.1, 5.0, 6.2, 3.9, 5.5, 4.8])
    treatment = np.array([6.0, 7.1, 5.2, 6.6, 8.0, 5.9])

    got = lift(point(control), point(treatment), alpha=0.05)

    assert isinstance(got, Lift)
    assert (got.ci_low, got.ci_high) == pytest.approx(
        (0.064758601935664, 0.634642086462923), rel=1e-9
    )


def test_log_interval_is_the_t_interval_of_the_logarithm() -> None:
    """The log method is ln(T/C) with a t interval by the delta method, taken back."""
    control, treatment = Point(4.0, 0.2, 300), Point(5.0, 0.3, 200)

    got = lift(control, treatment, alpha=0.05, method=LiftMethod.LOG)

    parts = ((0.2 / 4.0) ** 2, (0.3 / 5.0) ** 2)
    df = sum(parts) ** 2 / (parts[0] ** 2 / 299 + parts[1] ** 2 / 199)
    want = scipy_stats.t.interval(0.95, df, math.log(1.25), math.sqrt(sum(parts)))
    assert isinstance(got, Lift)
    assert (got.ci_low, got.ci_high) == pytest.approx(np.expm1(want), rel=1e-9)


def test_log_interval_equals_tea_tasting() -> None:
    """The log method gives tea-tasting's interval of the relative effect.

    tea-tasting 1.14: Experiment(y=Mean("y")).analyze(table)["y"].rel_effect_size_ci_lower, _upper.
    """
    control = np.array([4.1, 5.0, 6.2, 3.9, 5.5, 4.8])
    treatment = np.array([6.0, 7.1, 5.2, 6.6, 8.0])

    got = lift(point(control), point(treatment), alpha=0.05, method=LiftMethod.LOG)

    assert isinstance(got, Lift)
    want = (0.06270156795221649, 0.6853842639073782)
    assert (got.ci_low, got.ci_high) == pytest.approx(want, rel=1e-9)


def test_numbers_of_numpy_are_judged_as_those_of_python() -> None:
    """A point of NumPy's floats gives the very same interval, though their booleans differ."""
    plain = (Point(10.0, 0.2, 300), Point(11.0, 0.3, 250))
    numpy = tuple(Point(np.float64(p.value), np.float64(p.std_error), p.n) for p in plain)

    assert lift(*numpy, alpha=0.05) == lift(*plain, alpha=0.05)
    assert point_difference(*numpy, alpha=0.05) == point_difference(*plain, alpha=0.05)


def side(low: float | None, high: float | None) -> int:
    """1 above 0, -1 below, 0 around it."""
    return (low is not None and low > 0) - (high is not None and high < 0)


VALUES = st.one_of(
    st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-9),
    st.sampled_from([0.0, 1.0, -1.0]),
)
ERRORS = st.one_of(st.just(0.0), st.floats(1e-9, 1e9))
UNITS = st.one_of(st.integers(2, 5), st.integers(2, 10**8))


@st.composite
def points(draw: st.DrawFn) -> tuple[Point, Point]:
    """Two points: far apart, equal, near the edge of significance, at 20:1, near a control of 0."""
    control = Point(draw(VALUES.filter(bool)), draw(ERRORS), draw(UNITS))
    error = draw(ERRORS)
    spread = math.hypot(control.std_error, error)
    value = draw(
        st.one_of(
            VALUES,
            st.just(control.value),
            st.floats(-5, 5).map(lambda z: control.value + z * spread),
            st.sampled_from([-1.959963984540054, 1.959963984540054]).map(
                lambda z: control.value + z * spread
            ),
        )
    )
    n = draw(st.one_of(UNITS, st.just(max(2, control.n // 20))))
    return control, Point(value, error, n)


@given(points(), st.sampled_from([1e-6, 0.01, 0.05, 0.2, 0.5]))
def test_lift_and_difference_never_contradict_each_other(
    pair: tuple[Point, Point], alpha: float
) -> None:
    """A p-value, the interval of the difference and that of the lift agree on 0, exactly."""
    control, treatment = pair
    if control.std_error == treatment.std_error == 0:
        return
    difference = point_difference(control, treatment, alpha=alpha)
    relative = lift(control, treatment, alpha=alpha)

    assert isinstance(difference, Estimate)
    if isinstance(relative, Certain):
        of_lift = (relative.estimate > 0) - (relative.estimate < 0)
    else:
        of_lift = side(relative.ci_low, relative.ci_high)
    of_difference = side(difference.ci_low, difference.ci_high)
    assert of_lift == of_difference
    assert (difference.p_value < alpha) == (of_difference != 0)


@given(points(), st.sampled_from([0.01, 0.05, 0.2]))
def test_fieller_interval_holds_its_estimate_and_is_in_order(
    pair: tuple[Point, Point], alpha: float
) -> None:
    """No end is NaN, infinite or on the wrong side of the estimate."""
    control, treatment = pair
    if control.std_error == treatment.std_error == 0:
        return
    got = lift(control, treatment, alpha=alpha)

    assert math.isfinite(got.estimate)
    if isinstance(got, Lift):
        assert math.isfinite(got.ci_low)
        assert math.isfinite(got.ci_high)
        assert got.ci_low <= got.estimate <= got.ci_high
    elif isinstance(got, UnboundedLift):
        assert got.ci_low is None or got.ci_high is None
        assert all(end is None or math.isfinite(end) for end in (got.ci_low, got.ci_high))


@given(points())
def test_mirrored_values_mirror_the_lift(pair: tuple[Point, Point]) -> None:
    """Losses counted as negative gains: the lift changes its sign and nothing else."""
    control, treatment = pair
    if control.std_error == treatment.std_error == 0:
        return
    mirrored = [Point(-p.value, p.std_error, p.n) for p in pair]

    one, other = lift(*pair, alpha=0.05), lift(mirrored[0], mirrored[1], alpha=0.05)

    assert type(one) is type(other)
    assert one.estimate == -other.estimate
    if not isinstance(one, Certain) and not isinstance(other, Certain):
        for end, mirror in ((one.ci_low, other.ci_high), (one.ci_high, other.ci_low)):
            assert (end is None) == (mirror is None)
            if end is not None and mirror is not None:
                assert end == pytest.approx(-mirror, rel=1e-9, abs=1e-12)
