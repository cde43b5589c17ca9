"""The sequential sample-ratio test may be read after every unit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats.errors import InvalidSizing, TooFewUnits
from stats.inference.dirichlet_multinomial import sequential_sample_ratio

COUNTS = st.lists(st.integers(0, 5000), min_size=3, max_size=3).filter(lambda c: sum(c) > 0)


@given(COUNTS, st.sampled_from([2.0, 100.0, 10_000.0]))
def test_bayes_factor_equals_scipy(counts: list[int], concentration: float) -> None:
    """The Bayes factor is SciPy's Dirichlet-multinomial over its multinomial."""
    shares = [0.5, 0.3, 0.2]

    got = sequential_sample_ratio(counts, shares, concentration=concentration)

    mixture = scipy_stats.dirichlet_multinomial(concentration * np.array(shares), sum(counts))
    planned = scipy_stats.multinomial(sum(counts), shares)
    expected = float(mixture.logpmf(counts) - planned.logpmf(counts))
    assert got.log_bayes_factor == pytest.approx(expected, rel=1e-9, abs=1e-8)
    assert got.p_value == pytest.approx(min(1.0, math.exp(-expected)), rel=1e-7)


def test_bayes_factor_is_the_product_of_predictions_unit_by_unit() -> None:
    """Multiplying up what the mixture foretold of each unit gives the same evidence."""
    rng = np.random.default_rng(3)
    shares, weight = np.array([0.6, 0.4]), 50.0
    seen, log_factor = np.zeros(2, dtype=int), 0.0
    for variant in rng.choice(2, 300, p=[0.5, 0.5]):
        foretold = (weight * shares[variant] + seen[variant]) / (weight + seen.sum())
        log_factor += math.log(foretold / shares[variant])
        seen[variant] += 1

    got = sequential_sample_ratio([int(n) for n in seen], [0.6, 0.4], concentration=weight)

    assert got.log_bayes_factor == pytest.approx(log_factor, rel=1e-9)


@pytest.mark.parametrize("concentration", [2.0, 10_000.0])
def test_reading_after_every_batch_keeps_the_error_rate(concentration: float) -> None:
    """With the planned split, 400 readings find a mismatch at 5 % in at most 5 % of campaigns."""
    runs, readings, batch = 1000, 400, 20
    rng = np.random.default_rng(11)
    treated = rng.binomial(batch, 0.3, (runs, readings)).cumsum(axis=1)

    found = 0
    for run in treated:
        for reading in range(0, readings, 4):
            total = batch * (reading + 1)
            counts = [total - int(run[reading]), int(run[reading])]
            got = sequential_sample_ratio(counts, [0.7, 0.3], concentration=concentration)
            if got.found(0.05):
                found += 1
                break

    assert found / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)


def test_a_broken_split_is_found() -> None:
    """52 % where 50 % was planned is found beyond doubt among 100,000 units."""
    got = sequential_sample_ratio([52_000, 48_000], [1, 1])

    assert got.found(0.001)
    assert got.units == 100_000


def test_evidence_once_found_stays_found() -> None:
    """The p-value is the smallest so far; later balance does not take a finding back."""
    first = sequential_sample_ratio([600, 400], [0.5, 0.5], concentration=10)
    later = sequential_sample_ratio([5000, 4950], [0.5, 0.5], concentration=10, earlier=first)

    assert first.found(0.001)
    assert later.p_value == first.p_value
    assert later.log_bayes_factor < first.log_bayes_factor


@given(COUNTS)
def test_the_order_of_variants_does_not_matter(counts: list[int]) -> None:
    """Variants named in another order give the same evidence."""
    shares = [0.5, 0.3, 0.2]
    one = sequential_sample_ratio(counts, shares)
    other = sequential_sample_ratio(counts[::-1], shares[::-1])

    assert one.log_bayes_factor == pytest.approx(other.log_bayes_factor, abs=1e-9)


def test_counts_and_shares_that_no_plan_has_are_refused() -> None:
    """No unit yet is a status; a variant without a share or a negative count is a fault."""
    with pytest.raises(TooFewUnits, match="0 units"):
        sequential_sample_ratio([0, 0], [0.5, 0.5])
    for units, shares in (
        ([1, 1], [1.0, 0.0]),
        ([1], [1.0]),
        ([1, 2, 3], [0.5, 0.5]),
        ([-1, 2], [1, 1]),
    ):
        with pytest.raises(InvalidSizing):
            sequential_sample_ratio(units, shares)
    with pytest.raises(InvalidSizing, match="concentration"):
        sequential_sample_ratio([1, 1], [1, 1], concentration=0)
