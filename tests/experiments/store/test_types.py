"""The rules of column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from experiments.store.engine import writing
from experiments.store.types import JsonText, UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy import Engine

kept = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("moment", UtcDateTime),
    Column("value", JsonText),
)

# what JSON, PostgreSQL's jsonb and 64-bit integers can all say
text_values = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(min_value=-(2**53), max_value=2**53)  # beyond, jsonb gives integers back
    | text_values
)
documents = st.dictionaries(
    text_values,
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text_values, inner)
    ),
    max_size=4,
)


@pytest.fixture
def kept_engine(engine: Engine) -> Engine:
    """Give an engine on a database with the table of these tests."""
    with writing(engine) as connection:
        kept.create(connection)
    return engine


def round_trip(engine: Engine, **values: object) -> tuple[object, object]:
    """Give what comes back of a row."""
    with writing(engine) as connection:
        number = connection.execute(insert(kept).values(**values).returning(kept.c.id)).scalar_one()
        row = connection.execute(
            select(kept.c.moment, kept.c.value).where(kept.c.id == number)
        ).one()
        return row.moment, row.value


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    naive=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001  # the zone is drawn apart
    minutes=st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_every_moment_comes_back_to_the_microsecond(
    kept_engine: Engine, naive: datetime, minutes: int
) -> None:
    """Whatever offset a moment was sent with, the same moment comes back in UTC."""
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    found, _ = round_trip(kept_engine, moment=moment)
    assert isinstance(found, datetime)
    assert found == moment
    assert found.tzinfo is UTC


def test_the_hour_that_a_clock_shows_twice_is_two_moments(kept_engine: Engine) -> None:
    """When summer time ends, 02:30 before and after the change are an hour apart."""
    berlin = ZoneInfo("Europe/Berlin")
    before, _ = round_trip(kept_engine, moment=datetime(2026, 10, 25, 2, 30, tzinfo=berlin))
    after, _ = round_trip(kept_engine, moment=datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1))
    assert before == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert after == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused(kept_engine: Engine) -> None:
    """A naive time names no moment, so nothing is guessed."""
    with pytest.raises(StatementError, match="naive"):
        round_trip(kept_engine, moment=datetime(2026, 3, 1))  # noqa: DTZ001  # the point of the test


def test_moments_are_ordered_as_time_is(kept_engine: Engine) -> None:
    """Comparisons in the database agree with the clock, before 1970 too."""
    moments = [datetime(year, 1, 1, tzinfo=UTC) for year in (1969, 1970, 2026, 2262, 2300)]
    with writing(kept_engine) as connection:
        connection.execute(insert(kept), [{"moment": moment} for moment in reversed(moments)])
        assert connection.scalars(select(kept.c.moment).order_by(kept.c.moment)).all() == moments
        assert (
            connection.scalars(select(kept.c.moment).where(kept.c.moment >= moments[3])).all()
            == moments[:2:-1]
        )


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(document=documents)
def test_every_json_document_comes_back_equal(
    kept_engine: Engine, document: dict[str, object]
) -> None:
    """Numbers stay numbers, text stays text, and nothing is read as something else."""
    _, found = round_trip(kept_engine, value=document)
    assert found == document


def test_text_that_looks_like_a_number_stays_text(kept_engine: Engine) -> None:
    """SQLite would make a number of it in a column declared JSON."""
    for value in ("00123", "1e3", "true", "null"):
        assert round_trip(kept_engine, value=value) == (None, value)


def test_nothing_comes_back_as_nothing(kept_engine: Engine) -> None:
    """None is an SQL null in both types."""
    assert round_trip(kept_engine, moment=None, value=None) == (None, None)
    with writing(kept_engine) as connection:
        nulls = select(kept.c.id).where(kept.c.moment.is_(None), kept.c.value.is_(None))
        assert connection.scalars(nulls).one() == 1
