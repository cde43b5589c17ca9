"""The rules of keeping members."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from experiments.errors import UnknownMember
from experiments.member import Member
from experiments.store.engine import reading, writing
from experiments.store.members import (
    count_members,
    find_member,
    find_members,
    merge_members,
    put_members,
    read_member,
)
from experiments.store.tables import members
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine


def put(engine: Engine, *given: Member) -> None:
    """Put members in a transaction of their own."""
    with writing(engine) as connection:
        put_members(connection, given, NOW)


def merge(engine: Engine, given: Iterable[Member], *, with_consent: bool = False) -> None:
    """Merge members in a transaction of their own."""
    with writing(engine) as connection:
        merge_members(connection, given, NOW + timedelta(days=1), with_consent=with_consent)


def read(engine: Engine, member_id: str) -> Member:
    """Read a member in a transaction of its own."""
    with reading(engine) as connection:
        return read_member(connection, member_id)


def test_a_member_comes_back_as_it_was_put(engine: Engine) -> None:
    """Every kind of attribute keeps its value and its kind."""
    ada = Member(
        "會員-🎟️",
        {"tier": "silver", "spend": 12.5, "orders": 3, "vip": False, "zip": "00123", "名": "艾達"},
        personalisation_consent=False,
    )
    put(engine, ada)
    found = read(engine, ada.member_id)
    assert found == ada
    assert [type(value) for value in found.attributes.values()].count(bool) == 1


def test_putting_replaces_the_whole_member(engine: Engine) -> None:
    """An attribute left out is gone, and consent is as it was given last."""
    put(engine, Member("ada", {"tier": "silver", "household_id": "north"}))
    put(engine, Member("ada", {"spend": 7}, personalisation_consent=False))
    assert read(engine, "ada") == Member("ada", {"spend": 7}, personalisation_consent=False)
    with reading(engine) as connection:
        assert connection.scalar(select(members.c.household_id)) is None


def test_of_a_repeated_member_the_last_counts(engine: Engine) -> None:
    """One batch may name a member twice; the later one wins, as if sent one by one."""
    put(engine, Member("ada", {"tier": "silver"}), Member("ada", {"tier": "gold"}))
    assert read(engine, "ada") == Member("ada", {"tier": "gold"})


def test_merging_keeps_what_is_not_given(engine: Engine) -> None:
    """A file with two columns changes two attributes."""
    put(
        engine,
        Member(
            "ada",
            {"tier": "silver", "spend": 1, "household_id": "north"},
            personalisation_consent=False,
        ),
    )
    merge(engine, [Member("ada", {"spend": 2, "region": "TPE"}), Member("bo", {"spend": 3})])
    assert read(engine, "ada") == Member(
        "ada",
        {"tier": "silver", "spend": 2, "household_id": "north", "region": "TPE"},
        personalisation_consent=False,
    )
    assert read(engine, "bo") == Member("bo", {"spend": 3})
    with reading(engine) as connection:
        query = select(members.c.household_id, members.c.created_at, members.c.updated_at)
        ada = connection.execute(query.where(members.c.member_id == "ada")).one()
    assert tuple(ada) == ("north", NOW, NOW + timedelta(days=1))


def test_merging_twice_changes_nothing_more(engine: Engine) -> None:
    """An import is safe to run again."""
    given = [Member("ada", {"spend": 2, "household_id": "south"})]
    put(engine, Member("ada", {"household_id": "north"}))
    merge(engine, given)
    once = read(engine, "ada")
    merge(engine, given)
    assert read(engine, "ada") == once


@pytest.mark.parametrize(("household", "kept"), [("south", "south"), ("", None)])
def test_merging_a_household_moves_the_member(
    engine: Engine, household: str, kept: str | None
) -> None:
    """The household that rules see and the one that is counted by stay the same."""
    put(engine, Member("ada", {"household_id": "north"}))
    merge(engine, [Member("ada", {"household_id": household})])
    assert read(engine, "ada").household_id == kept
    with reading(engine) as connection:
        assert connection.scalar(select(members.c.household_id)) == kept


def test_consent_changes_only_when_it_was_given(engine: Engine) -> None:
    """A file without a consent column cannot bring a member back who opted out."""
    put(engine, Member("ada", personalisation_consent=False))
    merge(engine, [Member("ada", personalisation_consent=True)])
    assert not read(engine, "ada").personalisation_consent
    merge(engine, [Member("ada", personalisation_consent=True)], with_consent=True)
    assert read(engine, "ada").personalisation_consent


def test_an_unknown_member_is_told(engine: Engine) -> None:
    """Reading raises, finding gives None."""
    with reading(engine) as connection:
        assert find_member(connection, "nobody") is None
        with pytest.raises(UnknownMember, match="nobody"):
            read_member(connection, "nobody")


def test_many_members_are_put_and_found_at_once(engine: Engine) -> None:
    """More members than a statement has room for are no special case."""
    many = [Member(f"m{number}", {"number": number}) for number in range(2_500)]
    put(engine, *many)
    with reading(engine) as connection:
        found = find_members(connection, [*(one.member_id for one in many), "nobody"])
        assert count_members(connection) == 2_500
    assert found == {one.member_id: one for one in many}


def test_no_members_are_no_special_case(engine: Engine) -> None:
    """An empty file or batch changes nothing."""
    put(engine)
    merge(engine, [])
    with reading(engine) as connection:
        assert find_members(connection, []) == {}
        assert count_members(connection) == 0
