"""Do the results rest on whole weeks?

Those who come on a Saturday differ from those who come on a Tuesday. After ten days, three weekdays
count twice, and an effect that differs by weekday is weighed wrongly. Kohavi, Tang and Xu (2020,
section 2) advise at least one whole week, and whole weeks.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from stats.aggregation.aggregates import Aggregates
from stats.checks.days import DAY, WEEK, local_day
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.plan import AnalysisPlan

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check_unfinished_week(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare the days over which units were first exposed with whole weeks."""
    firsts = [row.first_exposed_at for row in aggregates.variants if row.first_exposed_at]
    lasts = [row.last_exposed_at for row in aggregates.variants if row.last_exposed_at]
    if not firsts or not lasts:
        return Finding.not_checked(
            FindingCode.UNFINISHED_WEEK, "Whole weeks", "No unit has been exposed yet."
        )
    start, last = min(firsts), max(lasts)
    until = _until(plan, aggregates, last)
    days = round((until - start) / DAY)
    weekday = WEEKDAYS[local_day(start, plan.time_zone).weekday()]
    evidence: Evidence = {
        "days": days,
        "whole_weeks": days // WEEK,
        "days_over": days % WEEK,
        "units_by_weekday": _units_by_weekday(aggregates),
    }
    noun = f"{plan.randomization_unit.value}s"
    if until == last and last - start <= DAY:
        return Finding(
            FindingCode.UNFINISHED_WEEK, Severity.NOTICE, "All began on one day",
            f"All {noun} were first exposed within one day, a {weekday}: the results are those of "
            f"{noun} who begin then.", "", evidence,
        )  # fmt: skip
    if days < WEEK:
        return Finding(
            FindingCode.UNFINISHED_WEEK, Severity.WARNING, "Less than a week",
            f"{noun.capitalize()} came in over {days} day{'' if days == 1 else 's'}, so "
            f"{WEEK - max(days, 1)} weekdays are missing from the results.",
            "Let the campaign run for at least one whole week.", evidence,
        )  # fmt: skip
    over = days % WEEK
    if over:
        # the weekdays of the days beyond whole weeks count once more than the others
        extra = [WEEKDAYS[(local_day(start, plan.time_zone) + DAY * i).weekday()]
                 for i in range(over)]  # fmt: skip
        return Finding(
            FindingCode.UNFINISHED_WEEK, Severity.NOTICE, "Unfinished week",
            f"{noun.capitalize()} came in over {days} days: {', '.join(extra)} "
            f"count{'s' if over == 1 else ''} {days // WEEK + 1} times, the other weekdays "
            f"{days // WEEK}.",
            f"Decide after whole weeks: {WEEK - over} day{'s' if WEEK - over > 1 else ''} more, or "
            "at the next planned look.", evidence,
        )  # fmt: skip
    return Finding(
        FindingCode.UNFINISHED_WEEK, Severity.PASSED, "Whole weeks",
        f"{noun.capitalize()} came in over {days // WEEK} whole "
        f"week{'' if days == WEEK else 's'}, so every weekday counts alike.", "", evidence,
    )  # fmt: skip


def _until(plan: AnalysisPlan, aggregates: Aggregates, last: datetime) -> datetime:
    """Give when enrolment ended: now while it goes on, else the last unit's first exposure."""
    ends_at = plan.looks.ends_at
    end = aggregates.as_of if ends_at is None else min(aggregates.as_of, ends_at)
    return end if end - last <= timedelta(days=1) else last


def _units_by_weekday(aggregates: Aggregates) -> dict[str, str | int | float | None]:
    counts: Counter[str] = Counter()
    for row in aggregates.units_by_day:
        if row.day is not None:
            counts[WEEKDAYS[row.day.weekday()]] += row.units
    return {day: counts[day] for day in WEEKDAYS if counts}
