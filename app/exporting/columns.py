"""Decides which column an attribute or a property gets, and what an import would read back.

In CSV everything is text, and an import gives text its type where that loses nothing: the text
``12`` comes back as a number. Parquet has one type a column, so a column of several kinds becomes
text. Neither holds nested values, which are written as JSON text. Each such value is counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

import orjson

from app.importing.columns import OPTIONAL, QUARANTINE_COLUMNS, REQUIRED, ImportKind
from app.importing.values import value_of_text
from experiments.arrival import MAX_TEXT
from experiments.errors import InvalidValues, Problem
from experiments.member import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COLUMNS: Final = 5_000

_INTEGERS: Final = range(-(2**63), 2**63)
_RESERVED: Final = frozenset({*QUARANTINE_COLUMNS, "amount_minor"})


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    PARQUET = "parquet"


class ValueKind(StrEnum):
    """What a column holds."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class OtherColumn:
    """A column of an attribute or a property.

    Attributes:
        kind: What it holds in Parquet; `ValueKind.TEXT` where it holds several kinds.
    """

    name: str
    kind: ValueKind


@dataclass(slots=True)
class _Tally:
    """The values of one name, counted."""

    kinds: Counter[ValueKind] = field(default_factory=Counter)
    nulls: int = 0
    changed_in_csv: int = 0
    too_long: int = 0
    are_floats: bool = True  # every number is one that a 64-bit float has

    def kind(self) -> ValueKind:
        """Give what a typed column of these values holds."""
        match set(self.kinds):
            case kinds if len(kinds) == 1 and ValueKind.NESTED not in kinds:
                return next(iter(kinds))
            case kinds if kinds == {ValueKind.INTEGER, ValueKind.NUMBER} and self.are_floats:
                return ValueKind.NUMBER
            case _:
                return ValueKind.TEXT

    def changed(self, form: FileFormat) -> int:
        """Give how many values would come back as others."""
        match form:
            case FileFormat.CSV:
                return self.nulls + self.changed_in_csv
            case FileFormat.PARQUET:
                is_text = self.kind() is ValueKind.TEXT
                return self.nulls + is_text * (self.kinds.total() - self.kinds[ValueKind.TEXT])
            case _:
                assert_never(form)


class OtherColumns:
    """The attributes or properties of all rows, by name."""

    def __init__(self, kind: ImportKind, form: FileFormat) -> None:
        """Know none yet."""
        self._form = form
        self._taken = {*REQUIRED[kind], *OPTIONAL[kind], *_RESERVED}
        self._tallies: dict[str, _Tally] = {}
        self._left_out: set[str] = set()

    def see(self, values: Mapping[str, object]) -> None:
        """Count the values of one row.

        Raises:
            InvalidValues: There are more names than a file can have columns.
        """
        for name, value in values.items():
            if name in self._taken or not name.strip() or name != name.strip():
                self._left_out.add(name)
                continue
            tally = self._tallies.get(name)
            if tally is None:
                if len(self._tallies) == MAX_COLUMNS:
                    message = f"would be more than {MAX_COLUMNS:,}, one for each name in use"
                    raise InvalidValues([Problem("columns", None, message)])
                tally = self._tallies[name] = _Tally()
            if value is None:
                tally.nulls += 1
                continue
            _count(tally, value)

    def columns(self) -> tuple[OtherColumn, ...]:
        """Give the columns, in the order of their names."""
        return tuple(
            OtherColumn(name, tally.kind()) for name, tally in sorted(self._tallies.items())
        )

    def changed(self) -> dict[str, int]:
        """Give how many values of each column would come back as others, where some would."""
        counts = {name: tally.changed(self._form) for name, tally in self._tallies.items()}
        return {name: count for name, count in sorted(counts.items()) if count}

    def too_long(self) -> dict[str, int]:
        """Give how many values of each column an import would not take, where there are some."""
        tallies = sorted(self._tallies.items())
        return {name: tally.too_long for name, tally in tallies if tally.too_long}

    def left_out(self) -> tuple[str, ...]:
        """Give the names that get no column, since an import would not read it as theirs."""
        return tuple(sorted(self._left_out))


def written(value: object) -> str:
    """Give a value as text from which an import reads it back, where there is such a text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            # a whole number stands with all its digits, while 64 bits have it
            whole = isinstance(value, int) or not -(2.0**63) <= value < 2.0**63
            return repr(value) if whole else text_of(value)
        case _:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _count(tally: _Tally, value: object) -> None:
    tally.kinds[_kind_of(value)] += 1
    if isinstance(value, int) and float(value) != value:
        tally.are_floats = False
    text = written(value)
    if not _is_same(value, value_of_text(text)):
        tally.changed_in_csv += 1
    if len(text) > MAX_TEXT:
        tally.too_long += 1


def _kind_of(value: object) -> ValueKind:
    match value:
        case bool():
            return ValueKind.BOOLEAN
        case int() if value in _INTEGERS:
            return ValueKind.INTEGER
        case int() | float():  # PostgreSQL gives a large float back as an integer
            return ValueKind.NUMBER
        case str():
            return ValueKind.TEXT
        case _:
            return ValueKind.NESTED


def _is_same(value: object, back: object) -> bool:
    """Say whether the two are one value; 3 and 3.0 are one number, true and 1 are not."""
    match value, back:
        case (bool(), _) | (_, bool()):
            return value is back
        case (int() | float(), int() | float()) | (str(), str()):
            return value == back
        case _:
            return False
