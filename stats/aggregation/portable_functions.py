"""The engine's functions in words that every dialect of Ibis has, for engines without their own.

Slower than what an engine has: a day is cut by a list of the zone's changes, a property is read by
parsing its object, an order statistic takes an array of all values, which an engine may limit
(BigQuery: 100 MB, some ten million values).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

FIRST: Final = datetime(2010, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2050, 1, 1, tzinfo=UTC)
"""Between them the changes of a zone are known; before and after, its clock is as at that end."""
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PortableFunctions:
    """Functions that need nothing of the engine.

    Attributes:
        time_zone: IANA zone in which days are cut.
    """

    time_zone: str

    def local_day(self, at: ir.TimestampValue) -> ir.DateValue:
        """Give the calendar day of a UTC time, by Python's rules of the zone."""
        first, *changes = offsets(self.time_zone)
        branches = []
        offset = first[1]
        for moment, later in changes:
            bound = ibis.literal(moment.replace(tzinfo=None), type="timestamp(6)")
            branches.append((at < bound, _shifted(at, offset)))
            offset = later
        last = _shifted(at, offset)
        return (ibis.cases(*branches, else_=last) if branches else last).date()

    def property_text(self, properties: ir.StringValue, name: str) -> ir.StringValue:
        """Give a property of a JSON object as text."""
        value = properties.cast("json")[name]
        return ibis.coalesce(value.unwrap_as("string"), value.cast("string").nullif("null"))

    def order_statistic(self, values: ir.Column, share: ir.FloatingScalar) -> ir.Scalar:
        """Give the lowest of the values that at least this share of them do not exceed."""
        place = (values.count() * share).ceil().cast("int64") - 1
        return values.collect(order_by=values)[place]


def _shifted(at: ir.TimestampValue, offset: timedelta) -> ir.TimestampValue:
    minutes = offset // MINUTE
    step = ibis.interval(minutes=abs(minutes))
    return at + step if minutes >= 0 else at - step


@lru_cache(maxsize=64)
def offsets(time_zone: str) -> tuple[tuple[datetime, timedelta], ...]:
    """Give the offsets of a zone from UTC: from which UTC time on, and by how much, to the minute.

    The first is that of `FIRST`.
    """
    zone = ZoneInfo(time_zone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta(0)

    found = [(FIRST, offset(FIRST))]
    day = FIRST
    while day < LAST:
        after = day + timedelta(days=1)
        if offset(after) != offset(day):
            low, high = day, after
            while high - low > MINUTE:
                middle = low + (high - low) / 2
                middle = middle.replace(second=0, microsecond=0)
                low, high = (low, middle) if offset(middle) != offset(day) else (middle, high)
            found.append((high, offset(high)))
        day = after
    return tuple(found)
