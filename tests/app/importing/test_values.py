"""Values keep what they say: typed where that loses nothing, never guessed at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.values import Moments, amount, consent, identifier, value_of_text, value_of_type
from experiments.member import text_of

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-7", -7),
        ("0", 0),
        ("12.5", 12.5),
        ("true", True),
        ("false", False),
        ("", None),
    ],
)
def test_text_gets_a_type_where_that_loses_nothing(text: str, value: object) -> None:
    """A number or a boolean that is written as it would be printed is one; nothing is None."""
    found = value_of_text(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    ["12.50", "00123", "1e5", "+1", "-0", "3.0", " 12", "TRUE", "nan", "inf", "1_000", "١٢",
     "9223372036854775808", "0.1000000000000000055", "12 ", "0x1f", ".5", "5."],
)  # fmt: skip
def test_text_that_a_type_would_change_stays_text(text: str) -> None:
    """An id with leading zeros, a price with its cents, a word that looks like a number."""
    assert value_of_text(text) == text


@given(st.text())
def test_no_text_is_changed_by_its_type(text: str) -> None:
    """Rules compare the typed value as the very text that stood in the file."""
    value = value_of_text(text)
    assert value is None if text == "" else text_of(value) == text  # type: ignore[arg-type]  # a text, number or boolean


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("12.00"), 12),
        (Decimal("12.50"), 12.5),
        (Decimal("0.1000000000000000055"), "0.1000000000000000055"),
        (float("nan"), None),
        (float("inf"), "inf"),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"),
        (datetime(2026, 3, 1, 9), "2026-03-01T09:00:00"),  # noqa: DTZ001  # a value without zone is the case
        (date(2026, 3, 1), "2026-03-01"),
        (b"caf\xc3\xa9", "café"),
        ([Decimal("1.5"), None], [1.5, None]),
        ({"at": date(2026, 3, 1)}, {"at": "2026-03-01"}),
        ("00123", "00123"),
        (True, True),
    ],
)
def test_values_of_parquet_become_json(value: object, expected: object) -> None:
    """Decimals stay exact, NaN says nothing, times become ISO 8601."""
    assert value_of_type(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("", None), (17850, "17850"), ("017", "017"), (b"m-1", "m-1")]
)
def test_ids_are_text(value: object, expected: object) -> None:
    """A whole number is the text of its digits; text is kept to the letter."""
    assert identifier(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", None), ("12.30", "12.30"), (Decimal("0.00"), "0.00"), (Decimal("1E+3"), "1000"),
     (float("nan"), None), (12.3, 12.3), (5, 5)],
)  # fmt: skip
def test_amounts_stay_exact(value: object, expected: object) -> None:
    """A decimal goes on as its digits; nothing stands for NaN."""
    assert amount(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("TRUE", True), ("no", False), ("0", False), (1, True), (False, False),
     ("", None), (None, None)],
)  # fmt: skip
def test_consent_is_read(value: object, expected: object) -> None:
    """Yes and no in their usual forms; nothing says nothing."""
    assert consent(value) is expected


@pytest.mark.parametrize("value", ["maybe", "2", 2, 0.5])
def test_consent_is_never_guessed(value: object) -> None:
    """A word that is neither yes nor no is refused."""
    with pytest.raises(ValueError, match=str(value)):
        consent(value)


def test_a_time_with_an_offset_is_that_moment() -> None:
    """The zone matters for times without an offset only."""
    moments = Moments(LONDON)
    read, problem = moments.read("at", "2026-07-01T09:00:00+08:00")
    assert (read, problem) == (datetime(2026, 7, 1, 1, tzinfo=UTC), None)
    assert moments.local == 0


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-01-15T09:00:00", datetime(2026, 1, 15, 9, tzinfo=UTC)),
        ("2026-07-15 09:00", datetime(2026, 7, 15, 8, tzinfo=UTC)),
        ("2026-07-15", datetime(2026, 7, 14, 23, tzinfo=UTC)),
        (date(2026, 7, 15), datetime(2026, 7, 14, 23, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_local(value: object, moment: datetime) -> None:
    """It is read in the zone, in summer and in winter, and counted; a date is its first moment."""
    moments = Moments(LONDON)
    assert moments.read("at", value) == (moment, None)
    assert moments.local == 1


@pytest.mark.parametrize(
    ("value", "zone", "words"),
    [
        # 29 March 2026, 01:00 UTC: clocks in London go from 01:00 to 02:00, and back on 25 October
        ("2026-03-29T01:30:00", LONDON, "never happened in Europe/London"),
        ("2026-10-25T01:30:00", LONDON, "happened twice in Europe/London"),
        ("2026-03-01T00:00:00", None, "has no offset from UTC"),
        ("0001-01-01T00:00:00", ZoneInfo("Asia/Taipei"), "is out of range"),
        ("", LONDON, "is required"),
        (None, LONDON, "is required"),
    ],
)
def test_a_time_that_is_no_moment_is_refused(
    value: Any,  # noqa: ANN401  # whatever a file may hold
    zone: ZoneInfo | None,
    words: str,
) -> None:
    """An hour that happened twice or never is not guessed at."""
    read, problem = Moments(zone).read("at", value)
    assert problem is not None
    assert problem.field == "at"
    assert words in problem.message
    assert isinstance(read, str)  # which the recording refuses, too


def test_what_is_no_time_is_left_to_the_recording() -> None:
    """Other text goes on as it came, so that it is refused as it would be over HTTP."""
    assert Moments(LONDON).read("at", "yesterday") == ("yesterday", None)
