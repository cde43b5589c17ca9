"""Under A/A, a test at 5 % is wrong in 5 % of runs.

Each tolerance is three Monte Carlo standard errors, 3 sqrt(0.05 · 0.95 / runs).
"""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from stats.inference.difference import welch_difference
from stats.inference.outcome import Certain, Estimate
from stats.inference.ratio import ratio_difference
from stats.summary import MeanSummary, RatioSummary

ALPHA = 0.05


def tolerance(runs: int) -> float:
    """Three Monte Carlo standard errors of an error rate of 5 %."""
    return 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def error_rate(results: Iterator[Estimate | Certain]) -> float:
    """The share of results that call chance a difference."""
    found = [isinstance(result, Estimate) and result.p_value < ALPHA for result in results]
    return sum(found) / len(found)


def mean_of(values: np.ndarray) -> MeanSummary:
    """Summary of one run."""
    return MeanSummary(
        len(values), float(values.sum()), float(((values - values.mean()) ** 2).sum())
    )


@pytest.mark.parametrize(
    ("control", "treatment", "rate"),
    [(20_000, 20_000, 0.01), (100_000, 5_000, 0.1)],
    ids=["1 %", "20:1"],
)
def test_proportion_is_wrong_as_often_as_it_says(control: int, treatment: int, rate: float) -> None:
    """A proportion of 1 %, and a split of 20:1, keep the error rate."""
    runs = 20_000
    rng = np.random.default_rng(20260101)
    draws = zip(rng.binomial(control, rate, runs), rng.binomial(treatment, rate, runs), strict=True)

    got = error_rate(
        welch_difference(
            MeanSummary.from_sums(control, int(a), int(a)),
            MeanSummary.from_sums(treatment, int(b), int(b)),
            alpha=ALPHA,
        )
        for a, b in draws
    )

    assert got == pytest.approx(ALPHA, abs=tolerance(runs))


def test_skewed_revenue_is_wrong_as_often_as_it_says() -> None:
    """Zero-inflated log-normal revenue keeps the error rate at 3,000 units a variant."""
    runs, units = 2_000, 3_000
    rng = np.random.default_rng(20260102)

    def run() -> MeanSummary:
        return mean_of(np.where(rng.random(units) < 0.2, rng.lognormal(3, 1, units), 0.0))

    got = error_rate(welch_difference(run(), run(), alpha=ALPHA) for _ in range(runs))

    assert got == pytest.approx(ALPHA, abs=tolerance(runs))


def test_clustered_ratio_is_wrong_as_often_as_it_says() -> None:
    """A ratio metric over units with many correlated orders keeps the error rate."""
    runs, units = 2_000, 2_000
    rng = np.random.default_rng(20260103)

    def run() -> RatioSummary:
        orders = rng.negative_binomial(2, 0.4, units).astype(float)
        revenue = orders * rng.lognormal(3, 0.5, units)  # a unit's orders are alike
        co_moment = float(((revenue - revenue.mean()) * (orders - orders.mean())).sum())
        return RatioSummary(mean_of(revenue), mean_of(orders), co_moment)

    got = error_rate(ratio_difference(run(), run(), alpha=ALPHA) for _ in range(runs))

    assert got == pytest.approx(ALPHA, abs=tolerance(runs))
