"""The rules of the finding on what ran out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from stats.checks.enrolment_closed import Closing, check_enrolment_closed
from stats.checks.finding import Severity
from tests.stats.facts import plan

PLAN = plan()
AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_without_bounds_nothing_ran_out() -> None:
    """It passes, and says what that means."""
    got = check_enrolment_closed(PLAN, ())
    assert got.severity is Severity.PASSED


def test_who_was_not_told_says_so() -> None:
    """An analysis of declared facts knows of no bounds; it does not claim that all is well."""
    got = check_enrolment_closed(PLAN, None)
    assert got.severity is Severity.NOTICE
    assert "not told" in got.detail


def test_a_closed_enrolment_is_a_warning_with_its_moment() -> None:
    """In the plan's time zone, with what ran out and that the comparison stays valid."""
    got = check_enrolment_closed(PLAN, (Closing("the stock of offer tea", 1_200, AT),))
    assert got.severity is Severity.WARNING
    assert "The stock of offer tea (1,200) was exhausted at 2026-03-01" in got.detail
    assert f"({PLAN.time_zone})" in got.detail
    assert "comparison stays valid" in got.detail
    assert got.what_to_do
    assert got.evidence["the stock of offer tea"] == {
        "limit": 1_200,
        "at": "2026-03-01T12:30:00+00:00",
        "reopened_at": None,
    }


def test_a_bound_that_was_raised_is_told_with_both_moments() -> None:
    """It closes nothing any more; the results leave out who would have come meanwhile."""
    raised = Closing("the cap on units", 5, AT, AT + timedelta(hours=1))
    got = check_enrolment_closed(PLAN, (raised,))
    assert got.severity is Severity.NOTICE
    assert "raised at" in got.detail
    still = check_enrolment_closed(PLAN, (raised, Closing("the campaign's budget", 7, AT)))
    assert still.severity is Severity.WARNING
