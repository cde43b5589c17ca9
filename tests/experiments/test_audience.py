"""Rules are data with the semantics of the Universal Flag Configuration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from experiments.audience import Audience, Condition, compiled, number_of
from experiments.member import Attribute, Member


def admitted(conditions: list[dict[str, Any]], attributes: dict[str, Attribute]) -> bool:
    """Say whether one rule of these conditions admits a member with these attributes."""
    audience = Audience.model_validate({"any_of": [{"all_of": conditions}]})
    admission = compiled(audience)
    assert admission is not None
    return admission(Member("m-1", attributes)) is None


def holds(operator: str, value: object, found: Attribute) -> bool:
    """Say whether one condition on the attribute `a` holds."""
    attributes = {} if found is None else {"a": found}
    return admitted([{"attribute": "a", "operator": operator, "value": value}], attributes)


@pytest.mark.parametrize(
    ("operator", "value", "found", "expected"),
    [
        ("ONE_OF", ["gold", "silver"], "gold", True),
        ("ONE_OF", ["gold"], "Gold", False),
        ("ONE_OF", ["12"], 12, True),
        ("ONE_OF", [12], "12", True),
        ("ONE_OF", ["3"], 3.0, True),
        ("ONE_OF", ["true"], True, True),
        ("ONE_OF", ["12.50"], 12.5, False),
        ("NOT_ONE_OF", ["gold"], "silver", True),
        ("NOT_ONE_OF", ["gold"], "gold", False),
        ("MATCHES", "@example", "eve@example.com", True),
        ("MATCHES", "^會員", "會員-42", True),
        ("MATCHES", "^a$", "b\na", False),
        ("NOT_MATCHES", "@example", "eve@elsewhere.org", True),
        ("GT", 10, 10, False),
        ("GT", 10, 10.5, True),
        ("GT", 10, "11", True),
        ("GT", 10, "eleven", False),
        ("GT", 0, True, False),
        ("GTE", 10, 10, True),
        ("LT", 10, 9, True),
        ("LTE", "10", 10, True),
        ("IS_NULL", True, "x", False),
        ("IS_NULL", False, "x", True),
        ("IS_NULL", False, 0, True),
        ("IS_NULL", False, False, True),
    ],
)
def test_each_operator_compares_as_documented(
    operator: str, value: object, found: Attribute, *, expected: bool
) -> None:
    """Sets compare as text and case, comparisons as numbers, patterns are not anchored."""
    assert holds(operator, value, found) is expected


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("ONE_OF", ["x"]),
        ("NOT_ONE_OF", ["x"]),
        ("MATCHES", ""),
        ("NOT_MATCHES", "x"),
        ("GT", -1),
        ("GTE", -1),
        ("LT", 1),
        ("LTE", 1),
        ("IS_NULL", False),
    ],
)
def test_a_missing_attribute_fails_every_operator_but_is_null(operator: str, value: object) -> None:
    """Not known is never not equal."""
    assert not holds(operator, value, None)
    assert holds("IS_NULL", True, None)


def test_the_attribute_id_falls_back_to_the_member_id() -> None:
    """A rule may name members, unless the business has its own attribute of that name."""
    condition = {"attribute": "id", "operator": "ONE_OF", "value": ["m-1"]}
    assert admitted([condition], {})
    assert not admitted([condition], {"id": "other"})


def test_rules_are_ored_and_conditions_anded() -> None:
    """One rule of which every condition holds is enough."""
    audience = Audience.model_validate(
        {
            "any_of": [
                {
                    "all_of": [
                        {"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]},
                        {"attribute": "spend", "operator": "GTE", "value": 100},
                    ]
                },
                {"all_of": [{"attribute": "vip", "operator": "ONE_OF", "value": [True]}]},
            ]
        }
    )
    admission = compiled(audience)
    assert admission is not None
    assert admission(Member("m", {"tier": "silver", "spend": 100})) is None
    assert admission(Member("m", {"tier": "bronze", "vip": True})) is None
    refused = admission(Member("m", {"tier": "silver", "spend": 99}))
    assert refused == "spend GTE 100 and vip ONE_OF [true]"


def test_no_rule_admits_everyone() -> None:
    """An audience without rules costs nothing to evaluate."""
    assert compiled(Audience()) is None


@pytest.mark.parametrize(
    ("operator", "value", "words"),
    [
        ("ONE_OF", "gold", "needs a list"),
        ("ONE_OF", [], "needs a list"),
        ("GT", "many", "needs a number"),
        ("GT", True, "needs a number"),
        ("IS_NULL", "yes", "needs true or false"),
        ("MATCHES", "(", "not a regular expression"),
        ("MATCHES", "(?=look)", "not a regular expression"),
        ("MATCHES", 7, "need a regular expression"),
        ("MATCHES", "x" * 1001, "more than 1000 characters"),
        ("EQUALS", "x", "should be"),
    ],
)
def test_a_value_that_does_not_fit_its_operator_is_refused(
    operator: str, value: object, words: str
) -> None:
    """A rule that could never work is refused when it is written."""
    with pytest.raises(ValidationError, match=words):
        Condition.model_validate({"attribute": "a", "operator": operator, "value": value})


def test_a_hostile_pattern_takes_linear_time() -> None:
    """The pattern that stops backtracking engines for years is answered at once."""
    assert not holds("MATCHES", "^(a+)+$", "a" * 1_999 + "b")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_spelled_as_text_compare_as_numbers(value: float) -> None:
    """A number that came through a file is the same number."""
    assert number_of(repr(value)) == value


@pytest.mark.parametrize("text", ["", " 1", "1_000", "0x10", "NaN", "inf", "١٢", "1e9999"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    """Only plain decimal notation is a number."""
    assert number_of(text) is None
