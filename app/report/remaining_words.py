"""Says what is still to come until the planned size is there and mature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Scale

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.words import Unit
    from stats.inference.duration import Remaining


def remaining_words(missing: Remaining, unit: Unit, formats: Formats) -> str:
    """Say how many units are missing, at which traffic, and when they will be there."""
    counted = unit.counted(missing.units, formats.count(missing.units).text)
    rate = formats.alone(missing.units_per_day, Scale.COUNT, signed=False).text
    if not missing.reachable or missing.days is None:
        return (
            f"The planned size takes {counted} more; at {rate} {unit.many} a day that is out of "
            "reach within two years."
        )
    if not missing.days:
        return "The planned size has been reached, and all windows that it takes have closed."
    days = day_words(missing.days, formats)
    ready = "" if missing.ready_on is None else f", until {formats.day(missing.ready_on)}"
    if not missing.units:
        return (
            f"Everyone needed for the planned size has come; the last window closes in {days}"
            f"{ready}."
        )
    return (
        f"The planned size takes {counted} more: at {rate} {unit.many} a day, and until their "
        f"windows have closed, {days}{ready}."
    )


def day_words(days: int, formats: Formats) -> str:
    """Count days: 1 day, 12 days."""
    return f"{formats.count(days).text} {'day' if days == 1 else 'days'}"
