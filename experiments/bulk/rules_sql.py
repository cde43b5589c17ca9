"""Compiles an audience to SQL that admits exactly the members that `experiments.audience` admits.

A rule stays data: what people wrote stands in the SQL as quoted literals only.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, assert_never

import re2

from experiments.audience import Audience, Condition, Operator, number_of
from experiments.bulk import literals
from experiments.member import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from experiments.bulk.readings import Reading

_LARGEST: Final = 2**100
"""Above any whole number that a member can have."""

_DEPENDS_ON_VERSION: Final = re.compile(r"\\[pP]|\(\?(?!:)")
"""Character classes and case folding of Unicode, and flags, differ between versions of RE2."""


class Patterns:
    """The regular expressions of an audience, as SQL functions.

    DuckDB brings an RE2 of its own, of another version. Where versions may differ, because an
    expression needs the tables of Unicode or newer syntax, the evaluator's own library is called.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make functions on a connection and its cursors."""
        self._connection = connection
        self._names: dict[str, str] = {}

    def matches(self, text: str, pattern: str) -> str:
        """Give SQL that says whether a text matches."""
        if not _DEPENDS_ON_VERSION.search(pattern):
            return f"regexp_matches({text}, {literals.text(pattern)})"
        if pattern not in self._names:
            function = f"matches_{len(self._names)}"
            search = re2.compile(pattern).search
            self._connection.create_function(
                function,
                lambda value: search(value) is not None,
                ["VARCHAR"],
                "BOOLEAN",
            )
            self._names[pattern] = function
        return f"{self._names[pattern]}({text})"


def attributes_of(audience: Audience) -> tuple[str, ...]:
    """Give the names of the attributes that the rules read, each once."""
    conditions = (condition for rule in audience.any_of for condition in rule.all_of)
    return tuple(dict.fromkeys(condition.attribute for condition in conditions))


def admission_sql(
    audience: Audience, readings: Mapping[str, Reading], patterns: Patterns
) -> str | None:
    """Give SQL that is true for the admitted and false for the others; None where all are.

    Args:
        audience: The rules.
        readings: How each attribute of `attributes_of` is read.
        patterns: Where regular expressions become functions.
    """
    if not audience.any_of:
        return None
    rules = (
        " AND ".join(
            _condition(condition, readings[condition.attribute], patterns)
            for condition in rule.all_of
        )
        for rule in audience.any_of
    )
    return f"({' OR '.join(f'({rule})' for rule in rules)})"


def refusals_sql(
    audience: Audience, readings: Mapping[str, Reading], patterns: Patterns
) -> tuple[str, ...]:
    """Give, for each rule, SQL of the place of its first condition that fails, or null.

    Args:
        audience: The rules.
        readings: How each attribute of `attributes_of` is read.
        patterns: Where regular expressions become functions.
    """
    refusals = []
    for rule in audience.any_of:
        whens = " ".join(
            f"WHEN NOT {_condition(condition, readings[condition.attribute], patterns)} "
            f"THEN {place}"
            for place, condition in enumerate(rule.all_of)
        )
        refusals.append(f"CASE {whens} END")
    return tuple(refusals)


def _condition(condition: Condition, found: Reading, patterns: Patterns) -> str:
    """Give SQL that is true or false, never null: an absent attribute fails."""
    match condition.operator:
        case Operator.MATCHES | Operator.NOT_MATCHES:
            matched = patterns.matches(found.text, str(condition.value))
            wanted = matched if condition.operator is Operator.MATCHES else f"NOT {matched}"
            return _else_false(wanted)
        case Operator.ONE_OF | Operator.NOT_ONE_OF:
            values = condition.value if isinstance(condition.value, tuple) else ()
            listed = ", ".join(literals.text(text_of(value)) for value in values)
            negated = "" if condition.operator is Operator.ONE_OF else "NOT "
            return _else_false(f"{found.text} {negated}IN ({listed})")
        case Operator.GT | Operator.GTE | Operator.LT | Operator.LTE:
            bound = number_of(condition.value) or 0
            whole = _integer_comparison(found.integer, condition.operator, bound)
            other = _float_comparison(found.number, condition.operator, bound)
            return (
                f"CASE WHEN {found.integer} IS NOT NULL THEN {whole} ELSE {_else_false(other)} END"
            )
        case Operator.IS_NULL:
            return f"{found.text} IS {'' if condition.value is True else 'NOT '}NULL"
        case _:
            assert_never(condition.operator)


def _else_false(condition: str) -> str:
    return f"COALESCE({condition}, FALSE)"


def _integer_comparison(value: str, operator: Operator, bound: float) -> str:
    """Compare a whole number with a bound exactly, as Python does: as two whole numbers."""
    if math.isnan(bound):
        return "FALSE"
    above = operator in {Operator.GT, Operator.GTE}
    if abs(bound) >= _LARGEST:
        return "TRUE" if above is (bound < 0) else "FALSE"
    match operator:
        case Operator.GT:
            return f"{value} > {math.floor(bound)}"
        case Operator.GTE:
            return f"{value} >= {math.ceil(bound)}"
        case Operator.LT:
            return f"{value} < {math.ceil(bound)}"
        case _:
            return f"{value} <= {math.floor(bound)}"


def _float_comparison(value: str, operator: Operator, bound: float) -> str:
    """Compare a float with a bound exactly, also with one that no float is equal to."""
    if math.isnan(bound):
        return "FALSE"
    nearest = float(bound)
    if nearest == bound:
        signs = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}
        return f"{value} {signs[operator]} {literals.number(nearest)}"
    if operator in {Operator.GT, Operator.GTE}:
        least = nearest if nearest > bound else math.nextafter(nearest, math.inf)
        return f"{value} >= {literals.number(least)}"
    most = nearest if nearest < bound else math.nextafter(nearest, -math.inf)
    return f"{value} <= {literals.number(most)}"
