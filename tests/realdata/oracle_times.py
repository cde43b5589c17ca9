"""The 90th percentile of spend and the days to the next order, by SciPy and statsmodels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from tests.realdata.oracle import ALPHA, EXPOSED_AT, VARIANTS, Comparison, Estimated, Interval

if TYPE_CHECKING:
    from tests.realdata.oracle import Truth

SHARE: Final = 0.9
FOLLOWED_DAYS: Final = 180


def percentile(values: pd.Series) -> Interval:
    """Give the 90th percentile with SciPy's interval between order statistics."""
    interval = stats.quantile_test(values, p=SHARE).confidence_interval(1 - ALPHA)
    low, high = np.asarray(interval)
    value = float(np.quantile(values, SHARE, method="inverted_cdf"))
    return Interval(value, float(low), float(high))


def percentile_error(values: pd.Series) -> Estimated:
    """Give the same with the error that the interval implies.

    Its width in standard errors is that of a normal interval of the same exact confidence (Price
    and Bonett, 2001); its degrees of freedom are half of its spacings.
    """
    count = stats.binom(len(values), SHARE)
    low, high = count.ppf(ALPHA / 2), count.isf(ALPHA / 2) + 1
    missed = count.cdf(low - 1) + count.sf(high - 1)
    found = percentile(values)
    error = (found.ci_high - found.ci_low) / (2 * stats.norm.isf(missed / 2))
    return Estimated(found.value, error**2, (high - low) / 2)


@dataclass(frozen=True, slots=True)
class Times:
    """Days to the next order, in whole hours, and whether it came within the window."""

    days: pd.Series
    ordered: pd.Series

    @classmethod
    def of(cls, truth: Truth) -> Times:
        """Read them off the invoices of all members."""
        orders = truth.later[~truth.later["cancelled"]]
        first = orders.groupby("member_id")["at"].min().reindex(truth.units.index)
        zone = "Europe/London"
        elapsed = first.dt.tz_localize(zone) - EXPOSED_AT.tz_localize(zone)
        ordered = elapsed < pd.Timedelta(days=FOLLOWED_DAYS)
        days = (elapsed // pd.Timedelta(hours=1)) / 24
        return cls(days.where(ordered, FOLLOWED_DAYS), ordered.astype(int))

    def curve(self, truth: Truth, variant: str) -> SurvfuncRight:
        """Estimate a variant's curve by Kaplan and Meier."""
        own = truth.variants == variant
        return SurvfuncRight(self.days[own], self.ordered[own])


def median_days(days: pd.Series) -> float:
    """Give when half of the members have ordered; everybody was watched until the last day.

    Counted, because products of shares miss one half by their rounding.
    """
    return float(np.sort(days)[math.ceil(len(days) / 2) - 1])


def mean_days(curve: SurvfuncRight, n: int) -> Estimated:
    """Give the area under a curve until the last day and Greenwood's variance of it."""
    inside = curve.surv_times < FOLLOWED_DAYS
    edges = np.concatenate([[0.0], curve.surv_times[inside], [FOLLOWED_DAYS]])
    areas = np.concatenate([[1.0], curve.surv_prob[inside]]) * np.diff(edges)
    beyond = areas.sum() - np.cumsum(areas)[:-1]
    at_risk, events = curve.n_risk[inside], curve.n_events[inside]
    variance = float(np.sum(beyond**2 * events / (at_risk * (at_risk - events))))
    return Estimated(float(areas.sum()), variance, n)


def normal_difference(control: Estimated, treatment: Estimated) -> Comparison:
    """Compare two values by the normal distribution."""
    difference = treatment.value - control.value
    error = math.sqrt(control.variance + treatment.variance)
    half = float(stats.norm.isf(ALPHA / 2)) * error
    p_value = float(2 * stats.norm.sf(abs(difference) / error))
    return Comparison(difference, error, math.inf, difference - half, difference + half, p_value)


def log_rank(times: Times, truth: Truth) -> tuple[float, float]:
    """Give χ² and p of equal hazards in all variants, by statsmodels."""
    chi_squared, p_value = survdiff(times.days, times.ordered, truth.variants)
    return float(chi_squared), float(p_value)


def hazards(times: Times, truth: Truth) -> dict[str, Estimated]:
    """Give the log hazard ratio of each treatment by Cox's regression, ties by Efron."""
    dummies = pd.get_dummies(truth.variants)[list(VARIANTS[1:])].astype(float)
    fit = PHReg(times.days, dummies, times.ordered, ties="efron").fit()
    rows = zip(VARIANTS[1:], fit.params, fit.bse, strict=True)
    return {key: Estimated(float(beta), float(error) ** 2, math.inf) for key, beta, error in rows}
