"""Do exposures and events still arrive?

A feed that breaks while a campaign runs loses outcomes, and seldom alike in all variants. Whole
days without a single exposure, or without one of an event, are compared with the counts of the same
weekdays in the week before the silence. A campaign that has ended may be silent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from stats.aggregation.aggregates import Aggregates
from stats.checks.days import DAY, WEEK, days_between, dispersion, local_day, too_few
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said, with_semicolons

ALPHA: Final = 0.001
"""Error rate of one look, shared by all feeds."""
FEWEST_DAYS: Final = 3
"""Days with counts that a feed must have before its silence means anything."""
FEW_DAYS: Final = 2 * WEEK
"""With fewer days than these, how much they scatter is a guess, and a safe one is made."""
SAFE_SCATTER: Final = 4.0
"""Variance over mean that is assumed then, at least: that of orders in bursts."""
LONGEST_SILENCE_DAYS: Final = 14
"""Where no end is planned, a campaign without exposures for longer is taken to have ended: by then
the silence has been warned of for as many days."""
EXPOSURES: Final = "exposures"


@dataclass(frozen=True, slots=True)
class Silence:
    """A feed that has been silent for longer than chance allows.

    Attributes:
        feed: The event, or `exposures`.
        last: Its last day with a count.
        days: Whole days since without one.
        expected: How many were to be expected in them.
    """

    feed: str
    last: date
    days: int
    expected: float


def check_freshness(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Look for feeds that fell silent while the campaign runs."""
    ends_at = plan.looks.ends_at
    today = local_day(aggregates.as_of, plan.time_zone)
    feeds = _feeds(plan, aggregates)
    last_days: Evidence = {"last_day": {name: str(max(days)) for name, days in feeds.items()}}
    if not feeds:
        return _not_run(said("Nothing has arrived on any day yet."), last_days)
    if ends_at is not None and aggregates.as_of >= ends_at:
        return Finding(
            FindingCode.FRESHNESS,
            Severity.PASSED,
            said("Campaign has ended"),
            said(
                "It ended on {local_day}, so nothing new is expected.",
                local_day=local_day(ends_at, plan.time_zone),
            ),
            "",
            last_days,
        )
    newest = max(feeds.get(EXPOSURES) or (max(days) for days in feeds.values()))
    if ends_at is None and (today - newest).days > LONGEST_SILENCE_DAYS:
        return _not_run(
            said(
                "The plan names no end and nobody has been exposed since {newest}, over "
                "{longest_silence_days} days ago: the campaign is taken to have ended.",
                newest=newest,
                longest_silence_days=LONGEST_SILENCE_DAYS,
            ),
            last_days,
        )
    usable = {name: days for name, days in feeds.items() if len(days) >= FEWEST_DAYS}
    if not usable:
        return _not_run(
            said(
                "No feed has {fewest_days} days with counts, so none can be late.",
                fewest_days=FEWEST_DAYS,
            ),
            last_days,
        )
    silent = list(_silent(usable, today))
    evidence: Evidence = {
        **last_days,
        "silent_days": {one.feed: one.days for one in silent},
        "expected": {one.feed: one.expected for one in silent},
        "alpha": ALPHA,
    }
    if silent:
        parts = with_semicolons(
            said(
                "no {feed} since {last}, where about {expected} were to be expected",
                feed=one.feed,
                last=one.last,
                expected=f"{one.expected:.0f}",
            )
            for one in silent
        )
        return Finding(
            FindingCode.FRESHNESS,
            Severity.WARNING,
            said("Nothing arrives any more"),
            said("While the campaign runs, whole days are silent: {parts}.", parts=parts),
            said(
                "Check the senders of these. If enrolment was closed on purpose (a "
                "pause, a cap), or the campaign has ended, nothing is wrong."
            ),
            evidence,
        )
    return Finding(
        FindingCode.FRESHNESS,
        Severity.PASSED,
        said("Facts are fresh"),
        said("Exposures and events arrive as they did in the days before."),
        "",
        evidence,
    )


def _feeds(plan: AnalysisPlan, aggregates: Aggregates) -> dict[str, dict[date, int]]:
    """Give the counts per feed and day; days without one are absent."""
    feeds: dict[str, dict[date, int]] = {}
    for unit_row in aggregates.units_by_day:
        if unit_row.day is not None and unit_row.units:
            counts = feeds.setdefault(EXPOSURES, {})
            counts[unit_row.day] = counts.get(unit_row.day, 0) + unit_row.units
    last = aggregates.facts.last_exposed_at
    if last is not None and EXPOSURES in feeds:
        # units are counted on their first exposure; a later one shows the feed to be alive, too
        feeds[EXPOSURES].setdefault(local_day(last, plan.time_zone), 1)
    for event_row in aggregates.event_days:
        if event_row.seen:
            feeds.setdefault(event_row.event, {})[event_row.day] = event_row.seen
    return feeds


def _silent(feeds: Mapping[str, Mapping[date, int]], today: date) -> Iterator[Silence]:
    for name, counts in feeds.items():
        last = max(counts)
        missing = days_between(last, today)  # whole days: today is not over
        if not missing:
            continue
        # the last day itself may be half a day, after which the feed broke: still the best guess
        week = {(last - DAY * i).weekday(): counts.get(last - DAY * i, 0) for i in range(WEEK)}
        usual = [week[weekday] for weekday in {day.weekday() for day in missing}]
        expected = float(sum(week[day.weekday()] for day in missing))
        window = [last - DAY * i for i in range(4 * WEEK) if last - DAY * i >= min(counts)]
        scatter = dispersion(counts, window)
        if len(window) < FEW_DAYS:
            scatter = max(scatter, SAFE_SCATTER)
        if too_few(0, len(missing), usual, scatter) < ALPHA / len(feeds):
            yield Silence(name, last, len(missing), expected)


def _not_run(reason: str, evidence: Evidence) -> Finding:
    return Finding.not_checked(FindingCode.FRESHNESS, said("Freshness"), reason, evidence=evidence)
