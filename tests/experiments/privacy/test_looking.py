"""A member is looked at by indexes, alike on both databases, and every look is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from experiments.assignment import Reason
from experiments.errors import UnknownMember
from experiments.looking import look_at, search_members
from experiments.privacy.auditing import accesses
from tests.experiments.privacy.world import World

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_a_look_has_what_was_recorded_and_what_stands(engine: Engine) -> None:
    """Folded exposures and later ones are counted together; the look stands in the log."""
    world = World(engine)
    world.begin()
    world.live()
    record = look_at(world.serving, "person-02", world.act())
    assigned = {one.campaign: one.variant for one in record.standings}
    seen = {one.campaign: (one.variant, one.times) for one in record.exposures}
    assert seen["gold-q3"] == (assigned["gold-q3"], 1)
    assert all(one.reason is Reason.ASSIGNED for one in record.standings)
    assert [one.amount_minor for one in record.conversions] == [1_020] * 3
    variant = assigned["gold-q3"] or ""
    world.sees("person-02", "gold-q3", variant, "once more")
    later = look_at(world.serving, "person-02", world.act()).exposures
    assert {one.times for one in later if one.campaign == "gold-q3"} == {2}
    assert len(accesses(engine, member_id="person-02")) == 2
    with pytest.raises(UnknownMember):
        look_at(world.serving, "nobody", world.act())


def test_a_search_goes_on_where_it_ended(engine: Engine) -> None:
    """Ids come in the order of their characters, by tier as well."""
    world = World(engine)
    world.live()
    first = search_members(engine, "person-0", "", world.act(), limit=7)
    rest = search_members(engine, "person-0", "", world.act(), after=first.after, limit=7)
    ids = [one.member_id for one in (*first.members, *rest.members)]
    assert ids == [f"person-{number:02}" for number in range(10)]
    assert rest.after == ""
    assert search_members(engine, "", "gold", world.act()).members == ()
    assert len(search_members(engine, "", "silver", world.act(), limit=5).members) == 5
