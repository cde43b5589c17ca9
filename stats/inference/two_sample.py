"""Other tests of treatment minus control than Welch's: Student's, z, and one-sided ones."""

import math
from enum import StrEnum
from typing import NamedTuple

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from stats.inference.difference import certain_difference, judge, welch_spread
from stats.inference.outcome import Certain, Estimate, Method, OneSided, Side
from stats.inference.point import Point


class DifferenceTest(StrEnum):
    """What is assumed of the variances of the two variants."""

    WELCH = "welch"  # they may differ
    STUDENT = "student"  # they are the same; wrong where sizes and variances both differ
    Z = "z"  # they are known


class Spread(NamedTuple):
    """The error of a difference; without degrees of freedom it is normal."""

    std_error: float
    df: float | None
    method: Method


def difference_by(
    control: Point, treatment: Point, *, alpha: float, test: DifferenceTest
) -> Estimate | Certain:
    """Estimate treatment minus control by the test that is asked for.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        alpha: Two-sided error rate, strictly between 0 and 1.
        test: What is assumed of the variances.

    Returns:
        `Certain` when neither variant varies and their values differ.

    Raises:
        NoVariance: Neither variant varies and their values are equal.

    Source: equals scipy.stats.ttest_ind (Welch, Student), statsmodels' CompareMeans with
    usevar="unequal" (z).
    """
    if control.std_error == 0 and treatment.std_error == 0:
        return certain_difference(control, treatment)
    std_error, df, method = _spread(control, treatment, test)
    difference = treatment.value - control.value
    p_value, half = judge(difference, std_error, df, alpha)
    return Estimate(
        difference, std_error, difference - half, difference + half, p_value, df, alpha, method
    )


def one_sided_difference(
    control: Point,
    treatment: Point,
    *,
    alpha: float,
    side: Side,
    test: DifferenceTest = DifferenceTest.WELCH,
) -> OneSided | Certain:
    """Estimate treatment minus control with a bound on one side.

    Args:
        control: The control's value and error.
        treatment: The treatment's.
        alpha: One-sided error rate, strictly between 0 and 1.
        side: What is to be shown; chosen before looking, or the error rate doubles.
        test: What is assumed of the variances.

    Returns:
        `Certain` when neither variant varies and their values differ.

    Raises:
        NoVariance: Neither variant varies and their values are equal.

    Source: equals scipy.stats.ttest_ind(alternative="greater" or "less").
    """
    if control.std_error == 0 and treatment.std_error == 0:
        return certain_difference(control, treatment)
    std_error, df, method = _spread(control, treatment, test)
    difference = treatment.value - control.value
    sign = 1.0 if side is Side.GREATER else -1.0
    statistic = -sign * difference / std_error
    if df is None:
        p_value, critical = float(ndtr(statistic)), -float(ndtri(alpha))
    else:
        p_value, critical = float(stdtr(df, statistic)), -float(stdtrit(df, alpha))
    bound = difference - sign * critical * std_error
    if (p_value < alpha) != (sign * bound > 0):
        # quantile and tail are rounded apart; the p-value has the last word
        bound = math.nextafter(0.0, sign) if p_value < alpha else 0.0
    return OneSided(difference, std_error, side, bound, p_value, df, alpha, method)


def _spread(control: Point, treatment: Point, test: DifferenceTest) -> Spread:
    match test:
        case DifferenceTest.WELCH:
            return Spread(*welch_spread(control, treatment), Method.WELCH)
        case DifferenceTest.Z:
            std_error, _ = welch_spread(control, treatment)
            return Spread(std_error, None, Method.Z)
        case DifferenceTest.STUDENT:
            df = control.df + treatment.df
            squares = (
                control.df * control.n * control.std_error**2
                + treatment.df * treatment.n * treatment.std_error**2
            )
            std_error = math.sqrt(squares / df * (1 / control.n + 1 / treatment.n))
            return Spread(std_error, df, Method.STUDENT_POOLED)
