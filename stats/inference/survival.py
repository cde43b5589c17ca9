"""How many are still without the event after so many days, and whether variants differ in it.

Units whose window is still open count for as long as they were watched: they are censored, not left
out. That is sound where the end of watching has nothing to do with the event, as with an analysis
time that is the same for all.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri

from stats.errors import InvalidSummary, MedianNotReached, NoEvents, NoVariance, TooFewUnits
from stats.sentence import said
from stats.summary import SurvivalSummary


@dataclass(frozen=True, slots=True)
class SurvivalPoint:
    """The curve just after one time.

    Attributes:
        day: Days since first exposure.
        at_risk: Units without the event and still watched just before it.
        events: Units that had the event then.
        censored: Units last seen without it then.
        survival: Estimated share still without the event.
        std_error: Its standard error (Greenwood); 0 where the share is 1 or 0.
        ci_low: Lower end of the two-sided 1 - alpha log-log interval; `None` where the share is 1
            or 0, which has no such interval.
        ci_high: Upper end, likewise.
    """

    day: float
    at_risk: int
    events: int
    censored: int
    survival: float
    std_error: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The Kaplan-Meier estimate of one variant.

    Attributes:
        n: Units.
        total_events: Units that had the event.
        alpha: Two-sided error rate of the pointwise intervals.
        points: One per distinct time, in order; the share is 1 before the first.
    """

    n: int
    total_events: int
    alpha: float
    points: tuple[SurvivalPoint, ...]

    def survival_at(self, day: float) -> float:
        """Give the estimated share still without the event after this day."""
        before = [point.survival for point in self.points if point.day <= day]
        return before[-1] if before else 1.0

    def at_risk_on(self, days: Sequence[float]) -> tuple[int, ...]:
        """Count the units still without the event and watched just before each of these days."""
        return tuple(
            self.n - sum(point.events + point.censored for point in self.points if point.day < day)
            for day in days
        )


def kaplan_meier(summary: SurvivalSummary, *, alpha: float) -> SurvivalCurve:
    """Estimate the share still without the event, by days since first exposure.

    Args:
        summary: Times to the event.
        alpha: Two-sided error rate of the pointwise log-log intervals.

    Raises:
        TooFewUnits: There is no unit.

    Source: Kaplan and Meier (1958), JASA 53; Greenwood (1926); equals R's
    survival::survfit(conf.type = "log-log").
    """
    if summary.n == 0:
        raise TooFewUnits(0, 1)
    z = -float(ndtri(alpha / 2))
    at_risk, survival, hazard_variance = summary.n, 1.0, 0.0
    points = []
    rows = zip(summary.steps, summary.events, summary.censored, strict=True)
    for step, events, censored in rows:
        if events:
            left = at_risk - events
            survival = survival * left / at_risk
            # without anybody left the share is 0 and Greenwood's sum is infinite
            hazard_variance += events / (at_risk * left) if left else 0.0
        low = high = None
        inside = 0 < survival < 1
        if inside:
            # symmetric on log(-log S), whose error is that of log S over |log S|
            spread = math.exp(z * math.sqrt(hazard_variance) / -math.log(survival))
            low, high = survival**spread, survival ** (1 / spread)
        points.append(
            SurvivalPoint(
                day=step / summary.steps_per_day,
                at_risk=at_risk,
                events=events,
                censored=censored,
                survival=survival,
                std_error=survival * math.sqrt(hazard_variance) if inside else 0.0,
                ci_low=low,
                ci_high=high,
            )
        )
        at_risk -= events + censored
    return SurvivalCurve(summary.n, summary.total_events, alpha, tuple(points))


HALF = 0.5 * (1 + 1e-12)
"""One half, but for the rounding of a running product: 12 of 24 may come out a little above it."""


@dataclass(frozen=True, slots=True)
class MedianTime:
    """By when half of the units have had the event.

    Attributes:
        days: The first day on which the share still without it is at most one half.
        ci_low: The first day on which the lower end of the share's interval is at most one half.
        ci_high: The same of the upper end; `None` where it stays above.
        alpha: Two-sided error rate.
    """

    days: float
    ci_low: float
    ci_high: float | None
    alpha: float


def median_time(curve: SurvivalCurve) -> MedianTime:
    """Give the median time to the event with its interval.

    Raises:
        MedianNotReached: More than half are still without the event at the end of the curve.

    Source: Brookmeyer and Crowley (1982), Biometrics 38; equals R's print(survfit(...)), but where
    the curve runs at exactly one half, for which R gives the middle of that stretch.
    """

    def first(values: Sequence[float | None]) -> float | None:
        # 0 has no interval; both its ends are at most one half
        days = [
            p.day
            for p, value in zip(curve.points, values, strict=True)
            if p.survival < 1 and (p.survival if value is None else value) <= HALF
        ]
        return days[0] if days else None

    middle = first([point.survival for point in curve.points])
    low = first([point.ci_low for point in curve.points])
    if middle is None or low is None:
        last = curve.points[-1]
        raise MedianNotReached(last.day, last.survival)
    return MedianTime(middle, low, first([point.ci_high for point in curve.points]), curve.alpha)


@dataclass(frozen=True, slots=True)
class LogRank:
    """A test of equal hazards in all variants.

    Attributes:
        chi_squared: The statistic.
        df: Variants less one.
        p_value: Of no difference. A value below 5e-324 is stored as 0.
        observed: Events per variant, in the order given.
        expected: Events that equal hazards would bring, likewise.
    """

    chi_squared: float
    df: int
    p_value: float
    observed: tuple[int, ...]
    expected: tuple[float, ...]


def log_rank(summaries: Mapping[str, SurvivalSummary]) -> LogRank:
    """Test whether two or more variants have the event equally fast.

    Args:
        summaries: Times to the event by variant.

    Raises:
        TooFewUnits: A variant has no unit.
        NoEvents: No unit of any variant has had the event.
        NoVariance: At every event only one variant was still watched.

    Source: Mantel (1966), Cancer Chemother. Rep. 50; equals R's survival::survdiff.
    """
    at_risk, events = risk_table(tuple(summaries.values()))
    total_events = events.sum(axis=1)
    if not total_events.sum():
        where = said("of any variant")
        raise NoEvents(where)
    n = at_risk.sum(axis=1)
    shares = at_risk / n[:, None]
    expected = total_events[:, None] * shares
    # hypergeometric variance of the events per variant, given the margins
    scale = total_events * (n - total_events) / np.maximum(n - 1, 1)
    covariance = np.diag((scale[:, None] * shares).sum(axis=0)) - np.einsum(
        "t,ti,tj->ij", scale, shares, shares
    )
    gap = (events - expected).sum(axis=0)
    # the gaps of all variants add up to 0: one of them is redundant
    kept = covariance[:-1, :-1]
    if np.linalg.matrix_rank(kept) < len(kept):
        message = said(
            "At every event only one variant was still watched, so nothing can be compared."
        )
        raise NoVariance(message)
    chi_squared = float(gap[:-1] @ np.linalg.solve(kept, gap[:-1]))
    df = len(summaries) - 1
    return LogRank(
        chi_squared,
        df,
        float(chdtrc(df, chi_squared)),
        tuple(int(total) for total in events.sum(axis=0)),
        tuple(float(total) for total in expected.sum(axis=0)),
    )


def risk_table(
    summaries: Sequence[SurvivalSummary],
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], ...]:
    """Give units at risk and events, one row per time with an event, one column per variant.

    Raises:
        TooFewUnits: A variant has no unit.
        InvalidSummary: The variants cut time differently, or there is only one.
    """
    if len(summaries) < 2:  # noqa: PLR2004 - a comparison takes two
        message = f"{len(summaries)} variants; a comparison takes two"
        raise InvalidSummary(message)
    if any(summary.n == 0 for summary in summaries):
        raise TooFewUnits(0, 1)
    if len({summary.steps_per_day for summary in summaries}) > 1:
        message = "the variants cut time into different steps"
        raise InvalidSummary(message)
    times = np.array(
        sorted(
            {
                step
                for summary in summaries
                for step, events in zip(summary.steps, summary.events, strict=True)
                if events
            }
        ),
        dtype=np.int64,
    )
    at_risk = np.empty((len(times), len(summaries)))
    events = np.zeros((len(times), len(summaries)))
    for column, summary in enumerate(summaries):
        steps = np.array(summary.steps, dtype=np.int64)
        counts = np.array(summary.events, dtype=np.float64)
        gone = np.concatenate([[0.0], np.cumsum(counts + np.array(summary.censored))])
        at_risk[:, column] = summary.n - gone[np.searchsorted(steps, times, side="left")]
        had = counts > 0
        events[np.searchsorted(times, steps[had]), column] = counts[had]
    return at_risk, events
