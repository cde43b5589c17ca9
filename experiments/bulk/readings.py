"""Reads an attribute in SQL as rules compare it: as text, and as the number that it is or spells.

The rules of `text_of` and `number_of`, for each form in which attributes come: typed columns of a
Parquet file, text of a CSV file, JSON of the store. A whole number keeps all its digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from experiments.bulk import literals
from experiments.member import MAX_TEXT_LENGTH

_SPELLS_NUMBER: Final = literals.text(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_SPELLS_DECIMAL: Final = literals.text(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_SPELLS_INTEGER: Final = literals.text(r"-?(0|[1-9][0-9]{0,18})")


class Form(StrEnum):
    """What a column holds."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Reading:
    """An attribute as SQL; each expression is null where the attribute is absent.

    Attributes:
        text: As `text_of` gives it.
        integer: Its exact value, of an integer type, where it is a whole number by its type.
        number: Its value as DOUBLE, where it is or spells another number.
    """

    text: str
    integer: str = "NULL::HUGEINT"
    number: str = "NULL::DOUBLE"


ABSENT: Final = Reading("NULL::VARCHAR")


def reading(form: Form, column: str) -> Reading:
    """Give how a column of a form is read.

    Args:
        form: What the column holds.
        column: Its name in SQL, quoted.
    """
    match form:
        case Form.BOOLEAN:
            return Reading(f"{column}::VARCHAR")
        case Form.INTEGER:
            return Reading(f"{column}::VARCHAR", integer=column)
        case Form.NUMBER:
            value = f"{column}::DOUBLE"
            finite = f"CASE WHEN isfinite({value}) THEN {value} END"
            # an import keeps an infinity as text, which JSON can hold, and a NaN as absent
            infinite = f"WHEN isinf({value}) THEN {value}::VARCHAR"
            text = f"CASE {infinite} WHEN isnan({value}) THEN NULL ELSE {_text_of_float(value)} END"
            return Reading(text, number=finite)
        case Form.TEXT:
            return Reading(column, number=spelt(column))
        case Form.CSV:
            # an import gives text its type only where that changes no digit
            said = f"NULLIF({column}, '')"
            whole = f"TRY_CAST({column} AS BIGINT)::HUGEINT"
            integer = f"CASE WHEN regexp_full_match({column}, {_SPELLS_INTEGER}) THEN {whole} END"
            return Reading(said, integer=integer, number=spelt(column))
        case Form.JSON:
            return _json(column)
        case _:
            assert_never(form)


def with_fallback(found: Reading, member_id: str) -> Reading:
    """Give the attribute ``id``, which is the member id where a member has no such attribute."""
    return Reading(
        f"COALESCE({found.text}, {member_id})",
        integer=found.integer,
        number=f"CASE WHEN {found.text} IS NULL THEN {spelt(member_id)} ELSE {found.number} END",
    )


def spelt(column: str) -> str:
    """Give the number that a text spells, or null."""
    return (
        f"CASE WHEN regexp_full_match({column}, {_SPELLS_NUMBER}) "
        f"THEN TRY_CAST({column} AS DOUBLE) END"
    )


def json_value(document: str, attribute: str) -> str:
    """Give a value of a JSON object, as JSON, by the name of its field."""
    # a pointer (RFC 6901), not a path: a path would read a.b as b within a
    pointer = "/" + attribute.replace("~", "~0").replace("/", "~1")
    return f"json_extract({document}, {literals.text(pointer)})"


def json_of(form: Form, column: str) -> str:
    """Give a value of a file as the JSON value that an import makes of it, or null."""
    found = reading(form, column)
    match form:
        case Form.BOOLEAN | Form.INTEGER | Form.JSON:
            return f"to_json({column})"
        case Form.NUMBER:
            as_text, as_number = f"to_json({found.text})", f"to_json({found.number})"
            return f"CASE WHEN {found.number} IS NULL THEN {as_text} ELSE {as_number} END"
        case Form.TEXT:
            return f"to_json({_storable(column)})"
        case Form.CSV:
            as_float = f"CAST({column} AS DOUBLE)"
            is_decimal = f"regexp_full_match({column}, {_SPELLS_DECIMAL})"
            is_same = f"CASE WHEN {is_decimal} THEN {_text_of_float(as_float)} = {column} END"
            is_plain = f"{column} IN ('true', 'false') OR {found.integer} IS NOT NULL OR {is_same}"
            return (
                f"CASE WHEN {found.text} IS NULL THEN NULL WHEN {is_plain} THEN {column}::JSON "
                f"ELSE to_json({_storable(column)}) END"
            )
        case _:
            assert_never(form)


def _storable(column: str) -> str:
    """Give a text, or end the statement where the store could not keep it."""
    message = f"an attribute is longer than {MAX_TEXT_LENGTH} characters or has a NUL: "
    refused = f"error({literals.text(message)} || left({column}, 40))"
    fits = f"length({column}) <= {MAX_TEXT_LENGTH} AND NOT contains({column}, chr(0))"
    return f"CASE WHEN {column} IS NULL OR ({fits}) THEN {column} ELSE {refused} END"


def _json(column: str) -> Reading:
    kind, content = f"json_type({column})", f"json_extract_string({column}, '$')"
    is_integer = f"{kind} IN ('UBIGINT', 'BIGINT')"
    number = f"CAST({column} AS DOUBLE)"
    return Reading(
        f"CASE {kind} WHEN 'DOUBLE' THEN {_text_of_float(number)} WHEN 'NULL' THEN NULL "
        f"ELSE {content} END",
        integer=f"CASE WHEN {is_integer} THEN CAST({column} AS HUGEINT) END",
        number=f"CASE {kind} WHEN 'DOUBLE' THEN {number} WHEN 'VARCHAR' THEN {spelt(content)} END",
    )


def _text_of_float(value: str) -> str:
    """Give a float as text: ``3`` for 3.0, all digits of a large one, else the shortest text."""
    return (
        f"CASE WHEN {value} <> trunc({value}) THEN {value}::VARCHAR "
        f"WHEN abs({value}) < 1e18 THEN {value}::BIGINT::VARCHAR "
        f"ELSE {value}::BIGNUM::VARCHAR END"
    )
