"""Checks of days: feeds that fall silent, days with holes, unfinished weeks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.aggregation.aggregates import (
    Aggregates,
    EventDay,
    FactsRange,
    UnitCount,
    VariantUnits,
)
from stats.checks.days import dispersion, too_few
from stats.checks.event_gaps import check_event_gaps
from stats.checks.finding import Severity
from stats.checks.freshness import ALPHA, check_freshness
from stats.checks.unfinished_week import check_unfinished_week
from stats.plan import AnalysisPlan, Looks
from tests.stats.facts import DAY, START, in_use, plan

FIRST = date(2026, 1, 5)  # a Monday
NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)  # in Taipei
ORDERS = plan(in_use("purchase_frequency"))  # reads the event `order`


def of_days(
    orders: Sequence[int] = (),
    units: Sequence[int] = (),
    *,
    today: int,
    last_exposed: int | None = None,
) -> Aggregates:
    """Aggregates of daily counts from FIRST on, seen on day number `today`."""
    last = len(units) - 1 if last_exposed is None else last_exposed
    return Aggregates(
        NOON + today * DAY,
        FactsRange(sum(units), NOON, NOON + last * DAY, sum(orders), None, None),
        (), (), 0, (), (), (),
        units_by_day=tuple(
            UnitCount("control", n, day=FIRST + i * DAY) for i, n in enumerate(units) if n
        ),
        event_days=tuple(
            EventDay("order", FIRST + i * DAY, n) for i, n in enumerate(orders) if n
        ),
    )  # fmt: skip


def ending(at: datetime) -> AnalysisPlan:
    """The plan with an end."""
    return replace(ORDERS, looks=Looks(planned_end=at))


def test_a_silent_event_warns_with_its_last_day() -> None:
    """Two whole days without an order, where 200 were usual, warn while the campaign runs."""
    got = check_freshness(ORDERS, of_days([100] * 20, [50] * 22, today=22))

    assert got.severity is Severity.WARNING
    assert "no order since 2026-01-24, where about 200 were to be expected" in got.detail
    assert got.evidence["silent_days"] == {"order": 2}


def test_silent_exposures_warn() -> None:
    """Exposures are a feed like the events."""
    got = check_freshness(ORDERS, of_days([100] * 22, [50] * 20, today=22))

    assert got.severity is Severity.WARNING
    assert got.evidence["silent_days"] == {"exposures": 2}


def test_exposures_of_units_seen_before_show_the_feed_to_be_alive() -> None:
    """Where nobody new comes but exposures are logged, the feed is not silent."""
    got = check_freshness(ORDERS, of_days([100] * 22, [50] * 20, today=22, last_exposed=21))

    assert got.severity is Severity.PASSED


def test_today_is_not_over() -> None:
    """A day of which only the morning has passed is no silence."""
    got = check_freshness(ORDERS, of_days([100] * 20, [50] * 20, today=20))

    assert got.severity is Severity.PASSED


def test_days_that_are_always_quiet_are_not_silent() -> None:
    """A shop that is closed on Sundays may be silent on a Sunday."""
    open_days = [100, 100, 100, 100, 100, 100, 0] * 3

    sunday = check_freshness(ORDERS, of_days(open_days[:20], open_days[:20], today=21))
    tuesday = check_freshness(ORDERS, of_days(open_days[:20], open_days[:20], today=23))

    assert sunday.severity is Severity.PASSED
    assert tuesday.severity is Severity.WARNING


def test_rare_events_may_be_silent_for_days() -> None:
    """With an order every other day, three days without one are chance."""
    got = check_freshness(ORDERS, of_days([1, 0] * 10, [50] * 22, today=22))

    assert got.severity is Severity.PASSED


def test_an_ended_campaign_may_be_silent() -> None:
    """From the planned end on nothing new is expected; before it, silence warns."""
    aggregates = of_days([100] * 20, [50] * 20, today=25)

    assert check_freshness(ending(NOON + 20 * DAY), aggregates).severity is Severity.PASSED
    assert check_freshness(ending(NOON + 26 * DAY), aggregates).severity is Severity.WARNING


def test_freshness_that_cannot_be_judged_says_so() -> None:
    """Nothing at all, too few days, and a long silence without a planned end are notices."""
    cases = [
        (of_days(today=3), "Nothing has arrived"),
        (of_days([5, 5], [5, 5], today=9), "No feed has 3 days"),
        (of_days([100] * 20, [50] * 20, today=50), "taken to have ended"),
        (of_days([100] * 50, [50] * 20, today=50), "nobody has been exposed since 2026-01-24"),
    ]
    for aggregates, reason in cases:
        got = check_freshness(ORDERS, aggregates)
        assert (got.severity, got.title) == (Severity.NOTICE, "Freshness not checked")
        assert reason in got.detail


def test_too_few_is_the_exact_test_of_two_poisson_counts() -> None:
    """Equals SciPy's binomial test of the count within the total, one-sided."""
    for seen, days, usual in ((0, 2, [7, 9]), (3, 1, [10, 12, 8]), (4, 9, [20] * 7)):
        want = scipy_stats.binomtest(
            seen, seen + sum(usual), days / (days + len(usual)), alternative="less"
        ).pvalue
        assert too_few(seen, days, usual, 1.0) == pytest.approx(want, rel=1e-9)


def bursts(rng: np.random.Generator, days: int, mean: float, scatter: float) -> list[int]:
    """Counts with a weekly cycle and more scatter than Poisson."""
    week = np.array([1.0, 1.0, 1.1, 1.1, 1.3, 0.7, 0.6])
    rates = mean * np.tile(week, days // 7 + 1)[:days]
    if scatter > 1:
        rates = rng.gamma(rates / (scatter - 1), scatter - 1)
    return [int(count) for count in rng.poisson(rates)]


@pytest.mark.parametrize(("mean", "scatter"), [(200.0, 1.0), (200.0, 6.0), (40.0, 3.0)])
def test_dispersion_finds_the_scatter_through_a_weekly_cycle(mean: float, scatter: float) -> None:
    """The estimate is near the scatter that counts were drawn with, whatever the weekday."""
    rng = np.random.default_rng(4)
    counts = bursts(rng, 700, mean, scatter)
    days = [FIRST + i * DAY for i in range(700)]

    got = dispersion(dict(zip(days, counts, strict=True)), days)

    # the median of 700 squared gaps has a relative standard error of about 6 %
    assert got == pytest.approx(scatter, rel=0.2)


def test_a_running_feed_is_rarely_called_silent() -> None:
    """Sparse and bursty feeds that never broke warn at most at the level of the check."""
    runs = 4_000
    rng = np.random.default_rng(20260306)
    wrong = 0
    for _ in range(runs):
        orders = bursts(rng, 30, float(rng.choice([0.5, 2, 5, 20])), float(rng.choice([1, 3])))
        if not any(orders):
            continue
        got = check_freshness(ORDERS, of_days(orders, [9] * 30, today=30))
        wrong += got.severity is Severity.WARNING

    assert wrong / runs <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def test_a_day_without_an_event_is_a_gap_with_its_date() -> None:
    """A hole between days that have the event warns, with the date and what was usual."""
    orders = [100] * 28
    orders[10], orders[17] = 0, 20

    got = check_event_gaps(ORDERS, of_days(orders, today=28))

    assert got.severity is Severity.WARNING
    assert got.evidence["gaps"] == {"order 2026-01-15": 0, "order 2026-01-22": 20}
    assert "2026-01-15 (0 of about" in got.detail


def test_a_long_gap_is_found_whole() -> None:
    """Ten days of silence are ten gaps: the weeks before and after them show what was usual."""
    orders = [100] * 42
    orders[16:26] = [0] * 10

    got = check_event_gaps(ORDERS, of_days(orders, today=42))

    assert len(got.evidence["gaps"]) == 10
    assert "and 5 more days" in got.detail


@pytest.mark.parametrize(
    "orders",
    [
        [100, 100, 100, 100, 100, 20, 0] * 5,  # closed on Sundays
        [int(5 * 1.3**i) for i in range(25)],  # growth
        [int(5000 * 0.75**i) for i in range(30)],  # a campaign that runs out
        [100] * 20 + [60] + [100] * 20,  # bad weather
        [1, 0, 0, 2, 0, 1, 0, 0, 0, 3, 0, 1] * 4,  # rare
    ],
)
def test_cycles_growth_and_decline_are_no_gaps(orders: list[int]) -> None:
    """Only a day below both of its sides, by half and beyond chance, is a gap."""
    got = check_event_gaps(ORDERS, of_days(orders, today=len(orders)))

    assert got.severity is Severity.PASSED


def test_gaps_that_cannot_be_looked_for_are_a_notice() -> None:
    """Without a day between two others there is nothing to compare."""
    for orders in ((), (5,), (5, 5)):
        got = check_event_gaps(ORDERS, of_days(orders, today=9))
        assert (got.severity, got.title) == (Severity.NOTICE, "Gaps in events not checked")


def test_sound_feeds_rarely_have_gaps() -> None:
    """Over 40 days of a bursty feed with a weekly cycle, gaps are found at most at the level."""
    runs = 1_500
    rng = np.random.default_rng(20260307)
    wrong = 0
    for _ in range(runs):
        orders = bursts(rng, 40, float(rng.choice([3, 20, 200])), float(rng.choice([1, 4])))
        found = check_event_gaps(ORDERS, of_days(orders, today=40))
        wrong += found.severity is Severity.WARNING

    assert wrong / runs <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def came(first: datetime, last: datetime, as_of: datetime) -> Aggregates:
    """Aggregates of units that were first exposed between two moments."""
    rows = (VariantUnits("control", 50, 50, first, last), VariantUnits("B", 50, 50, first, last))
    return Aggregates(as_of, FactsRange(0, None, None, 0, None, None), rows, (), 0, (), (), ())


@pytest.mark.parametrize(
    ("days", "severity", "title"),
    [
        (3, Severity.WARNING, "Less than a week"),
        (7, Severity.PASSED, "Whole weeks"),
        (10, Severity.NOTICE, "Unfinished week"),
        (14, Severity.PASSED, "Whole weeks"),
    ],
)
def test_results_rest_on_whole_weeks(days: int, severity: Severity, title: str) -> None:
    """Days since the first exposure of a running campaign must be a multiple of seven."""
    now = NOON + days * DAY

    got = check_unfinished_week(ORDERS, came(NOON, now - timedelta(hours=2), now))

    assert (got.severity, got.title) == (severity, title)
    evidence: Mapping[str, object] = got.evidence
    assert (evidence["days"], evidence["days_over"]) == (days, days % 7)


def test_the_weekdays_that_count_once_more_are_named() -> None:
    """Ten days from a Monday count Monday to Wednesday twice; four more days make it whole."""
    now = NOON + 10 * DAY

    got = check_unfinished_week(ORDERS, came(NOON, now, now))

    assert "Monday, Tuesday, Wednesday count 2 times, the other weekdays 1" in got.detail
    assert "4 days more" in got.what_to_do


def test_days_after_enrolment_do_not_count() -> None:
    """From the planned end, or once nobody new comes, the days that pass change nothing."""
    ended = check_unfinished_week(
        ending(NOON + 14 * DAY), came(NOON, NOON + 13.5 * DAY, NOON + 40 * DAY)
    )
    waiting = check_unfinished_week(ORDERS, came(NOON, NOON + 20.9 * DAY, NOON + 40 * DAY))

    assert (ended.severity, ended.evidence["days"]) == (Severity.PASSED, 14)
    assert (waiting.severity, waiting.evidence["days"]) == (Severity.PASSED, 21)


def test_a_batch_is_no_unfinished_week() -> None:
    """Units that all begin on one day are told as such, with the weekday."""
    got = check_unfinished_week(ORDERS, came(NOON, NOON, NOON + 40 * DAY))

    assert (got.severity, got.title) == (Severity.NOTICE, "All began on one day")
    assert "a Monday" in got.detail


def test_weeks_of_nobody_are_not_checked() -> None:
    """Without a unit there is no week to speak of."""
    aggregates = Aggregates(
        START, FactsRange(0, None, None, 0, None, None), (), (), 0, (), (), ()
    )  # fmt: skip

    assert check_unfinished_week(ORDERS, aggregates).title == "Whole weeks not checked"
