"""How many days a number of units takes, from the traffic of recent days.

New units come by the pattern of the week. Later days bring fewer *new* members than the first ones,
because the regulars have been seen: measure traffic as newly exposed units, where there are any.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from stats.errors import InvalidSizing

WEEK = 7
RECENT_DAYS = 28
LONGEST = 730
"""Days after which a campaign is called out of reach."""


@dataclass(frozen=True, slots=True)
class DailyUnits:
    """Newly exposed (or eligible) units of one complete calendar day."""

    day: date
    units: int

    def __post_init__(self) -> None:
        """Refuse a negative count."""
        if self.units < 0:
            raise InvalidSizing(self.units, field="traffic", expected="give counts of 0 or more")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Units per day that are to be expected.

    Attributes:
        by_weekday: Units on each weekday, Monday first.
        days_observed: Complete days it rests on.
    """

    by_weekday: tuple[float, ...]
    days_observed: int

    def __post_init__(self) -> None:
        """Refuse a week of another length and negative units."""
        if len(self.by_weekday) != WEEK or not all(units >= 0 for units in self.by_weekday):
            way_out = "give units of 0 or more for seven weekdays"
            raise InvalidSizing(self.by_weekday, field="traffic", expected=way_out)

    @classmethod
    def steady(cls, units_per_day: float) -> Self:
        """Give the same units every day."""
        return cls((units_per_day,) * WEEK, 0)

    @classmethod
    def from_days(cls, days: Iterable[DailyUnits], *, recent_days: int = RECENT_DAYS) -> Self:
        """Learn the pattern of the week from the latest whole weeks.

        With less than one week, every weekday is expected to be like the mean of the days there
        are. A day within the range that is not given had no units.

        Args:
            days: Complete days, in any order; not today, which is not over.
            recent_days: How far back to look from the latest day, at least 7.

        Raises:
            InvalidSizing: There is no day, or a day is given twice.
        """
        units = {}
        for row in days:
            if row.day in units:
                raise InvalidSizing(row.day, field="traffic", expected="give every day once")
            units[row.day] = row.units
        if not units:
            raise InvalidSizing((), field="traffic", expected="give at least one complete day")
        last = max(units)
        span = min((last - min(units)).days + 1, max(recent_days, WEEK))
        span = span // WEEK * WEEK or span
        window = [last - timedelta(days=back) for back in range(span)]
        if span < WEEK:
            mean = sum(units.get(day, 0) for day in window) / span
            return cls((mean,) * WEEK, span)
        per_weekday = [0.0] * WEEK
        for day in window:
            per_weekday[day.weekday()] += units.get(day, 0) * WEEK / span
        return cls(tuple(per_weekday), span)

    @property
    def units_per_day(self) -> float:
        """Mean over the week."""
        return sum(self.by_weekday) / WEEK

    def scaled(self, factor: float) -> Self:
        """Give this traffic times a factor, such as another traffic share."""
        return type(self)(tuple(units * factor for units in self.by_weekday), self.days_observed)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is still to come until a number of units is there and mature.

    Attributes:
        units: Units of all variants together that are still to be exposed.
        units_per_day: Mean of the expected traffic.
        reachable: Whether it takes no more than two years.
        days: Whole days from the first day counted until the last unit's window has closed; `None`
            when out of reach.
        last_exposure_on: The day that brings the last unit; `None` when none is missing or it is
            out of reach.
        ready_on: The first day on which everything is mature; `None` when out of reach.
    """

    units: int
    units_per_day: float
    reachable: bool
    days: int | None
    last_exposure_on: date | None
    ready_on: date | None


def remaining(
    units_needed: int,
    traffic: Traffic,
    *,
    from_day: date,
    maturity_days: int,
    exposed: int = 0,
    mature: int = 0,
) -> Remaining:
    """Count the days until as many units are mature.

    Args:
        units_needed: Units of all variants together. With planned shares kept, every variant then
            has its own: see `stats.inference.sample_size.campaign_size`.
        traffic: Units per day.
        from_day: The first day that is still to come (usually today, which is not over).
        maturity_days: Length of the metric's window; a unit counts when its own has closed.
        exposed: Units exposed so far, mature or not.
        mature: Units among them whose window has closed.

    Returns:
        0 days when enough units are mature. When enough are exposed but not mature, the whole
        window: an upper bound.

    Raises:
        InvalidSizing: Counts that contradict each other.
    """
    if units_needed < 0 or maturity_days < 0 or not 0 <= mature <= exposed:
        came = (units_needed, maturity_days, exposed, mature)
        way_out = "give needed units, window days, exposed and, among those, mature units"
        raise InvalidSizing(came, field="remaining", expected=way_out)
    rate = traffic.units_per_day
    missing = max(units_needed - exposed, 0)
    if missing == 0:
        days = 0 if mature >= units_needed else maturity_days
        return Remaining(0, rate, True, days, None, from_day + timedelta(days=days))
    arrived = 0.0
    for after in range(LONGEST):
        day = from_day + timedelta(days=after)
        arrived += traffic.by_weekday[day.weekday()]
        # sums of means are off by their last digits
        if arrived >= missing * (1 - 1e-12):
            # the last unit may come at the end of that day
            days = after + 1 + maturity_days
            ready = from_day + timedelta(days=days)
            return Remaining(missing, rate, True, days, day, ready)
    return Remaining(missing, rate, False, None, None, None)
