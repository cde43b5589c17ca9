"""Daily counts: the days they fall on, how much they scatter, and when they are too few."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from scipy.special import bdtr

DAY: Final = timedelta(days=1)
WEEK: Final = 7
MEDIAN_OF_CHI2: Final = 0.4549364231195728
"""Median of chi-squared with one degree of freedom."""


def local_day(at: datetime, time_zone: str) -> date:
    """Give the calendar day of a moment in a zone."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def days_between(first: date, last: date) -> list[date]:
    """Give the days after `first` and before `last`."""
    return [first + DAY * i for i in range(1, (last - first).days)]


def dispersion(counts: Mapping[date, int], days: list[date]) -> float:
    """Give how much more daily counts scatter than Poisson counts do, at least 1.

    (a - b)² / (a + b) has the mean 1 for two Poisson counts of one rate. Pairs a week apart are
    compared, so that weekdays are not taken for scatter; the median of the pairs, over that of
    chi-squared, so that a broken day is not either. Pairs of neighbouring days where there are not
    a week of weekly ones.
    """
    known = set(days)
    for lag in (WEEK, 1):
        pairs = [
            (counts.get(day, 0), counts.get(day + DAY * lag, 0))
            for day in days
            if day + DAY * lag in known
        ]
        scatter = [(a - b) ** 2 / (a + b) for a, b in pairs if a + b]
        if len(scatter) >= WEEK or lag == 1:
            return max(1.0, median(scatter) / MEDIAN_OF_CHI2) if scatter else 1.0
    return 1.0


def too_few(seen: int, days: int, usual: Sequence[int], scatter: float) -> float:
    """Give the chance of so few, given the counts of other days that should be alike.

    Given their total, one of two Poisson counts is binomial; scatter makes all counts worth fewer.

    Args:
        seen: The count in question, over `days` days.
        days: How many days it is over.
        usual: Counts of the other days, one each.
        scatter: Their variance over their mean (`dispersion`).

    Source: Przyborowski and Wilenski (1940), Biometrika 31.
    """
    total = (seen + sum(usual)) / scatter
    return float(bdtr(seen / scatter, round(total), days / (days + len(usual))))
