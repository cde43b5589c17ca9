"""Post-stratification equals pandas by hand and least squares on the strata, and refuses holes."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats as scipy_stats

from stats.errors import (
    InvalidSummary,
    NoVariance,
    SmallStratum,
    TooFewUnits,
    UndefinedStatus,
    ZeroDenominator,
)
from stats.inference.difference import welch_difference
from stats.inference.outcome import Certain, Estimate, Method
from stats.inference.post_stratification import (
    PostStratification,
    SmallStrata,
    post_stratified_difference,
    post_stratify,
)
from stats.summary import MeanSummary
from tests.stats.unit_rows import mean_summary, ratio_summary

ALPHA = 0.05
Cells = list[tuple[str, MeanSummary, str | None]]


def world(seed: int, control: int, treatment: int) -> pd.DataFrame:
    """Units of three strata whose means lie far apart."""
    rng = np.random.default_rng(seed)
    n = control + treatment
    stratum = rng.choice(["basic", "silver", "gold"], n, p=[0.6, 0.3, 0.1])
    level = pd.Series(stratum).map({"basic": 1.0, "silver": 5.0, "gold": 25.0}).to_numpy()
    orders = rng.poisson(level) + 1.0
    variant = np.repeat(["A", "B"], [control, treatment])
    spent = orders * rng.lognormal(1, 0.4, n) + (variant == "B")
    return pd.DataFrame({"variant": variant, "stratum": stratum, "spent": spent, "orders": orders})


def cells(frame: pd.DataFrame) -> Cells:
    """Summaries by variant and stratum."""
    return [
        (str(variant), mean_summary(group["spent"].to_numpy()), str(stratum))
        for (variant, stratum), group in frame.groupby(["variant", "stratum"])
    ]


def difference(strata: PostStratification) -> Estimate:
    """The post-stratified difference of B and A."""
    got = post_stratified_difference(strata, control="A", treatment="B", alpha=ALPHA)
    assert isinstance(got.difference, Estimate)
    return got.difference


@pytest.mark.parametrize(("control", "treatment"), [(300, 300), (2000, 100)])
def test_difference_equals_hc2_on_the_strata(control: int, treatment: int) -> None:
    """Difference and error are those of least squares on variant, strata and their products.

    statsmodels: OLS(y, [1, T, z - z̄, T(z - z̄)]).fit(cov_type="HC2"), z the strata's dummies.
    """
    frame = world(1, control, treatment)
    got = difference(post_stratify(cells(frame)))

    z = pd.get_dummies(frame["stratum"], drop_first=True, dtype=float).to_numpy()
    z = z - z.mean(axis=0)
    t = (frame["variant"] == "B").to_numpy(dtype=float)[:, None]
    design = np.hstack([np.ones_like(t), t, z, t * z])
    want = sm.OLS(frame["spent"].to_numpy(), design).fit(cov_type="HC2")
    assert got.estimate == pytest.approx(want.params[1], rel=1e-9)
    assert got.std_error == pytest.approx(want.bse[1], rel=1e-9)
    assert got.method is Method.POST_STRATIFIED


def test_weights_and_errors_equal_pandas() -> None:
    """Weights, values, both errors and the reduction are the formulas, written out in pandas."""
    frame = world(2, 400, 200)
    strata = post_stratify(cells(frame))
    got = post_stratified_difference(strata, control="A", treatment="B", alpha=ALPHA)

    weights = frame["stratum"].value_counts(normalize=True)
    for one in strata.strata:
        assert one.weight == pytest.approx(weights[one.segment_values[0]], rel=1e-12)
    raw, conditional, unconditional = 0.0, 0.0, 0.0
    for key, units in frame.groupby("variant"):
        table = units.groupby("stratum")["spent"].agg(["mean", "var", "count"])
        value = (weights * table["mean"]).sum()
        assert strata.variant(str(key)).point.value == pytest.approx(value, rel=1e-9)
        conditional += (weights**2 * table["var"] / table["count"]).sum()
        raw += units["spent"].var() / len(units)
        for stratum, row in table.iterrows():
            size = int((frame["stratum"] == stratum).sum())
            chance = scipy_stats.hypergeom(len(frame), size, len(units))
            k = np.arange(1, size + 1)
            inverse = (chance.pmf(k) / k).sum() / chance.sf(0)
            unconditional += weights[stratum] ** 2 * row["var"] * inverse
    assert isinstance(got.difference, Estimate)
    assert got.difference.std_error == pytest.approx(math.sqrt(conditional), rel=1e-9)
    assert got.unconditional_std_error == pytest.approx(math.sqrt(unconditional), rel=1e-9)
    assert got.variance_reduction == pytest.approx(1 - conditional / raw, rel=1e-9)
    assert got.variance_reduction > 0.5


def test_ratio_is_weighted_in_both_parts() -> None:
    """A ratio is Σw ȳ over Σw d̄, its error that of y - r·d within strata."""
    frame = world(3, 300, 200)
    weights = frame["stratum"].value_counts(normalize=True)
    strata = post_stratify(
        (str(v), ratio_summary(g["spent"].to_numpy(), g["orders"].to_numpy()), str(s))
        for (v, s), g in frame.groupby(["variant", "stratum"])
    )

    for key, units in frame.groupby("variant"):
        by = units.groupby("stratum")
        spent = (weights * by["spent"].mean()).sum()
        orders = (weights * by["orders"].mean()).sum()
        linear = (units["spent"] - spent / orders * units["orders"]) / orders
        spread = linear.groupby(units["stratum"]).var() / by.size()
        point = strata.variant(str(key)).point
        assert point.value == pytest.approx(spent / orders, rel=1e-9)
        assert point.std_error == pytest.approx(math.sqrt((weights**2 * spread).sum()), rel=1e-9)


def test_one_stratum_is_the_plain_comparison() -> None:
    """With one stratum, value, error, degrees of freedom and p-value are Welch's."""
    rng = np.random.default_rng(4)
    a, b = mean_summary(rng.normal(0, 1, 30)), mean_summary(rng.normal(0, 1, 20))
    strata = post_stratify([("A", a, None), ("B", b, None)])
    got, want = difference(strata), welch_difference(a, b, alpha=ALPHA)

    assert isinstance(want, Estimate)
    assert (got.estimate, got.std_error, got.df, got.p_value) == pytest.approx(
        (want.estimate, want.std_error, want.df, want.p_value), rel=1e-12
    )
    assert strata.strata[0].segment_values == (None,)
    whole = post_stratified_difference(strata, control="A", treatment="B", alpha=ALPHA)
    assert whole.unconditional_std_error == pytest.approx(want.std_error, rel=1e-12)
    assert whole.variance_reduction == pytest.approx(0, abs=1e-12)


def test_error_is_that_of_all_assignments() -> None:
    """Over 5,000 assignments of one population, the estimates spread as both errors say."""
    runs, rng = 5_000, np.random.default_rng(20260108)
    y = np.concatenate([rng.normal(0, 1, 40), rng.normal(9, 3, 20)])
    stratum = np.repeat(["x", "z"], [40, 20])
    variants = np.repeat(["A", "B"], 30)
    found, conditional, unconditional = [], [], []
    for _ in range(runs):
        drawn = rng.permutation(variants)
        strata = post_stratify(
            (v, mean_summary(y[(drawn == v) & (stratum == s)]), s) for v in "AB" for s in "xz"
        )
        got = post_stratified_difference(strata, control="A", treatment="B", alpha=ALPHA)
        assert isinstance(got.difference, Estimate)
        found.append(got.difference.estimate)
        conditional.append(got.difference.std_error**2)
        unconditional.append(got.unconditional_std_error**2)

    tolerance = 3 * math.sqrt(2 / runs)  # relative error of a variance estimated from the runs
    assert np.mean(conditional) == pytest.approx(np.var(found), rel=tolerance)
    assert np.mean(unconditional) == pytest.approx(np.var(found), rel=tolerance)


def of(*values: int) -> MeanSummary:
    """Summary of whole values."""
    return MeanSummary.from_sums(len(values), sum(values), sum(v * v for v in values))


def small_world() -> Cells:
    """Two good strata, one with a unit of A and none of B, one with three of each."""
    return [
        ("A", of(1, 2, 3, 4, 5), "x"), ("B", of(2, 2, 3, 4, 9), "x"),
        ("A", of(*range(9)), "y"), ("B", of(*range(1, 8)), "y"),
        ("A", of(7), "z"), ("A", of(3, 4, 5), None), ("B", of(3, 4, 7), None),
    ]  # fmt: skip


def test_empty_cell_is_refused_by_name() -> None:
    """A stratum without units of a variant has a status that names both."""
    with pytest.raises(SmallStratum, match="stratum z has 0 units of variant B") as fault:
        post_stratify([*small_world()[:5], ("A", of(7, 8), "z")])
    assert fault.value.status is UndefinedStatus.SMALL_STRATUM
    with pytest.raises(SmallStratum, match=r"stratum \(none\) has 3 units"):
        post_stratify(small_world()[:4] + small_world()[5:], minimum_units=4)


def test_small_strata_are_merged_until_they_are_large_enough() -> None:
    """Small strata become one; while that is small, the smallest of the others joins it."""
    got = post_stratify(small_world(), minimum_units=4, small=SmallStrata.MERGE)

    assert {one.segment_values for one in got.strata} == {("y",), ("z", None, "x")}
    assert sum(one.weight for one in got.strata) == pytest.approx(1)
    by_hand = [(v, s, "y" if value == "y" else "rest") for v, s, value in small_world()]
    assert difference(got) == difference(post_stratify(by_hand, minimum_units=4))


def test_merging_may_end_in_one_stratum_or_none() -> None:
    """If everything is small, one stratum is left; if that is small as well, it is refused."""
    cells = [("A", of(1), "x"), ("B", of(1), "x"), ("A", of(2), "y"), ("B", of(4), "y")]
    one = post_stratify(cells, small=SmallStrata.MERGE)

    assert difference(one).estimate == pytest.approx(1)
    assert [set(stratum.segment_values) for stratum in one.strata] == [{"x", "y"}]
    with pytest.raises(SmallStratum):
        post_stratify(cells, minimum_units=3, small=SmallStrata.MERGE)
    good = small_world()[:4]
    assert post_stratify(good, small=SmallStrata.MERGE) == post_stratify(good)


def test_variant_without_units_is_refused() -> None:
    """No units at all, or none of the variant asked for, have a status."""
    with pytest.raises(TooFewUnits) as fault:
        post_stratify([("A", of(), "x")])
    assert fault.value.status is UndefinedStatus.NO_UNITS
    strata = post_stratify([("A", of(1, 2), "x")])
    with pytest.raises(TooFewUnits):
        post_stratified_difference(strata, control="A", treatment="B", alpha=ALPHA)


def test_strata_without_variance_are_not_tested() -> None:
    """Constant strata: equal values have no error to judge by, others differ for certain."""
    same = [(v, of(k, k), s) for v in "AB" for s, k in (("x", 1), ("y", 5))]
    with pytest.raises(NoVariance):
        post_stratified_difference(post_stratify(same), control="A", treatment="B", alpha=ALPHA)
    apart = [*same[:2], ("B", of(2, 2), "x"), ("B", of(6, 6), "y")]
    got = post_stratified_difference(post_stratify(apart), control="A", treatment="B", alpha=ALPHA)
    assert isinstance(got.difference, Certain)
    assert got.difference.estimate == 1
    assert got.variance_reduction == 1


def test_ratio_without_denominator_is_refused() -> None:
    """A ratio whose weighted denominator is zero has a status; mixed kinds are refused."""
    nothing = ratio_summary(np.zeros(3), np.zeros(3))
    with pytest.raises(ZeroDenominator):
        post_stratify([("A", nothing, "x")])
    with pytest.raises(InvalidSummary):
        post_stratify([("A", nothing, "x"), ("A", of(1, 2), "y")])


def test_order_of_cells_does_not_matter() -> None:
    """Cells in any order give the same difference, and days of one stratum add up."""
    cells = [*small_world()[:4], ("A", of(3, 9), "x"), ("B", of(1, 1), "y")]
    results = {
        round(difference(post_stratify(order)).estimate, 12)
        for order in itertools.permutations(cells)
    }
    assert len(results) == 1


def test_mean_of_1e8_keeps_its_digits() -> None:
    """Values near 1e8 give the errors of the same values near 0."""
    far = [(v, MeanSummary(s.n, s.total + s.n * 10**8, s.centred_squares), k)
           for v, s, k in small_world()[:4]]  # fmt: skip
    got, want = difference(post_stratify(far)), difference(post_stratify(small_world()[:4]))

    assert got.std_error == pytest.approx(want.std_error, rel=1e-12)
    assert got.estimate == pytest.approx(want.estimate, abs=1e-7)


def test_millions_of_units_hardly_depend_on_their_spread_over_strata() -> None:
    """With 5,000,000 units a cell, both errors agree to 1e-6."""
    n = 5_000_000
    a, b = MeanSummary.from_sums(n, n // 2, n // 2), MeanSummary.from_sums(n, n // 3, n // 3)
    strata = post_stratify([(v, s, k) for v, s in (("A", a), ("B", b)) for k in "xy"])
    got = post_stratified_difference(strata, control="A", treatment="B", alpha=ALPHA)

    assert isinstance(got.difference, Estimate)
    assert got.unconditional_std_error == pytest.approx(got.difference.std_error, rel=1e-6)
