"""Treatment minus control."""

import math

from scipy.special import stdtr

from stats.errors import NoVariance
from stats.inference.outcome import Certain, Estimate, Method
from stats.inference.point import Point, mean_point, t_quantile
from stats.summary import MeanSummary


def welch_df(left: float, left_df: float, right: float, right_df: float) -> float:
    """Give Satterthwaite's degrees of freedom of a sum of two squared errors, not truncated.

    Source: Satterthwaite (1946), Biometrics Bulletin 2.
    """
    # shares of the sum, so that squares of tiny variances cannot underflow
    share = left / (left + right)
    return 1 / (share * share / left_df + (1 - share) * (1 - share) / right_df)


def point_difference(
    control: Point, treatment: Point, *, alpha: float, method: Method = Method.WELCH
) -> Estimate | Certain:
    """Estimate treatment minus control from two points, with an unequal-variance t interval.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        alpha: Two-sided error rate, strictly between 0 and 1.
        method: The name under which the result is reported.

    Returns:
        `Certain` when neither variant varies and their values differ: every unit of the one has
        one value, every unit of the other has another.

    Raises:
        NoVariance: Neither variant varies and their values are equal.
    """
    difference = treatment.value - control.value
    if control.std_error == 0 and treatment.std_error == 0:
        if difference == 0:
            message = (
                "Every unit of both variants has the same value, so there is no error to judge a "
                "difference by."
            )
            raise NoVariance(message)
        sentence = (
            f"Every unit of the control has the value {control.value:g} and every unit of the "
            f"treatment {treatment.value:g}: the difference is certain, its interval is a point."
        )
        return Certain(difference, sentence)
    std_error = math.hypot(control.std_error, treatment.std_error)
    df = welch_df(control.std_error**2, control.df, treatment.std_error**2, treatment.df)
    half = t_quantile(df, alpha) * std_error
    # the survival function on the negative side: 1 - cdf would underflow
    p_value = 2 * float(stdtr(df, -abs(difference) / std_error))
    return Estimate(
        difference, std_error, difference - half, difference + half, p_value, df, alpha, method
    )


def welch_difference(
    control: MeanSummary, treatment: MeanSummary, *, alpha: float
) -> Estimate | Certain:
    """Estimate treatment minus control of a mean, with an unequal-variance t interval.

    Args:
        control: Summary over randomization units, in the metric's own unit.
        treatment: The same, for the treatment.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewUnits: A variant has fewer than two units, so its variance is undefined.
        NoVariance: Neither variant varies and their means are equal.

    Source: Welch (1947), Biometrika 34; equals scipy.stats.ttest_ind_from_stats(equal_var=False).
    """
    return point_difference(mean_point(control), mean_point(treatment), alpha=alpha)
