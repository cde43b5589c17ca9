"""The rules of compacting and erasing: atomic for readers, complete for those who are erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from experiments.archive.compacting import GRACE, compact
from experiments.archive.erasing import erase
from experiments.archive.extending import extend
from experiments.archive.reading import open_archive
from experiments.archive.verifying import verify
from experiments.errors import ArchiveDamaged
from experiments.member import Member
from experiments.store.arrivals import SHAPES, FactKind
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from experiments.store.members import put_members
from experiments.store.tables import members
from tests.experiments.archive.facts import (
    DAY,
    NOW,
    archived,
    exposure,
    keep,
    keep_one_of_each,
    order,
    read,
    stored,
)
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from experiments.archive.place import Place

LATER = NOW + GRACE + timedelta(seconds=1)


def archive_in_three_runs(store: Engine, place: Place) -> None:
    """Make three files of each kind."""
    for number in range(3):
        keep_one_of_each(store, number)
        extend(store, place, now=NOW)


def test_compaction_changes_files_and_no_fact(store: Engine, place: Place) -> None:
    """Each day has one file afterwards, sorted, with the same facts."""
    archive_in_three_runs(store, place)
    done = compact(store, place, now=NOW)
    assert (done.files_before, done.files_after) == (12, 4)
    facts = open_archive(place.root)
    assert archived(facts) == stored(store)
    (path,) = facts.conversions()
    ids = read(place, path)["member_id"].to_pylist()
    assert ids == sorted(ids)
    assert compact(store, place, now=NOW).generation == done.generation
    assert verify(store, place, now=NOW).is_sound


def test_a_reader_of_the_state_before_may_go_on_for_a_day(store: Engine, place: Place) -> None:
    """Whoever opened the archive before a compaction still finds its files, and later nobody."""
    archive_in_three_runs(store, place)
    before = open_archive(place.root)
    compact(store, place, now=NOW)
    assert archived(before) == stored(store)
    compact(store, place, now=LATER)
    compact(store, place, now=LATER + GRACE)
    after = open_archive(place.root)
    named = {file.path for file in after.manifest.files}
    assert {path for path in place.files() if path.endswith(".parquet")} == named
    assert archived(after) == stored(store)


def test_compaction_removes_what_dead_runs_left(store: Engine, place: Place) -> None:
    """Files that no state names go once they are a day old, and no other."""
    archive_in_three_runs(store, place)
    place.write("conversions/2026-03-01/0-1-dead.parquet", b"half a run")
    assert compact(store, place, now=NOW).removed == 0  # the file is younger than its clock
    written_at = place.files()["conversions/2026-03-01/0-1-dead.parquet"]
    assert compact(store, place, now=written_at + 2 * GRACE).removed >= 1
    assert "conversions/2026-03-01/0-1-dead.parquet" not in place.files()
    assert archived(open_archive(place.root)) == stored(store)


def test_a_damaged_file_is_not_compacted(store: Engine, place: Place) -> None:
    """What is not what was written is told, and never written again as if it were."""
    archive_in_three_runs(store, place)
    path = open_archive(place.root).manifest.files[0].path
    place.write(path, b"altered")
    with pytest.raises(ArchiveDamaged, match="is not what was written"):
        compact(store, place, now=NOW)


def test_an_erased_member_is_in_no_file(store: Engine, place: Place) -> None:
    """Facts of erased members leave every file, merged-away and abandoned ones included."""
    archive_in_three_runs(store, place)
    compact(store, place, now=NOW)
    place.write("grants/abandoned.parquet", b"m1 was here")
    with writing(store) as connection:
        for shape in SHAPES.values():
            connection.execute(delete(shape.table).where(shape.table.c.member_id == "m1"))
    done = erase(store, place, {"m1": None}, now=NOW)
    assert (done.facts, done.files) == (4, 4)
    for path in place.files():
        assert b"m1" not in (place.read(path) or b"")
        if path.endswith(".parquet"):
            assert "m1" not in read(place, path)["member_id"].to_pylist()
    assert archived(open_archive(place.root)) == stored(store)
    assert verify(store, place, now=NOW).is_sound
    keep_one_of_each(store, 7)
    extend(store, place, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)


def test_a_member_may_be_kept_under_another_id(store: Engine, place: Place) -> None:
    """An anonymous id in place of a member's keeps counts and sums as they were."""
    archive_in_three_runs(store, place)
    with writing(store) as connection:
        for kind, shape in SHAPES.items():
            values = {"member_id": "anonymous-9"}
            if kind in {FactKind.EXPOSURES, FactKind.ASSIGNMENTS}:
                values["unit_id"] = "anonymous-9"
            statement = update(shape.table).where(shape.table.c.member_id == "m1")
            connection.execute(statement.values(**values))
    erase(store, place, {"m1": "anonymous-9", "unknown": None}, now=NOW)
    assert archived(open_archive(place.root)) == stored(store)
    assert verify(store, place, now=NOW).is_sound


def test_erasing_nobody_who_is_there_keeps_the_files(store: Engine, place: Place) -> None:
    """A request for somebody without facts makes no file anew; without an archive, nothing."""
    assert erase(store, place, {"m1": None}, now=NOW).generation == 0
    assert place.files() == {}
    archive_in_three_runs(store, place)
    before = open_archive(place.root).manifest.files
    assert erase(store, place, {"stranger": None}, now=NOW).facts == 0
    assert open_archive(place.root).manifest.files == before


def test_households_are_a_picture_of_now(engine: Engine, place: Place) -> None:
    """Where a campaign goes by household, moving there shows in the next run, erasing at once."""
    with writing(engine) as connection:
        add_campaign(connection, campaign(randomization_unit="household"))
        put_members(connection, [Member("m1", {"household_id": "h1"}), Member("m2")], NOW)
    extend(engine, place, now=NOW)
    path = open_archive(place.root).households()
    assert path is not None
    assert read(place, path).to_pylist() == [{"member_id": "m1", "household_id": "h1"}]
    with writing(engine) as connection:
        put_members(connection, [Member("m2", {"household_id": "h1"})], NOW + DAY)
    extend(engine, place, now=NOW)
    path = open_archive(place.root).households()
    assert path is not None
    assert read(place, path)["member_id"].to_pylist() == ["m1", "m2"]
    with writing(engine) as connection:
        connection.execute(delete(members).where(members.c.member_id == "m1"))
    erase(engine, place, {"m1": None}, now=NOW)
    path = open_archive(place.root).households()
    assert path is not None
    assert read(place, path)["member_id"].to_pylist() == ["m2"]
    assert not any(b"m1" in (place.read(path) or b"") for path in place.files())


def test_without_a_household_campaign_there_is_no_picture(store: Engine, place: Place) -> None:
    """Members are read only where an analysis needs their households."""
    with writing(store) as connection:
        put_members(connection, [Member("m1", {"household_id": "h1"})], NOW)
    extend(store, place, now=NOW)
    assert open_archive(place.root).households() is None


def test_paths_are_those_of_the_phase_and_the_days(store: Engine, place: Place) -> None:
    """Analysis is given the files of its campaign, its phase and its days, and no others."""
    first = exposure(1)
    with writing(store) as connection:
        keep(
            connection,
            exposures=[
                first,
                exposure(2, phase=2),
                exposure(3, exposed_at=first.exposed_at + 3 * DAY),
            ],
            orders=[
                order(1),
                order(2, occurred_at=first.exposed_at + DAY),
                order(3, occurred_at=first.exposed_at + 9 * DAY),
            ],
        )
    extend(store, place, now=NOW)
    facts = open_archive(place.root)
    day = first.exposed_at.date()
    (path,) = facts.exposures("gold-q3", 1, last=day)
    assert read(place, path)["exposure_id"].to_pylist() == ["e1"]
    assert len(facts.exposures("gold-q3", 1)) == 2
    assert facts.exposures("another", 1) == ()
    assert facts.days("gold-q3", 1) == (day, day + 3 * DAY)
    assert facts.days("another", 1) is None
    (path,) = facts.conversions(first=day + DAY, last=day + 2 * DAY)
    assert read(place, path)["conversion_id"].to_pylist() == ["c2"]
    assert facts.grants("gold-q3") == facts.assignments("gold-q3", 1) == ()
    assert facts.until == facts.manifest.until
    assert facts.extended_at == NOW


def test_a_state_survives_the_way_through_its_file(store: Engine, place: Place) -> None:
    """A manifest that is read is the one that was written."""
    from experiments.archive.manifest import manifest_from_json  # noqa: PLC0415  # only here

    archive_in_three_runs(store, place)
    compact(store, place, now=NOW)
    manifest = open_archive(place.root).manifest
    assert manifest_from_json(manifest.to_json()) == manifest
    assert replace(manifest, generation=0).to_json() != manifest.to_json()
