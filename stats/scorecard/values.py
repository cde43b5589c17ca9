"""A variant's own value, whatever kind of metric it is of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar, cast

from stats.aggregation.aggregates import MetricAggregates, VariantSummary
from stats.errors import CannotEstimate, UndefinedStatus
from stats.inference.noninferiority import NonInferiority
from stats.inference.outcome import BareValue, Certain, Estimate, Lift, Method, Undefined
from stats.inference.point import Point, mean_point, ratio_point
from stats.inference.proportion import wilson
from stats.inference.quantile import quantile_point, quantile_rate
from stats.inference.restricted_mean import longest_day, restricted_mean, restricted_mean_rate
from stats.inference.single import mean_rate, ratio_rate
from stats.metric import MetricKind
from stats.plan import MetricInUse
from stats.scorecard.comparison import VariantValue
from stats.summary import MeanSummary, QuantileSummary, RatioSummary, SurvivalSummary

NORMAL_DF = 10**15
"""So many degrees of freedom that t is the normal distribution to the last digits."""
SURELY_NORMAL = NORMAL_DF / 10
"""More than units can give, and less than any mixture of normal errors has."""

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Times:
    """Times to an event, and the day up to which their mean is taken in every variant alike."""

    summary: SurvivalSummary
    until_day: float

    @property
    def n(self) -> int:
        """Units, mature or censored."""
        return self.summary.n


Summary: TypeAlias = MeanSummary | RatioSummary | QuantileSummary | Times
"""What a variant's value is made of."""


@dataclass(frozen=True, slots=True)
class AsymptoticPoint(Point):
    """A point whose error is normal, however few its units."""

    @property
    def df(self) -> int:
        """Degrees of freedom of its standard error."""
        return NORMAL_DF


def summaries_of(metric: MetricInUse, row: MetricAggregates) -> dict[str, Summary]:
    """Give what the value of every variant is made of."""
    if metric.definition.kind is not MetricKind.SURVIVAL:
        return {v.variant: _plain(v) for v in row.variants}
    times = {
        v.variant: v.distribution
        for v in row.variants
        if isinstance(v.distribution, SurvivalSummary)
    }
    window = float(metric.effective_window.end_days)
    filled = [one for one in times.values() if one.n]
    until = min(window, longest_day(*filled)) if filled else window
    return {key: Times(summary, until) for key, summary in times.items()}


def _plain(row: VariantSummary) -> Summary:
    return row.distribution if isinstance(row.distribution, QuantileSummary) else row.summary


def point_of(summary: Summary) -> Point:
    """Give the value and error of a summary of any kind.

    Raises:
        CannotEstimate: It has none.
    """
    match summary:
        case MeanSummary():
            return mean_point(summary)
        case RatioSummary():
            return ratio_point(summary)
        case QuantileSummary():
            return quantile_point(summary)
        case Times():
            mean = restricted_mean(summary.summary, until_day=summary.until_day)
            return AsymptoticPoint(mean.days, mean.std_error, mean.n)


def method_of(summary: Summary) -> Method:
    """Give the name of a difference of such values."""
    match summary:
        case MeanSummary():
            return Method.WELCH
        case RatioSummary():
            return Method.DELTA_WELCH
        case QuantileSummary():
            return Method.ORDER_STATISTICS
        case Times():
            return Method.RESTRICTED_MEAN


def value_of(summary: Summary, kind: MetricKind, *, alpha: float) -> VariantValue:
    """Give a variant's own value with its interval, or why there is none."""
    try:
        match summary:
            case RatioSummary():
                return ratio_rate(summary, alpha=alpha)
            case QuantileSummary():
                return quantile_rate(summary)
            case Times():
                return _mean_days(summary, alpha=alpha)
            case MeanSummary():
                proportion = kind is MetricKind.PROPORTION
                return (
                    wilson(int(summary.total), summary.n, alpha=alpha)
                    if proportion
                    else mean_rate(summary, alpha=alpha)
                )
    except CannotEstimate as error:
        return Undefined.because(error)


def _mean_days(times: Times, *, alpha: float) -> VariantValue:
    rate = restricted_mean_rate(times.summary, until_day=times.until_day, alpha=alpha)
    if isinstance(rate, Certain):
        return BareValue(rate.estimate, rate.sentence, UndefinedStatus.NO_VARIANCE)
    return rate


def as_normal(outcome: Outcome) -> Outcome:
    """Leave degrees of freedom out where the distribution is the normal one."""
    if (
        isinstance(outcome, Estimate | Lift | NonInferiority)
        and outcome.df is not None
        and outcome.df > SURELY_NORMAL
    ):
        return cast("Outcome", replace(outcome, df=None))
    return outcome


def or_undefined(infer: Callable[[], Outcome]) -> Outcome | Undefined:
    """Give what an inference gives, or why it gives nothing."""
    try:
        return infer()
    except CannotEstimate as error:
        return Undefined.because(error)
