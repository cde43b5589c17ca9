"""Averages the effects of several independent studies, whose true effects may differ.

Between studies the true effects are taken to spread normally about a mean, with the standard
deviation tau. What is averaged, and on which scale, was decided before: errors have to be
independent from study to study (`log_ratio` joins treatments that share a control).

tau² is that of Paule and Mandel: the one at which the weighted squares about the mean are as many
as their degrees of freedom. The interval is Hartung and Knapp's, by t with one degree of freedom
less than there are studies. Their factor q is never taken below 1: where the studies happen to
agree better than chance would have it, q would make the interval narrower than the normal one
(Röver, Knapp and Friede, 2015). At Paule and Mandel's tau² above 0, q is 1 by construction.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import chdtrc, chdtri

from stats.errors import InvalidSummary, NonFiniteValue, TooFewStudies
from stats.inference.point import t_quantile

SMALLEST_SHARE = 1e-12
"""tau² is found to this share of the spread of the estimates."""


@dataclass(frozen=True, slots=True)
class Study:
    """What one study found.

    Attributes:
        estimate: Its effect.
        std_error: Of the estimate; above 0.
    """

    estimate: float
    std_error: float

    def __post_init__(self) -> None:
        """Refuse what no study can have found."""
        for name, number in (("estimate", self.estimate), ("std_error", self.std_error)):
            if not math.isfinite(number):
                raise NonFiniteValue(name, number)
        if self.std_error <= 0:
            message = f"a standard error is above 0; this one is {self.std_error:g}"
            raise InvalidSummary(message)


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How far the true effects differ.

    Attributes:
        q: Cochran's: Σ((estimate - mean) / std_error)² about the mean for tau = 0.
        df: Degrees of freedom, studies - 1.
        p_value: Of one effect in all studies, by the χ² distribution.
        i_squared: Share of the spread of the estimates that chance does not explain, 0 to 1.
        tau: Standard deviation of the true effects, on the scale of the estimates.
        tau_low: Lower end of its 1 - alpha interval by the Q-profile; None where the estimates
            agree so well that the profile has no tau at all.
        tau_high: Upper end; None likewise.
    """

    q: float
    df: int
    p_value: float
    i_squared: float
    tau: float
    tau_low: float | None
    tau_high: float | None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where the true effect of another such study is expected.

    Attributes:
        low: Lower end of the 1 - alpha interval.
        high: Upper end.
        df: Degrees of freedom, studies - 2.
    """

    low: float
    high: float
    df: int


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """The mean of the true effects, with its interval.

    Attributes:
        studies: How many were averaged.
        estimate: The mean, weighted by 1 / (std_error² + tau²).
        std_error: Its standard error.
        ci_low: Lower end of the two-sided 1 - alpha interval.
        ci_high: Upper end.
        df: Degrees of freedom of its t distribution, studies - 1.
        alpha: Two-sided error rate of all intervals.
        heterogeneity: How far the true effects differ.
        prediction: Of another study; None for two studies, which do not tell.
        shrunken: Each study's effect in the light of the others, in the order given: drawn towards
            the mean the more, the larger its error is against tau.
        status: Always `pooled`.
    """

    studies: int
    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    df: int
    alpha: float
    heterogeneity: Heterogeneity
    prediction: Prediction | None
    shrunken: tuple[float, ...]
    status: Literal["pooled"] = "pooled"


def pool(studies: Sequence[Study], *, alpha: float) -> PooledEffect:
    """Average the effects of independent studies, each of which may have a true effect of its own.

    Args:
        studies: At least two, on one scale.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewStudies: Fewer than two; one effect has nothing to be averaged with.

    Source: Paule and Mandel (1982), Journal of Research of the NBS 87; Hartung and Knapp (2001),
    Statistics in Medicine 20; Röver, Knapp and Friede (2015), BMC Medical Research Methodology 15;
    Higgins, Thompson and Spiegelhalter (2009), JRSS A 172, for the prediction; equals
    statsmodels.stats.meta_analysis.combine_effects(method_re="iterated") where q is above 1.
    """
    k = len(studies)
    if k < 2:  # noqa: PLR2004 - a mean of effects takes two
        raise TooFewStudies(k, 2)
    heterogeneity = _heterogeneity(studies, alpha)
    tau_squared = heterogeneity.tau**2
    mean, normal_error = _mean(studies, tau_squared)
    factor = max(1.0, _q(studies, tau_squared) / (k - 1))
    std_error = math.sqrt(factor) * normal_error
    half = t_quantile(k - 1, alpha) * std_error
    return PooledEffect(
        studies=k,
        estimate=mean,
        std_error=std_error,
        ci_low=mean - half,
        ci_high=mean + half,
        df=k - 1,
        alpha=alpha,
        heterogeneity=heterogeneity,
        prediction=_prediction(mean, std_error, tau_squared, k, alpha),
        shrunken=tuple(_shrunken(one, mean, tau_squared) for one in studies),
    )


def _heterogeneity(studies: Sequence[Study], alpha: float) -> Heterogeneity:
    df = len(studies) - 1
    q = _q(studies, 0.0)
    low_quantile, high_quantile = float(chdtri(df, 1 - alpha / 2)), float(chdtri(df, alpha / 2))
    tau_low = tau_high = None
    if q >= low_quantile:  # else Q lies below its quantile at every tau²
        tau_low = math.sqrt(_tau_squared(studies, high_quantile))
        tau_high = math.sqrt(_tau_squared(studies, low_quantile))
    return Heterogeneity(
        q=q,
        df=df,
        # the survival function, never 1 - cdf
        p_value=float(chdtrc(df, q)),
        i_squared=max(0.0, (q - df) / q) if q > 0 else 0.0,
        tau=math.sqrt(_tau_squared(studies, float(df))),
        tau_low=tau_low,
        tau_high=tau_high,
    )


def _mean(studies: Sequence[Study], tau_squared: float) -> tuple[float, float]:
    """Give the weighted mean and its standard error if the errors were all known."""
    total_variances = [one.std_error**2 + tau_squared for one in studies]
    smallest = min(total_variances)
    # relative weights, so that squares of tiny errors cannot underflow
    weights = [smallest / variance for variance in total_variances]
    total = math.fsum(weights)
    mean = math.fsum(w * one.estimate for w, one in zip(weights, studies, strict=True)) / total
    return mean, math.sqrt(smallest / total)


def _q(studies: Sequence[Study], tau_squared: float) -> float:
    """Give the weighted squares about the mean, which fall as tau² rises."""
    mean, _ = _mean(studies, tau_squared)
    return math.fsum(
        (one.estimate - mean) ** 2 / (one.std_error**2 + tau_squared) for one in studies
    )


def _tau_squared(studies: Sequence[Study], target: float) -> float:
    """Give the tau² at which Q is `target`, or 0 where Q is below it already."""

    def excess(tau_squared: float) -> float:
        return _q(studies, tau_squared) - target

    if excess(0.0) <= 0:
        return 0.0
    estimates = [one.estimate for one in studies]
    # about its mean, Q(tau²) is at most Σ(estimate - mean)² / tau²; twice that, against rounding
    beyond = 2 * len(studies) * (max(estimates) - min(estimates)) ** 2 / target
    return _root(excess, beyond)


def _root(excess: Callable[[float], float], beyond: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 - takes long to import

    return float(brentq(excess, 0.0, beyond, xtol=beyond * SMALLEST_SHARE, rtol=1e-14))


def _prediction(
    mean: float, std_error: float, tau_squared: float, k: int, alpha: float
) -> Prediction | None:
    if k < 3:  # noqa: PLR2004 - t with studies - 2 degrees of freedom
        return None
    half = t_quantile(k - 2, alpha) * math.sqrt(tau_squared + std_error**2)
    return Prediction(mean - half, mean + half, k - 2)


def _shrunken(study: Study, mean: float, tau_squared: float) -> float:
    """Give the best linear guess of a study's true effect (Efron and Morris, 1975)."""
    variance = study.std_error**2
    return (tau_squared * study.estimate + variance * mean) / (tau_squared + variance)
