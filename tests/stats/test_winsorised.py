"""A capped comparison stands beside the raw one and says what the cap took away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats.errors import InvalidSummary, UndefinedStatus
from stats.inference.outcome import Certain, Estimate, Undefined
from stats.inference.winsorised import CappedVariant, cut, winsorised_comparison
from stats.summary import MeanSummary
from tests.stats.unit_rows import Array, mean_summary, skewed

ALPHA = 0.05


def of(*values: int) -> MeanSummary:
    """Summary of whole values."""
    return MeanSummary.from_sums(len(values), sum(values), sum(v * v for v in values))


def capped(variant: str, values: Array, cap: float) -> CappedVariant:
    """A variant under a cap, by NumPy."""
    above = int((values > cap).sum())
    return CappedVariant(
        variant, mean_summary(values), mean_summary(np.minimum(values, cap)), above
    )


def test_both_differences_equal_scipy() -> None:
    """Raw and capped differences are Welch's test on the rows, before and after the cap."""
    rng = np.random.default_rng(1)
    a, b = skewed(rng, 3000)[0], skewed(rng, 150)[0]
    cap = float(np.percentile(np.concatenate([a, b]), 99))

    got = winsorised_comparison(capped("A", a, cap), capped("B", b, cap), alpha=ALPHA)

    for found, control, treatment in (
        (got.raw, a, b),
        (got.capped, a.clip(None, cap), b.clip(None, cap)),
    ):
        assert isinstance(found, Estimate)
        want = scipy_stats.ttest_ind(treatment, control, equal_var=False)
        assert found.p_value == pytest.approx(want.pvalue, rel=1e-9)
        assert found.df == pytest.approx(want.df, rel=1e-9)
    variances = [
        x.var(ddof=1) / len(x) + y.var(ddof=1) / len(y)
        for x, y in ((a, b), (a.clip(None, cap), b.clip(None, cap)))
    ]
    assert got.variance_reduction == pytest.approx(1 - variances[1] / variances[0], rel=1e-9)


def test_cut_says_how_many_units_and_how_much_of_the_total() -> None:
    """Of 1, 2, 3 and 94 under a cap of 10, one unit and 84 of 100 are cut."""
    variant = CappedVariant("A", of(1, 2, 3, 94), of(1, 2, 3, 10), 1)
    other = CappedVariant("B", of(1, 2, 3, 4), of(1, 2, 3, 4), 0)

    one, both = cut([variant]), cut([variant, other])
    assert (one.units, one.share_of_units, one.total, one.share_of_total) == (1, 0.25, 84, 0.84)
    assert (both.units, both.share_of_units) == (1, 0.125)
    assert both.share_of_total == pytest.approx(84 / 110)


def test_one_member_with_half_of_the_revenue_no_longer_decides() -> None:
    """Under a cap, one huge unit stops widening the interval, and the cut names its share."""
    rng = np.random.default_rng(2)
    a, b = rng.gamma(2, 10, 500), rng.gamma(2, 10, 500)
    b[0] = b[1:].sum() + a.sum()  # half of all revenue

    got = winsorised_comparison(capped("A", a, 100), capped("B", b, 100), alpha=ALPHA)

    assert got.variance_reduction is not None
    assert got.variance_reduction > 0.99
    assert got.treatment_cut.share_of_total == pytest.approx(
        (b - b.clip(None, 100)).sum() / b.sum()
    )
    assert got.control_cut.units < got.treatment_cut.units + 3


def test_total_that_is_not_above_zero_has_no_share() -> None:
    """With more refunds than sales, a share of the total means nothing and is not given."""
    variant = CappedVariant("A", of(-9, -9, 4), of(-9, -9, 3), 1)

    assert cut([variant]).share_of_total is None
    assert cut([variant]).total == 1
    assert cut([]).share_of_units == 0


def test_cap_that_leaves_no_variance_says_so() -> None:
    """Where the cap makes all values one, the raw difference stands and the capped has a status."""
    a = CappedVariant("A", of(5, 7), of(5, 5), 1)
    b = CappedVariant("B", of(5, 9), of(5, 5), 1)
    got = winsorised_comparison(a, b, alpha=ALPHA)

    assert isinstance(got.raw, Estimate)
    assert isinstance(got.capped, Undefined)
    assert got.capped.status is UndefinedStatus.NO_VARIANCE
    assert got.variance_reduction is None


@pytest.mark.parametrize(
    ("units", "status"),
    [((), UndefinedStatus.NO_UNITS), ((3,), UndefinedStatus.TOO_FEW_UNITS)],
)
def test_fewer_than_two_units_have_a_status(
    units: tuple[int, ...], status: UndefinedStatus
) -> None:
    """With no unit or one, both differences say why there is none."""
    few = CappedVariant("B", of(*units), of(*units), 0)
    got = winsorised_comparison(CappedVariant("A", of(1, 2), of(1, 2), 0), few, alpha=ALPHA)

    for one in (got.raw, got.capped):
        assert isinstance(one, Undefined)
        assert one.status is status


def test_constants_are_certain_on_both_sides() -> None:
    """Constants 5 against 6 differ for certain, capped or not."""
    got = winsorised_comparison(
        CappedVariant("A", of(5, 5), of(5, 5), 0),
        CappedVariant("B", of(6, 6), of(6, 6), 0),
        alpha=ALPHA,
    )
    assert isinstance(got.raw, Certain)
    assert isinstance(got.capped, Certain)


@pytest.mark.parametrize(
    ("raw", "after", "units", "words"),
    [
        (of(1, 2), of(1), 1, "all stay in"),
        (of(1, 2), of(1, 3), 0, "exceeds"),
        (of(4, 4), of(1, 4), 1, "vary more"),
        (of(1, 2), of(1, 1), 0, "no unit was cut"),
        (of(1, 2), of(1, 1), 3, "3 of 2 units"),
    ],
)
def test_summaries_that_no_cap_makes_are_refused(
    raw: MeanSummary, after: MeanSummary, units: int, words: str
) -> None:
    """Raw and capped summaries that cannot belong together are refused by name."""
    with pytest.raises(InvalidSummary, match=words):
        CappedVariant("A", raw, after, units)


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=40), st.integers(-(10**9), 10**9)
)
def test_every_cap_is_accepted(values: list[int], cap: int) -> None:
    """Whatever the values and the cap, the capped summary passes the checks."""
    above = [v for v in values if v > cap]
    got = CappedVariant("A", of(*values), of(*(min(v, cap) for v in values)), len(above))

    assert got.cut_total == sum(v - cap for v in above)
