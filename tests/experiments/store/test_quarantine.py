"""The rules of settling quarantined items, and of revision 0007, which added them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from experiments.errors import Problem
from experiments.store import schema
from experiments.store.engine import reading, writing
from experiments.store.quarantine import (
    Kind,
    Quarantined,
    QuarantineState,
    Settlement,
    Which,
    count_quarantine,
    find_quarantined,
    quarantine_items,
    read_quarantine,
    read_quarantine_upwards,
    settle,
)
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from sqlalchemy import Engine

LATE = Problem("occurred_at", "2031-01-01", "lies in the future", "Send a past time.")
ITEM = Quarantined(Kind.CONVERSION, "c1", '{"conversion_id": "c1"}', (LATE,), NOW, "key-1")
REPLAYED = Settlement(QuarantineState.REPLAYED, NOW, "ada", correction='{"conversion_id": "會"}')
DISCARDED = Settlement(QuarantineState.DISCARDED, NOW, "bob", reason="a test order")


@pytest.fixture
def numbers(engine: Engine) -> list[int]:
    """Keep five items, one a minute, and give their numbers."""
    items = [
        replace(ITEM, payload=f"{i}", received_at=NOW + timedelta(minutes=i), sender=f"key-{i % 2}")
        for i in range(5)
    ]
    with writing(engine) as connection:
        quarantine_items(connection, items)
        return [item.number or 0 for item in read_quarantine_upwards(connection, Which())]


def test_a_settled_item_says_how(engine: Engine, numbers: list[int]) -> None:
    """State, moment, person, reason and correction come back; the others are open."""
    with writing(engine) as connection:
        settle(connection, numbers[:1], REPLAYED)
        settle(connection, numbers[1:2], DISCARDED)
    with reading(engine) as connection:
        first, second, third = (find_quarantined(connection, number) for number in numbers[:3])
        assert count_quarantine(connection, QuarantineState.OPEN)[Kind.CONVERSION] == 3
        assert count_quarantine(connection)[Kind.CONVERSION] == 5
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.settlement, second.settlement, third.settlement) == (REPLAYED, DISCARDED, None)
    assert [one.state for one in (first, second, third)] == [
        QuarantineState.REPLAYED,
        QuarantineState.DISCARDED,
        QuarantineState.OPEN,
    ]


def test_the_first_settlement_stands(engine: Engine, numbers: list[int]) -> None:
    """But what became a fact is replayed, even where somebody discarded it meanwhile."""
    other = replace(REPLAYED, by="eve", correction=None)
    with writing(engine) as connection:
        settle(connection, numbers[:1], REPLAYED)
        settle(connection, numbers[:1], DISCARDED)
        settle(connection, numbers[:1], other)
        settle(connection, numbers[1:2], DISCARDED)
        settle(connection, numbers[1:2], other)
    with reading(engine) as connection:
        first, second = (find_quarantined(connection, number) for number in numbers[:2])
    assert first is not None
    assert second is not None
    assert (first.settlement, second.settlement) == (REPLAYED, other)


def test_items_are_chosen_by_everything_that_is_asked(engine: Engine, numbers: list[int]) -> None:
    """Kind, state, sender and time narrow together, in both directions."""
    asked = Which(
        kind=Kind.CONVERSION,
        state=QuarantineState.OPEN,
        sender="key-0",
        received_from=NOW + timedelta(minutes=1),
        received_before=NOW + timedelta(minutes=4),
    )
    with reading(engine) as connection:
        assert [one.number for one in read_quarantine(connection, asked)] == numbers[2:3]
        upwards = read_quarantine_upwards(connection, Which(), after=numbers[1], limit=2)
        assert [one.number for one in upwards] == numbers[2:4]
        assert read_quarantine(connection, replace(asked, kind=Kind.EXPOSURE)) == ()


@pytest.mark.parametrize("number", [-1, 0, 2**63 - 1, 2**63, 10**40])
def test_a_number_that_nothing_has_finds_nothing(engine: Engine, number: int) -> None:
    """Also one that no column could hold."""
    with reading(engine) as connection:
        assert find_quarantined(connection, number) is None


def test_content_that_was_settled_stays_so_when_it_is_sent_again(
    engine: Engine, numbers: list[int]
) -> None:
    """A sender that repeats a batch does not open what somebody has settled."""
    with writing(engine) as connection:
        settle(connection, numbers, DISCARDED)
        quarantine_items(connection, [replace(ITEM, payload="0")])
        assert count_quarantine(connection, QuarantineState.OPEN)[Kind.CONVERSION] == 0
        assert count_quarantine(connection)[Kind.CONVERSION] == 5


def test_items_survive_the_way_down_and_up(
    engine: Engine, database_url: str, numbers: list[int]
) -> None:
    """An older version sees them all, and the newer one takes them for open."""
    with writing(engine) as connection:
        settle(connection, numbers[:2], DISCARDED)
    engine.dispose()
    assert schema.downgrade(database_url, "0006") == "0006"
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM quarantine")) == 5
    engine.dispose()
    schema.upgrade(database_url)
    with reading(engine) as connection:
        assert count_quarantine(connection, QuarantineState.OPEN)[Kind.CONVERSION] == 5
        (oldest,) = read_quarantine_upwards(connection, Which(), limit=1)
    assert (oldest.payload, oldest.problems) == ("0", (LATE,))
