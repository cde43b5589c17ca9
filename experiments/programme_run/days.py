"""Cuts time into days of the programme's zone, as moments that need no time zone any more.

A window of days is a moment to compare with, computed once: nothing is asked of the zone per fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Days:
    """The days up to a moment.

    Attributes:
        zone: IANA name.
        as_of: Facts count that occurred before it.
    """

    zone: str
    as_of: datetime

    @property
    def last(self) -> date:
        """The last day: that of the last moment before `as_of`."""
        local = (self.as_of - timedelta.resolution).astimezone(ZoneInfo(self.zone))
        return local.date()

    def window_begins(self, days: int) -> datetime:
        """Give the moment at which a window of so many days begins, the last day included."""
        return self.day_begins(self.last - timedelta(days=days - 1))

    def day_begins(self, day: date) -> datetime:
        """Give the moment at which a day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def before(self, days: int) -> datetime:
        """Give the moment so many days before `as_of`, at the same time of the day."""
        local = self.as_of.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        earlier = (local - timedelta(days=days)).replace(tzinfo=ZoneInfo(self.zone))
        return earlier.astimezone(UTC)

    def offsets(self, since: datetime) -> list[tuple[datetime, timedelta]]:
        """Give the offsets from UTC that held from `since` to `as_of`, each from its moment."""
        zone = ZoneInfo(self.zone)
        found = [(since, _offset(since, zone))]
        day = since
        while day < self.as_of:
            later = min(day + _DAY, self.as_of)
            if _offset(later, zone) != found[-1][1]:
                changed = _change_between(day, later, zone)
                found.append((changed, _offset(changed, zone)))
            day = later
        return found


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    return timedelta(0) if offset is None else offset


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment between the two from which the later one's offset holds, to the second."""
    before, after = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
    while after - before > _SECOND:
        middle = before + ((after - before) // 2 // _SECOND) * _SECOND
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return after
