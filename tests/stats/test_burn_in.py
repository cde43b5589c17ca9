"""How much a look must have seen: units, outcomes, and more of these the more uneven the split."""

import math

import numpy as np
import pytest
from scipy.special import stdtr

from stats.errors import TooFewNonzero, TooFewUnits
from stats.inference.boundary import boundaries
from stats.inference.burn_in import check_planned_look, fewest_at_look
from stats.plan import Spending

ALPHA = 0.05


def tolerance(runs: int) -> float:
    """Three Monte Carlo standard errors of an error rate of 5 %."""
    return 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def test_an_even_split_needs_twenty_outcomes() -> None:
    """Equal variants offset each other's skewness, also where they are equal but for chance."""
    for units in ((1_000, 1_000), (1_000, 960), (5_000, 4_000)):
        assert fewest_at_look(units, final=False) == 20
        assert fewest_at_look(units, final=True) == 20


@pytest.mark.parametrize("ratio", [2, 3, 5, 9, 20, 100])
def test_the_difference_is_no_more_skewed_than_the_rule_of_thumb_allows(ratio: int) -> None:
    """At the outcomes asked for, the difference's exact skewness is at most 1/sqrt(355).

    By the third cumulants of two binomials; and by no more than asked for, to a fortieth.
    """
    for final, limit in ((False, 355), (True, 50)):
        rate, needed = 0.001, fewest_at_look((ratio * 1_000, 1_000), final=final)
        units = round(needed / rate)
        spreads, thirds = [], []
        for n, sign in ((units, 1), (ratio * units, -1)):
            variance = n * rate * (1 - rate)
            spreads.append(variance / n**2)
            thirds.append(sign * variance * (1 - 2 * rate) / n**3)
        squared = sum(thirds) ** 2 / sum(spreads) ** 3
        assert squared <= 1 / limit
        if needed > 20:
            assert squared == pytest.approx(1 / limit, rel=1 / 25)


def test_the_order_of_the_variants_does_not_matter() -> None:
    """A small control is as skewed as a small treatment."""
    assert fewest_at_look((100, 2_000), final=False) == fewest_at_look((2_000, 100), final=False)


@pytest.mark.parametrize(("final", "needed"), [(False, 306), (True, 43)])
def test_too_few_outcomes_for_the_split_are_refused(*, final: bool, needed: int) -> None:
    """At 20:1 one outcome short of 306 is too few, and at the last look of 43."""
    units = (200_000, 10_000)
    check_planned_look(units, nonzero_units=21 * needed, final=final)
    with pytest.raises(TooFewNonzero, match=f"at least {needed} are needed"):
        check_planned_look(units, nonzero_units=21 * (needed - 1), final=final)


def test_without_a_number_of_outcomes_units_alone_count() -> None:
    """Where no outcomes are told, every variant needs a hundred units, in any split."""
    check_planned_look((100, 50_000), nonzero_units=None, final=False)
    with pytest.raises(TooFewUnits, match="99 units; at least 100"):
        check_planned_look((99, 50_000), nonzero_units=None, final=True)


def pooled_and_difference(
    rng: np.random.Generator, ratio: int, step: int, looks: int, runs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes of both variants together, and Welch's p-values, at every look of A/A runs."""
    rate, small = 0.01, step * np.arange(1, looks + 1)
    sizes = (small, ratio * small)
    counts = [
        rng.binomial(unit, rate, (runs, looks)).cumsum(axis=1) for unit in (step, ratio * step)
    ]
    shares = [count / n for count, n in zip(counts, sizes, strict=True)]
    errors = [p * (1 - p) / (n - 1) for p, n in zip(shares, sizes, strict=True)]
    spread = np.maximum(errors[0] + errors[1], 1e-30)  # no outcome at all: no difference either
    df = spread**2 / (errors[0] ** 2 / (sizes[0] - 1) + errors[1] ** 2 / (sizes[1] - 1) + 1e-99)
    z = np.abs(shares[0] - shares[1]) / np.sqrt(spread)
    return counts[0] + counts[1], 2 * stdtr(df, -z)


def taken(pooled: np.ndarray, ratio: int, fewest: tuple[int, int]) -> np.ndarray:
    """Which looks of each run have so many outcomes in the smaller variant, and so many at last."""
    needed = np.array([fewest[0]] * (pooled.shape[1] - 1) + [fewest[1]])
    return np.asarray(pooled / (ratio + 1) >= needed)


def ever(p_values: np.ndarray, looks: np.ndarray, spending: Spending) -> float:
    """The share of runs in which a look that is taken crosses its boundary."""
    found, size = 0, looks.shape[1]
    for pattern in np.unique(looks, axis=0):
        if not pattern.any():
            continue
        fractions = tuple((np.flatnonzero(pattern) + 1) / size)
        levels = [b.nominal_alpha for b in boundaries(fractions, alpha=ALPHA, spending=spending,
                                                      final=True)]  # fmt: skip
        of_runs = (looks == pattern).all(axis=1)
        found += int((p_values[of_runs][:, pattern] < levels).any(axis=1).sum())
    return found / len(looks)


@pytest.mark.parametrize("spending", Spending)
@pytest.mark.parametrize(("ratio", "step"), [(1, 500), (2, 1_000), (5, 2_000), (20, 5_000)])
def test_looks_that_are_refused_do_not_move_the_error_rate(
    ratio: int, step: int, spending: Spending
) -> None:
    """14 looks at a share of 1 %, the first of them refused, find chance in 5 % of runs."""
    runs, units = 30_000, (ratio * step, step)
    rng = np.random.default_rng(20261122 + ratio)
    pooled, p_values = pooled_and_difference(rng, ratio, step, 14, runs)
    fewest = fewest_at_look(units, final=False), fewest_at_look(units, final=True)

    looks = taken(pooled, ratio, fewest)

    assert 0.05 < looks.mean() < 0.95
    assert ever(p_values, looks, spending) == pytest.approx(ALPHA, abs=tolerance(runs))


def test_twenty_outcomes_are_too_few_in_an_uneven_split() -> None:
    """The simulation finds what it should: at 20:1, Pocock's looks from 20 on find 5.9 %."""
    runs, ratio, step = 30_000, 20, 2_000
    rng = np.random.default_rng(20261123)
    pooled, p_values = pooled_and_difference(rng, ratio, step, 14, runs)

    looks = taken(pooled, ratio, (20, 20))

    assert ever(p_values, looks, Spending.POCOCK) > ALPHA + 2 * tolerance(runs)


@pytest.mark.parametrize("ratio", [1, 20])
def test_what_refuses_a_look_says_nothing_of_the_difference(ratio: int) -> None:
    """Without an effect, outcomes of both variants together and the difference are uncorrelated."""
    runs, step = 100_000, 2_000
    rng = np.random.default_rng(20261124)
    small, large = rng.binomial(step, 0.01, runs), rng.binomial(ratio * step, 0.01, runs)

    got = np.corrcoef(small + large, small / step - large / (ratio * step))[0, 1]

    assert abs(got) < 3 / math.sqrt(runs)
