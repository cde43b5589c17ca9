"""Decides how the rate of buying changes within the day, the week and the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from stats.simulation.plan import WorldPlan

    Microseconds = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
YEAR_US: Final = int(365.25 * DAY_US)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PEAK_DAY: Final = 329.0  # 25 November
_PEAK_WIDTH: Final = 5.0
_CREST_DAY: Final = 335.0  # 1 December
_MORNING: Final = 6


def microseconds(moment: datetime) -> int:
    """Give a time as microseconds since 1970 in UTC, exactly."""
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


@dataclass(frozen=True, slots=True, eq=False)
class SeasonClock:
    """Time as the programme's members feel it: it runs fast when they buy much.

    A year of season time holds as many orders as a year of even time. The rate is constant within
    an hour and averages exactly 1 over the history, so that the expected orders of a member with
    rate r, there from a to b, are r * `elapsed`(a, b) in years.

    Attributes:
        edges: Microseconds since 1970, the borders of the hours of the history.
        felt: Season time elapsed at each border, in years.
    """

    edges: Floats
    felt: Floats

    @classmethod
    def of(cls, plan: WorldPlan) -> Self:
        """Build the clock of a plan."""
        start, end = microseconds(plan.start), microseconds(plan.end)
        edges = np.append(np.arange(start, end, HOUR_US, dtype=np.int64), end)
        local = pd.DatetimeIndex(edges[:-1].astype("datetime64[us]"), tz="UTC").tz_convert(
            plan.zone
        )
        day = local.day_of_year.to_numpy().astype(np.float64)
        seasons = plan.seasons
        rate = np.asarray(seasons.weekdays)[local.day_of_week.to_numpy()]
        rate = rate * (1 + seasons.yearly_swing * np.cos(2 * np.pi * (day - _CREST_DAY) / 365.25))
        rate *= 1 + seasons.november_peak * np.exp(-0.5 * ((day - _PEAK_DAY) / _PEAK_WIDTH) ** 2)
        rate *= np.where(local.hour.to_numpy() < _MORNING, seasons.night, 1.0)
        passed = np.concatenate(([0.0], np.cumsum(rate * np.diff(edges))))
        return cls(edges.astype(np.float64), passed * ((end - start) / passed[-1]) / YEAR_US)

    def at(self, moments: Microseconds) -> Floats:
        """Give the season time in years since the start of the history."""
        return np.interp(moments.astype(np.float64), self.edges, self.felt)

    def elapsed(self, begins: Microseconds, ends: Microseconds) -> Floats:
        """Give the season time in years between pairs of moments, 0 where they are reversed."""
        return np.maximum(self.at(ends) - self.at(begins), 0.0)

    def draw(self, begins: Microseconds, ends: Microseconds, uniform: Floats) -> Microseconds:
        """Give a moment in each [begin, end), by inversion: dense where the season is high."""
        low, high = self.at(begins), self.at(ends)
        drawn = np.interp(low + uniform * (high - low), self.felt, self.edges)
        moments = np.floor(drawn).astype(np.int64)
        return np.clip(moments, begins, ends - 1)
