"""Are there days on which an event is missing, or far too rare?

A feed that was down for a day leaves a hole in every unit's window over it. A day is a gap when it
has less than half of what the days before it had *and* less than half of what those after it had,
each beyond chance. So neither a weekly cycle nor growth nor a campaign running out looks like one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from stats.aggregation.aggregates import Aggregates
from stats.checks.days import DAY, WEEK, days_between, dispersion, too_few
from stats.checks.finding import Evidence, EvidenceValue, Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said, with_commas, with_semicolons

ALPHA: Final = 0.001
"""Error rate of one look, shared by all days of all events."""
FAR_TOO_FEW: Final = 0.5
"""Share of the usual count below which a day is a gap: less is the weather."""
WEEKS: Final = 3
"""Same weekdays compared on each side."""
MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """A day on which an event was missing or far too rare."""

    event: str
    day: date
    seen: int
    expected: float


def check_event_gaps(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare the count of every event on every day with the days around it."""
    by_event: dict[str, dict[date, int]] = {event: {} for event in plan.events}
    for row in aggregates.event_days:
        if row.seen:
            by_event.setdefault(row.event, {})[row.day] = row.seen
    inner = {
        event: days_between(min(counts), max(counts))
        for event, counts in by_event.items()
        if counts
    }
    tests = sum(len(days) for days in inner.values())
    if not tests:
        return Finding.not_checked(
            FindingCode.EVENT_GAPS,
            said("Gaps in events"),
            said("No event was seen on days far enough apart to have days between them."),
        )
    gaps = [
        gap for event, days in inner.items() for gap in _gaps(event, by_event[event], days, tests)
    ]
    evidence: Evidence = {
        "days_tested": tests,
        "alpha": ALPHA,
        "gaps": _per_gap(gaps, [gap.seen for gap in gaps]),
        "expected": _per_gap(gaps, [gap.expected for gap in gaps]),
    }
    if not gaps:
        return Finding(
            FindingCode.EVENT_GAPS,
            Severity.PASSED,
            said("No gaps in events"),
            said("No event is missing on a day between days that have it."),
            "",
            evidence,
        )
    parts = with_semicolons(
        _sentence(event, gaps) for event in inner if any(g.event == event for g in gaps)
    )
    return Finding(
        FindingCode.EVENT_GAPS,
        Severity.WARNING,
        said("Days with missing events"),
        said("Missing or far too rare: {parts}.", parts=parts),
        said(
            "Check the sender on these days, and send what was lost: facts that arrive late count."
        ),
        evidence,
    )


def _per_gap(gaps: Sequence[Gap], values: Sequence[float]) -> dict[str, EvidenceValue]:
    return {f"{gap.event} {gap.day}": value for gap, value in zip(gaps, values, strict=True)}


def _sentence(event: str, gaps: Sequence[Gap]) -> str:
    of_event = [gap for gap in gaps if gap.event == event]
    named = with_commas(
        said(
            "{day} ({seen} of about {expected})",
            day=gap.day,
            seen=gap.seen,
            expected=f"{gap.expected:.0f}",
        )
        for gap in of_event[:MOST_NAMED]
    )
    rest = len(of_event) - MOST_NAMED
    if rest <= 0:
        return said("{event} on {named}", event=event, named=named)
    return said("{event} on {named} and {rest} more days", event=event, named=named, rest=rest)


def _gaps(
    event: str, counts: Mapping[date, int], days: Sequence[date], tests: int
) -> Iterator[Gap]:
    first, last = min(counts), max(counts)
    scatter = dispersion(counts, [first, *days, last])
    for day in days:
        before = _around(counts, day, -1, first, last)
        after = _around(counts, day, 1, first, last)
        seen = counts.get(day, 0)
        usual = min(sum(before) / len(before), sum(after) / len(after))
        if seen >= FAR_TOO_FEW * usual:
            continue
        # both sides must say so: each alone may be growth or decline
        p_value = max(too_few(seen, 1, side, scatter) for side in (before, after))
        if p_value < ALPHA / tests:
            yield Gap(event, day, seen, usual)


def _around(counts: Mapping[date, int], day: date, side: int, first: date, last: date) -> list[int]:
    """Give the counts of the same weekday on one side, or of all days there within a week."""
    weekly = [day + DAY * WEEK * side * i for i in range(1, WEEKS + 1)]
    inside = [one for one in weekly if first <= one <= last]
    if not inside:
        inside = [one for i in range(1, WEEK) if first <= (one := day + DAY * side * i) <= last]
    return [counts.get(one, 0) for one in inside]
