"""Ratios of differences: Fieller's set against R, its definition, and its coverage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats.errors import TooFewUnits, ZeroDenominator
from stats.inference.combination import Combination, combined_moments, combined_point
from stats.inference.difference import point_difference
from stats.inference.outcome import Certain, Estimate
from stats.inference.ratio_of_differences import (
    Pair,
    RatioEstimate,
    UnboundedRatio,
    difference_df,
    ratio_of_differences,
)
from stats.moments import Moments

# What made the rows and what solves for the ends, in R 4.2.
R_SCRIPT = """
set.seed(20260731); n1 <- 40; n2 <- 55
g0 <- round(rgamma(n1, 2, scale=3000)); r0 <- 150*rbinom(n1,1,.2); k0 <- rep(20,n1)
u0 <- rbinom(n1,1,.15)
u1 <- rbinom(n2,1,.55); r1 <- 400*rbinom(n2,1,.8); k1 <- 25+5*rpois(n2,1)
g1 <- round(rgamma(n2,2,scale=3600)+1500*u1)
set <- function(num0, num1, den0, den1, a0, b0, df=NULL, conf=.95) {
  N <- mean(num1)-mean(num0)+a0; D <- mean(den1)-mean(den0)+b0
  if (is.null(df)) df <- t.test(num1, num0)$parameter
  q <- qt(1-(1-conf)/2, df)
  f <- function(r) sapply(r, function(r) { e1 <- num1-r*den1; e0 <- num0-r*den0
    (N-r*D)^2 - q^2*(var(e1)/length(e1)+var(e0)/length(e0)) })
  step <- exp(seq(log(1e-6),log(1e7),length=4000)); grid <- N/D + c(-rev(step), step)
  s <- which(diff(sign(f(grid)))!=0)
  c(N/D, df, sapply(s, function(i) uniroot(f, grid[i+0:1], tol=1e-13)$root)) }
set(g0-r0-k0, g1-r1-k1, r0+k0, r1+k1, -30, 30)
set(r0+k0, r1+k1, u0, u1, 0, 0, df=t.test(u1,u0)$parameter)
set(g0-k0, g1-k1, u0, u1, -30, 0, df=t.test(u1,u0)$parameter)
set(r0+k0, r1+k1, g0, g1, 0, 0, df=t.test(g1,g0)$parameter)
set(g0, g1, k0, k1, 0, -9.45)
"""
G0 = """1004 6425 14846 5171 8419 15803 3592 4997 15878 13634 7217 4161 2605 11111 14779 4222 6208
1795 1270 208 2362 2705 2436 11310 2073 18121 4113 436 7495 2785 9865 821 1001 2814 4141 1126 8999
7508 5782 6933"""
R0 = """0 0 0 150 0 0 0 0 150 0 0 0 0 0 150 0 0 0 0 0 0 0 150 150 150 0 0 0 0 0 0 0 150 0 150 0 0
150 150 0"""
U0 = """0 0 1 0 0 0 0 1 0 0 0 0 0 0 0 0 0 1 0 1 1 0 0 0 0 0 0 1 0 0 0 1 0 0 0 0 0 0 0 0"""
G1 = """1182 5729 22145 6152 12206 3121 6080 14176 7883 3611 4664 9358 8320 13716 3506 9397 8588
21377 2475 12527 4801 3890 4159 20141 2063 11006 5736 2389 16554 4976 11817 4998 3767 4479 12176
1865 17401 10914 21323 7383 9192 3965 5755 4684 14740 4510 5562 2942 2349 8122 6559 18117 12143 5196
2532"""
R1 = """400 400 400 0 400 400 400 400 0 400 400 400 400 400 0 400 400 0 400 400 0 400 400 400 400
400
400 400 0 0 400 400 400 400 400 400 400 400 400 400 400 400 400 0 400 400 400 0 400 400 400 400 400
400 400"""
K1 = """25 40 25 40 25 25 25 30 30 30 30 35 35 30 25 35 25 30 40 30 25 25 25 35 30 35 30 25 30 30 30
35 25 25 25 25 30 25 25 25 30 30 35 40 25 35 30 25 25 30 30 35 25 25 25"""
U1 = """0 1 0 0 0 0 1 0 1 0 1 0 1 1 1 0 1 0 1 1 1 0 1 1 1 0 0 1 0 1 1 1 0 0 1 0 1 1 0 1 1 1 1 1 1 0
1 0 0 1 0 0 1 1 0"""

GROSS = (1.0, 0.0, 0.0, 0.0)
COST = (0.0, 1.0, 1.0, 0.0)
NET = (1.0, -1.0, -1.0, 0.0)
UPGRADED = (0.0, 0.0, 0.0, 1.0)
WEIGHT = st.floats(-3, 3, allow_nan=False).map(lambda x: round(x, 3))


def numbers(text: str) -> list[int]:
    """Read whole numbers."""
    return [int(word) for word in text.split()]


def rows() -> tuple[np.ndarray, np.ndarray]:
    """Gross margin, reward, contact and upgrade of the units of control and treatment."""
    control = [numbers(G0), numbers(R0), [20] * 40, numbers(U0)]
    return np.array(control), np.array([numbers(G1), numbers(R1), numbers(K1), numbers(U1)])


def moments(columns: np.ndarray) -> Moments:
    """Sum columns and products by NumPy."""
    whole = columns.astype(object)
    return Moments.from_sums(columns.shape[1], list(whole.sum(axis=1)), (whole @ whole.T).tolist())


def pair() -> Pair:
    """Moments of both."""
    control, treatment = rows()
    return Pair(moments(control), moments(treatment))


@pytest.mark.parametrize(
    ("top", "bottom", "by_denominator", "expected"),
    [
        (
            Combination(NET, -30),
            Combination(COST, 30),
            False,
            (5.26584920957, 89.5801392729, -1.16506052531, 11.8501326177),
        ),
        (
            Combination(COST),
            Combination(UPGRADED),
            True,
            (788.421052632, 92.6797528244, 515.074593458, 1505.47838153),
        ),
        (
            Combination((1, 0, -1, 0), -30),
            Combination(UPGRADED),
            True,
            (5322.52046784, 92.6797528244, -226.062060397, 14774.2854333),
        ),
    ],
)
def test_interval_equals_the_roots_that_r_finds(
    top: Combination,
    bottom: Combination,
    by_denominator: bool,  # noqa: FBT001 - a parameter of the test
    expected: tuple[float, float, float, float],
) -> None:
    """Estimate, degrees of freedom and both ends are those of Fieller's definition, solved in R."""
    df = difference_df(pair(), bottom) if by_denominator else None

    got = ratio_of_differences(pair(), top, bottom, alpha=0.05, df=df)

    assert isinstance(got, RatioEstimate)
    assert (got.estimate, got.df, got.ci_low, got.ci_high) == pytest.approx(expected, rel=1e-10)


def test_set_about_a_denominator_near_zero_is_all_but_a_gap() -> None:
    """Where the denominator may be 0, the set has no ends but a gap, as R finds."""
    df = difference_df(pair(), Combination(GROSS))

    got = ratio_of_differences(pair(), Combination(COST), Combination(GROSS), alpha=0.05, df=df)

    assert isinstance(got, UnboundedRatio)
    assert (got.estimate, got.at_most, got.at_least) == pytest.approx(
        (0.14536303561, -5.51340006467, 0.0706586238513), rel=1e-10
    )


def test_set_without_any_bound_is_told() -> None:
    """Where neither numerator nor denominator can be told from 0 no number is excluded, as in R."""
    # R finds no root, and all of the grid is kept
    bottom = Combination((0.0, 0.0, 1.0, 0.0), -9.45)

    got = ratio_of_differences(pair(), Combination(GROSS), bottom, alpha=0.05)

    assert isinstance(got, UnboundedRatio)
    assert (got.at_most, got.at_least) == (None, None)


def test_combined_point_is_that_of_the_summed_rows() -> None:
    """Mean, error and moments of a weighted sum are those of the rows, summed by NumPy."""
    _, treatment = rows()
    net = treatment[0] - treatment[1] - treatment[2]

    got = combined_point(moments(treatment), Combination(NET, -7))

    assert got.value == pytest.approx(net.mean() - 7, rel=1e-13)
    assert got.std_error == pytest.approx(net.std(ddof=1) / math.sqrt(len(net)), rel=1e-12)
    both = combined_moments(moments(treatment), [Combination(NET), Combination(UPGRADED)])
    assert both.centred[0][1] == pytest.approx(
        np.cov(net, treatment[3])[0, 1] * (len(net) - 1), rel=1e-10
    )


@given(
    st.lists(st.tuples(WEIGHT, WEIGHT), min_size=4, max_size=4),
    st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)),
)
def test_set_holds_exactly_what_the_test_does_not_reject(
    weights: list[tuple[float, float]], constants: tuple[float, float]
) -> None:
    """A number is kept exactly when |N - r D| is within the critical value of its error."""
    both = pair()
    top = Combination(tuple(w for w, _ in weights), constants[0])
    bottom = Combination(tuple(w for _, w in weights), constants[1])
    try:
        got = ratio_of_differences(both, top, bottom, alpha=0.1)
    except (ZeroDenominator, TooFewUnits):
        return
    if isinstance(got, Certain):
        return
    df = difference_df(both, top)
    q = scipy_stats.t.isf(0.05, df)
    scale = max(abs(got.estimate), 1e-3)
    for r in (0.0, *(got.estimate + scale * step for step in (-50, -2, -0.3, 0.3, 2, 50))):
        residual = top.minus(bottom, r)
        error = math.sqrt(both.covariance(residual, residual))
        distance = abs(both.difference(residual)) - q * error
        if abs(distance) <= 1e-6 * (q * error + 1e-9):
            continue  # on the edge
        assert _kept(got, r) == (distance < 0)


def _kept(got: RatioEstimate | UnboundedRatio, r: float) -> bool:
    if isinstance(got, RatioEstimate):
        return got.ci_low <= r <= got.ci_high
    if got.at_most is None and got.at_least is None:
        return True
    below = got.at_most is not None and r <= got.at_most
    return below or (got.at_least is not None and r >= got.at_least)


def test_interval_leaves_out_zero_when_the_numerator_does() -> None:
    """A return above 0 and an incremental margin above 0 are the same statement."""
    both = pair()
    for extra in range(-1500, 3000, 50):
        top, bottom = Combination(NET, extra), Combination(COST, 30)
        margin = point_difference(*both.points(top), alpha=0.05)
        got = ratio_of_differences(both, top, bottom, alpha=0.05)

        assert isinstance(margin, Estimate)
        assert isinstance(got, RatioEstimate)
        assert (got.ci_low > 0 or got.ci_high < 0) == (margin.p_value < 0.05)


def test_ratio_without_any_chance_is_certain() -> None:
    """A fixed sum over a fixed sum has no interval."""
    flat = np.array([[3] * 10, [2] * 10])
    other = np.array([[9] * 12, [4] * 12])

    got = ratio_of_differences(
        Pair(moments(flat), moments(other)),
        Combination((1.0, 0.0)),
        Combination((0.0, 1.0)),
        alpha=0.05,
    )

    assert isinstance(got, Certain)
    assert got.estimate == 3


def test_denominator_of_exactly_zero_has_no_ratio() -> None:
    """Nothing is divided by 0."""
    with pytest.raises(ZeroDenominator):
        ratio_of_differences(pair(), Combination(NET), Combination((0.0,) * 4), alpha=0.05)


def test_set_covers_the_true_ratio_as_often_as_it_says() -> None:
    """Over 4,000 seeded draws the set holds the true ratio in 95 %, whatever its form."""
    rng = np.random.default_rng(5)
    runs, units = 4000, 400
    held, unbounded = 0, 0
    for _ in range(runs):
        # ΔD = 0.2 with an error of about 0.1: often not told from 0
        shared = rng.gamma(2, 1, (2, units))
        d = rng.exponential(1, (2, units)) + 0.6 * shared
        n = shared + rng.exponential(1, (2, units))
        d[1] += 0.2
        n[1] += 0.3
        got = ratio_of_differences(
            Pair(*(floating(np.array([n[i], d[i]])) for i in (0, 1))),
            Combination((1.0, 0.0)),
            Combination((0.0, 1.0)),
            alpha=0.05,
        )
        assert isinstance(got, RatioEstimate | UnboundedRatio)
        unbounded += isinstance(got, UnboundedRatio)
        held += _kept(got, 1.5)

    assert 0.05 < unbounded / runs < 0.95  # both forms occur
    assert held / runs == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / runs))


def floating(columns: np.ndarray) -> Moments:
    """Moments of floating-point columns, by NumPy."""
    n = columns.shape[1]
    return Moments.from_shifted(
        n,
        [0.0] * len(columns),
        [float(total) for total in columns.sum(axis=1)],
        (columns @ columns.T).tolist(),
    )
