"""Treatment minus control.

One judgement serves difference and lift: the half-width of the interval and the p-value are made
together here, so that an interval leaves out 0 exactly when its p-value is below alpha.
"""

import math

from scipy.special import ndtr, ndtri, stdtr

from stats.errors import NonFiniteValue, NoVariance
from stats.inference.outcome import Certain, Estimate, Method
from stats.inference.point import Point, mean_point, t_quantile
from stats.sentence import said
from stats.summary import MeanSummary


def welch_df(left: float, left_df: float, right: float, right_df: float) -> float:
    """Give Satterthwaite's degrees of freedom of a sum of two squared errors, not truncated.

    Source: Satterthwaite (1946), Biometrics Bulletin 2.
    """
    # shares of the sum, so that squares of tiny variances cannot underflow
    share = left / (left + right)
    return 1 / (share * share / left_df + (1 - share) * (1 - share) / right_df)


def welch_spread(control: Point, treatment: Point) -> tuple[float, float]:
    """Give the standard error of treatment minus control and Satterthwaite's degrees of freedom.

    Raises:
        NoVariance: Neither variant varies.
    """
    std_error = math.hypot(control.std_error, treatment.std_error)
    if std_error == 0:
        message = said("Neither variant varies, so a difference has no error.")
        raise NoVariance(message)
    share = control.std_error / std_error
    return std_error, welch_df(share * share, control.df, 1 - share * share, treatment.df)


def judge(
    difference: float, std_error: float, df: float | None, alpha: float
) -> tuple[float, float]:
    """Give the two-sided p-value of no difference and the half-width of the 1 - alpha interval.

    Without degrees of freedom it is the normal distribution. The two agree to the
    last bit: the half-width is below |difference| exactly when p < alpha.

    Raises:
        NonFiniteValue: The interval exceeds every number.
    """
    # the survival function on the negative side: 1 - cdf would underflow
    statistic = -abs(difference) / std_error
    if df is None:
        p_value, half = 2 * float(ndtr(statistic)), -float(ndtri(alpha / 2)) * std_error
    else:
        p_value, half = 2 * float(stdtr(df, statistic)), t_quantile(df, alpha) * std_error
    if not math.isfinite(half):
        name = "the half-width of an interval"
        raise NonFiniteValue(name, half)
    if (p_value < alpha) != (half < abs(difference)):
        # quantile and tail are rounded apart; the p-value has the last word
        half = math.nextafter(abs(difference), 0) if p_value < alpha else abs(difference)
    return p_value, half


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
        return certain_difference(control, treatment)
    std_error, df = welch_spread(control, treatment)
    p_value, half = judge(difference, std_error, df, alpha)
    return Estimate(
        difference, std_error, difference - half, difference + half, p_value, df, alpha, method
    )


def certain_difference(control: Point, treatment: Point) -> Certain:
    """Give the difference of two variants that do not vary.

    Raises:
        NoVariance: Their values are equal.
    """
    difference = treatment.value - control.value
    if difference == 0:
        message = said(
            "Every unit of both variants has the same value, so there is no error to "
            "judge a difference by."
        )
        raise NoVariance(message)
    sentence = said(
        "Every unit of the control has the value {control} and every unit of the "
        "treatment {treatment}: the difference is certain, its interval is a "
        "point.",
        control=f"{control.value:g}",
        treatment=f"{treatment.value:g}",
    )
    return Certain(difference, sentence)


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
