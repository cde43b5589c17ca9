"""The rules of erasure: no identity is left, and every number stays what it was."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from experiments.archive.extending import extend
from experiments.archive.place import open_place
from experiments.archive.reading import open_archive
from experiments.archive.verifying import verify
from experiments.errors import InvalidValues, MemberErased, UnknownMember
from experiments.member import checked_member
from experiments.outcomes import Outcome
from experiments.privacy.erasing import erase_members, finish, take_again
from experiments.pseudonym import is_pseudonym
from experiments.recording import import_members, put_member
from experiments.store.access_log import AccessAction, read_access_log
from experiments.store.engine import reading
from experiments.store.erasures import erased_since, pending_erasures, read_erasures
from experiments.store.folding import fold_all
from tests.experiments.privacy.world import MEMBERS, bytes_on_disk, everything, rows

if TYPE_CHECKING:
    from experiments.archive.place import Place
    from tests.experiments.privacy.world import World

ONE = MEMBERS[2]
"""Who is erased; shares the household of MEMBERS[3]."""


def shape(world: World) -> dict[str, object]:
    """Everything about facts that has no identity in it, and how they hang together."""
    of_member = Counter(row["member_id"] for row in rows(world.engine, "conversions"))
    return {
        "exposures": sorted(
            (row["campaign_key"], row["variant"], str(row["exposed_at"]), row["written_by"])
            for row in rows(world.engine, "exposures")
        ),
        "first_exposures": sorted(
            (row["campaign_key"], row["variant"], str(row["exposed_at"]), row["exposures"])
            for row in rows(world.engine, "first_exposures")
        ),
        "assignments": sorted(
            (row["campaign_key"], row["variant"], row["written_by"], row["attributes"]["tier"])
            for row in rows(world.engine, "assignments")
        ),
        "conversions": sorted(
            (row["event"], row["amount_minor"], row["properties"]["margin_minor"])
            for row in rows(world.engine, "conversions")
        ),
        "orders a member": sorted(of_member.values()),
    }


def test_no_identity_is_left_and_every_fact_is(world: World) -> None:
    """The id, ids made of it, names and free text are gone everywhere; the facts are all there."""
    before = shape(world)
    world.sends({"conversion_id": "bad", "member_id": ONE, "event": ""})

    (erased,) = erase_members(world.engine, [ONE], world.act("asked by letter"))

    text = everything(world.engine)
    assert ONE not in text
    assert f"Name of {MEMBERS[3]}" in text
    assert shape(world) == before
    assert erased.is_complete
    assert not erased.repeated
    assert erased.erasure.counts == {
        "assignments": 2, "exposures": 2, "conversions": 3, "members": 1, "quarantine": 1,
    }  # fmt: skip
    assert set(erased.erasure.phases) == {("gold-q3", 1), ("family", 1)}


def test_one_pseudonym_stands_for_the_member_everywhere(world: World) -> None:
    """Facts of one member stay facts of one unit, in every table, folded or not."""
    variants = world.offers(ONE)
    world.sees(ONE, "gold-q3", variants["gold-q3"][1] or "", "seen later")  # not folded yet

    erase_members(world.engine, [ONE], world.act())

    named = {
        row["member_id"]
        for table in ("assignments", "exposures", "first_exposures", "conversions")
        for row in rows(world.engine, table)
        if row["member_id"] not in MEMBERS
    }
    assert len(named) == 1
    assert all(map(is_pseudonym, named))
    fold_all(world.engine, within_s=60.0)
    folded = [
        row for row in rows(world.engine, "first_exposures")
        if row["member_id"] in named and row["campaign_key"] == "gold-q3"
    ]  # fmt: skip
    assert [(row["unit_id"], row["exposures"]) for row in folded] == [(*named, 2)]


def test_attributes_and_properties_stay_that_results_are_made_of(world: World) -> None:
    """Tier and declared segments stay with the assignment; free text does not stay anywhere."""
    erase_members(world.engine, [ONE], world.act())

    kept = {
        row["campaign_key"]: row["attributes"]
        for row in rows(world.engine, "assignments")
        if is_pseudonym(row["member_id"])
    }
    assert kept["gold-q3"] == {"tier": "silver", "region": "south"}
    properties = [
        row["properties"] for row in rows(world.engine, "conversions")
        if is_pseudonym(row["member_id"])
    ]  # fmt: skip
    assert properties
    assert all(one == {"margin_minor": 255} for one in properties)


def test_a_household_keeps_its_id_until_its_last_member_is_erased(world: World) -> None:
    """While somebody else is in it the household is theirs; then it is nobody's."""
    erase_members(world.engine, [MEMBERS[2]], world.act())
    assert "house-01" in everything(world.engine)

    erase_members(world.engine, [MEMBERS[3]], world.act())

    assert "house-01" not in everything(world.engine)
    units = Counter(
        row["unit_id"] for row in rows(world.engine, "exposures") if row["campaign_key"] == "family"
    )
    assert sorted(units.values()) == [2] * 6
    homes = [row["household_id"] for row in rows(world.engine, "erased_members")]
    assert len(homes) == 2
    assert len(set(homes)) == 1


def test_erasing_a_whole_household_at_once_does_the_same(world: World) -> None:
    """The order within a request does not matter: the last one takes the household's id along."""
    erase_members(world.engine, [MEMBERS[2], MEMBERS[3]], world.act())

    text = everything(world.engine)
    assert "house-01" not in text
    assert MEMBERS[2] not in text
    assert MEMBERS[3] not in text


def test_a_second_request_answers_the_same_and_changes_nothing(world: World) -> None:
    """Whoever asks again, perhaps since the first answer was lost, is told what was done."""
    (first,) = erase_members(world.engine, [ONE], world.act())
    before = everything(world.engine)

    (second,) = erase_members(world.engine, [ONE], world.act())

    assert second.repeated
    assert second.erasure == first.erasure
    assert everything(world.engine) == before


def test_erasure_is_audited_without_the_id(world: World) -> None:
    """Who asked, when, why and how much is written down; whom it was about is a hash."""
    erase_members(world.engine, [ONE], world.act("asked by letter"))

    with reading(world.engine) as connection:
        (kept,) = read_erasures(connection)
        (entry,) = read_access_log(connection, action=AccessAction.ERASE)
    assert (kept.actor, kept.reason, kept.erased_at) == (
        "an operator", "asked by letter", world.now,
    )  # fmt: skip
    assert kept.pending is None
    assert (entry.actor, entry.digest) == ("an operator", kept.digest)


def test_whom_nobody_knows_cannot_be_erased(world: World) -> None:
    """An unknown id is told, and nobody else of the request is erased."""
    with pytest.raises(UnknownMember, match="nobody"):
        erase_members(world.engine, [ONE, "nobody"], world.act())

    assert ONE in everything(world.engine)


@pytest.mark.parametrize("wanted", [[], [""], ["a\x00b"], ["x" * 256]])
def test_what_is_no_id_is_refused(world: World, wanted: list[str]) -> None:
    """With the field, before anything is read."""
    with pytest.raises(InvalidValues):
        erase_members(world.engine, wanted, world.act())


def test_late_events_are_discarded_and_counted(world: World) -> None:
    """A retry brings nobody back: good and bad items alike are dropped, visibly."""
    erase_members(world.engine, [ONE], world.act())

    assert world.buys(ONE, f"order of {ONE}, 0") is Outcome.SUPPRESSED
    assert world.buys(ONE, "another order") is Outcome.SUPPRESSED
    assert world.sends({"conversion_id": "x", "member_id": ONE, "event": ""}) is Outcome.SUPPRESSED
    assert world.sees(ONE, "gold-q3", "gift", "seen") is Outcome.SUPPRESSED
    assert world.buys(MEMBERS[5], "of somebody else") is Outcome.ACCEPTED

    assert ONE not in everything(world.engine)
    with reading(world.engine) as connection:
        (kept,) = read_erasures(connection)
    assert kept.late_events == 4


def test_an_erased_member_is_served_the_default_and_not_remembered(world: World) -> None:
    """Asked for still, the member is drawn for nothing, in a process that remembered them, too."""
    assert world.offers(ONE)["gold-q3"][0] == "assigned"

    erase_members(world.engine, [ONE], world.act())

    assert world.offers(ONE)["gold-q3"] == ("opted_out", None)
    assert ONE not in everything(world.engine)
    assert set(world.serving.memory.variants(ONE).values()) <= {None}


def test_imports_do_not_bring_anybody_back(world: World) -> None:
    """A nightly file of yesterday leaves out who was erased; a single member is refused."""
    erase_members(world.engine, [ONE], world.act())
    given = [checked_member(one, {"tier": "gold"}) for one in (ONE, MEMBERS[4])]

    assert import_members(world.engine, given, world.now, with_consent=True) == {ONE}
    with pytest.raises(MemberErased, match="readmit"):
        put_member(world.engine, given[0], world.now)

    assert ONE not in everything(world.engine)


def test_after_the_time_events_are_those_of_somebody_new(world: World) -> None:
    """The id may be given to somebody else: after 90 days it is an unknown member's."""
    erase_members(world.engine, [ONE], world.act())
    world.now += timedelta(days=90, seconds=1)

    assert world.buys(ONE, "much later") is Outcome.ACCEPTED
    (again,) = erase_members(world.engine, [ONE], world.act())
    assert not again.repeated
    assert again.erasure.counts == {"conversions": 1}


def test_somebody_can_be_readmitted_at_once(world: World) -> None:
    """Who joins anew is taken again, without anything of before."""
    erase_members(world.engine, [ONE], world.act())

    assert take_again(world.engine, ONE, world.act())
    assert not take_again(world.engine, ONE, world.act())
    assert world.buys(ONE, "a new order") is Outcome.ACCEPTED
    assert world.offers(ONE)["gold-q3"][0] == "assigned"


def test_nothing_is_discarded_where_it_is_not_wanted(world: World) -> None:
    """Without suppression, what arrives late is of somebody new."""
    erase_members(world.engine, [ONE], world.act(), suppress_for=None)

    assert world.buys(ONE, "a late order") is Outcome.ACCEPTED


def test_reports_know_how_many_were_erased_since(world: World) -> None:
    """Stored scorecards stay as they are; a count says that they know more than there is now."""
    computed_at = world.now
    world.now += timedelta(hours=1)
    erase_members(world.engine, [ONE, MEMBERS[7]], world.act())

    with reading(world.engine) as connection:
        assert erased_since(connection, "gold-q3", 1, computed_at) == 2
        assert erased_since(connection, "gold-q3", 1, world.now) == 0
        assert erased_since(connection, "another", 1, computed_at) == 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_files_of_sqlite_hold_nothing_either(world: World) -> None:
    """Removed rows are overwritten, and the write-ahead log is emptied."""
    assert ONE.encode() in bytes_on_disk(world.engine)

    erase_members(world.engine, [ONE], world.act())

    assert ONE.encode() not in bytes_on_disk(world.engine)


def test_the_archive_becomes_what_the_database_is(world: World, place: Place) -> None:
    """Every file with the member is made anew under the same pseudonyms, and old ones are gone."""
    extend(world.engine, place, now=world.now)
    world.buys(ONE, "not archived yet")
    (erased,) = erase_members(world.engine, [ONE], world.act())
    assert not erased.is_complete

    assert finish(world.engine, place, world.now) == 1

    with reading(world.engine) as connection:
        assert pending_erasures(connection) == ()
    extend(world.engine, place, now=world.now)
    assert verify(world.engine, place, now=world.now).is_sound
    folder = place.address("")
    assert ONE not in _texts(folder)
    assert _archived(folder) == {
        table: sorted(row[key] for row in rows(world.engine, table))
        for table, key in (
            ("assignments", "member_id"), ("exposures", "exposure_id"),
            ("conversions", "conversion_id"),
        )
    }  # fmt: skip
    assert ONE not in everything(world.engine)


def test_whoever_extends_the_archive_finishes_first(world: World, place: Place) -> None:
    """A report that reads the archive never has somebody twice, under an id and a pseudonym."""
    extend(world.engine, place, now=world.now)
    erase_members(world.engine, [ONE], world.act())

    extend(world.engine, place, now=world.now)

    assert ONE not in _texts(place.address(""))
    with reading(world.engine) as connection:
        assert pending_erasures(connection) == ()


def test_an_erasure_waits_for_every_archive(world: World, place: Place, tmp_path: Path) -> None:
    """What leads to the member is kept until the last archive is rewritten, then thrown away."""
    second = open_place(str(tmp_path / "second"))
    extend(world.engine, place, now=world.now)
    extend(world.engine, second, now=world.now)
    erase_members(world.engine, [ONE], world.act())

    finish(world.engine, place, world.now)
    with reading(world.engine) as connection:
        assert len(pending_erasures(connection)) == 1
    finish(world.engine, second, world.now)

    with reading(world.engine) as connection:
        assert pending_erasures(connection) == ()
    assert ONE not in _texts(place.address("")) + _texts(second.address(""))
    assert ONE not in everything(world.engine)


def test_quarantined_items_are_emptied_and_counted_still(world: World) -> None:
    """An item that names the member loses its content; another member's like-named one does not."""
    world.sends({"conversion_id": "bad-1", "member_id": ONE, "event": ""})
    world.sends({"conversion_id": "bad-2", "member_id": f"{ONE}0", "event": ""})
    world.sends({"conversion_id": "bad-3", "member_id": "else", "event": "", "friend": ONE})

    (erased,) = erase_members(world.engine, [ONE], world.act())

    kept = {row["id"]: row for row in rows(world.engine, "quarantine")}
    assert len(kept) == 3
    assert erased.erasure.counts["quarantine"] == 2
    states = [(row["payload"] == "{}", row["state"]) for _, row in sorted(kept.items())]
    assert states == [(True, "discarded"), (False, "open"), (True, "discarded")]


def _texts(folder: str) -> str:
    texts = []
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix == ".parquet":
            texts.append(str(pq.read_table(path).to_pylist()))
        elif path.is_file():
            texts.append(path.read_text(encoding="utf-8"))
    assert texts
    return "\n".join(texts)


def _archived(folder: str) -> dict[str, list[str]]:
    facts = open_archive(folder)
    keys = {"assignments": "member_id", "exposures": "exposure_id", "conversions": "conversion_id"}
    found: dict[str, list[str]] = {name: [] for name in keys}
    for file in facts.manifest.files:
        kind = str(file.partition.kind)
        if kind in keys:
            table = pq.read_table(facts.place.address(file.path))
            found[kind] += table[keys[kind]].to_pylist()
    return {name: sorted(values) for name, values in found.items()}
