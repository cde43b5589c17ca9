"""Says what is still to come until the planned size is there and mature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Scale
from stats.sentence import said, said_many

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.words import Unit
    from stats.inference.duration import Remaining


def remaining_words(missing: Remaining, unit: Unit, formats: Formats) -> str:
    """Say how many units are missing, at which traffic, and when they will be there."""
    counted = unit.counted(missing.units, formats.count(missing.units).text)
    rate = formats.alone(missing.units_per_day, Scale.COUNT, signed=False).text
    if not missing.reachable or missing.days is None:
        return said(
            "The planned size takes {counted} more; at {rate} {unit} a day that is "
            "out of reach within two years.",
            counted=counted,
            rate=rate,
            unit=unit.many,
        )
    if not missing.days:
        return said("The planned size has been reached, and all windows that it takes have closed.")
    days = day_words(missing.days, formats)
    ready = (
        "" if missing.ready_on is None else said(", until {day}", day=formats.day(missing.ready_on))
    )
    if not missing.units:
        return said(
            "Everyone needed for the planned size has come; the last window closes "
            "in {days}{ready}.",
            days=days,
            ready=ready,
        )
    return said(
        "The planned size takes {counted} more: at {rate} {unit} a day, and "
        "until their windows have closed, {days}{ready}.",
        counted=counted,
        rate=rate,
        unit=unit.many,
        days=days,
        ready=ready,
    )


def day_words(days: int, formats: Formats) -> str:
    """Count days: 1 day, 12 days."""
    return said_many("{count} day", "{count} days", days, count=formats.count(days).text)
