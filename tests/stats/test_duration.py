"""Days still needed, from real traffic."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import InvalidSizing
from stats.inference.duration import LONGEST, DailyUnits, Traffic, remaining

MONDAY = date(2026, 3, 2)


def days(counts: list[int], start: date = MONDAY) -> list[DailyUnits]:
    """Consecutive days with these units."""
    return [DailyUnits(start + timedelta(days=i), units) for i, units in enumerate(counts)]


WEEK = [100, 110, 120, 130, 140, 300, 200]


def test_weekdays_are_told_apart() -> None:
    """Whole weeks give each weekday its own mean."""
    traffic = Traffic.from_days(days(WEEK + [units + 20 for units in WEEK]))

    assert traffic.by_weekday == pytest.approx([units + 10 for units in WEEK])
    assert traffic.days_observed == 14
    assert traffic.units_per_day == pytest.approx(sum(WEEK) / 7 + 10)


def test_only_the_latest_whole_weeks_count() -> None:
    """Of ten weeks the last four are used; of nine days, the last seven."""
    ten = Traffic.from_days(days([5] * 42 + WEEK * 4))
    nine = Traffic.from_days(days([999, 999, *WEEK], start=MONDAY - timedelta(days=2)))

    assert ten.by_weekday == pytest.approx(WEEK)
    assert ten.days_observed == 28
    assert nine.by_weekday == pytest.approx(WEEK)


def test_less_than_a_week_is_taken_as_a_mean() -> None:
    """Three days know nothing of the other four: every weekday gets their mean."""
    traffic = Traffic.from_days(days([10, 20, 60]))

    assert traffic.by_weekday == pytest.approx([30.0] * 7)
    assert traffic.days_observed == 3


def test_a_day_that_is_not_given_had_no_units() -> None:
    """A gap lowers the mean; it is not left out of it."""
    rows = [row for row in days([70] * 7) if row.day != MONDAY + timedelta(days=2)]

    traffic = Traffic.from_days(rows)

    assert traffic.by_weekday[2] == 0
    assert traffic.units_per_day == pytest.approx(60)


def test_days_follow_the_weekday_pattern_and_the_window_is_added() -> None:
    """From Saturday, 500 units are there by Sunday; a window of 14 days closes 14 days later."""
    saturday = MONDAY + timedelta(days=5)

    got = remaining(500, Traffic.from_days(days(WEEK)), from_day=saturday, maturity_days=14)

    assert got.reachable
    assert got.last_exposure_on == saturday + timedelta(days=1)
    assert got.days == 2 + 14
    assert got.ready_on == saturday + timedelta(days=16)
    assert got.units == 500


def test_units_already_exposed_need_only_their_window() -> None:
    """Enough exposed but not mature: the window, at most. Enough mature: no day at all."""
    traffic = Traffic.steady(10)

    waiting = remaining(500, traffic, from_day=MONDAY, maturity_days=14, exposed=600, mature=400)
    done = remaining(500, traffic, from_day=MONDAY, maturity_days=14, exposed=600, mature=500)

    assert (waiting.units, waiting.days) == (0, 14)
    assert waiting.last_exposure_on is None
    assert (done.units, done.days, done.ready_on) == (0, 0, MONDAY)


@pytest.mark.parametrize("per_day", [0.0, 0.5])
def test_what_takes_more_than_two_years_is_out_of_reach(per_day: float) -> None:
    """No traffic, or too little, gives no number of days, and says so."""
    got = remaining(1000, Traffic.steady(per_day), from_day=MONDAY, maturity_days=7)

    assert not got.reachable
    assert (got.days, got.ready_on, got.last_exposure_on) == (None, None, None)
    assert got.units == 1000


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=40),
    st.integers(1, 50_000),
    st.integers(0, 30),
)
def test_the_days_are_the_first_that_suffice(counts: list[int], needed: int, maturity: int) -> None:
    """Expected arrivals reach the need on the last exposure day and not the day before."""
    traffic = Traffic.from_days(days(counts))
    got = remaining(needed, traffic, from_day=MONDAY, maturity_days=maturity)

    if got.last_exposure_on is None:
        assert traffic.units_per_day * LONGEST < needed + 7 * 500
        return
    took = (got.last_exposure_on - MONDAY).days + 1
    arrivals = [traffic.by_weekday[i % 7] for i in range(took)]
    assert sum(arrivals) >= needed - 1e-6
    assert sum(arrivals[:-1]) < needed
    assert got.days == took + maturity


def test_steady_traffic_scales_with_its_share() -> None:
    """Admitting a quarter of the eligible brings a quarter of the units."""
    whole = Traffic.steady(400)

    assert whole.scaled(0.25).units_per_day == pytest.approx(100)
    fast = remaining(1000, whole, from_day=MONDAY, maturity_days=0)
    slow = remaining(1000, whole.scaled(0.25), from_day=MONDAY, maturity_days=0)
    assert (fast.days, slow.days) == (3, 10)


def test_traffic_and_counts_that_cannot_be_are_refused() -> None:
    """No day, a day twice, negative units and more mature than exposed are named."""
    with pytest.raises(InvalidSizing, match="at least one complete day"):
        Traffic.from_days([])
    with pytest.raises(InvalidSizing, match="once"):
        Traffic.from_days(days([1]) * 2)
    with pytest.raises(InvalidSizing, match="0 or more"):
        DailyUnits(MONDAY, -1)
    with pytest.raises(InvalidSizing, match="seven weekdays"):
        Traffic((1.0,) * 6, 6)
    with pytest.raises(InvalidSizing, match="remaining"):
        remaining(5, Traffic.steady(1), from_day=MONDAY, maturity_days=7, exposed=1, mature=2)
