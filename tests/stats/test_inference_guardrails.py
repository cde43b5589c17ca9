"""Guardrails: non-inferiority and equivalence against a margin."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats.errors import InvalidMargin, NoVariance, ZeroBaseline
from stats.inference.lift import lift
from stats.inference.noninferiority import GuardrailVerdict, equivalence, non_inferiority
from stats.inference.outcome import Lift
from stats.inference.point import Point
from stats.metric import Direction


def point(values: np.ndarray) -> Point:
    """Mean and error of values, by NumPy."""
    return Point(
        float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))), len(values)
    )


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(("n", "m"), [(400, 380), (2000, 100)])
def test_test_of_the_margin_equals_scipy(direction: Direction, n: int, m: int) -> None:
    """The statistic is SciPy's of the treatment against control times 1 - m, or 1 + m.

    Degrees of freedom are SciPy's of the plain Welch test, so that the verdict agrees with the
    interval of the lift; at these sizes SciPy's own p-value is the same to 2 %.
    """
    rng = np.random.default_rng(n)
    control, treatment = rng.gamma(4, 3, n), rng.gamma(4, 3, m)
    higher = direction is Direction.HIGHER
    factor = 0.95 if higher else 1.05

    got = non_inferiority(
        point(control), point(treatment), margin=0.05, direction=direction, alpha=0.025
    )

    test = scipy_stats.ttest_ind(
        treatment, factor * control, equal_var=False, alternative="greater" if higher else "less"
    )
    df = scipy_stats.ttest_ind(treatment, control, equal_var=False).df
    tail = test.statistic if higher else -test.statistic
    assert got.p_value == pytest.approx(scipy_stats.t.sf(tail, df), rel=1e-9)
    assert got.p_value == pytest.approx(test.pvalue, rel=0.02)
    harm = scipy_stats.ttest_ind(
        treatment, control, equal_var=False, alternative="less" if higher else "greater"
    )
    assert got.p_harm == pytest.approx(harm.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("treatment", "verdict", "beyond"),
    [
        (101.0, GuardrailVerdict.SAFE, False),
        (99.5, GuardrailVerdict.SAFE, False),  # a little worse, within the margin
        (98.4, GuardrailVerdict.BREACHED, False),  # worse for certain, perhaps within it
        (90.0, GuardrailVerdict.BREACHED, True),
    ],
)
@pytest.mark.parametrize("direction", Direction)
def test_verdict_follows_harm_and_margin(
    treatment: float, verdict: GuardrailVerdict, *, beyond: bool, direction: Direction
) -> None:
    """Safe within the margin, breached when harm is shown and safety is not; either direction."""
    mirrored = treatment if direction is Direction.HIGHER else 200 - treatment
    got = non_inferiority(
        Point(100.0, 0.2, 5000), Point(mirrored, 0.2, 5000),
        margin=0.02, direction=direction, alpha=0.025,
    )  # fmt: skip

    assert got.verdict is verdict
    assert got.beyond_margin is beyond


def test_too_few_data_leave_a_guardrail_unresolved() -> None:
    """Neither harm nor safety can be shown: it is not called safe."""
    got = non_inferiority(
        Point(100.0, 3, 100), Point(99.0, 3, 100),
        margin=0.02, direction=Direction.HIGHER, alpha=0.025,
    )  # fmt: skip

    assert got.verdict is GuardrailVerdict.UNRESOLVED
    assert got.worst is not None
    assert got.worst < -0.02


POINTS = st.tuples(
    st.sampled_from([-50.0, -1.5, 0.3, 100.0]),
    st.floats(-6, 6),
    st.floats(1e-3, 3),
    st.floats(1e-3, 3),
    st.integers(2, 10**6),
    st.integers(2, 10**6),
)


@given(POINTS, st.sampled_from([0.001, 0.02, 0.5, 1.5]), st.sampled_from(Direction))
def test_verdict_agrees_with_the_interval_of_the_lift(
    drawn: tuple[float, float, float, float, int, int], margin: float, direction: Direction
) -> None:
    """At half the error rate, safe is: the two-sided interval of the lift lies within the margin.

    And worse than control is: that interval lies on the bad side of 0.
    """
    value, z, a, b, n, m = drawn
    control = Point(value, abs(value) * a / 10, n)
    treatment = Point(value + z * abs(value) * math.hypot(a, b) / 10, abs(value) * b / 10, m)

    got = non_inferiority(control, treatment, margin=margin, direction=direction, alpha=0.025)
    interval = lift(control, treatment, alpha=0.05)

    sign = 1 if direction is Direction.HIGHER else -1
    low, high = interval.ci_low, interval.ci_high
    worst, best = (low, high) if sign > 0 else (high, low)
    edge = 1e-9
    if worst is not None and abs(sign * worst + margin) > edge:
        assert (got.verdict is GuardrailVerdict.SAFE) == (sign * worst > -margin)
    if worst is None:
        assert got.verdict is not GuardrailVerdict.SAFE
    if best is not None and got.verdict is not GuardrailVerdict.SAFE and abs(best) > edge:
        assert (got.verdict is GuardrailVerdict.BREACHED) == (sign * best < 0)
    if got.worst is not None:
        assert math.isfinite(got.worst)
        if abs(sign * got.worst + margin) > edge:
            assert (got.verdict is GuardrailVerdict.SAFE) == (sign * got.worst > -margin)
    if worst is not None and got.worst is not None and isinstance(interval, Lift):
        assert got.worst == pytest.approx(worst, rel=1e-6, abs=1e-9)


@given(POINTS, st.sampled_from([0.02, 0.5]), st.sampled_from([0.025, 0.05]))
def test_equivalence_is_the_interval_within_the_margin(
    drawn: tuple[float, float, float, float, int, int], margin: float, alpha: float
) -> None:
    """Two one-sided tests at alpha are the 1 - 2 alpha interval within the margin on both sides."""
    value, z, a, b, n, m = drawn
    control = Point(value, abs(value) * a / 30, n)
    treatment = Point(value + z * abs(value) * math.hypot(a, b) / 30, abs(value) * b / 30, m)

    got = equivalence(control, treatment, margin=margin, alpha=alpha)
    interval = lift(control, treatment, alpha=2 * alpha)

    if isinstance(interval, Lift):
        inside = (interval.ci_low + margin, margin - interval.ci_high)
        if min(map(abs, inside)) > 1e-9:
            assert got.shown == (min(inside) > 0)
        ends = (interval.ci_low, interval.ci_high)
        assert (got.ci_low, got.ci_high) == pytest.approx(ends, rel=1e-6, abs=1e-9)
    else:
        assert not got.shown


def test_equivalence_equals_scipy() -> None:
    """Each of the two tests is SciPy's against control times 0.9 and 1.1, at Welch's df."""
    rng = np.random.default_rng(5)
    control, treatment = rng.gamma(4, 3, 800), rng.gamma(4, 3, 700)

    got = equivalence(point(control), point(treatment), margin=0.1, alpha=0.05)

    df = scipy_stats.ttest_ind(treatment, control, equal_var=False).df
    above = scipy_stats.ttest_ind(treatment, 0.9 * control, equal_var=False).statistic
    below = scipy_stats.ttest_ind(treatment, 1.1 * control, equal_var=False).statistic
    want = max(scipy_stats.t.sf(above, df), scipy_stats.t.cdf(below, df))
    assert got.p_value == pytest.approx(want, rel=1e-9)


def test_uncertain_baseline_widens_the_test_of_the_margin() -> None:
    """At the margin, one run in forty is called safe; with a fixed baseline it would be more.

    20,000 runs at a true loss of exactly 30 %, alpha 2.5 %: three Monte Carlo standard errors are
    0.33 %. Taking the control's mean as a known number, only the treatment's error counts.
    """
    rng = np.random.default_rng(20260701)
    runs, n = 20_000, 2_000
    error = 40 / math.sqrt(n)
    safe = fixed = 0
    for c, t in zip(rng.normal(100, error, runs), rng.normal(70, error, runs), strict=True):
        control, treatment = Point(c, error, n), Point(t, error, n)
        got = non_inferiority(
            control, treatment, margin=0.3, direction=Direction.HIGHER, alpha=0.025
        )
        safe += got.verdict is GuardrailVerdict.SAFE
        fixed += (t - 0.7 * c) / error > 1.96

    assert safe / runs == pytest.approx(0.025, abs=3 * math.sqrt(0.025 * 0.975 / runs))
    assert fixed / runs > 0.04


def test_control_of_zero_has_no_margin() -> None:
    """A share of 0 is 0: the guardrail has no margin, and says so."""
    zero, some = Point(0.0, 1.0, 100), Point(1.0, 1.0, 100)
    with pytest.raises(ZeroBaseline):
        non_inferiority(zero, some, margin=0.1, direction=Direction.HIGHER, alpha=0.025)
    with pytest.raises(ZeroBaseline):
        equivalence(zero, some, margin=0.1, alpha=0.05)


@pytest.mark.parametrize("margin", [0.0, -0.1, math.nan, math.inf])
def test_margin_is_a_share_above_zero(margin: float) -> None:
    """No margin, a negative one and one that is no number are refused."""
    with pytest.raises(InvalidMargin, match=r"0\.02"):
        equivalence(Point(1.0, 0.1, 9), Point(1.0, 0.1, 9), margin=margin, alpha=0.05)


def test_constants_are_judged_without_a_test() -> None:
    """Neither variant varies: what differs is certain and has no p-value, equal ones no verdict."""
    five, six = Point(5.0, 0.0, 10), Point(6.0, 0.0, 10)

    better = non_inferiority(five, six, margin=0.1, direction=Direction.HIGHER, alpha=0.025)
    worse = non_inferiority(five, six, margin=0.1, direction=Direction.LOWER, alpha=0.025)

    assert better.verdict is GuardrailVerdict.SAFE
    assert (worse.verdict, worse.beyond_margin) == (GuardrailVerdict.BREACHED, True)
    assert better.p_value is worse.p_value is None
    assert not equivalence(five, six, margin=0.1, alpha=0.05).shown
    with pytest.raises(NoVariance):
        non_inferiority(five, five, margin=0.1, direction=Direction.HIGHER, alpha=0.025)
