"""No table with anything about members can be forgotten, and all of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from experiments.archive.extending import extend
from experiments.errors import InvalidValues, UnknownMember
from experiments.privacy.opting import opt_out
from experiments.privacy.telling import Told, tell_all
from experiments.store.access_log import AccessAction, read_access_log
from experiments.store.engine import reading, writing
from experiments.store.holdings import APART, HOLDINGS, IDENTITIES, NOT_OF_MEMBERS, mentions
from experiments.store.tables import conversions, metadata
from tests.experiments.privacy.world import MEMBERS, rows

if TYPE_CHECKING:
    from experiments.archive.place import Place
    from tests.experiments.privacy.world import World

ONE = MEMBERS[2]


def test_every_table_about_members_is_registered() -> None:
    """A new table with a member, a unit or a household in it must say how it is told and erased."""
    registered = {one.name for one in HOLDINGS} | APART | set(NOT_OF_MEMBERS)

    forgotten = {
        table.name
        for table in metadata.sorted_tables
        if any(name in table.c for name in IDENTITIES) and table.name not in registered
    }

    assert forgotten == set(), "add them to experiments.store.holdings.HOLDINGS, or say why not"


def test_everything_about_a_member_is_told(world: World) -> None:
    """Row by row what the tables hold, quarantine and history of consent included."""
    opt_out(world.engine, ONE, world.act())
    world.sends({"conversion_id": "bad", "member_id": ONE, "event": ""})
    told = Told()

    document = orjson.loads(b"".join(tell_all(world.engine, ONE, world.act(), told=told)))

    assert document["member"]["attributes"]["name"] == f"Name of {ONE}"
    assert (document["household_id"], document["household_members"]) == ("house-01", 1)
    for holding in HOLDINGS:
        kept = [
            row for row in rows(world.engine, holding.name)
            if ONE in (row["member_id"], row.get("unit_id"))
        ]  # fmt: skip
        assert len(document[holding.name]) == len(kept), holding.name
        assert told.rows[holding.name] == len(kept)
    assert document["assignments"][0]["attributes"]["tier"] == "silver"
    assert document["opt_outs"][0]["opted_out"] is True
    assert [item["item_id"] for item in document["quarantine"]] == ["bad"]
    assert MEMBERS[3] not in orjson.dumps(document).decode()


def test_telling_is_written_down(world: World) -> None:
    """Who asked for it stands in the access log, before anything is given."""
    list(tell_all(world.engine, ONE, world.act()))

    with reading(world.engine) as connection:
        (entry,) = read_access_log(connection)
    assert (entry.action, entry.actor, len(entry.digest or "")) == (
        AccessAction.EXPORT, "an operator", 64,
    )  # fmt: skip


def test_what_only_the_archive_has_is_told_as_well(world: World, place: Place) -> None:
    """Facts that were removed from the database, and are in the archive still, are held, too."""
    extend(world.engine, place, now=world.now)
    with writing(world.engine) as connection:
        connection.execute(conversions.delete().where(conversions.c.member_id == ONE))

    document = orjson.loads(b"".join(tell_all(world.engine, ONE, world.act(), place=place)))

    assert document["conversions"] == []
    beyond = document["conversions_in_archive_alone"]
    assert len(beyond) == 3
    assert beyond[0]["properties"]["note"] == f"for {ONE}"
    assert "exposures_in_archive_alone" not in document


def test_of_nobody_nothing_is_told(world: World) -> None:
    """An unknown id is told before the first piece of an answer; what is no id is refused."""
    with pytest.raises(UnknownMember):
        tell_all(world.engine, "nobody", world.act())
    with pytest.raises(InvalidValues):
        tell_all(world.engine, "", world.act())


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ('{"member_id": "m-1"}', True),
        ('{"member_id": "m-10"}', False),
        ('{"a": [{"b": "m-1"}]}', True),
        ('{"m-1": 1}', True),
        ('{"note": "for m-1"}', False),
        ("not json: m-1, m-2", True),
        ("not json: m-10", False),
        ("not json: xm-1", False),
    ],
)
def test_text_mentions_a_member_as_a_value_or_a_word(payload: str, *, named: bool) -> None:
    """Ids that merely begin alike are of others."""
    assert mentions(payload, "m-1") is named
