"""Turns the values of a file into those that facts have, without losing or guessing anything."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from app.importing.records import Unreadable
from experiments.errors import Problem
from experiments.member import text_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_NUMBER_LENGTH: Final = 25
_INTEGERS: Final = range(-(2**63), 2**63)
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})
_OFFSET: Final = "Write ISO 8601, like 2026-07-01T09:30:00+08:00."


def value_of_text(text: object) -> object:
    """Give a value of CSV its type, where the text can be had back from it exactly.

    ``12`` is a number; ``00123``, ``12.50`` and ``1e5`` stay text, since no number is written so.
    Empty text is None: nothing is said.
    """
    if text == "":
        return None
    if not isinstance(text, str):
        return text
    if text in {"true", "false"}:
        return text == "true"
    if len(text) > _NUMBER_LENGTH or not _NUMBER.fullmatch(text):
        return text
    number = float(text) if "." in text else int(text)
    if isinstance(number, int) and number not in _INTEGERS:
        return text
    return number if text_of(number) == text else text


def value_of_type(value: object) -> object:  # noqa: PLR0911  # one return a type
    """Give a value of Parquet as one that JSON has; None where it says nothing.

    A decimal becomes a number where that is the same number, and text otherwise; times become ISO
    8601.
    """
    match value:
        case float() if math.isnan(value):
            return None
        case float() if math.isinf(value):
            return str(value)  # JSON has no such number
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return _number_of(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case bytes():
            return _decoded(value)
        case dict():
            return {str(name): value_of_type(inner) for name, inner in value.items()}
        case list() | tuple():
            return [value_of_type(inner) for inner in value]
        case _:
            return str(value)


def identifier(value: object) -> object:
    """Give an id, a key or a code as text; None where nothing stands."""
    match value:
        case "" | None:
            return None
        case bool():
            return value
        case int():
            return str(value)
        case bytes():
            return _decoded(value)
        case Unreadable():
            return str(value)
        case _:
            return value


def amount(value: object) -> object:
    """Give an amount in the form that is converted exactly; None where nothing stands."""
    match value:
        case "" | None:
            return None
        case float() if math.isnan(value):
            return None
        case Decimal():
            return format(value, "f")
        case Unreadable():
            return str(value)
        case _:
            return value


def consent(value: object) -> bool | None:
    """Give a statement about consent, None where nothing is said.

    Raises:
        ValueError: It is neither yes nor no.
    """
    match value:
        case "" | None:
            return None
        case bool():
            return value
        case float() if math.isnan(value):
            return None
        case str() | int():
            word = str(value).strip().lower()
            if word in _TRUE:
                return True
            if word in _FALSE:
                return False
        case _:
            pass
    raise ValueError(value)


class Moments:
    """Reads times; those without an offset are local to one zone.

    Attributes:
        local: How many times had no offset.
    """

    def __init__(self, zone: ZoneInfo | None) -> None:
        """Read times without an offset in `zone`; None refuses them."""
        self.zone = zone
        self.local = 0

    def read(self, field: str, value: object) -> tuple[object, Problem | None]:
        """Give a moment, or something that is surely refused, with the reason if it is known."""
        moment = value
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value.strip())
            except ValueError:
                if value == "":
                    return "", Problem(field, None, "is required", _OFFSET)
                return value, None
        if moment is None:
            return "", Problem(field, None, "is required", _OFFSET)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            moment = datetime.combine(moment, time())
        if not isinstance(moment, datetime) or moment.tzinfo is not None:
            return moment, None
        self.local += 1
        return self._in_zone(field, value, moment)

    def _in_zone(
        self, field: str, value: object, moment: datetime
    ) -> tuple[object, Problem | None]:
        came = str(value)
        if self.zone is None:
            way_out = "Name the zone with --time-zone, or set a programme."
            return came, Problem(field, came, "has no offset from UTC", way_out)
        early = moment.replace(tzinfo=self.zone)
        late = early.replace(fold=1)
        try:
            before, after = early.utcoffset(), late.utcoffset()
            in_utc = early.astimezone(UTC)
        except OverflowError:
            return came, Problem(field, came, "is out of range", "Check the year.")
        if before == after:
            return in_utc, None
        # the offset shrinks where clocks go back, and grows where they skip an hour
        twice = before is not None and after is not None and before > after
        message = "happened twice" if twice else "never happened"
        return (
            came,
            Problem(
                field,
                came,
                f"{message} in {self.zone.key}, where clocks changed",
                f"Give it with its offset. {_OFFSET}",
            ),
        )


def _number_of(value: Decimal) -> object:
    if not value.is_finite():
        return None if value.is_nan() else str(value)
    if value == value.to_integral_value() and abs(value) < _INTEGERS.stop:
        return int(value)
    number = float(value)
    return number if Decimal(repr(number)) == value else format(value, "f")


def _decoded(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
