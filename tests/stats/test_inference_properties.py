"""What must hold of every estimate, whatever the data."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stats.inference.difference import point_difference, welch_difference
from stats.inference.outcome import Estimate
from stats.inference.point import Point, ratio_point
from stats.inference.ratio import ratio_difference
from stats.summary import MeanSummary, RatioSummary

WHOLE = st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=40)
PAIRS = st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 1000)), min_size=1)


def of(values: list[int]) -> MeanSummary:
    """Summary of whole values."""
    return MeanSummary.from_sums(len(values), sum(values), sum(v * v for v in values))


def of_pairs(values: list[tuple[int, int]]) -> RatioSummary:
    """Summary of whole pairs."""
    y, d = [a for a, _ in values], [b for _, b in values]
    sums = {
        "y": sum(y), "d": sum(d), "yy": sum(a * a for a in y), "dd": sum(b * b for b in d),
        "yd": sum(a * b for a, b in values),
    }  # fmt: skip
    return RatioSummary.from_sums(len(values), **sums)


@given(PAIRS, PAIRS, PAIRS)
def test_merging_summaries_equals_one_pass(
    a: list[tuple[int, int]], b: list[tuple[int, int]], c: list[tuple[int, int]]
) -> None:
    """Summaries of parts add up to the summary of the whole, to 1e-12 of its scale."""
    merged, whole = of_pairs(a) + of_pairs(b) + of_pairs(c), of_pairs(a + b + c)

    assert merged.n == whole.n
    assert merged.numerator.total == whole.numerator.total
    assert merged.denominator.total == whole.denominator.total
    for got, want in (
        (merged.numerator, whole.numerator),
        (merged.denominator, whole.denominator),
    ):
        assert got.centred_squares == pytest.approx(want.centred_squares, rel=1e-12)
    scale = math.sqrt(whole.numerator.centred_squares * whole.denominator.centred_squares)
    assert merged.co_moment == pytest.approx(whole.co_moment, rel=1e-12, abs=1e-12 * scale)


@given(PAIRS)
def test_empty_summary_changes_nothing(values: list[tuple[int, int]]) -> None:
    """Adding a variant without units is adding nothing."""
    summary, empty = of_pairs(values), of_pairs([])

    assert summary + empty == summary
    assert empty + summary == summary


@given(PAIRS)
def test_moments_equal_numpy(values: list[tuple[int, int]]) -> None:
    """Centred moments from exact sums equal NumPy's two-pass covariance."""
    assume(len(values) > 1)
    got = of_pairs(values)
    y, d = np.array(values, dtype=float).T

    assert got.numerator.centred_squares == pytest.approx(((y - y.mean()) ** 2).sum(), rel=1e-9)
    co_moment = ((y - y.mean()) * (d - d.mean())).sum()
    scale = math.sqrt(got.numerator.centred_squares * got.denominator.centred_squares)
    assert got.co_moment == pytest.approx(co_moment, rel=1e-9, abs=1e-9 * scale)


@given(WHOLE, WHOLE, st.sampled_from([0.001, 0.05, 0.1]))
def test_significance_and_interval_of_the_difference_agree(
    control: list[int], treatment: list[int], alpha: float
) -> None:
    """The interval leaves out 0 exactly when the p-value is below alpha."""
    assume(len(set(control)) + len(set(treatment)) > 2)
    got = welch_difference(of(control), of(treatment), alpha=alpha)

    assert isinstance(got, Estimate)
    assume(abs(got.p_value - alpha) > 1e-9)
    assert (got.p_value < alpha) == (not got.ci_low <= 0 <= got.ci_high)


@given(WHOLE, WHOLE)
def test_exchanging_variants_changes_the_sign_alone(first: list[int], second: list[int]) -> None:
    """Which variant is the control decides the sign of the difference, nothing else."""
    assume(len(set(first)) + len(set(second)) > 2)
    one = welch_difference(of(first), of(second), alpha=0.05)
    other = welch_difference(of(second), of(first), alpha=0.05)

    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    assert one.estimate == -other.estimate
    assert one.p_value == pytest.approx(other.p_value, rel=1e-9)
    assert one.ci_low == pytest.approx(-other.ci_high, rel=1e-9, abs=1e-9 * one.std_error)


@given(PAIRS, PAIRS, st.sampled_from([1, 100, 1000]))
def test_currency_unit_does_not_matter(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]], scale: int
) -> None:
    """Counting money in another unit scales the estimate and leaves the p-value."""
    assume(min(len(control), len(treatment)) > 1)
    assume(all(sum(d for _, d in side) for side in (control, treatment)))
    sides = [of_pairs(control), of_pairs(treatment)]
    assume(any(ratio_point(side).std_error for side in sides))
    scaled = [of_pairs([(y * scale, d) for y, d in side]) for side in (control, treatment)]

    one = ratio_difference(*sides, alpha=0.05)
    other = ratio_difference(*scaled, alpha=0.05)

    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    assert other.estimate == pytest.approx(one.estimate * scale, rel=1e-9, abs=1e-6)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6)


@given(
    st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.floats(0, 1e6),
    st.integers(2, 10**6), st.integers(2, 10**6), st.floats(1e-4, 0.5),
)  # fmt: skip
def test_interval_is_never_reversed_and_holds_its_estimate(
    x: float, y: float, a: float, b: float, n: int, m: int, alpha: float
) -> None:
    """For any two points the ends are in order, around the estimate, and p is within 0 and 1."""
    got = point_difference(Point(x, a, n), Point(y, b, m), alpha=alpha)

    assert isinstance(got, Estimate)
    assert got.ci_low <= got.estimate <= got.ci_high
    assert got.ci_low < got.ci_high
    assert 0 <= got.p_value <= 1
    assert min(n, m) - 1 <= got.df * (1 + 1e-9)
    assert got.df <= (n + m - 2) * (1 + 1e-9)
