"""The confidence sequence and the mixture test hold at every look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from stats.errors import (
    BaselineNearZero,
    InvalidLooks,
    InvalidSizing,
    NoVariance,
    TooFewNonzero,
    TooFewUnits,
    UndefinedStatus,
    ZeroBaseline,
)
from stats.inference.confidence_sequence import (
    DEFAULT_PLANNED_UNITS,
    Progress,
    always_valid_p,
    critical_value,
    sequence_difference,
    sequence_lift,
    sequence_of,
)
from stats.inference.msprt import msprt_difference
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift
from stats.inference.point import Point, mean_point
from stats.summary import MeanSummary

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHA = 0.05


def tolerance(runs: int) -> float:
    """Three Monte Carlo standard errors of an error rate of 5 %."""
    return 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.2])
@pytest.mark.parametrize(("n", "planned"), [(200, 10_000), (10_000, 10_000), (90_000, 10_000)])
def test_half_width_is_the_published_formula(n: int, planned: int, alpha: float) -> None:
    """SE sqrt(2 (n rho² + 1)/(n rho²) ln(sqrt(n rho² + 1)/alpha)), rho² tuned to the plan."""
    control, treatment = Point(3.0, 0.3, n // 2), Point(3.4, 0.4, n // 2)

    got = sequence_difference(control, treatment, progress=Progress(n, planned), alpha=alpha)

    assert isinstance(got, Estimate)
    rho2 = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned
    width = math.sqrt(2 * (n * rho2 + 1) / (n * rho2) * math.log(math.sqrt(n * rho2 + 1) / alpha))
    assert got.ci_high - got.estimate == pytest.approx(0.5 * width, rel=1e-9)
    assert got.estimate - got.ci_low == pytest.approx(0.5 * width, rel=1e-9)
    assert got.method is Method.CONFIDENCE_SEQUENCE


def test_interval_is_narrowest_near_the_planned_size() -> None:
    """For a fixed amount of data, planning for about that amount gives the narrowest interval."""
    n, plans = 20_000, [2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 200_000]

    widths = [critical_value(Progress(n, plan).precision(ALPHA), ALPHA) for plan in plans]

    assert plans[int(np.argmin(widths))] == n
    # what the documentation says of a wrong guess, of 10 times too small and too large
    assert widths[0] / min(widths) < 1.07
    assert widths[-1] / min(widths) < 1.275


@given(z=st.floats(-12, 12), share=st.floats(1e-3, 1e3), alpha=st.floats(0.001, 0.3))
def test_p_value_inverts_the_interval(z: float, share: float, alpha: float) -> None:
    """The sequence of the same rho, at an error rate of its p-value, just reaches zero."""
    x = Progress(max(round(share * 1000), 1), 1000).precision(alpha)

    p = always_valid_p(z, x)

    if p < 1 and p > 1e-300:
        assert critical_value(x, p) == pytest.approx(abs(z), rel=1e-9)


@given(
    control=st.floats(-100, 100),
    gap=st.floats(-5, 5),
    errors=st.tuples(st.floats(0, 3), st.floats(0.01, 3)),
    units=st.integers(200, 100_000),
    alpha=st.sampled_from([0.01, 0.05, 0.2]),
)
def test_difference_lift_and_p_value_agree(
    control: float, gap: float, errors: tuple[float, float], units: int, alpha: float
) -> None:
    """Difference and lift leave out 0 at the same looks: those whose p-value is below alpha."""
    left, right = Point(control, errors[0], 5000), Point(control + gap, errors[1], 5000)
    progress = Progress(units)

    difference = sequence_difference(left, right, progress=progress, alpha=alpha)
    assert isinstance(difference, Estimate)
    found = difference.p_value < alpha
    assert found is (difference.ci_low > 0 or difference.ci_high < 0)
    try:
        lift = sequence_lift(left, right, progress=progress, alpha=alpha)
    except (ZeroBaseline, BaselineNearZero):
        assert abs(control) < 1e-60
        return
    assert isinstance(lift, Lift | UnboundedLift)
    above = lift.ci_low is not None and lift.ci_low > 0
    below = lift.ci_high is not None and lift.ci_high < 0
    assert found is (above or below)


def test_lift_holds_the_lifts_whose_linear_combination_is_not_rejected() -> None:
    """At each end L of the interval, treatment - (1 + L) control stands on the critical value."""
    control, treatment = Point(10.0, 0.4, 5000), Point(11.0, 0.5, 5000)
    progress = Progress(10_000)

    got = sequence_lift(control, treatment, progress=progress, alpha=ALPHA)

    assert isinstance(got, Lift)
    limit = critical_value(progress.precision(ALPHA), ALPHA)
    for end in (got.ci_low, got.ci_high):
        gap = treatment.value - (1 + end) * control.value
        error = math.hypot(treatment.std_error, (1 + end) * control.std_error)
        assert abs(gap) / error == pytest.approx(limit, rel=1e-9)


def test_negative_baseline_that_rises_is_an_improvement() -> None:
    """From -1.5 to -1.0 is a lift of a third, with the interval on the same side."""
    got = sequence_lift(
        Point(-1.5, 0.01, 5000), Point(-1.0, 0.01, 5000), progress=Progress(10_000), alpha=ALPHA
    )

    assert isinstance(got, Lift)
    assert got.estimate == pytest.approx(1 / 3)
    assert got.ci_low > 0


def test_lift_over_a_control_near_zero_is_unbounded() -> None:
    """A control that cannot be told from zero leaves the lift without a bound, in words."""
    got = sequence_lift(
        Point(0.1, 0.2, 5000), Point(0.4, 0.2, 5000), progress=Progress(10_000), alpha=ALPHA
    )

    assert isinstance(got, UnboundedLift)
    assert "0" in got.sentence


def cumulative(rng: np.random.Generator, kind: str, looks: int, step: int) -> np.ndarray:
    """Sums and sums of squares after each look, looks by 2."""
    if kind == "binary 10 %":
        values = rng.binomial(step, 0.1, looks).astype(float)
        sums = np.stack([values, values], axis=1)
    else:
        draws = np.where(rng.random((looks, step)) < 0.3, rng.lognormal(0, 1, (looks, step)), 0.0)
        sums = np.stack([draws.sum(axis=1), (draws**2).sum(axis=1)], axis=1)
    return sums.cumsum(axis=0)


def point_at(sums: np.ndarray, n: int) -> Point:
    """Mean and error after n units."""
    total, squares = map(float, sums)
    return mean_point(MeanSummary(n, total, max(squares - total * total / n, 0.0)))


@pytest.mark.parametrize("looks", [14, 28])
@pytest.mark.parametrize(
    ("kind", "step", "runs"), [("binary 10 %", 100, 2500), ("skewed revenue", 100, 1200)]
)
def test_peeking_keeps_the_error_rate(kind: str, step: int, runs: int, looks: int) -> None:
    """Under no effect, 14 and 28 looks from the burn-in on find one in at most 5 % of runs."""
    rng = np.random.default_rng(20260402)
    planned = 2 * step * looks

    found = 0
    for _ in range(runs):
        control, treatment = (cumulative(rng, kind, looks, step) for _ in range(2))
        for look in range(looks):
            n = step * (look + 1)
            got = sequence_difference(
                point_at(control[look], n),
                point_at(treatment[look], n),
                progress=Progress(2 * n, planned),
                alpha=ALPHA,
            )
            if isinstance(got, Estimate) and got.p_value < ALPHA:
                found += 1
                break

    assert found / runs <= ALPHA + tolerance(runs)


def test_fixed_horizon_intervals_do_not_survive_peeking() -> None:
    """The simulation finds what it should: 28 looks at 1.96 find chance in over 20 % of runs."""
    rng = np.random.default_rng(1)
    motion = rng.normal(size=(20_000, 28)).cumsum(axis=1) / np.sqrt(np.arange(1, 29))

    assert (np.abs(motion) > 1.96).any(axis=1).mean() > 0.2
    limits = [critical_value(Progress(k, 28).precision(ALPHA), ALPHA) for k in range(1, 29)]
    assert (np.abs(motion) > limits).any(axis=1).mean() <= ALPHA


def test_too_few_units_wait_for_the_burn_in() -> None:
    """The sequence is asymptotic: below the burn-in a variant has no estimate, and says so."""
    with pytest.raises(TooFewUnits, match="99 units; at least 100"):
        sequence_difference(
            Point(1.0, 0.1, 99), Point(1.0, 0.1, 500), progress=Progress(599), alpha=ALPHA
        )
    with pytest.raises(TooFewUnits, match="at least 100"):
        msprt_difference(Point(1.0, 0.1, 99), Point(1.0, 0.1, 500), mixture_sd=1, alpha=ALPHA)


def test_rare_outcomes_in_a_small_variant_wait_for_twenty() -> None:
    """At 20:1, what would be 19 outcomes in the smaller variant is too few, and 20 are enough."""
    control, treatment = Point(0.01, 0.0002, 200_000), Point(0.01, 0.001, 10_000)
    progress = Progress(210_000)
    judge: list[Callable[[int], object]] = [
        lambda known: sequence_difference(
            control, treatment, progress=progress, alpha=ALPHA, nonzero_units=known
        ),
        lambda known: sequence_lift(
            control, treatment, progress=progress, alpha=ALPHA, nonzero_units=known
        ),
        lambda known: msprt_difference(
            control, treatment, mixture_sd=0.01, alpha=ALPHA, nonzero_units=known
        ),
    ]
    for infer in judge:
        infer(420)
        with pytest.raises(TooFewNonzero, match=r"19\.9 of the units .* at least 20") as caught:
            infer(418)
        assert caught.value.status is UndefinedStatus.TOO_FEW_UNITS


def test_peeking_at_a_rare_outcome_in_a_small_variant_keeps_the_error_rate() -> None:
    """At 20:1 and a rate of 1 %, waiting for twenty keeps what 100 units alone would not."""
    runs, looks, step, ratio = 1500, 28, 100, 20
    rng = np.random.default_rng(20260901)
    small = rng.binomial(step, 0.01, (runs, looks)).cumsum(axis=1)
    large = rng.binomial(step * ratio, 0.01, (runs, looks)).cumsum(axis=1)
    planned = (1 + ratio) * step * looks

    def found(treated: np.ndarray, controls: np.ndarray, *, told: bool) -> bool:
        for look in range(looks):
            n, x, y = step * (look + 1), int(treated[look]), int(controls[look])
            try:
                got = sequence_difference(
                    mean_point(MeanSummary.from_sums(n * ratio, y, y)),
                    mean_point(MeanSummary.from_sums(n, x, x)),
                    progress=Progress(n * (1 + ratio), planned),
                    alpha=ALPHA,
                    nonzero_units=x + y if told else None,
                )
            except (TooFewNonzero, NoVariance):
                continue
            if isinstance(got, Estimate) and got.p_value < ALPHA:
                return True
        return False

    runs_of = list(zip(small, large, strict=True))
    assert np.mean([found(*run, told=True) for run in runs_of]) <= ALPHA + tolerance(runs)
    assert np.mean([found(*run, told=False) for run in runs_of[:300]]) > 0.1


def test_any_difference_with_an_error_has_a_sequence() -> None:
    """A quantile's or a restricted mean's difference gets the interval of two points alike."""
    progress = Progress(10_000)

    got = sequence_of(0.4, 0.5, fewest_units=5000, progress=progress, alpha=ALPHA)

    points = Point(3.0, 0.3, 5000), Point(3.4, 0.4, 5000)
    expected = sequence_difference(*points, progress=progress, alpha=ALPHA)
    assert isinstance(expected, Estimate)
    assert (got.ci_low, got.ci_high, got.p_value) == pytest.approx(
        (expected.ci_low, expected.ci_high, expected.p_value), rel=1e-9
    )
    with pytest.raises(TooFewUnits):
        sequence_of(0.4, 0.5, fewest_units=99, progress=progress, alpha=ALPHA)


def test_values_far_from_zero_lose_nothing() -> None:
    """Means about 1e8 with a standard deviation of 1 give the interval of means about 0."""
    near = sequence_difference(
        Point(0, 0.01, 9999), Point(0.125, 0.01, 9999), progress=Progress(20_000), alpha=ALPHA
    )
    far = sequence_difference(
        Point(1e8, 0.01, 9999),
        Point(1e8 + 0.125, 0.01, 9999),
        progress=Progress(20_000),
        alpha=ALPHA,
    )

    assert far == near


def test_without_a_planned_size_the_documented_default_is_used() -> None:
    """A plan without a size is tuned for 10,000 units, and the progress says so."""
    assert DEFAULT_PLANNED_UNITS == 10_000
    assert Progress(500).tuned_for == 10_000
    assert Progress(500).precision(ALPHA) == Progress(500, 10_000).precision(ALPHA)
    for units, planned in ((0, 100), (10, 0)):
        with pytest.raises(InvalidLooks, match="above 0"):
            Progress(units, planned)


def test_variants_without_variance_have_no_error_to_grow() -> None:
    """Constants 5 and 6 differ for certain; constants 5 and 5 have no test."""
    five, six = Point(5.0, 0.0, 500), Point(6.0, 0.0, 500)
    progress = Progress(1000)

    difference = sequence_difference(five, six, progress=progress, alpha=ALPHA)
    lift = sequence_lift(five, six, progress=progress, alpha=ALPHA)
    mixture = msprt_difference(five, six, mixture_sd=1, alpha=ALPHA)

    assert isinstance(difference, Certain)
    assert isinstance(lift, Certain)
    assert isinstance(mixture, Certain)
    assert (difference.estimate, lift.estimate) == pytest.approx((1.0, 0.2))
    with pytest.raises(NoVariance):
        sequence_difference(five, five, progress=progress, alpha=ALPHA)
    with pytest.raises(NoVariance):
        sequence_lift(five, five, progress=progress, alpha=ALPHA)


@pytest.mark.parametrize(("d", "se", "tau"), [(0.5, 0.2, 0.3), (0.1, 0.2, 1.0), (2.0, 0.4, 0.1)])
def test_mixture_p_value_is_one_over_the_averaged_likelihood_ratio(
    d: float, se: float, tau: float
) -> None:
    """Lambda is the likelihood ratio averaged over N(0, tau²), by numerical integration."""
    half = se / math.sqrt(2)

    got = msprt_difference(
        Point(1.0, half, 900), Point(1.0 + d, half, 900), mixture_sd=tau, alpha=ALPHA
    )

    assert isinstance(got, Estimate)
    averaged, _ = quad(
        lambda effect: norm.pdf(d, effect, se) * norm.pdf(effect, 0, tau),
        -20 * tau, 20 * tau, points=[0, d], limit=400, epsabs=0, epsrel=1e-12,
    )  # fmt: skip
    ratio = averaged / norm.pdf(d, 0, se)
    assert got.p_value == pytest.approx(min(1.0, 1 / ratio), rel=1e-9)


@given(d=st.floats(-3, 3), se=st.floats(0.05, 2), tau=st.floats(0.01, 3))
@settings(max_examples=60)
def test_mixture_is_a_sequence_tuned_by_the_effect(d: float, se: float, tau: float) -> None:
    """Its interval and p-value agree, and are those of the sequence with n rho² = (tau/SE)²."""
    half = se / math.sqrt(2)

    got = msprt_difference(Point(0, half, 900), Point(d, half, 900), mixture_sd=tau, alpha=ALPHA)

    assert isinstance(got, Estimate)
    assert (got.p_value < ALPHA) is (got.ci_low > 0 or got.ci_high < 0)
    x = (tau / se) ** 2
    assert got.ci_high - got.estimate == pytest.approx(se * critical_value(x, ALPHA), rel=1e-6)


def test_mixture_without_a_size_is_refused() -> None:
    """A mixture over effects of size 0 would find nothing, ever."""
    with pytest.raises(InvalidSizing, match="mixture_sd"):
        msprt_difference(Point(0, 1, 900), Point(1, 1, 900), mixture_sd=0, alpha=ALPHA)
