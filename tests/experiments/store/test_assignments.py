"""The rules of remembering assignments and of counting under a cap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from experiments.store.assignments import (
    RecordedAssignment,
    Standing,
    find_assignment,
    find_assignments,
    prior_variants,
    remember,
    remember_all,
    standing_variants,
)
from experiments.store.engine import reading, writing
from experiments.store.enrolments import read_enrolled, try_enrol
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from sqlalchemy import Engine

ADA = RecordedAssignment("gold-q3", 1, "ada", "gift", "ada", NOW, {"tier": "silver", "spend": 1.5})
THREADS = 16


def test_an_assignment_comes_back_as_it_was_made(store: Engine) -> None:
    """What was known of the member then is frozen with it."""
    with writing(store) as connection:
        assert remember(connection, ADA) == Standing("gift", new=True)
    with reading(store) as connection:
        assert find_assignment(connection, "gold-q3", 1, "ada") == ADA
        key = ("gold-q3", 1, "ada")
        assert standing_variants(connection, [key]) == {key: "gift"}
        others = {("gold-q3", 2, "ada"), ("gold-q3", 1, "bo"), ("other", 1, "ada")}
        assert find_assignments(connection, {key, *others}) == {key: ADA}
        assert find_assignments(connection, set()) == {}


def test_nothing_is_remembered_of_other_units_and_phases(store: Engine) -> None:
    """A new phase randomises anew."""
    with writing(store) as connection:
        remember(connection, ADA)
    with reading(store) as connection:
        others = [("gold-q3", 1, "bo"), ("gold-q3", 2, "ada")]
        assert standing_variants(connection, others) == {}
        assert find_assignment(connection, "gold-q3", 2, "ada") is None


def test_the_first_assignment_stands(store: Engine) -> None:
    """A later decision for the same unit is told what stands, and changes nothing."""
    with writing(store) as connection:
        remember(connection, ADA)
    with writing(store) as connection:
        assert remember(connection, replace(ADA, variant="control")) == Standing("gift", new=False)
    with reading(store) as connection:
        assert find_assignment(connection, "gold-q3", 1, "ada") == ADA


def test_many_assignments_are_answered_in_order(store: Engine) -> None:
    """Of a unit named twice the first stands; those remembered before are told as such."""
    many = [
        replace(ADA, unit_id=f"u{n}", variant="gift" if n % 2 else "control") for n in range(2_500)
    ]
    with writing(store) as connection:
        remember_all(connection, many[:1_200])
    with writing(store) as connection:
        twice = replace(many[-1], variant="control")
        standing = remember_all(connection, [*reversed(many), twice])
        assert remember_all(connection, []) == ()
    assert standing[:-1] == tuple(
        Standing(one.variant, new=number >= 1_200)
        for number, one in reversed(list(enumerate(many)))
    )
    assert standing[-1] == Standing("gift", new=False)
    with reading(store) as connection:
        found = prior_variants(connection, "gold-q3", 1, [*(one.unit_id for one in many), "bo"])
    assert found == {one.unit_id: one.variant for one in many}


def test_of_assignments_at_once_one_wins_and_all_agree(store: Engine) -> None:
    """However many processes decide for a unit, everyone is told the same variant."""
    barrier = Barrier(THREADS)

    def decide(number: int) -> Standing:
        barrier.wait()
        with writing(store) as connection:
            return remember(connection, replace(ADA, variant=f"v{number}"))

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(decide, range(THREADS)))
    winner = [number for number, answer in enumerate(answers) if answer.new]
    assert len(winner) == 1
    assert {answer.variant for answer in answers} == {f"v{winner[0]}"}


def test_overlapping_batches_at_once_do_not_block_one_another(store: Engine) -> None:
    """Batches that name the same units in other orders all end, and agree."""
    units = [replace(ADA, unit_id=f"u{number}") for number in range(200)]
    barrier = Barrier(4)

    def decide(number: int) -> tuple[Standing, ...]:
        mine = [replace(unit, variant=f"v{number}") for unit in units]
        barrier.wait()
        with writing(store) as connection:
            standing = remember_all(connection, mine[::-1] if number % 2 else mine)
        return standing[::-1] if number % 2 else standing

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(decide, range(4)))
    for of_unit in zip(*answers, strict=True):
        assert len({answer.variant for answer in of_unit}) == 1
        assert sum(answer.new for answer in of_unit) == 1


def test_enrolment_stops_exactly_at_the_cap(store: Engine) -> None:
    """Sixteen threads that enrol at once are counted to the cap and not beyond."""
    cap = 25
    barrier = Barrier(THREADS)

    def enrol(_number: int) -> int:
        barrier.wait()
        counted = 0
        for _ in range(4):
            with writing(store) as connection:
                counted += try_enrol(connection, "gold-q3", 1, cap) is not None
        return counted

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(enrol, range(THREADS))) == cap
    with reading(store) as connection:
        assert read_enrolled(connection, "gold-q3", 1) == cap


@pytest.mark.parametrize("cap", [0, -1])
def test_a_cap_of_nothing_enrols_nobody(store: Engine, cap: int) -> None:
    """Not even the first one, which has no row to compare with."""
    with writing(store) as connection:
        assert not try_enrol(connection, "gold-q3", 1, cap)
    with reading(store) as connection:
        assert read_enrolled(connection, "gold-q3", 1) == 0


def test_raising_the_cap_opens_enrolment_again(store: Engine) -> None:
    """Lowering it enrols nobody more and undoes nothing."""
    with writing(store) as connection:
        counted = [try_enrol(connection, "gold-q3", 1, cap) for cap in (1, 1, 2, 1, 3)]
        assert counted == [1, None, 2, None, 3]
        assert read_enrolled(connection, "gold-q3", 1) == 3


def test_phases_are_counted_apart(store: Engine) -> None:
    """A new phase begins with nobody enrolled."""
    with writing(store) as connection:
        assert try_enrol(connection, "gold-q3", 1, 1)
        assert try_enrol(connection, "gold-q3", 2, 1)


def test_an_undone_assignment_gives_its_place_back(store: Engine) -> None:
    """The count belongs to the transaction: a rollback frees the place."""
    connection = store.connect()
    with connection:
        assert try_enrol(connection, "gold-q3", 1, 1)
        connection.rollback()
    with writing(store) as connection:
        assert try_enrol(connection, "gold-q3", 1, 1)
