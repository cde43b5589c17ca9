"""The rules of opting out: before and after assignment, and of its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from experiments.assignment import Reason
from experiments.bulk.assigning import Order, assign_all
from experiments.bulk.delivering import FileFormat, Who
from experiments.errors import InvalidValues
from experiments.member import checked_member
from experiments.outcomes import Outcome
from experiments.privacy.opting import history, opt_in, opt_out
from experiments.recording import import_members, put_member
from experiments.store.access_log import AccessAction, read_access_log
from experiments.store.engine import reading
from tests.experiments.privacy.world import MEMBERS, rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.experiments.privacy.world import World

ONE = MEMBERS[2]


def test_before_assignment_nobody_is_drawn(world: World) -> None:
    """A member whom nobody sent yet may opt out first: default offer, no assignment."""
    opt_out(world.engine, "new", world.act())

    assert world.offers("new")["gold-q3"] == ("opted_out", None)
    assert "new" not in {row["unit_id"] for row in rows(world.engine, "assignments")}


def test_after_assignment_the_default_is_served_and_the_unit_counts(world: World) -> None:
    """The assignment stands, as does what is logged afterwards; only the offer is the default."""
    _, variant = world.offers(ONE)["gold-q3"]
    assignments = rows(world.engine, "assignments")

    opt_out(world.engine, ONE, world.act())

    assert world.offers(ONE)["gold-q3"] == ("opted_out", None)
    assert rows(world.engine, "assignments") == assignments
    assert world.sees(ONE, "gold-q3", variant or "", "a page that knew no better") is (
        Outcome.ACCEPTED
    )


def test_who_opts_in_again_has_the_variant_of_before(world: World) -> None:
    """An assignment stands for its phase."""
    before = world.offers(ONE)
    opt_out(world.engine, ONE, world.act())

    opt_in(world.engine, ONE, world.act())

    assert world.offers(ONE) == before


def test_a_repeat_changes_nothing_and_is_not_written_down(world: World) -> None:
    """Opting out twice is one opt-out; the history says when, and who told it."""
    assert opt_out(world.engine, ONE, world.act()).changed
    assert not opt_out(world.engine, ONE, world.act()).changed
    assert opt_in(world.engine, ONE, world.act()).changed

    told = history(world.engine, ONE)
    assert [(one.opted_out, one.at, one.source) for one in told] == [
        (True, world.now, "an operator"), (False, world.now, "an operator"),
    ]  # fmt: skip
    with reading(world.engine) as connection:
        actions = [one.action for one in read_access_log(connection)]
    assert actions == [AccessAction.OPT_IN, AccessAction.OPT_OUT]


def test_opting_out_leaves_attributes_as_they_are(world: World) -> None:
    """Consent is changed and nothing else."""
    (before,) = [row for row in rows(world.engine, "members") if row["member_id"] == ONE]

    opt_out(world.engine, ONE, world.act())

    (after,) = [row for row in rows(world.engine, "members") if row["member_id"] == ONE]
    assert after["attributes"] == before["attributes"]
    assert after["household_id"] == before["household_id"]
    assert after["personalisation_consent"] is False


def test_consent_that_comes_with_members_is_in_the_history(world: World) -> None:
    """However it was told: with one member, or with a file; what says nothing changes nothing."""
    put_member(
        world.engine, checked_member(ONE, {}, personalisation_consent=False), world.now, source="a"
    )
    put_member(world.engine, checked_member(ONE, {}), world.now, with_consent=False, source="b")
    import_members(
        world.engine, [checked_member(ONE, {})], world.now, with_consent=False, source="c"
    )
    import_members(
        world.engine, [checked_member(ONE, {})], world.now, with_consent=True, source="d"
    )

    told = history(world.engine, ONE)
    assert [(one.opted_out, one.source) for one in told] == [(True, "a"), (False, "d")]


def test_all_members_at_once_honour_it(world: World, tmp_path: Path) -> None:
    """Bulk assignment gives who opted out the reason, and a new one no variant."""
    opt_out(world.engine, "new", world.act())
    opt_out(world.engine, ONE, world.act())
    before = rows(world.engine, "assignments")

    order = Order("gold-q3", tmp_path / "all.csv", FileFormat.CSV, who=Who.EVERYONE)
    done = assign_all(world.engine, order, now=world.now)

    assert done.reasons[Reason.OPTED_OUT] == 2
    assert rows(world.engine, "assignments") == before


@pytest.mark.parametrize("wanted", ["", "a\x00b", "x" * 256])
def test_what_is_no_id_is_refused(world: World, wanted: str) -> None:
    """With the field; nothing is kept."""
    with pytest.raises(InvalidValues, match="member_id"):
        opt_out(world.engine, wanted, world.act())
