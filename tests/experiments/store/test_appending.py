"""The rules of appending facts: once per id, whatever is sent again."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.store.appending import Appended
from experiments.store.conversions import append_conversions, events_seen
from experiments.store.engine import reading, writing
from experiments.store.exposures import append_exposures, has_exposure
from experiments.store.tables import conversions, exposures
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

LATER = NOW + timedelta(hours=1)
EXPOSURE = Exposure("e1", "gold-q3", 1, "gift", "ada", "ada", NOW, NOW, "key-1")
ORDER = Conversion("c1", "ada", "order", NOW, NOW, 12_50, "TWD", {"sku": "tea", "n": [1, 2.5]}, "k")

STORED, REPEATED, CONFLICTING = Appended.STORED, Appended.REPEATED, Appended.CONFLICTING


def append_orders(store: Engine, facts: Sequence[Conversion]) -> tuple[Appended, ...]:
    """Append conversions in a transaction of their own."""
    with writing(store) as connection:
        return append_conversions(connection, facts)


def test_a_fact_comes_back_as_it_was_appended(store: Engine) -> None:
    """Every field is kept, those of arrival included; the writer's number comes behind them."""
    with writing(store) as connection:
        append_exposures(connection, [EXPOSURE])
        append_conversions(connection, [ORDER])
    with reading(store) as connection:
        assert tuple(connection.execute(select(exposures)).one())[:-1] == (
            "e1",
            "gold-q3",
            1,
            "gift",
            "ada",
            "ada",
            NOW,
            NOW,
            "key-1",
        )
        assert tuple(connection.execute(select(conversions)).one())[:-1] == (
            "c1",
            "ada",
            "order",
            NOW,
            NOW,
            12_50,
            "TWD",
            {"sku": "tea", "n": [1, 2.5]},
            "k",
        )


def test_a_repeat_changes_nothing(store: Engine) -> None:
    """The same fact, sent again later and by another route, is told as a repeat."""
    assert append_orders(store, [ORDER]) == (STORED,)
    again = replace(ORDER, received_at=LATER, sender="import")
    assert append_orders(store, [again]) == (REPEATED,)
    with reading(store) as connection:
        assert connection.execute(select(conversions.c.received_at)).scalars().all() == [NOW]


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "bo"},
        {"event": "refund"},
        {"occurred_at": NOW + timedelta(microseconds=1)},
        {"amount_minor": 12_51},
        {"amount_minor": None},
        {"currency": "USD"},
        {"properties": {"sku": "tea", "n": [1, 2.51]}},
        {"properties": {}},
    ],
    ids=str,
)
def test_other_content_under_a_known_id_is_told(store: Engine, change: dict[str, object]) -> None:
    """The fact that was there first stands, to the last field."""
    append_orders(store, [ORDER])
    assert append_orders(store, [replace(ORDER, **change)]) == (CONFLICTING,)  # type: ignore[arg-type]  # fields by name
    assert append_orders(store, [ORDER]) == (REPEATED,)


def test_what_the_server_looked_up_is_not_the_senders_content(store: Engine) -> None:
    """A repeat that arrives in another phase, or after a move, is the same exposure."""
    with writing(store) as connection:
        append_exposures(connection, [EXPOSURE])
        again = replace(EXPOSURE, phase=2, unit_id="north")
        other = replace(EXPOSURE, variant="control")
        assert append_exposures(connection, [again, other]) == (REPEATED, CONFLICTING)


def test_a_fact_without_a_time_is_the_same_when_sent_again(store: Engine) -> None:
    """Where the time of arrival stands in for the sender's, it is not compared."""
    with writing(store) as connection:
        append_conversions(connection, [ORDER])
        again = replace(ORDER, occurred_at=LATER, received_at=LATER)
        assert append_conversions(connection, [again], untimed={"c1"}) == (REPEATED,)
        assert append_conversions(connection, [again]) == (CONFLICTING,)


def test_numbers_are_the_same_however_a_database_writes_them(store: Engine) -> None:
    """A huge float, a float without a fraction and nested values are recognised; others are not."""
    numbers = [1e17, 6.754203428430489e16, 1e300, 3.0, {"b": (1, "2")}]
    sent = {"a": numbers, "id": 2**62}
    order = replace(ORDER, properties=sent)
    assert append_orders(store, [order, order]) == (STORED, REPEATED)
    assert append_orders(store, [order]) == (REPEATED,)
    for other in (
        {**sent, "id": 2**62 + 1},
        {**sent, "a": numbers[:-1]},
        {**sent, "c": None},
        {**sent, "id": True},
    ):
        assert append_orders(store, [replace(order, properties=other)]) == (CONFLICTING,)


def test_an_id_twice_in_one_batch_is_one_fact(store: Engine) -> None:
    """The first of them is kept; the others are judged against it."""
    other = replace(ORDER, amount_minor=1)
    assert append_orders(store, [ORDER, ORDER, other]) == (STORED, REPEATED, CONFLICTING)
    assert append_orders(store, [other, ORDER]) == (CONFLICTING, REPEATED)


def test_identical_rows_under_two_ids_are_two_facts(store: Engine) -> None:
    """Nothing is removed for looking alike: a member may buy the same thing twice."""
    assert append_orders(store, [ORDER, replace(ORDER, conversion_id="c2")]) == (STORED, STORED)


def test_no_facts_are_no_special_case(store: Engine) -> None:
    """An empty batch is answered with nothing."""
    assert append_orders(store, []) == ()


def test_many_facts_are_answered_in_order(store: Engine) -> None:
    """More facts than a statement has room for are kept once each and answered each."""
    many = [replace(ORDER, conversion_id=f"{number * 7919 % 5_000:05}") for number in range(5_000)]
    assert append_orders(store, many[:2_500]) == (STORED,) * 2_500
    changed = replace(many[0], amount_minor=0)
    assert append_orders(store, [changed, *many[1:]]) == (
        CONFLICTING,
        *(REPEATED,) * 2_499,
        *(STORED,) * 2_500,
    )
    with reading(store) as connection:
        assert connection.scalar(select(func.count()).select_from(conversions)) == 5_000


def test_of_senders_at_once_one_stores_each_fact(store: Engine) -> None:
    """Overlapping batches in any order end without a deadlock; each fact is stored once."""
    many = [replace(ORDER, conversion_id=f"c{number}") for number in range(300)]
    barrier = Barrier(4)

    def send(number: int) -> tuple[Appended, ...]:
        barrier.wait()
        return append_orders(store, many[::-1] if number % 2 else many)

    with ThreadPoolExecutor(4) as pool:
        outcomes = Counter(outcome for batch in pool.map(send, range(4)) for outcome in batch)
    assert outcomes == {STORED: 300, REPEATED: 900}


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": -1},
        {"currency": None},
        {"currency": "TWDX"},
        {"conversion_id": ""},
        {"member_id": ""},
        {"event": ""},
    ],
    ids=str,
)
def test_the_database_refuses_what_would_spoil_a_result(
    store: Engine, change: dict[str, object]
) -> None:
    """Whatever slips past the domain's rules is stopped by checks, on both databases alike."""
    # PostgreSQL calls a too long text a DataError, which SQLAlchemy keeps apart
    with pytest.raises(Exception, match=r"(?i)check constraint|too long"):
        append_orders(store, [replace(ORDER, **change)])  # type: ignore[arg-type]  # fields by name


def test_an_exposure_of_an_unknown_phase_is_refused(store: Engine) -> None:
    """A fact never points at a phase that there was not; the rest of its batch is undone too."""
    with pytest.raises(IntegrityError), writing(store) as connection:
        append_exposures(connection, [EXPOSURE, replace(EXPOSURE, exposure_id="e2", phase=3)])
    with reading(store) as connection:
        assert not has_exposure(connection, "e1")


def test_a_kept_exposure_is_found_by_its_id(store: Engine) -> None:
    """The server asks before it logs one of its own."""
    with writing(store) as connection:
        assert not has_exposure(connection, "e1")
        append_exposures(connection, [EXPOSURE])
        assert has_exposure(connection, "e1")


def test_events_that_were_seen_are_told(store: Engine) -> None:
    """A launch asks whether the events of its metrics have ever come."""
    append_orders(store, [ORDER])
    with reading(store) as connection:
        assert events_seen(connection, ["order", "refund", "order"]) == {"order"}
        assert events_seen(connection, []) == frozenset()
