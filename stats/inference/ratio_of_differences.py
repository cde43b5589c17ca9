"""One difference over another: incremental return over incremental cost, with Fieller's interval.

With N = a'Δ + a0 and D = b'Δ + b0, differences of two variants with known constants, the ratio r is
kept when (N - r D)² <= q² Var(N - r D). About the estimate R = N / D, with x = r - R, the residual
E = N - R D (whose estimate is 0), e² = Var(E), h = Cov(E, D) and d² = Var(D), that is

    (D² - q² d²) x² + 2 q² h x - q² e² <= 0,

so that the estimate is always kept. Where D can be told from 0 the set is an interval. Elsewhere it
is all numbers but a gap, or all numbers: the data do not bound the ratio, and a finite interval,
such as the delta method's, would claim that they do.

Source: Fieller (1954), JRSS B 16, 175-185; for differences of means in cost-effectiveness Willan
and O'Brien (1996), Health Economics 5, 297-305.
"""

import math
from dataclasses import dataclass
from typing import Literal

from stats.errors import NonFiniteValue, NoVariance, ZeroDenominator
from stats.inference.combination import (
    Combination,
    combined_covariance,
    combined_mean,
    combined_point,
)
from stats.inference.difference import welch_spread
from stats.inference.outcome import Certain, Method
from stats.inference.point import Point, t_quantile
from stats.moments import Moments
from stats.sentence import said


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A ratio of differences with its interval.

    Attributes:
        estimate: Numerator over denominator.
        ci_low: Lower end of the two-sided 1 - alpha interval.
        ci_high: Upper end.
        df: Degrees of freedom of the t distribution.
        alpha: Two-sided error rate.
        method: How it was made.
        status: Always `estimated`.
    """

    estimate: float
    ci_low: float
    ci_high: float
    df: float
    alpha: float
    method: Method = Method.FIELLER
    status: Literal["estimated"] = "estimated"


@dataclass(frozen=True, slots=True)
class UnboundedRatio:
    """A ratio whose denominator cannot be told from 0: the data do not bound it.

    Attributes:
        estimate: Numerator over denominator. Of little meaning alone.
        at_most: It is at most this, or at least `at_least`; `None` without such a branch.
        at_least: It is at least this, or at most `at_most`; `None` likewise. Where both are `None`
            no number is excluded.
        alpha: Two-sided error rate.
        method: How it was made.
        status: Always `unbounded`.
    """

    estimate: float
    at_most: float | None
    at_least: float | None
    alpha: float
    method: Method = Method.FIELLER
    status: Literal["unbounded"] = "unbounded"


@dataclass(frozen=True, slots=True)
class Pair:
    """The moments of the same columns in both variants."""

    control: Moments
    treatment: Moments

    def points(self, combination: Combination) -> tuple[Point, Point]:
        """Give a weighted sum in control and treatment; the constant is the treatment's alone.

        Raises:
            TooFewUnits: A variant has fewer than two units.
        """
        plain = Combination(combination.weights)
        control, treatment = (combined_point(m, plain) for m in (self.control, self.treatment))
        shifted = Point(treatment.value + combination.constant, treatment.std_error, treatment.n)
        return control, shifted

    def difference(self, combination: Combination) -> float:
        """Give treatment minus control of a weighted sum, and the constant.

        Raises:
            TooFewUnits: A variant has no unit.
        """
        plain = Combination(combination.weights)
        after, before = (combined_mean(m, plain) for m in (self.treatment, self.control))
        return after - before + combination.constant

    def covariance(self, left: Combination, right: Combination) -> float:
        """Give the covariance of two differences.

        Raises:
            TooFewUnits: A variant has fewer than two units.
        """
        return combined_covariance(self.control, left, right) + combined_covariance(
            self.treatment, left, right
        )


def ratio_of_differences(
    pair: Pair,
    numerator: Combination,
    denominator: Combination,
    *,
    alpha: float,
    df: float | None = None,
) -> RatioEstimate | UnboundedRatio | Certain:
    """Estimate one difference over another, each a weighted sum with a known constant.

    Args:
        pair: Moments of both variants.
        numerator: What is divided; its constant is added to the difference.
        denominator: What it is divided by, likewise.
        alpha: Two-sided error rate, strictly between 0 and 1.
        df: Degrees of freedom. Those of Welch's test of the numerator, by default, so that the
            interval leaves out 0 exactly when that test rejects 0.

    Returns:
        `UnboundedRatio` where the denominator cannot be told from 0; `Certain` where nothing is
        left to chance.

    Raises:
        TooFewUnits: A variant has fewer than two units.
        ZeroDenominator: The denominator is exactly 0.
        NonFiniteValue: The interval exceeds every number.

    Source: Fieller (1954), JRSS B 16.
    """
    top, bottom = pair.difference(numerator), pair.difference(denominator)
    if bottom == 0:
        raise ZeroDenominator
    estimate = top / bottom
    residual = numerator.minus(denominator, estimate)
    spread = pair.covariance(residual, residual)
    if spread == 0:
        sentence = said("Neither numerator nor denominator varies: the ratio is certain.")
        return Certain(estimate, sentence)
    if df is None:
        df = difference_df(pair, numerator)
    q = t_quantile(df, alpha)
    # in units of the denominator and of the residual's error, so that no square overflows
    error = math.sqrt(spread)
    d = math.sqrt(pair.covariance(denominator, denominator)) / abs(bottom)
    h = pair.covariance(residual, denominator) / error / bottom
    a = (1 - q * d) * (1 + q * d)
    b = q * q * h
    discriminant = b * b + a * q * q
    unit = error / bottom
    if a > 0:
        roots = _roots(a, b, q, discriminant)
        ends = sorted(estimate + unit * root for root in roots)
        if not all(map(math.isfinite, ends)):
            name = "an end of the interval of a ratio"
            raise NonFiniteValue(name, ends[1])
        low, high = min(ends[0], estimate), max(ends[1], estimate)
        return RatioEstimate(estimate, low, high, df, alpha)
    if discriminant <= 0 or a == 0:
        return UnboundedRatio(estimate, None, None, alpha)
    below, above = sorted(estimate + unit * root for root in _roots(a, b, q, discriminant))
    return UnboundedRatio(estimate, below, above, alpha)


def _roots(a: float, b: float, q: float, discriminant: float) -> tuple[float, float]:
    """Solve a x² + 2 b x - q² = 0 without cancellation."""
    far = -(b + math.copysign(math.sqrt(discriminant), b))
    return far / a, -q * q / far


def difference_df(pair: Pair, combination: Combination) -> float:
    """Give Welch's degrees of freedom of the difference of a weighted sum.

    A sum that does not vary takes those of a plain comparison of two means.

    Raises:
        TooFewUnits: A variant has fewer than two units.
    """
    control, treatment = pair.points(combination)
    try:
        return welch_spread(control, treatment)[1]
    except NoVariance:
        return float(control.n + treatment.n - 2)
