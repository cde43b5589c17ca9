"""What arrives is a fact, or every fault of it is named at its field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experiments.arrival import CLOCK_SKEW, Arrival, conversion_from, exposure_from
from experiments.campaign import State
from experiments.conversion import Conversion
from experiments.exposure import Exposure
from tests.experiments.designs import NOW, campaign

ARRIVAL = Arrival(NOW, sender="key-1")
CAMPAIGNS = {"gold-q3": campaign()}
EXPOSURE = {"exposure_id": "e-1", "campaign": "gold-q3", "variant": "gift", "member_id": "m-1"}
ORDER = {
    "conversion_id": "c-1",
    "member_id": "m-1",
    "event": "order",
    "occurred_at": "2026-02-03T10:00:00+08:00",
    "amount_minor": 1230,
    "currency": "TWD",
}


def test_an_exposure_becomes_a_fact() -> None:
    """Without a time of its own, an exposure happened when it arrived."""
    fact = exposure_from(EXPOSURE, CAMPAIGNS, ARRIVAL)
    assert fact == Exposure("e-1", "gold-q3", 1, "gift", "m-1", "m-1", NOW, NOW, "key-1")


def test_an_exposure_may_lie_before_the_launch() -> None:
    """Facts of the past belong to the first phase: history can be loaded afterwards."""
    fact = exposure_from({**EXPOSURE, "occurred_at": "2011-06-01T00:00:00Z"}, CAMPAIGNS, ARRIVAL)
    assert isinstance(fact, Exposure)
    assert (fact.phase, fact.exposed_at) == (1, datetime(2011, 6, 1, tzinfo=UTC))


def test_an_exposure_counts_for_the_household_of_its_member() -> None:
    """The unit is fixed when the exposure is recorded; an unknown household stays unknown."""
    campaigns = {"gold-q3": campaign(randomization_unit="household")}
    for households, unit in (({"m-1": "h-1"}, "h-1"), ({}, None)):
        fact = exposure_from(EXPOSURE, campaigns, ARRIVAL, households=households)
        assert isinstance(fact, Exposure)
        assert fact.unit_id == unit


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"exposure_id": None}, "exposure_id", "is required"),
        ({"exposure_id": 7}, "exposure_id", "is not text"),
        ({"exposure_id": ""}, "exposure_id", "is empty"),
        ({"exposure_id": "x" * 256}, "exposure_id", "256 characters"),
        ({"member_id": "a\x00b"}, "member_id", "control character"),
        ({"member_id": "a\ud800b"}, "member_id", "half a character"),
        ({"campaign": "nope"}, "campaign", "is not a campaign"),
        ({"campaign": ["gold-q3"]}, "campaign", "is not a campaign"),
        ({"variant": "Gift"}, "variant", "is not a variant of 'gold-q3'"),
        ({"variant": None}, "variant", "is required"),
        ({"occurred_at": "yesterday"}, "occurred_at", "is not a date and time"),
        ({"occurred_at": "2026-02-01T00:00:00"}, "occurred_at", "has no offset"),
        ({"occurred_at": "2026-03-02T12:00:00Z"}, "occurred_at", "lies in the future"),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, "occurred_at", "before 1970"),
        ({"occurred_at": "0001-01-01T00:00:00+08:00"}, "occurred_at", "out of range"),
        ({"occurred_at": 1_767_000_000}, "occurred_at", "is not a date and time"),
        ({"colour": "red"}, "colour", "is not a field"),
    ],
)
def test_a_faulty_exposure_is_refused_at_its_field(
    changes: dict[str, Any], field: str, words: str
) -> None:
    """The problem names the field, what came and the way out."""
    problems = exposure_from({**EXPOSURE, **changes}, CAMPAIGNS, ARRIVAL)
    assert isinstance(problems, tuple)
    (problem,) = problems
    assert problem.field == field
    assert problem.value == changes[field]
    assert words in problem.message
    assert problem.way_out


def test_all_faults_are_named_at_once() -> None:
    """A sender mends an item once, not fault by fault."""
    problems = exposure_from({"campaign": "nope", "occurred_at": "?"}, CAMPAIGNS, ARRIVAL)
    assert isinstance(problems, tuple)
    named = {problem.field for problem in problems}
    assert named == {"exposure_id", "member_id", "occurred_at", "campaign"}


@pytest.mark.parametrize("item", [None, 7, "text", []])
def test_what_is_no_object_is_no_fact(item: object) -> None:
    """An array of anything else says so item by item."""
    assert isinstance(exposure_from(item, CAMPAIGNS, ARRIVAL), tuple)
    assert isinstance(conversion_from(item, ARRIVAL), tuple)


def test_nobody_is_exposed_to_a_draft() -> None:
    """An exposure to a campaign that never started is a fault of its sender."""
    problems = exposure_from(EXPOSURE, {"gold-q3": campaign(State.DRAFT)}, ARRIVAL)
    assert isinstance(problems, tuple)
    assert "launch gold-q3" in problems[0].way_out


def test_clocks_may_differ_a_little() -> None:
    """A frontend whose clock runs some seconds ahead loses nothing."""
    near = {**EXPOSURE, "occurred_at": (NOW + CLOCK_SKEW).isoformat()}
    far = {**EXPOSURE, "occurred_at": (NOW + CLOCK_SKEW + timedelta(seconds=1)).isoformat()}
    assert isinstance(exposure_from(near, CAMPAIGNS, ARRIVAL), Exposure)
    assert isinstance(exposure_from(far, CAMPAIGNS, ARRIVAL), tuple)


def test_a_conversion_becomes_a_fact_in_utc() -> None:
    """The time is kept in UTC, the money in minor units."""
    fact = conversion_from({**ORDER, "properties": {"shop": "北門"}}, ARRIVAL)
    assert isinstance(fact, Conversion)
    assert fact.occurred_at == datetime(2026, 2, 3, 2, tzinfo=UTC)
    assert (fact.amount_minor, fact.currency) == (1230, "TWD")
    assert dict(fact.properties) == {"shop": "北門"}


@pytest.mark.parametrize(("amount", "minor"), [("12.30", 1230), (12.3, 1230), (12, 1200)])
def test_a_decimal_amount_is_converted_exactly(amount: object, minor: int) -> None:
    """Files and people write decimals; they become minor units without rounding."""
    item = {**ORDER, "amount": amount}
    del item["amount_minor"]
    fact = conversion_from(item, ARRIVAL)
    assert isinstance(fact, Conversion)
    assert fact.amount_minor == minor


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"event": None}, "event", "is required"),
        ({"event": " "}, "event", "not the name"),
        ({"event": "x" * 129}, "event", "not the name"),
        ({"amount_minor": -1}, "amount_minor", "is negative"),
        ({"amount_minor": 12.5}, "amount_minor", "not a whole number"),
        ({"amount_minor": True}, "amount_minor", "not a whole number"),
        ({"amount_minor": 10**13}, "amount_minor", "larger than"),
        ({"amount_minor": None}, "currency", "without an amount"),
        ({"currency": None}, "currency", "is required with an amount"),
        ({"currency": "ZZZ"}, "currency", "not a known currency"),
        ({"currency": "twd"}, "currency", "not a known currency"),
        ({"amount": "12.30"}, "amount_minor", "stands beside amount"),
        ({"amount_minor": None, "amount": "12.345"}, "amount", "more than the 2 decimals"),
        ({"amount_minor": None, "amount": "-1"}, "amount", "is negative"),
        ({"amount_minor": None, "amount": "NaN"}, "amount", "not a finite decimal"),
        ({"properties": []}, "properties", "is not an object"),
        ({"properties": {"a": "\x00"}}, "properties", "NUL"),
        ({"properties": {"\udfff": 1}}, "properties", "NUL"),
        ({"properties": {"a": [2**64]}}, "properties", "too large a number"),
        ({"properties": {str(i): i for i in range(101)}}, "properties", "more than 100"),
    ],
)
def test_a_faulty_conversion_is_refused_at_its_field(
    changes: dict[str, Any], field: str, words: str
) -> None:
    """Money is checked as a whole: amount and currency, sign and decimals."""
    problems = conversion_from({**ORDER, **changes}, ARRIVAL)
    assert isinstance(problems, tuple)
    (problem,) = problems
    assert problem.field == field
    assert words in problem.message
    assert problem.way_out


def test_properties_do_not_nest_without_end() -> None:
    """Deep nesting is refused, not recursed into."""
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    problems = conversion_from({**ORDER, "properties": deep}, ARRIVAL)
    assert isinstance(problems, tuple)
    assert "nests too deeply" in problems[0].message
