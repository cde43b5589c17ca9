"""Faults measured in other engines, each shown beside what is done here.

Simulations are seeded; each tolerance is three Monte Carlo standard errors.
"""

import math
import time
import timeit

import numpy as np
import pytest

from stats.inference.difference import point_difference
from stats.inference.lift import lift
from stats.inference.outcome import Certain, Estimate, Lift, UnboundedLift
from stats.inference.point import Point, mean_point, ratio_point
from stats.summary import MeanSummary, RatioSummary

RUNS = 20_000


def slack(rate: float, runs: int = RUNS) -> float:
    """Three Monte Carlo standard errors of a rate."""
    return 3 * math.sqrt(rate * (1 - rate) / runs)


def holds(found: Lift | UnboundedLift | Certain, truth: float) -> bool:
    """Whether an interval holds a value; an end that does not exist is beyond every value."""
    if isinstance(found, Certain):
        return found.estimate == truth
    low = -math.inf if found.ci_low is None else found.ci_low
    high = math.inf if found.ci_high is None else found.ci_high
    return low <= truth <= high


def test_lift_at_twenty_to_one_keeps_its_error_rate() -> None:
    """An A/A split of 20:1: the interval of the lift leaves out 0 in 5 % of runs.

    A relative test that takes the mean of both sizes for each is wrong in 39 %.
    """
    rng = np.random.default_rng(20260801)
    n, m, share = 100_000, 5_000, 0.1
    draws = zip(rng.binomial(n, share, RUNS), rng.binomial(m, share, RUNS), strict=True)
    wrong = faulty = 0
    for a, b in draws:
        control = mean_point(MeanSummary.from_sums(n, int(a), int(a)))
        treatment = mean_point(MeanSummary.from_sums(m, int(b), int(b)))
        wrong += not holds(lift(control, treatment, alpha=0.05), 0.0)
        pooled = 2 * share * (1 - share) / ((n + m) / 2)
        faulty += abs(treatment.value - control.value) > 1.96 * math.sqrt(pooled)

    assert wrong / RUNS == pytest.approx(0.05, abs=slack(0.05))
    assert faulty / RUNS == pytest.approx(0.40, abs=0.02)


@pytest.mark.parametrize("truth", [-0.5, 0.0, 0.3, 2.0])
def test_interval_of_the_lift_covers_as_often_as_it_says(truth: float) -> None:
    """Whatever the lift, 95 % of intervals hold it.

    Dividing the interval of the difference by the control, as if that were known, covers 91 % at
    +30 %.
    """
    rng = np.random.default_rng(20260802)
    n, error = 5_000, 2.0
    covered = faulty = 0
    for c, t in zip(
        rng.normal(100, error, RUNS), rng.normal(100 * (1 + truth), error, RUNS), strict=True
    ):
        control, treatment = Point(c, error, n), Point(t, error, n)
        covered += holds(lift(control, treatment, alpha=0.05), truth)
        difference = point_difference(control, treatment, alpha=0.05)
        assert isinstance(difference, Estimate)
        faulty += difference.ci_low / c <= truth <= difference.ci_high / c

    assert covered / RUNS == pytest.approx(0.95, abs=slack(0.95))
    if truth == 0.3:
        assert faulty / RUNS == pytest.approx(0.909, abs=slack(0.909))


@pytest.mark.parametrize("treatment", [-3.0, 0.0, 1.0, 3.0, 12.0])
def test_unbounded_lift_covers_as_often_as_it_says(treatment: float) -> None:
    """Over a control 1.5 errors from 0, intervals and bounds hold the lift in 95 % of runs."""
    rng = np.random.default_rng(20260803)
    n, error = 5_000, 2 / 3
    covered = unbounded = 0
    for c, t in zip(rng.normal(1, error, RUNS), rng.normal(treatment, error, RUNS), strict=True):
        found = lift(Point(c, error, n), Point(t, error, n), alpha=0.05)
        covered += holds(found, treatment - 1)
        unbounded += isinstance(found, UnboundedLift)

    assert unbounded > RUNS / 2
    assert covered / RUNS >= 0.95 - slack(0.95)


def test_lift_over_a_loss_that_shrinks_is_above_zero() -> None:
    """From -1.5 to -1.0 is an improvement of a third, not a loss of 33 %, on every method's way."""
    got = lift(Point(-1.5, 0.01, 10_000), Point(-1.0, 0.01, 10_000), alpha=0.05)

    assert isinstance(got, Lift)
    assert got.estimate == pytest.approx(1 / 3)
    assert 0 < got.ci_low < got.ci_high


def test_errors_from_single_orders_are_too_small() -> None:
    """On clustered orders row-level errors are about 20 % too small; the delta method's are right.

    The truth is the spread of the ratio over 2,000 campaigns; its own error is
    1/sqrt(2 · 2000) = 1.6 %, so three of them 5 %.
    """
    rng = np.random.default_rng(20260804)
    campaigns, units = 2_000, 1_000
    ratios, of_units, of_rows = [], [], []
    for _ in range(campaigns):
        orders = 1 + rng.poisson(2.0, units)
        taste = np.repeat(rng.lognormal(0, 0.3, units), orders)  # a unit's orders are alike
        amounts = taste * rng.lognormal(3, 0.55, orders.sum())
        spent = np.add.reduceat(amounts, np.r_[0, orders.cumsum()[:-1]])
        summary = RatioSummary(
            of_values(spent), of_values(orders.astype(float)),
            float(((spent - spent.mean()) * (orders - orders.mean())).sum()),
        )  # fmt: skip
        point = ratio_point(summary)
        ratios.append(point.value)
        of_units.append(point.std_error)
        of_rows.append(amounts.std(ddof=1) / math.sqrt(len(amounts)))

    truth = float(np.std(ratios, ddof=1))
    assert np.mean(of_units) == pytest.approx(truth, rel=0.05)
    assert np.mean(of_rows) / np.mean(of_units) == pytest.approx(0.8, abs=0.03)


def of_values(values: np.ndarray) -> MeanSummary:
    """Summary of floats, by NumPy."""
    return MeanSummary(
        len(values), float(values.sum()), float(((values - values.mean()) ** 2).sum())
    )


def test_comparison_takes_less_than_twenty_microseconds() -> None:
    """Difference and lift from two summaries: processor time, the best of many batches."""
    before, after = MeanSummary(5_000, 12_345, 99_999.0), MeanSummary(5_100, 13_345, 99_999.0)

    def comparison() -> tuple[Estimate | Certain, Lift | UnboundedLift | Certain]:
        control, treatment = mean_point(before), mean_point(after)
        return (
            point_difference(control, treatment, alpha=0.05),
            lift(control, treatment, alpha=0.05),
        )

    seconds = min(timeit.repeat(comparison, timer=time.process_time, number=500, repeat=40)) / 500
    assert seconds < 20e-6
