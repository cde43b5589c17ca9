"""Exact tests of two proportions equal SciPy's, and direct sums over all tables."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats.errors import NoVariance, TooFewUnits, TooManyUnits
from stats.inference.exact import ExactTest, exact_test
from stats.inference.proportion import Proportion

Table = tuple[tuple[int, int], tuple[int, int]]

TABLES: list[Table] = [
    ((15, 52), (7, 50)),
    ((7, 12), (1, 15)),
    ((0, 20), (4, 18)),
    ((3, 3), (1, 4)),
    ((1, 60), (5, 9)),
    ((30, 150), (55, 149)),
    ((2, 20), (2, 20)),
]


def proportions(table: Table) -> tuple[Proportion, Proportion]:
    """Control and treatment of a table of successes and units."""
    return Proportion(*table[0]), Proportion(*table[1])


def in_scipy(table: Table) -> list[list[int]]:
    """The same as SciPy wants it: a column per variant, successes above failures."""
    (a, n), (b, m) = table
    return [[b, a], [m - b, n - a]]


@pytest.mark.parametrize("table", TABLES)
def test_boschloo_equals_scipy(table: Table) -> None:
    """Boschloo's two-sided p-value is SciPy's."""
    got = exact_test(*proportions(table))

    want = scipy_stats.boschloo_exact(in_scipy(table), n=64).pvalue
    assert got.test is ExactTest.BOSCHLOO
    assert got.p_value == pytest.approx(min(want, 1), rel=1e-6)


@pytest.mark.parametrize("table", TABLES)
def test_fisher_equals_scipy(table: Table) -> None:
    """Fisher's two-sided p-value is SciPy's."""
    got = exact_test(*proportions(table), test=ExactTest.FISHER)

    assert got.p_value == pytest.approx(scipy_stats.fisher_exact(in_scipy(table)).pvalue, rel=1e-9)


def test_fisher_equals_r() -> None:
    """R 4.2: fisher.test(matrix(c(15, 37, 7, 43), 2))$p.value."""
    got = exact_test(Proportion(15, 52), Proportion(7, 50), test=ExactTest.FISHER)

    assert got.p_value == pytest.approx(0.0922768262574963, rel=1e-9)


def barnard_by_hand(table: Table) -> float:
    """Barnard's p-value by fractions: no table is lost to rounding."""
    (a, n), (b, m) = table

    def squared(x: int, y: int) -> Fraction:
        if x + y in (0, n + m):
            return Fraction(0)
        pooled = Fraction(x + y, n + m)
        gap = Fraction(y, m) - Fraction(x, n)
        return gap * gap / (pooled * (1 - pooled))

    observed = squared(a, b)
    extreme = np.array(
        [[squared(x, y) >= observed for y in range(m + 1)] for x in range(n + 1)], dtype=float
    )
    shares = np.linspace(0.0005, 0.9995, 2000)[:, None]
    left = scipy_stats.binom.pmf(np.arange(n + 1), n, shares)
    right = scipy_stats.binom.pmf(np.arange(m + 1), m, shares)
    return float((left @ extreme * right).sum(axis=1).max())


@pytest.mark.parametrize("table", [*TABLES[:5], ((0, 4), (17, 37)), ((1, 3), (27, 38))])
def test_barnard_equals_the_sum_over_all_tables(table: Table) -> None:
    """Barnard's p-value is the largest chance of tables as extreme, ties counted exactly.

    SciPy 1.x loses the mirrored table to rounding in the last two, and reports less.
    """
    got = exact_test(*proportions(table), test=ExactTest.BARNARD).p_value

    # a grid of shares of 0.0005 misses the peak by a little
    assert got == pytest.approx(barnard_by_hand(table), rel=1e-5)
    assert got >= scipy_stats.barnard_exact(in_scipy(table)).pvalue * (1 - 1e-9)


@pytest.mark.parametrize(
    "table", [((15, 52), (7, 50)), ((5, 40), (12, 31)), ((3, 11), (9, 13)), ((30, 150), (55, 149))]
)
def test_barnard_equals_scipy(table: Table) -> None:
    """Where SciPy counts the mirrored table, the p-values are the same."""
    want = scipy_stats.barnard_exact(in_scipy(table)).pvalue

    got = exact_test(*proportions(table), test=ExactTest.BARNARD)

    assert got.p_value == pytest.approx(want, rel=1e-6)


SMALL = st.tuples(st.integers(1, 25), st.floats(0, 1)).map(lambda t: (round(t[0] * t[1]), t[0]))


@settings(max_examples=60)
@given(SMALL, SMALL, st.sampled_from(ExactTest))
def test_labels_do_not_matter(
    one: tuple[int, int], other: tuple[int, int], test: ExactTest
) -> None:
    """Exchanging the variants, or success and failure, leaves the p-value, which is one."""
    if one[0] + other[0] in (0, one[1] + other[1]):
        return
    got = exact_test(Proportion(*one), Proportion(*other), test=test).p_value
    swapped = exact_test(Proportion(*other), Proportion(*one), test=test).p_value
    flipped = exact_test(
        Proportion(one[1] - one[0], one[1]), Proportion(other[1] - other[0], other[1]), test=test
    ).p_value

    assert 0 < got <= 1
    assert swapped == pytest.approx(got, rel=1e-6)
    assert flipped == pytest.approx(got, rel=1e-6)


@settings(max_examples=60)
@given(SMALL, SMALL)
def test_boschloo_finds_what_fisher_finds(one: tuple[int, int], other: tuple[int, int]) -> None:
    """One-sided, Boschloo's p-value never exceeds Fisher's; doubled, never twice the smaller."""
    if one[0] + other[0] in (0, one[1] + other[1]):
        return
    table = in_scipy((one, other))
    smaller = min(
        scipy_stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")
    )

    got = exact_test(Proportion(*one), Proportion(*other)).p_value

    assert got <= min(1.0, 2 * smaller) * (1 + 1e-9)


@pytest.mark.parametrize("test", ExactTest)
@pytest.mark.parametrize(("n", "m", "share"), [(10, 10, 0.1), (30, 8, 0.3), (40, 12, 0.05)])
def test_error_rate_is_never_above_alpha(test: ExactTest, n: int, m: int, share: float) -> None:
    """Summed over every table, the chance of p < 5 % under equal shares is at most 5 %."""
    wrong = 0.0
    for a in range(n + 1):
        for b in range(m + 1):
            if a + b in (0, n + m):
                continue
            if exact_test(Proportion(a, n), Proportion(b, m), test=test).p_value < 0.05:
                wrong += scipy_stats.binom.pmf(a, n, share) * scipy_stats.binom.pmf(b, m, share)

    assert wrong <= 0.05


@pytest.mark.parametrize("test", ExactTest)
def test_table_without_a_margin_has_no_exact_test(test: ExactTest) -> None:
    """Nobody or everybody with the outcome: a reason, no warning and no p-value of 1."""
    for a, b in ((0, 0), (20, 30)):
        with pytest.raises(NoVariance, match="Nobody"):
            exact_test(Proportion(a, 20), Proportion(b, 30), test=test)


def test_exact_test_needs_units_and_not_too_many() -> None:
    """A variant without units has no test, and from a thousand units on none is made."""
    with pytest.raises(TooFewUnits):
        exact_test(Proportion(0, 0), Proportion(1, 5))
    with pytest.raises(TooManyUnits, match="1000"):
        exact_test(Proportion(5, 500), Proportion(5, 500))


@pytest.mark.parametrize("split", [(499, 500), (949, 50), (50, 949)])
def test_exact_test_ends_in_time_at_its_limit(split: tuple[int, int]) -> None:
    """At 999 units it takes 0.1 s, where SciPy's Boschloo takes three."""
    start = time.perf_counter()
    exact_test(Proportion(split[0] // 10, split[0]), Proportion(split[1] // 7, split[1]))

    assert time.perf_counter() - start < 2
