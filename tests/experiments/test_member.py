"""A member is an id and attributes that both databases and every rule can read."""

from __future__ import annotations

import pytest

from experiments.errors import InvalidValues
from experiments.member import Member, checked_member


def refused(member_id: object = "m-1", **attributes: object) -> str:
    """Give the one field that is refused."""
    with pytest.raises(InvalidValues) as error:
        checked_member(member_id, attributes)
    (problem,) = error.value.problems
    assert problem.way_out
    return problem.field


@pytest.mark.parametrize("member_id", ["", "x" * 256, "a\nb", "a\x00", "\ud800", 7, None])
def test_an_id_that_cannot_be_kept_is_refused(member_id: object) -> None:
    """Ids are text of 1 to 255 characters without control characters."""
    assert refused(member_id) == "member_id"


@pytest.mark.parametrize(
    "value", [[1], {"a": 1}, float("nan"), float("inf"), "x" * 2_001, "\x00", "\udfff", 2**63]
)
def test_an_attribute_that_no_rule_can_read_is_refused(value: object) -> None:
    """Text, finite numbers of at most 64 bits, booleans and null are attributes; no more."""
    assert refused(a=value) == "attributes.a"


@pytest.mark.parametrize("household", ["x" * 256, "a\tb"])
def test_a_household_is_an_id(household: str) -> None:
    """What is hashed for a household follows the rules of ids."""
    assert refused(household_id=household) == "attributes.household_id"


def test_too_many_attributes_are_refused() -> None:
    """A member is not a document store."""
    assert refused(**{f"a{i}": i for i in range(201)}) == "attributes"


def test_null_is_the_same_as_absent() -> None:
    """An attribute that is null is not kept."""
    assert checked_member("m", {"a": None, "b": 0}) == Member("m", {"b": 0})


@pytest.mark.parametrize(
    ("value", "household"), [("h-1", "h-1"), (7, "7"), (7.0, "7"), ("", None), (None, None)]
)
def test_a_household_is_read_as_text(value: str | float | None, household: str | None) -> None:
    """A household's number is the same household as its text."""
    assert checked_member("m", {"household_id": value}).household_id == household
