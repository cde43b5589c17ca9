"""Lin's adjustment equals statsmodels and R; from moments it differs only as documented."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from stats.errors import CannotEstimate, InvalidSummary, NonFiniteValue, UndefinedStatus
from stats.inference.adjustment import adjusted_difference, variance_reduction
from stats.inference.cuped import cuped
from stats.inference.difference import welch_difference
from stats.inference.linearised import DropReason
from stats.inference.outcome import Estimate, Method
from stats.inference.regression_adjustment import UnitRows, lin_from_moments, lin_hc2
from tests.stats.unit_rows import Array, mean_summary, moments, skewed, whole_moments

ALPHA = 0.05
Rows = tuple[Array, Array]


def world(seed: int, control: int, treatment: int, k: int = 2) -> tuple[Rows, Rows]:
    """Control and treatment whose slopes and spreads differ."""
    rng = np.random.default_rng(seed)

    def variant(units: int, slope: float) -> Rows:
        x = rng.gamma(2, 2, (units, k))
        return slope * x.sum(axis=1) + rng.normal(0, 1, units) * (1 + x[:, :1].sum(axis=1)), x

    return variant(control, 1.0), variant(treatment, 2.0)


def interacted(control: Rows, treatment: Rows) -> sm.regression.linear_model.OLS:
    """The regression of Lin (2013), by statsmodels."""
    y = np.concatenate([control[0], treatment[0]])
    x = np.vstack([control[1], treatment[1]])
    t = np.repeat([0.0, 1.0], [len(control[0]), len(treatment[0])])[:, None]
    centred = x - x.mean(axis=0)
    return sm.OLS(y, np.hstack([np.ones_like(t), t, centred, t * centred]))


def names(k: int) -> list[str]:
    """Keys of covariates."""
    return [f"x{j}" for j in range(k)]


@pytest.mark.parametrize(
    ("control", "treatment", "k"), [(300, 250, 2), (2000, 100, 1), (12, 9, 3), (60, 60, 0)]
)
def test_hc2_equals_statsmodels(control: int, treatment: int, k: int) -> None:
    """Difference and HC2 error are the coefficient of T in statsmodels, however small or uneven."""
    a, b = world(1, control, treatment, k)
    want = interacted(a, b).fit(cov_type="HC2")

    adjustment = lin_hc2([("A", UnitRows(*a)), ("B", UnitRows(*b))], covariates=names(k))
    got = adjusted_difference(adjustment, control="A", treatment="B", alpha=ALPHA)

    assert isinstance(got, Estimate)
    assert got.estimate == pytest.approx(want.params[1], rel=1e-9)
    assert got.std_error == pytest.approx(want.bse[1], rel=1e-9)
    assert adjustment.adjusted("A").value == pytest.approx(want.params[0], rel=1e-9)
    assert adjustment.adjusted("B").df == treatment - 1 - k
    assert got.method is Method.LIN_HC2


def test_hc2_equals_r() -> None:
    """The coefficient of T and its HC2 error are those of R's lm and sandwich.

    R 4.2, sandwich 3.0.2:
        i <- 1:40; x <- (7*i) %% 11; z <- (5*i) %% 13; t <- as.numeric(i %% 3 == 0)
        y <- 2*x - z + t*(3 + x) + (i*i) %% 17
        xc <- x - mean(x); zc <- z - mean(z); m <- lm(y ~ t*(xc + zc))
        print(c(coef(m)["t"], sqrt(sandwich::vcovHC(m, type = "HC2")["t", "t"])), digits = 15)
    """
    i = np.arange(1, 41)
    x, z, t = (7 * i) % 11 * 1.0, (5 * i) % 13 * 1.0, i % 3 == 0
    y = 2 * x - z + t * (3 + x) + (i * i) % 17
    both = np.column_stack([x, z])
    adjustment = lin_hc2(
        [("A", UnitRows(y[~t], both[~t])), ("B", UnitRows(y[t], both[t]))], covariates=["x", "z"]
    )

    got = adjusted_difference(adjustment, control="A", treatment="B", alpha=ALPHA)

    assert isinstance(got, Estimate)
    assert got.estimate == pytest.approx(9.77837442512401, rel=1e-9)
    assert got.std_error == pytest.approx(1.83437042098526, rel=1e-9)


def test_hc2_without_covariates_is_welch() -> None:
    """Without covariates the whole result is Welch's: HC2 is its variance, ours are its df."""
    a, b = world(2, 40, 30, 0)
    adjustment = lin_hc2([("A", UnitRows(*a)), ("B", UnitRows(*b))], covariates=[])

    got = adjusted_difference(adjustment, control="A", treatment="B", alpha=ALPHA)

    want = welch_difference(mean_summary(a[0]), mean_summary(b[0]), alpha=ALPHA)
    assert isinstance(got, Estimate)
    assert isinstance(want, Estimate)
    assert (got.std_error, got.df, got.p_value) == pytest.approx(
        (want.std_error, want.df, want.p_value), rel=1e-9
    )


@pytest.mark.parametrize(("control", "treatment", "k"), [(300, 250, 2), (12, 9, 3)])
def test_from_moments_equals_a_regression_per_variant(control: int, treatment: int, k: int) -> None:
    """Value and error from moments are the fitted mean at x̄ of each variant's least squares."""
    a, b = world(3, control, treatment, k)
    mean = np.vstack([a[1], b[1]]).mean(axis=0)

    got = lin_from_moments(
        [(key, moments(y, *x.T)) for key, (y, x) in (("A", a), ("B", b))], covariates=names(k)
    )

    for key, (y, x) in (("A", a), ("B", b)):
        fit = sm.OLS(y, sm.add_constant(x - mean)).fit()
        assert got.adjusted(key).value == pytest.approx(fit.params[0], rel=1e-9)
        assert got.adjusted(key).std_error == pytest.approx(fit.bse[0], rel=1e-9)
        assert got.adjusted(key).df == fit.df_resid
        weights = [theta.value for theta in got.thetas if theta.variant == key]
        assert weights == pytest.approx(fit.params[1:], rel=1e-9)


def test_from_moments_comes_together_with_hc2() -> None:
    """With 20,000 units whose spread grows with the covariate, both errors agree to 5 %."""
    rng = np.random.default_rng(4)
    variants = {key: skewed(rng, 20_000) for key in "AB"}
    rows = [(key, UnitRows(y, x[:, None])) for key, (y, x) in variants.items()]
    sums = [(key, moments(y, x)) for key, (y, x) in variants.items()]

    hc2, plain = lin_hc2(rows, covariates=["x"]), lin_from_moments(sums, covariates=["x"])

    for key in "AB":
        assert plain.adjusted(key).value == pytest.approx(hc2.adjusted(key).value, rel=1e-9)
        assert plain.adjusted(key).std_error == pytest.approx(hc2.adjusted(key).std_error, rel=0.05)


def test_weights_of_its_own_gain_where_slopes_differ() -> None:
    """At 20:1 with unequal slopes, Lin reduces more than CUPED's one weight."""
    rng = np.random.default_rng(5)
    x = {"A": rng.normal(0, 1, 4000), "B": rng.normal(0, 1, 200)}
    sums = [
        (key, moments(slope * x[key] + rng.normal(0, 1, len(x[key])), x[key]))
        for key, slope in (("A", 0), ("B", 2))
    ]

    lin, one = (fit(sums, covariates=["x"]) for fit in (lin_from_moments, cuped))

    gained = variance_reduction(lin, control="A", treatment="B")
    assert gained > variance_reduction(one, control="A", treatment="B") + 0.1


def test_ratio_is_adjusted_through_its_linearised_outcome() -> None:
    """Lin on a ratio is least squares of (y - r d) / d̄ within each variant."""
    rng = np.random.default_rng(6)
    raw = {}
    for key, units in (("A", 500), ("B", 300)):
        x = rng.gamma(2, 1, units)
        d = rng.poisson(x) + 1.0
        raw[key] = (d * x * rng.lognormal(0, 0.2, units), d, x)
    mean = np.concatenate([x for _, _, x in raw.values()]).mean()

    got = lin_from_moments(
        [(key, moments(*columns)) for key, columns in raw.items()], covariates=["x"], ratio=True
    )

    for key, (y, d, x) in raw.items():
        ratio = y.sum() / d.sum()
        fit = sm.OLS((y - ratio * d) / d.mean(), sm.add_constant(x - mean)).fit()
        assert got.adjusted(key).value == pytest.approx(ratio + fit.params[0], rel=1e-9)
        assert got.adjusted(key).std_error == pytest.approx(fit.bse[0], rel=1e-9)
    assert got.method is Method.DELTA_LIN


def test_covariate_that_varies_in_one_variant_only_is_named_there() -> None:
    """A covariate constant in one variant is left out there; constant in all, it is named once."""
    a = UnitRows(np.array([1.0, 2, 4, 8]), np.array([[1.0, 5], [1, 5], [1, 5], [1, 5]]))
    b = UnitRows(np.array([1.0, 3, 3, 9]), np.array([[1.0, 5], [2, 5], [4, 5], [5, 5]]))

    got = lin_hc2([("A", a), ("B", b)], covariates=["x", "z"])

    notes = [(one.covariate, one.reason, one.variant) for one in got.dropped]
    assert notes == [("x", DropReason.CONSTANT, "A"), ("z", DropReason.CONSTANT, "")]
    assert "in variant A" in got.dropped[0].sentence
    assert [(theta.covariate, theta.variant) for theta in got.thetas] == [("x", "B")]


def test_unit_with_all_the_leverage_has_no_hc2_error() -> None:
    """Where one unit alone has a covariate HC2 is refused; the error from moments stands."""
    y, x = np.array([1.0, 2, 4, 8]), np.array([0.0, 0, 0, 1])
    other = (np.array([1.0, 5, 2, 2]), np.array([0.0, 1, 1, 0]))
    hc2 = lin_hc2(
        [("A", UnitRows(y, x[:, None])), ("B", UnitRows(other[0], other[1][:, None]))],
        covariates=["x"],
    )

    with pytest.raises(CannotEstimate, match="One unit alone") as fault:
        hc2.adjusted("A")
    assert fault.value.status is UndefinedStatus.FULL_LEVERAGE
    assert hc2.adjusted("B").std_error > 0
    assert hc2.raw("A").value == 3.75
    plain = lin_from_moments([("A", moments(y, x)), ("B", moments(*other))], covariates=["x"])
    assert plain.adjusted("A").std_error > 0


@pytest.mark.parametrize(("units", "status"), [
    ([], UndefinedStatus.NO_UNITS), ([3], UndefinedStatus.TOO_FEW_UNITS),
])  # fmt: skip
def test_variant_without_two_units_is_refused(units: list[int], status: UndefinedStatus) -> None:
    """A variant of no unit or one has a status in both forms."""
    a = whole_moments([1, 2, 4], [1, 3, 3])
    plain = lin_from_moments([("A", a), ("B", whole_moments(units, units))], covariates=["x"])
    values = np.array(units, dtype=float)
    rows = UnitRows(np.array([1.0, 2, 4, 4]), np.array([[1.0], [3], [3], [1]]))
    hc2 = lin_hc2([("A", rows), ("B", UnitRows(values, values[:, None]))], covariates=["x"])

    for adjustment in (plain, hc2):
        with pytest.raises(CannotEstimate) as fault:
            adjusted_difference(adjustment, control="A", treatment="B", alpha=ALPHA)
        assert fault.value.status is status


def test_two_units_keep_a_degree_of_freedom() -> None:
    """With two units in a variant no covariate fits, and the raw value stands."""
    two = (np.array([1.0, 5]), np.array([[1.0], [2]]))
    got = lin_hc2([("A", UnitRows(*two)), ("B", UnitRows(*two))], covariates=["x"])

    assert [one.reason for one in got.dropped] == [DropReason.TOO_FEW_UNITS]
    assert got.adjusted("A").value == 3
    assert got.adjusted("A").std_error == pytest.approx(2)


def test_rows_that_do_not_fit_are_refused() -> None:
    """NaN, infinity and shapes that do not fit are refused at the door."""
    x = np.ones((2, 1))
    for wrong in (math.nan, math.inf):
        with pytest.raises(NonFiniteValue, match="an outcome"):
            UnitRows(np.array([1.0, wrong]), x)
        with pytest.raises(NonFiniteValue, match="a covariate"):
            UnitRows(np.array([1.0, 2]), x * wrong)
    with pytest.raises(InvalidSummary, match="n by k"):
        UnitRows(np.array([1.0, 2, 3]), x)
    with pytest.raises(InvalidSummary, match="n by k"):
        UnitRows(np.array([1.0, 2]), x[:, 0])


def test_large_means_keep_their_digits() -> None:
    """Outcome and covariate near 1e8 give the error of the same rows near 0, to seven digits."""
    (y, x), b = world(7, 200, 200, 1)
    near = lin_hc2([("A", UnitRows(y, x)), ("B", UnitRows(*b))], covariates=["x"])
    far = lin_hc2(
        [("A", UnitRows(y + 1e8, x + 1e8)), ("B", UnitRows(b[0] + 1e8, b[1] + 1e8))],
        covariates=["x"],
    )

    assert far.adjusted("A").std_error == pytest.approx(near.adjusted("A").std_error, rel=1e-7)
    assert far.adjusted("A").value - 1e8 == pytest.approx(near.adjusted("A").value, abs=1e-6)


def test_few_units_and_many_covariates_keep_the_error_rate() -> None:
    """With 20 units a variant and five covariates, Lin's test from moments is wrong in 5 %."""
    runs = 2_000
    rng = np.random.default_rng(20260111)
    wrong = 0
    for _ in range(runs):
        variants = [(key, moments(*rng.normal(0, 1, (6, 20)))) for key in "AB"]
        got = adjusted_difference(
            lin_from_moments(variants, covariates=names(5)),
            control="A", treatment="B", alpha=ALPHA,
        )  # fmt: skip
        assert isinstance(got, Estimate)
        wrong += got.p_value < ALPHA

    assert wrong / runs == pytest.approx(ALPHA, abs=3 * math.sqrt(ALPHA * (1 - ALPHA) / runs))
