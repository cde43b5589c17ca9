"""CUPED: equal to least squares where the convention coincides, honest where nothing can be had."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats.errors import (
    CannotEstimate,
    InvalidSummary,
    NonFiniteValue,
    NoVariance,
    UndefinedStatus,
)
from stats.inference.adjustment import Adjustment, adjusted_difference, variance_reduction
from stats.inference.cuped import cuped
from stats.inference.lift import lift
from stats.inference.linearised import DropReason
from stats.inference.outcome import Certain, Estimate, Method, Undefined
from stats.inference.point import mean_point
from stats.moments import Moments
from tests.stats.unit_rows import Array, mean_summary, moments, skewed, whole_moments

ALPHA = 0.05
Rows = tuple[Array, Array]
"""Outcomes, and covariates with a column each."""


def world(seed: int, *sizes: int, covariates: int = 2) -> dict[str, Rows]:
    """Skewed outcomes that lean on normal covariates, a size per variant."""
    rng = np.random.default_rng(seed)
    variants = {}
    for index, units in enumerate(sizes):
        x = rng.normal(5, 2, (units, covariates))
        y = rng.lognormal(1, 1, units) + x @ np.arange(1, covariates + 1) + 0.3 * index
        variants["ABCD"[index]] = (y, x)
    return variants


def adjust(variants: dict[str, Rows]) -> Adjustment:
    """CUPED from the moments of the rows."""
    names = [f"x{j}" for j in range(next(iter(variants.values()))[1].shape[1])]
    return cuped([(key, moments(y, *x.T)) for key, (y, x) in variants.items()], covariates=names)


def least_squares(variants: dict[str, Rows]) -> sm.regression.linear_model.RegressionResults:
    """Outcome on one dummy per variant and the covariates, by statsmodels."""
    y = np.concatenate([y for y, _ in variants.values()])
    x = np.vstack([x for _, x in variants.values()])
    which = np.repeat(np.arange(len(variants)), [len(y) for y, _ in variants.values()])
    dummies = np.eye(len(variants))[which]
    return sm.OLS(y, np.column_stack([dummies, x - x.mean(axis=0)])).fit()


@pytest.mark.parametrize("sizes", [(300, 300), (2000, 100), (90, 110, 130), (5, 6)])
def test_theta_and_values_equal_least_squares(sizes: tuple[int, ...]) -> None:
    """θ, every adjusted value and the residual variance are those of least squares on dummies."""
    variants = world(1, *sizes)
    got, want = adjust(variants), least_squares(variants)

    k = len(sizes)
    assert [theta.value for theta in got.thetas] == pytest.approx(want.params[k:], rel=1e-9)
    points = [got.adjusted(key) for key in variants]
    assert [point.value for point in points] == pytest.approx(want.params[:k], rel=1e-9)
    df = sum(sizes) - k
    pooled = sum(p.std_error**2 * p.n * (p.n - 1) for p in points) / df
    assert pooled == pytest.approx(want.mse_resid, rel=1e-9)


def test_difference_equals_welch_on_adjusted_rows() -> None:
    """Difference, error and p-value are Welch's on y - θ'x, but for the covariates' df."""
    variants = world(2, 400, 300)
    theta = least_squares(variants).params[2:]
    a, b = (y - x @ theta for y, x in variants.values())

    got = adjusted_difference(adjust(variants), control="A", treatment="B", alpha=ALPHA)

    assert isinstance(got, Estimate)
    want = scipy_stats.ttest_ind(b, a, equal_var=False)
    kept = 1 - 2 / 698  # two covariates of N - 2 degrees of freedom
    error = math.sqrt(a.var(ddof=1) / 400 + b.var(ddof=1) / 300)
    assert got.estimate == pytest.approx(b.mean() - a.mean(), rel=1e-9)
    assert got.std_error == pytest.approx(error / math.sqrt(kept), rel=1e-9)
    assert got.df == pytest.approx(want.df * kept, abs=2)  # the df of the points are rounded down
    assert got.p_value == pytest.approx(want.pvalue, rel=0.05)
    assert got.method is Method.CUPED


def test_without_covariates_nothing_changes() -> None:
    """CUPED without a covariate is the plain comparison, and its reduction is 0."""
    variants = {key: (y, x[:, :0]) for key, (y, x) in world(3, 50, 60).items()}
    got = adjust(variants)

    for key, (y, _) in variants.items():
        plain, point = mean_point(mean_summary(y)), got.adjusted(key)
        assert (point.value, point.n, point.df) == (plain.value, plain.n, plain.df)
        assert point.std_error == pytest.approx(plain.std_error, rel=1e-12)
    assert variance_reduction(got, control="A", treatment="B") == pytest.approx(0, abs=1e-12)


def test_control_has_one_adjusted_value() -> None:
    """All comparisons share θ, so the control's value does not depend on the treatment."""
    got = adjust(world(4, 100, 120, 80))
    one = adjusted_difference(got, control="A", treatment="B", alpha=ALPHA)
    two = adjusted_difference(got, control="A", treatment="C", alpha=ALPHA)

    control = got.adjusted("A").value
    assert got.adjusted("B").value - one.estimate == pytest.approx(control, rel=1e-12)
    assert got.adjusted("C").value - two.estimate == pytest.approx(control, rel=1e-12)
    lifted = lift(got.adjusted("A"), got.adjusted("B"), alpha=ALPHA)
    assert lifted.estimate == pytest.approx(one.estimate / control, rel=1e-12)


def test_reduction_is_the_share_of_variance_explained() -> None:
    """With equal variants of 100,000 units the reduction is ρ², here about a half."""
    rng = np.random.default_rng(5)
    y, x = skewed(rng, 200_000)
    variants = {"A": (y[:100_000], x[:100_000, None]), "B": (y[100_000:], x[100_000:, None])}

    got = variance_reduction(adjust(variants), control="A", treatment="B")

    assert got == pytest.approx(least_squares(variants).rsquared, abs=1e-4)
    assert 0.4 < got < 0.8


def test_covariate_that_explains_nothing_is_shown_as_nil() -> None:
    """A covariate of noise reduces nothing, and the reduction says so."""
    rng = np.random.default_rng(6)
    variants = {key: (rng.normal(0, 1, 5000), rng.normal(0, 1, (5000, 1))) for key in "AB"}

    got = variance_reduction(adjust(variants), control="A", treatment="B")

    assert got == pytest.approx(0, abs=0.002)


def test_ratio_is_adjusted_through_its_linearised_outcome() -> None:
    """CUPED on a ratio is least squares of (y - r d) / d̄ on dummies and the covariates."""
    rng = np.random.default_rng(7)
    raw: dict[str, tuple[Array, Array, Array]] = {}
    for key, units in (("A", 900), ("B", 400)):
        power = rng.gamma(2, 1, units)
        before, orders = rng.poisson(2 * power), rng.poisson(2 * power) + 1
        spent, spent_before = (n * rng.lognormal(2, 0.3, units) * power for n in (orders, before))
        raw[key] = (spent, orders * 1.0, np.column_stack([spent_before, before]))
    linear = {key: ((y - y.sum() / d.sum() * d) / d.mean(), x) for key, (y, d, x) in raw.items()}
    want = least_squares(linear)

    got = cuped(
        [(key, moments(y, d, *x.T)) for key, (y, d, x) in raw.items()],
        covariates=["spent", "orders"],
        ratio=True,
    )

    assert [theta.value for theta in got.thetas] == pytest.approx(want.params[2:], rel=1e-9)
    for index, (key, (y, d, _)) in enumerate(raw.items()):
        value = y.sum() / d.sum() + want.params[index]
        assert got.adjusted(key).value == pytest.approx(value, rel=1e-9)
        own = want.resid[:900] if index == 0 else want.resid[900:]
        error = math.sqrt((own**2).sum() / (len(y) - 1) / len(y) / (1 - 2 / 1298))
        assert got.adjusted(key).std_error == pytest.approx(error, rel=1e-9)
    assert got.method is Method.DELTA_CUPED
    assert variance_reduction(got, control="A", treatment="B") > 0.02


def test_constant_and_collinear_covariates_are_left_out_with_a_note() -> None:
    """A constant covariate, and one made of others, change nothing and are named."""
    variants = world(8, 200, 150, covariates=1)
    wider = {
        key: (y, np.column_stack([x, np.full(len(y), 7.0), 3 - 2 * x[:, 0]]))
        for key, (y, x) in variants.items()
    }
    got, plain = adjust(wider), adjust(variants)

    notes = [(one.covariate, one.reason) for one in got.dropped]
    assert notes == [("x1", DropReason.CONSTANT), ("x2", DropReason.COLLINEAR)]
    assert "x2 is a linear combination" in got.dropped[1].sentence
    assert got.thetas == plain.thetas
    assert got.adjusted("B") == plain.adjusted("B")


def test_more_covariates_than_degrees_of_freedom_are_left_out() -> None:
    """With two units a variant one covariate fits; a second would leave no error."""
    variants = [("A", whole_moments([1, 5], [2, 3], [1, 0])),
                ("B", whole_moments([4, 4], [9, 1], [2, 7]))]  # fmt: skip
    got = cuped(variants, covariates=["one", "two"])

    assert [theta.covariate for theta in got.thetas] == ["one"]
    assert [one.reason for one in got.dropped] == [DropReason.TOO_FEW_UNITS]
    assert got.adjusted("A").df == 1


@pytest.mark.parametrize(
    ("units", "status"),
    [([], UndefinedStatus.NO_UNITS), ([3], UndefinedStatus.TOO_FEW_UNITS)],
)
def test_variant_without_two_units_is_refused_and_the_others_stand(
    units: list[int], status: UndefinedStatus
) -> None:
    """A variant of no unit or one has a status, and the others are adjusted without it."""
    a, b = whole_moments([1, 2, 4], [1, 3, 3]), whole_moments([5, 2, 2], [0, 1, 1])
    got = cuped([("A", a), ("B", b), ("C", whole_moments(units, units))], covariates=["x"])

    raw = got.variants[2].raw
    assert isinstance(raw, Undefined)
    assert raw.status is status
    with pytest.raises(CannotEstimate) as fault:
        adjusted_difference(got, control="A", treatment="C", alpha=ALPHA)
    assert fault.value.status is status
    assert got.adjusted("A") == cuped([("A", a), ("B", b)], covariates=["x"]).adjusted("A")


def test_ratio_without_denominator_is_refused() -> None:
    """A variant whose denominator totals zero has a status."""
    a = whole_moments([1, 2, 4], [1, 1, 2], [1, 3, 3])
    b = whole_moments([0, 0, 0], [0, 0, 0], [1, 3, 4])
    got = cuped([("A", a), ("B", b)], covariates=["x"], ratio=True)

    with pytest.raises(CannotEstimate) as fault:
        got.adjusted("B")
    assert fault.value.status is UndefinedStatus.ZERO_DENOMINATOR


def test_outcomes_without_variance_are_not_tested() -> None:
    """Equal constants have no error to judge by, constants of 5 and 6 differ for certain."""
    five, six = whole_moments([5, 5, 5], [1, 2, 4]), whole_moments([6, 6, 6], [1, 2, 3])

    equal = cuped([("A", five), ("B", five)], covariates=["x"])
    with pytest.raises(NoVariance):
        adjusted_difference(equal, control="A", treatment="B", alpha=ALPHA)
    with pytest.raises(NoVariance):
        variance_reduction(equal, control="A", treatment="B")
    apart = cuped([("A", five), ("B", six)], covariates=["x"])
    got = adjusted_difference(apart, control="A", treatment="B", alpha=ALPHA)
    assert isinstance(got, Certain)
    assert got.estimate == pytest.approx(1)


def test_outcome_that_is_its_covariate_is_certain() -> None:
    """Where the covariate foretells every outcome, the difference has no error left."""
    x, z = [1, 2, 4, 9], [3, 5, 6]
    same = whole_moments([3 * v for v in x], x)
    moved = whole_moments([3 * v + 2 for v in z], z)
    got = cuped([("A", same), ("B", moved)], covariates=["x"])

    certain = adjusted_difference(got, control="A", treatment="B", alpha=ALPHA)
    assert isinstance(certain, Certain)
    assert certain.estimate == pytest.approx(2)
    assert variance_reduction(got, control="A", treatment="B") == 1
    still = whole_moments([3 * v for v in z], z)
    with pytest.raises(NoVariance, match="foretell"):
        adjusted_difference(
            cuped([("A", same), ("B", still)], covariates=["x"]),
            control="A", treatment="B", alpha=ALPHA,
        )  # fmt: skip


def test_mean_of_1e8_keeps_its_digits() -> None:
    """With outcome and covariate near 1e8 and a deviation of 1, θ and errors keep nine digits."""
    rng = np.random.default_rng(9)
    x = rng.integers(-20, 20, (2, 300))
    y = x + rng.integers(-9, 9, (2, 300))
    shift = 10**8
    near = [(key, whole_moments(list(y[i]), list(x[i]))) for i, key in enumerate("AB")]
    far = [
        (key, whole_moments([int(v) + shift for v in y[i]], [int(v) + shift for v in x[i]]))
        for i, key in enumerate("AB")
    ]
    small, large = (cuped(variants, covariates=["x"]) for variants in (near, far))

    assert large.thetas[0].value == pytest.approx(small.thetas[0].value, rel=1e-12)
    assert large.adjusted("B").std_error == pytest.approx(small.adjusted("B").std_error, rel=1e-12)
    assert large.adjusted("B").value - shift == pytest.approx(small.adjusted("B").value, abs=1e-7)


def test_one_member_with_half_of_the_revenue_equals_least_squares() -> None:
    """One huge unit changes θ as it does in least squares, and nothing breaks."""
    variants = world(10, 500, 500, covariates=1)
    variants["B"][0][0], variants["B"][1][0] = 5000.0, 900.0
    got, want = adjust(variants), least_squares(variants)

    assert got.thetas[0].value == pytest.approx(want.params[2], rel=1e-9)


def test_nan_is_refused_at_the_door() -> None:
    """Moments with NaN or infinity cannot be made, so nothing is adjusted by them."""
    for value in (math.nan, math.inf):
        with pytest.raises(NonFiniteValue):
            Moments(2, (1.0, value), ((0.0, 0.0), (0.0, 0.0)))


def test_columns_and_keys_must_fit() -> None:
    """A variant given twice, a missing column and an unknown key are refused by name."""
    one = whole_moments([1, 2, 4], [1, 3, 3])
    with pytest.raises(InvalidSummary, match="comes twice"):
        cuped([("A", one), ("A", one)], covariates=["x"])
    with pytest.raises(InvalidSummary, match="2 columns in variant A"):
        cuped([("A", one)], covariates=["x", "z"])
    with pytest.raises(InvalidSummary, match="no variant 'Z'"):
        cuped([("A", one)], covariates=["x"]).raw("Z")


WHOLE = st.lists(
    st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=3, max_size=30
)


@given(WHOLE, WHOLE, st.integers(-(10**6), 10**6), st.integers(1, 100))
def test_units_and_origin_of_a_covariate_do_not_matter(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]], shift: int, scale: int
) -> None:
    """A covariate in other units, from another zero, adjusts to the same values."""

    def run(shift: int, scale: int) -> Adjustment:
        return cuped(
            [
                (key, whole_moments([y for y, _ in rows], [shift + scale * x for _, x in rows]))
                for key, rows in (("A", control), ("B", treatment))
            ],
            covariates=["x"],
        )

    one, two = run(0, 1), run(shift, scale)
    for key in "AB":
        got, want = two.adjusted(key), one.adjusted(key)
        assert got.value == pytest.approx(want.value, rel=1e-9, abs=1e-7)
        assert got.std_error == pytest.approx(want.std_error, rel=1e-5, abs=1e-4)


@given(WHOLE, WHOLE)
def test_order_and_labels_of_variants_do_not_matter(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]]
) -> None:
    """Exchanging the variants exchanges the sign of the difference and nothing else."""
    a, b = (whole_moments(*map(list, zip(*rows, strict=True))) for rows in (control, treatment))
    one = cuped([("A", a), ("B", b)], covariates=["x"])
    two = cuped([("B", b), ("A", a)], covariates=["x"])

    for key in "AB":
        assert one.adjusted(key).value == pytest.approx(two.adjusted(key).value, rel=1e-9, abs=1e-7)


def test_skewed_revenue_keeps_the_error_rate_and_the_coverage() -> None:
    """Under A/A with revenue correlated at 0.7, 5 % of runs are wrong: the interval misses 0."""
    runs, units = 2_000, 2_000
    rng = np.random.default_rng(20260104)
    wrong, reductions = 0, []
    for _ in range(runs):
        variants = [(key, moments(*skewed(rng, units))) for key in "AB"]
        adjustment = cuped(variants, covariates=["before"])
        got = adjusted_difference(adjustment, control="A", treatment="B", alpha=ALPHA)
        assert isinstance(got, Estimate)
        assert (got.p_value < ALPHA) == (not got.ci_low <= 0 <= got.ci_high)
        wrong += got.p_value < ALPHA
        reductions.append(variance_reduction(adjustment, control="A", treatment="B"))

    tolerance = 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)
    assert wrong / runs == pytest.approx(ALPHA, abs=tolerance)
    assert np.mean(reductions) > 0.4


def test_interval_covers_an_effect_at_an_uneven_split() -> None:
    """At 10:1, with a treatment that multiplies all revenue by 1.2, 95 % of intervals hold it."""
    runs = 1_000
    rng = np.random.default_rng(20260109)
    mean = 0.6 * math.exp(3 + (0.7**2 + 0.49**2) / 2)  # of `skewed`
    held = 0
    for _ in range(runs):
        (a, before_a), (b, before_b) = skewed(rng, 10_000), skewed(rng, 1_000)
        variants = [("A", moments(a, before_a)), ("B", moments(1.2 * b, before_b))]
        got = adjusted_difference(
            cuped(variants, covariates=["before"]), control="A", treatment="B", alpha=ALPHA
        )
        assert isinstance(got, Estimate)
        held += got.ci_low <= 0.2 * mean <= got.ci_high

    # 95 %, or the bar of 94 % for skewed revenue in a small variant
    assert held / runs >= 0.94 - 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def test_clustered_ratio_keeps_the_error_rate() -> None:
    """Under A/A a ratio over units with many alike orders, adjusted, is wrong in 5 % of runs."""
    runs, units = 2_000, 1_000
    rng = np.random.default_rng(20260110)

    def period(power: Array) -> Rows:
        orders = rng.poisson(2 * power) * 1.0
        return orders * power * rng.lognormal(1, 0.3, units), orders

    wrong = 0
    for _ in range(runs):
        variants = []
        for key in "AB":
            power = rng.gamma(3, 0.4, units)
            variants.append((key, moments(*period(power), *period(power))))
        adjustment = cuped(variants, covariates=["spent", "orders"], ratio=True)
        got = adjusted_difference(adjustment, control="A", treatment="B", alpha=ALPHA)
        assert isinstance(got, Estimate)
        wrong += got.p_value < ALPHA

    assert wrong / runs == pytest.approx(ALPHA, abs=3 * math.sqrt(ALPHA * (1 - ALPHA) / runs))
