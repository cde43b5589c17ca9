"""The interval of one variant's mean or ratio."""

from stats.errors import UndefinedStatus
from stats.inference.outcome import BareValue, Method, Rate
from stats.inference.point import Point, mean_point, ratio_point, t_quantile
from stats.sentence import said
from stats.summary import MeanSummary, RatioSummary


def point_rate(point: Point, *, alpha: float, method: Method) -> Rate | BareValue:
    """Put a t interval around a point; without variance the value stands bare."""
    if point.std_error == 0:
        sentence = said("Every unit has the same value, so an interval cannot be estimated.")
        return BareValue(point.value, sentence, UndefinedStatus.NO_VARIANCE)
    half = t_quantile(point.df, alpha) * point.std_error
    return Rate(point.value, point.value - half, point.value + half, alpha, method)


def mean_rate(summary: MeanSummary, *, alpha: float) -> Rate | BareValue:
    """Estimate one variant's mean with Student's t interval.

    Raises:
        TooFewUnits: There is no unit.
    """
    if summary.n == 1:
        sentence = said("One unit has a value but no variance, so there is no interval.")
        return BareValue(summary.mean, sentence, UndefinedStatus.TOO_FEW_UNITS)
    return point_rate(mean_point(summary), alpha=alpha, method=Method.STUDENT)


def ratio_rate(summary: RatioSummary, *, alpha: float) -> Rate | BareValue:
    """Estimate one variant's ratio with a delta-method t interval.

    Raises:
        TooFewUnits: There is no unit.
        ZeroDenominator: The denominator totals zero.
    """
    if summary.n == 1 and summary.denominator.total != 0:
        sentence = said("One unit has a value but no variance, so there is no interval.")
        value = summary.numerator.total / summary.denominator.total
        return BareValue(value, sentence, UndefinedStatus.TOO_FEW_UNITS)
    return point_rate(ratio_point(summary), alpha=alpha, method=Method.DELTA_STUDENT)
