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
from stats.sentence import said, said_many, units_of, with_commas

WEEKDAYS: Final = (
    said("Monday"),
    said("Tuesday"),
    said("Wednesday"),
    said("Thursday"),
    said("Friday"),
    said("Saturday"),
    said("Sunday"),
)


def check_unfinished_week(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare the days over which units were first exposed with whole weeks."""
    firsts = [row.first_exposed_at for row in aggregates.variants if row.first_exposed_at]
    lasts = [row.last_exposed_at for row in aggregates.variants if row.last_exposed_at]
    if not firsts or not lasts:
        return Finding.not_checked(
            FindingCode.UNFINISHED_WEEK, said("Whole weeks"), said("No unit has been exposed yet.")
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
    noun = units_of(plan.randomization_unit)
    if until == last and last - start <= DAY:
        return Finding(
            FindingCode.UNFINISHED_WEEK,
            Severity.NOTICE,
            said("All began on one day"),
            said(
                "All {noun} were first exposed within one day, a {weekday}: the results "
                "are those of {noun} who begin then.",
                noun=noun,
                weekday=weekday,
            ),
            "",
            evidence,
        )
    if days < WEEK:
        return Finding(
            FindingCode.UNFINISHED_WEEK,
            Severity.WARNING,
            said("Less than a week"),
            said_many(
                "{noun} came in over {days} day, so {missing} weekdays are missing from the "
                "results.",
                "{noun} came in over {days} days, so {missing} weekdays are missing from the "
                "results.",
                days,
                noun=noun.capitalize(),
                days=days,
                missing=WEEK - max(days, 1),
            ),
            said("Let the campaign run for at least one whole week."),
            evidence,
        )
    over = days % WEEK
    if over:
        # the weekdays of the days beyond whole weeks count once more than the others
        extra = [
            WEEKDAYS[(local_day(start, plan.time_zone) + DAY * i).weekday()] for i in range(over)
        ]
        return Finding(
            FindingCode.UNFINISHED_WEEK,
            Severity.NOTICE,
            said("Unfinished week"),
            said_many(
                "{noun} came in over {days} days: {extra} counts {more} times, the other weekdays "
                "{times}.",
                "{noun} came in over {days} days: {extra} count {more} times, the other weekdays "
                "{times}.",
                over,
                noun=noun.capitalize(),
                days=days,
                extra=with_commas(extra),
                more=days // WEEK + 1,
                times=days // WEEK,
            ),
            said_many(
                "Decide after whole weeks: {days} day more, or at the next planned look.",
                "Decide after whole weeks: {days} days more, or at the next planned look.",
                WEEK - over,
                days=WEEK - over,
            ),
            evidence,
        )
    return Finding(
        FindingCode.UNFINISHED_WEEK,
        Severity.PASSED,
        said("Whole weeks"),
        said_many(
            "{noun} came in over {weeks} whole week, so every weekday counts alike.",
            "{noun} came in over {weeks} whole weeks, so every weekday counts alike.",
            days // WEEK,
            noun=noun.capitalize(),
            weeks=days // WEEK,
        ),
        "",
        evidence,
    )


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
