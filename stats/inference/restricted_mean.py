"""Mean days without the event within the window: the area under the survival curve.

A hazard ratio needs hazards that stay proportional; this does not. Members upgraded sooner have
fewer days without the tier: a difference of -2 says that the treatment's came two days earlier, on
average over all units and within the window, those who never came included at the window's length.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from stats.errors import FollowUpTooShort, InvalidSummary, NoVariance, TooFewUnits
from stats.inference.difference import judge
from stats.inference.outcome import Certain, Estimate, Method, Rate
from stats.sentence import said
from stats.summary import SurvivalSummary


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean days without the event, up to a day.

    Attributes:
        days: The mean.
        std_error: Its standard error; 0 where every unit had the event at one time, or none did.
        until_day: The day up to which days are counted.
        n: Units.
    """

    days: float
    std_error: float
    until_day: float
    n: int


def restricted_mean(summary: SurvivalSummary, *, until_day: float) -> RestrictedMean:
    """Integrate the Kaplan-Meier curve from first exposure to a day, with Greenwood's variance.

    Args:
        summary: Times to the event.
        until_day: The end, above 0: the metric's window, the same in every variant.

    Raises:
        TooFewUnits: There is no unit.
        FollowUpTooShort: The last unit was censored before that day, so that the curve is unknown
            between the two.
        InvalidSummary: The day is not above 0, or not finite.

    Source: Irwin (1949); Uno and others (2014), J. Clin. Oncol. 32; equals R's
    print(survfit(...), rmean = until_day).
    """
    if not 0 < until_day < math.inf:
        message = f"a mean up to day {until_day}; the day must be above 0 and finite"
        raise InvalidSummary(message)
    if summary.n == 0:
        raise TooFewUnits(0, 1)
    steps = np.array(summary.steps, dtype=np.float64) / summary.steps_per_day
    events = np.array(summary.events, dtype=np.float64)
    censored = np.array(summary.censored, dtype=np.float64)
    if summary.last_day < until_day and censored[-1] > 0:
        raise FollowUpTooShort(until_day, summary.last_day)
    at_risk = summary.n - np.concatenate([[0.0], np.cumsum(events + censored)[:-1]])
    inside = (events > 0) & (steps < until_day)
    days, events, at_risk = steps[inside], events[inside], at_risk[inside]
    left = at_risk - events
    survival = np.concatenate([[1.0], np.cumprod(left / at_risk)])
    edges = np.concatenate([[0.0], days, [until_day]])
    areas = survival * np.diff(edges)
    # what lies beyond each event; beyond the last of all it is 0, as is its share of the variance
    beyond = np.cumsum(areas[::-1])[::-1][1:]
    spread = np.divide(events, at_risk * left, out=np.zeros_like(events), where=left > 0)
    variance = float(np.sum(beyond**2 * spread))
    return RestrictedMean(float(areas.sum()), math.sqrt(variance), until_day, summary.n)


def restricted_mean_rate(
    summary: SurvivalSummary, *, until_day: float, alpha: float
) -> Rate | Certain:
    """Give a variant's restricted mean with its normal interval, cut to 0 and the last day.

    Raises:
        TooFewUnits: There is no unit.
        FollowUpTooShort: Nobody was watched until that day.
    """
    mean = restricted_mean(summary, until_day=until_day)
    if mean.std_error == 0:
        return Certain(mean.days, _CERTAIN)
    half = -float(ndtri(alpha / 2)) * mean.std_error
    low, high = max(0.0, mean.days - half), min(until_day, mean.days + half)
    return Rate(mean.days, low, high, alpha, Method.KAPLAN_MEIER)


_CERTAIN = said("No two units differ in their time within the window: the mean has no error.")


def restricted_mean_difference(
    control: SurvivalSummary, treatment: SurvivalSummary, *, until_day: float, alpha: float
) -> Estimate | Certain:
    """Estimate treatment minus control of the mean days without the event up to a day.

    Args:
        control: The control's times.
        treatment: The treatment's.
        until_day: The end, the metric's window.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Returns:
        An estimate by the normal distribution: it has no degrees of freedom.

    Raises:
        TooFewUnits: A variant has no unit.
        FollowUpTooShort: A variant has nobody who was watched until that day.
        NoVariance: Nobody had the event within the window, or all had it at one and the same time.

    Source: Royston and Parmar (2013), BMC Med. Res. Methodol. 13; equals R's
    survRM2::rmst2(tau = until_day).
    """
    c = restricted_mean(control, until_day=until_day)
    t = restricted_mean(treatment, until_day=until_day)
    difference = t.days - c.days
    std_error = math.hypot(c.std_error, t.std_error)
    if std_error == 0:
        if difference == 0:
            message = said(
                "No unit differs in its time to the event, so there is no error to judge by."
            )
            raise NoVariance(message)
        return Certain(difference, _CERTAIN)
    p_value, half = judge(difference, std_error, None, alpha)
    low, high = difference - half, difference + half
    return Estimate(difference, std_error, low, high, p_value, None, alpha, Method.RESTRICTED_MEAN)


def longest_day(*summaries: SurvivalSummary) -> float:
    """Give the last day up to which the mean can be taken in every one of these variants.

    Raises:
        TooFewUnits: A variant has no unit.
    """
    if any(summary.n == 0 for summary in summaries):
        raise TooFewUnits(0, 1)
    # after a last event nobody is left: the curve stays at 0 for ever
    return min(math.inf if not summary.censored[-1] else summary.last_day for summary in summaries)
