"""The step of the schedule: times of the programme's zone, and days on which clocks move."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from app.console.new.schedule_times import (
    Exact,
    Skipped,
    Twice,
    Unreadable,
    read_local,
    which_of,
    write_local,
)
from tests.app.console.conftest import post
from tests.app.console.new.conftest import begun

if TYPE_CHECKING:
    from flask.testing import FlaskClient

LONDON = ZoneInfo("Europe/London")


def test_a_time_that_clocks_skip_names_the_next_one() -> None:
    """Half past one of the last Sunday in March is not in London: two o'clock comes next."""
    found = read_local("2026-03-29T01:30", LONDON)

    assert found == Skipped(datetime(2026, 3, 29, 2, 0, tzinfo=LONDON))


@pytest.mark.parametrize(("which", "hour"), [("earlier", 0), ("later", 1)])
def test_a_time_that_comes_twice_is_asked_about(which: str, hour: int) -> None:
    """Half past one of the last Sunday in October is two moments, until somebody says which."""
    moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)

    assert isinstance(read_local("2026-10-25T01:30", LONDON), Twice)
    assert read_local("2026-10-25T01:30", LONDON, which) == Exact(moment)
    assert which_of(moment.isoformat(), LONDON) == which


@pytest.mark.parametrize("text", ["soon", "", "2026-07-01T09:00+08:00", "0001-01-01T00:00"])
def test_a_text_that_is_no_local_time_is_none(text: str) -> None:
    """A time with an offset is not the zone's, and is not guessed at."""
    zone = ZoneInfo("Asia/Tokyo")

    assert read_local(text, zone) == Unreadable() or text.startswith("0001")


def test_a_moment_is_typed_as_it_is_read() -> None:
    """A moment of a document comes back from its field."""
    zone = ZoneInfo("Asia/Taipei")
    typed = write_local("2026-07-01T01:00:00+00:00", zone)

    assert typed == "2026-07-01T09:00"
    assert read_local(typed, zone) == Exact(datetime(2026, 7, 1, 1, 0, tzinfo=UTC))


def test_an_end_before_the_start_is_refused_at_the_end(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """Both times stay as they were typed."""
    at = f"{begun(marketer)}/schedule"
    fields = {"schedule.starts": "2099-07-02T09:00", "schedule.ends": "2099-07-01T09:00"}

    answer = post(marketer, at, page=at, version="1", go="next", **fields)

    assert answer.status_code == 422
    page = pages[-1]
    assert page.form.error("schedule.ends") == (
        "The end is not after the start. Choose a later end."
    )
    assert page.form.value("schedule.starts") == "2099-07-02T09:00"


def test_times_stand_beside_utc_and_whole_weeks_are_named(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """Nine in Taipei is one in UTC; four weeks are told from 27 days."""
    at = f"{begun(marketer)}/schedule"
    fields = {"schedule.starts": "2099-07-01T09:00", "schedule.ends": "2099-07-29T09:00"}

    post(marketer, at, page=at, version="1", go="next", **fields)
    marketer.get(at)

    page = pages[-1]
    assert (page.starts.utc, page.is_uneven) == ("2099-07-01 01:00 in UTC", False)
    assert page.runtime.startswith("It runs 4 whole weeks")
