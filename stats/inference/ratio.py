"""The difference of a ratio metric: its denominator is not the unit."""

from stats.inference.difference import point_difference
from stats.inference.outcome import Certain, Estimate, Method
from stats.inference.point import ratio_point
from stats.summary import RatioSummary


def ratio_difference(
    control: RatioSummary, treatment: RatioSummary, *, alpha: float
) -> Estimate | Certain:
    """Estimate treatment minus control of a ratio metric, by the delta method.

    Args:
        control: Unit-level sums of numerator and denominator.
        treatment: The same, for the treatment.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: A variant has fewer than two units.
        ZeroDenominator: A variant's denominator totals zero.
        NoVariance: Neither variant varies and their ratios are equal.

    Source: Deng, Knoblich and Lu (2018), KDD, section 3.2; t with Satterthwaite's degrees of
    freedom on the linearised values, which is Welch's test when every denominator is 1.
    """
    method = Method.DELTA_WELCH
    return point_difference(
        ratio_point(control), ratio_point(treatment), alpha=alpha, method=method
    )
