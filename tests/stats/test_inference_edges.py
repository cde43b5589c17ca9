"""Where an estimate does not exist, a status says why; no number stands in its place."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.errors import (
    BaselineNearZero,
    InvalidSummary,
    NonFiniteValue,
    NotPositive,
    NoVariance,
    TooFewUnits,
    UndefinedStatus,
    ZeroBaseline,
    ZeroDenominator,
)
from stats.inference.difference import welch_difference
from stats.inference.lift import lift
from stats.inference.outcome import BareValue, Certain, Estimate, Lift, UnboundedLift
from stats.inference.point import Point, mean_point, ratio_point
from stats.inference.proportion import wilson
from stats.inference.single import mean_rate, ratio_rate
from stats.plan import LiftMethod
from stats.summary import MeanSummary, RatioSummary


def of(*values: int) -> MeanSummary:
    """Summary of whole values."""
    return MeanSummary.from_sums(len(values), sum(values), sum(v * v for v in values))


def pairs(*values: tuple[int, int]) -> RatioSummary:
    """Summary of whole pairs of numerator and denominator."""
    ys, ds = [y for y, _ in values], [d for _, d in values]
    return RatioSummary.from_sums(
        len(values),
        y=sum(ys),
        d=sum(ds),
        yy=sum(y * y for y in ys),
        dd=sum(d * d for d in ds),
        yd=sum(y * d for y, d in values),
    )


def test_equal_constants_have_no_difference_to_judge() -> None:
    """Both variants constant and equal: no p-value of 1, no interval (0, 0), but a reason."""
    with pytest.raises(NoVariance, match="same value"):
        welch_difference(of(5, 5, 5), of(5, 5), alpha=0.05)


def test_different_constants_are_certain() -> None:
    """Constants 5 against 6: the difference is 1 and certain, its interval a point."""
    got = welch_difference(of(5, 5, 5), of(6, 6), alpha=0.05)

    assert isinstance(got, Certain)
    assert got.estimate == 1
    assert "certain" in got.sentence
    assert "point" in got.sentence


def test_lift_over_constants_is_certain_too() -> None:
    """Constants 5 against 6: the lift is 20 % and certain."""
    got = lift(mean_point(of(5, 5)), mean_point(of(6, 6)), alpha=0.05)

    assert isinstance(got, Certain)
    assert got.estimate == pytest.approx(0.2)


def test_zero_baseline_leaves_the_difference_and_no_lift() -> None:
    """Over a control of 0 there is a difference, but no lift."""
    control, treatment = of(0, 0, 0), of(0, 1, 2)

    assert isinstance(welch_difference(control, treatment, alpha=0.05), Estimate)
    with pytest.raises(ZeroBaseline):
        lift(mean_point(control), mean_point(treatment), alpha=0.05)


@pytest.mark.parametrize("method", [LiftMethod.DELTA, LiftMethod.LOG])
def test_approximate_lift_is_refused_over_a_baseline_near_zero(method: LiftMethod) -> None:
    """Delta and log would hide that the control cannot be told from 0, so they are refused."""
    with pytest.raises(BaselineNearZero):
        lift(Point(0.5, 1.0, 100), Point(2.0, 1.0, 100), alpha=0.05, method=method)


@pytest.mark.parametrize(
    ("treatment", "low", "high", "words"),
    [
        (Point(9.0, 1.0, 100), True, False, "is at least +"),
        (Point(-9.0, 1.0, 100), False, True, "is at most -"),
        (Point(1.0, 1.0, 100), False, False, "has no bounds"),
        (Point(0.0, 0.0, 100), False, False, "has no bounds"),
    ],
    ids=["above 0", "below 0", "0 itself", "constant 0"],
)
def test_unbounded_lift_is_said_in_words(
    treatment: Point, *, low: bool, high: bool, words: str
) -> None:
    """Over a control that cannot be told from 0, the ends that exist are given, the rest said."""
    got = lift(Point(0.5, 1.0, 100), treatment, alpha=0.05)

    assert isinstance(got, UnboundedLift)
    assert got.status == "unbounded"
    assert (got.ci_low is not None, got.ci_high is not None) == (low, high)
    assert words in got.sentence


def test_end_of_an_unbounded_lift_holds_for_either_sign_of_the_control() -> None:
    """The bound is the lowest lift over any control that the data allow, above 0 or below."""
    control, treatment = Point(0.5, 1.0, 100), Point(9.0, 1.0, 100)
    critical = scipy_stats.t.isf(0.025, 198)
    size = np.linspace(0, 500, 500_001)  # of treatment over control
    lowest = []
    for sign in (1, -1):  # of the control, and so of the ratio, as the treatment is above 0
        kept = np.abs(9.0 - sign * size * 0.5) <= critical * np.hypot(1.0, size)
        lowest.append((size - sign)[kept].min())

    got = lift(control, treatment, alpha=0.05)

    assert isinstance(got, UnboundedLift)
    assert got.ci_low == pytest.approx(min(lowest), abs=1e-3)  # the step of the grid


def test_log_lift_needs_values_above_zero() -> None:
    """A negative value has no logarithm: the method says so and names the way out."""
    for control, treatment in ((-5.0, 4.0), (5.0, -4.0), (5.0, 0.0)):
        with pytest.raises(NotPositive, match="Fieller") as fault:
            lift(
                Point(control, 0.1, 50), Point(treatment, 0.1, 50), alpha=0.05,
                method=LiftMethod.LOG,
            )  # fmt: skip
        assert fault.value.status is UndefinedStatus.NOT_POSITIVE


def test_lift_over_a_negative_baseline_is_above_zero_when_the_value_rises() -> None:
    """From -1.5 to -1.0 is a lift of a third, with an interval in order."""
    got = lift(Point(-1.5, 0.1, 1000), Point(-1.0, 0.1, 1000), alpha=0.05)

    assert isinstance(got, Lift)
    assert got.estimate == pytest.approx(1 / 3)
    assert got.ci_low < got.estimate < got.ci_high


def test_lift_through_a_change_of_sign_keeps_its_direction() -> None:
    """From -1 to 1 is a lift of 200 %, from 1 to -1 one of -200 %."""
    up = lift(Point(-1.0, 0.1, 1000), Point(1.0, 0.1, 1000), alpha=0.05)
    down = lift(Point(1.0, 0.1, 1000), Point(-1.0, 0.1, 1000), alpha=0.05)

    assert up.estimate == pytest.approx(2)
    assert down.estimate == pytest.approx(-2)


def test_treatment_of_constant_zero_is_a_certain_loss() -> None:
    """When no treated unit has any, the lift is -100 % without an error."""
    got = lift(Point(2.0, 0.1, 1000), Point(0.0, 0.0, 1000), alpha=0.05)

    assert isinstance(got, Certain)
    assert got.estimate == -1


@pytest.mark.parametrize(
    ("units", "status"),
    [((), UndefinedStatus.NO_UNITS), ((3,), UndefinedStatus.TOO_FEW_UNITS)],
)
def test_fewer_than_two_units_have_no_variance(
    units: tuple[int, ...], status: UndefinedStatus
) -> None:
    """With no unit or one, the difference is refused, and the status tells the two apart."""
    with pytest.raises(TooFewUnits) as fault:
        welch_difference(of(1, 2, 3), of(*units), alpha=0.05)
    assert fault.value.status is status


def test_one_unit_has_a_value_without_an_interval() -> None:
    """A variant of one unit shows its value, and why it has no interval."""
    for got in (mean_rate(of(3), alpha=0.05), ratio_rate(pairs((3, 1)), alpha=0.05)):
        assert isinstance(got, BareValue)
        assert got.estimate == 3
        assert got.status is UndefinedStatus.TOO_FEW_UNITS


def test_no_unit_has_no_value() -> None:
    """A variant without units has no mean and no proportion."""
    with pytest.raises(TooFewUnits):
        mean_rate(of(), alpha=0.05)
    with pytest.raises(TooFewUnits):
        wilson(0, 0, alpha=0.05)
    with pytest.raises(TooFewUnits):
        assert of().mean is None


def test_constant_value_has_no_interval() -> None:
    """A variant whose units all have the same value shows it without an interval."""
    got = mean_rate(of(4, 4, 4), alpha=0.05)

    assert isinstance(got, BareValue)
    assert (got.estimate, got.status) == (4, UndefinedStatus.NO_VARIANCE)


def test_proportion_of_none_has_an_interval_above_zero() -> None:
    """No success among 100 units still leaves room: the interval is not (0, 0)."""
    got = wilson(0, 100, alpha=0.05)

    assert got.ci_low == 0
    assert got.ci_high == pytest.approx(0.0370, abs=5e-5)  # z²/(n + z²) = 3.8415/103.8415


def test_denominator_of_zero_has_no_ratio() -> None:
    """A ratio metric without any order is undefined, not 0."""
    with pytest.raises(ZeroDenominator):
        ratio_point(pairs((0, 0), (0, 0)))


def test_ratio_that_is_the_same_for_every_unit_has_no_error() -> None:
    """When y = r d for every unit, rounding leaves neither a tiny nor a negative variance."""
    point = ratio_point(pairs(*((d * 333, d) for d in range(1, 200))))

    assert point.value == 333
    assert point.std_error == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_value_that_is_no_number_is_refused_at_the_door(value: float) -> None:
    """NaN and infinity never enter a summary or a point."""
    with pytest.raises(NonFiniteValue):
        MeanSummary(3, value, 1.0)
    with pytest.raises(NonFiniteValue):
        MeanSummary(3, 1.0, value)
    with pytest.raises(NonFiniteValue):
        Point(value, 1.0, 3)
    with pytest.raises(NonFiniteValue):
        RatioSummary(of(1, 2), of(1, 2), value)


def test_statistics_that_no_data_can_have_are_refused() -> None:
    """Negative counts and squares, sums without units, co-moments out of bounds are refused."""
    for wrong in ((-1, 0, 0.0), (2, 1, -1.0), (0, 5, 0.0), (1, 5, 1.0)):
        with pytest.raises(InvalidSummary):
            MeanSummary(*wrong)
    with pytest.raises(InvalidSummary, match="Cauchy"):
        RatioSummary(of(1, 2), of(1, 2), 9.0)
    with pytest.raises(InvalidSummary, match="same units"):
        RatioSummary(of(1, 2), of(1, 2, 3), 0.0)
    with pytest.raises(InvalidSummary, match="successes"):
        wilson(3, 2, alpha=0.05)


def test_large_mean_loses_nothing_of_a_small_variance() -> None:
    """Mean 1e8 and values one apart: the naive sum of squares would give variance 2.62."""
    base = 10**8
    values = [base - 1, base, base + 1] * 1000

    point = mean_point(of(*values))

    assert of(*values).centred_squares == 2000
    assert point.std_error == pytest.approx(math.sqrt(2000 / 2999 / 3000), rel=1e-12)


def test_one_member_with_half_of_all_revenue_gives_a_wide_interval() -> None:
    """A single huge value widens the interval over 0; it does not make a result."""
    control = of(*([100] * 999), 100)
    treatment = of(*([100] * 999), 99_900)

    got = welch_difference(control, treatment, alpha=0.05)

    assert isinstance(got, Estimate)
    assert got.ci_low < 0 < got.ci_high
    assert got.p_value > 0.05
