"""Decides whether a member may enter a campaign: admitted, or the conditions that refused.

A rule is data, with the semantics of the Universal Flag Configuration: OR of rules, AND of
conditions, no rule admits everyone, a missing attribute fails every operator but IS_NULL true. It
is compiled once into a closure here; the same data can be written as SQL.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, assert_never

import re2
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from experiments.document import Document
from experiments.member import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiments.member import Member

    Check = Callable[[str | float], bool]
    Admission = Callable[[Member], str | None]

MAX_PATTERN_LENGTH: Final = 1_000

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class Operator(StrEnum):
    """How an attribute is compared."""

    MATCHES = "MATCHES"
    NOT_MATCHES = "NOT_MATCHES"
    ONE_OF = "ONE_OF"
    NOT_ONE_OF = "NOT_ONE_OF"
    GT = "GT"
    GTE = "GTE"
    LT = "LT"
    LTE = "LTE"
    IS_NULL = "IS_NULL"


Scalar = StrictBool | StrictInt | StrictFloat | StrictStr


class Condition(Document):
    """One comparison of one attribute.

    Attributes:
        attribute: Name of the attribute; ``id`` is the member id where no attribute has that name.
        operator: How it is compared.
        value: A list for ONE_OF and NOT_ONE_OF, a number for GT, GTE, LT and LTE, a regular
            expression (RE2, not anchored) for MATCHES and NOT_MATCHES, a boolean for IS_NULL.
    """

    attribute: Annotated[str, Field(min_length=1, max_length=255)]
    operator: Operator
    value: tuple[Scalar, ...] | Scalar

    @model_validator(mode="after")
    def _value_fits(self) -> Condition:
        match self.operator:
            case Operator.MATCHES | Operator.NOT_MATCHES:
                _compiled_pattern(self.value)
            case Operator.ONE_OF | Operator.NOT_ONE_OF:
                if not isinstance(self.value, tuple) or not self.value:
                    message = f"{self.operator} needs a list of at least one value"
                    raise ValueError(message)
            case Operator.GT | Operator.GTE | Operator.LT | Operator.LTE:
                if number_of(self.value) is None:
                    message = f"{self.operator} needs a number"
                    raise ValueError(message)
            case Operator.IS_NULL:
                if not isinstance(self.value, bool):
                    message = "IS_NULL needs true or false"
                    raise ValueError(message)  # noqa: TRY004  # Pydantic collects ValueError
            case _:
                assert_never(self.operator)
        return self

    def __str__(self) -> str:
        """Give the condition in words: ``tier ONE_OF [silver, gold]``."""
        if isinstance(self.value, tuple):
            return f"{self.attribute} {self.operator} [{', '.join(map(text_of, self.value))}]"
        return f"{self.attribute} {self.operator} {text_of(self.value)}"


class Rule(Document):
    """Conditions that must all hold."""

    all_of: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Audience(Document):
    """Rules of which one must hold; without a rule everyone is admitted."""

    any_of: tuple[Rule, ...] = ()


def number_of(value: object) -> float | None:
    """Give a number, also from text that spells one; None for anything else, booleans included."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case str() if _NUMBER.fullmatch(value):
            return float(value)
        case _:
            return None


def _compiled_pattern(value: object) -> Any:  # noqa: ANN401  # re2 ships no types
    if not isinstance(value, str):
        message = "MATCHES and NOT_MATCHES need a regular expression as text"
        raise ValueError(message)  # noqa: TRY004  # Pydantic collects ValueError
    if len(value) > MAX_PATTERN_LENGTH:
        message = f"is a regular expression of more than {MAX_PATTERN_LENGTH} characters"
        raise ValueError(message)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(value, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        message = f"is not a regular expression of RE2: {reason}"
        raise ValueError(message) from None


def _admission(condition: Condition) -> Admission:
    """Give the closure of one condition: None where it holds, else its words."""
    value = condition.value
    match condition.operator:
        case Operator.ONE_OF | Operator.NOT_ONE_OF:
            return _membership(condition)
        case Operator.MATCHES | Operator.NOT_MATCHES:
            search, wanted = _compiled_pattern(value).search, condition.operator is Operator.MATCHES
            return _checked(condition, lambda found: (search(text_of(found)) is not None) is wanted)
        case Operator.GT | Operator.GTE | Operator.LT | Operator.LTE:
            return _checked(condition, _comparison(condition.operator, number_of(value) or 0))
        case Operator.IS_NULL:
            present = value is False
            return _checked(condition, lambda _found: present, if_missing=not present)
        case _:
            assert_never(condition.operator)


def _membership(condition: Condition) -> Admission:
    """Give the closure of ONE_OF or NOT_ONE_OF, in one call: most rules are these."""
    name, words = condition.attribute, str(condition)
    members = frozenset(map(text_of, condition.value))  # type: ignore[arg-type]  # checked when built
    inside, outside = (None, words) if condition.operator is Operator.ONE_OF else (words, None)

    def admission(member: Member) -> str | None:
        found = member.attributes.get(name)
        if found is None:
            if name != "id":
                return words
            found = member.member_id
        return inside if (found if type(found) is str else text_of(found)) in members else outside

    return admission


def _checked(condition: Condition, check: Check, *, if_missing: bool = False) -> Admission:
    """Give the closure of a condition whose attribute is checked where it is present."""
    name, words = condition.attribute, str(condition)

    def admission(member: Member) -> str | None:
        found = member.attributes.get(name)
        if found is None and name == "id":
            found = member.member_id
        return None if (if_missing if found is None else check(found)) else words

    return admission


def _comparison(operator: Operator, bound: float) -> Check:
    match operator:
        case Operator.GT:
            return lambda found: (number := number_of(found)) is not None and number > bound
        case Operator.GTE:
            return lambda found: (number := number_of(found)) is not None and number >= bound
        case Operator.LT:
            return lambda found: (number := number_of(found)) is not None and number < bound
        case _:
            return lambda found: (number := number_of(found)) is not None and number <= bound


def compiled(audience: Audience) -> Admission | None:
    """Give the closure that admits members, or None where everyone is admitted.

    The closure returns None for an admitted member, else the first failing condition of each rule,
    joined by "and": the member would have needed one of them.
    """
    rules = [
        _all_of([_admission(condition) for condition in rule.all_of]) for rule in audience.any_of
    ]
    match rules:
        case []:
            return None
        case [rule]:
            return rule
        case _:
            return _any_of(rules)


def _all_of(conditions: list[Admission]) -> Admission:
    if len(conditions) == 1:
        return conditions[0]

    def admission(member: Member) -> str | None:
        for condition in conditions:
            refused = condition(member)
            if refused is not None:
                return refused
        return None

    return admission


def _any_of(rules: list[Admission]) -> Admission:
    def admission(member: Member) -> str | None:
        refused = []
        for rule in rules:
            words = rule(member)
            if words is None:
                return None
            refused.append(words)
        return " and ".join(dict.fromkeys(refused))

    return admission
