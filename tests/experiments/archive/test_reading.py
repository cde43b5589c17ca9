"""The rules of reading: what analysis gets from an archive is what the database would give it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest

from experiments.archive.extending import extend
from experiments.archive.place import Place, open_place
from experiments.archive.reading import open_archive
from experiments.campaign import UnitKind
from experiments.errors import ArchiveDamaged, ArchiveError, ArchiveMissing, MalformedArchiveUrl
from experiments.store.engine import writing
from experiments.store.facts import CONVERSIONS, EXPOSURES, read_facts
from tests.experiments.archive.facts import DAY, NOW, T0, exposure, keep, order, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from sqlalchemy import Engine


def fill(store: Engine) -> None:
    """Keep exposures and orders, some of them without unit, money or properties."""
    with writing(store) as connection:
        keep(
            connection,
            exposures=[
                *(exposure(n, exposed_at=T0 + n * DAY / 2) for n in range(6)),
                exposure(7, unit_id=None),
                exposure(8, phase=2),
            ],
            orders=[
                *(order(n, occurred_at=T0 + n * DAY) for n in range(6)),
                order(7, amount_minor=None, currency=None, properties={}),
            ],
        )


def in_duckdb(paths: tuple[str, ...], schema: pa.Schema) -> pa.Table:
    """Give a relation as DuckDB reads it from files."""
    names = ", ".join(schema.names)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = f"SELECT {names} FROM read_parquet($paths)"  # noqa: S608  # our own names
        found = connection.sql(query, params={"paths": list(paths)})
        return found.to_arrow_table().cast(schema)


def test_files_give_the_relations_that_the_database_gives(store: Engine, place: Place) -> None:
    """DuckDB finds the columns, types and rows of `store.facts` in the files of a phase."""
    fill(store)
    extend(store, place, now=NOW)
    facts = open_archive(place.root)
    wanted = read_facts(store, "gold-q3", 1, unit=UnitKind.MEMBER, events=["order"])
    exposures = in_duckdb(facts.exposures("gold-q3", 1), EXPOSURES)
    assert set(wanted.exposures["times"].to_pylist()) == {1}  # nobody was exposed twice
    assert rows_of(exposures) == rows_of(wanted.exposures.select(EXPOSURES.names))
    everybody = in_duckdb(facts.conversions(), CONVERSIONS)
    exposed = set(exposures["member_id"].to_pylist())
    assert [row for row in rows_of(everybody) if row[0] in exposed] == rows_of(wanted.conversions)


def as_object_store(place: Place) -> Place:
    """Give the same place as one whose files are not on this machine."""
    return replace(place, is_local=False)


def test_files_of_an_object_store_are_fetched_once(
    store: Engine, place: Place, tmp_path: Path
) -> None:
    """A file that was fetched is not fetched again, since files never change."""
    fill(store)
    extend(store, place, now=NOW)
    cache = tmp_path / "cache"
    facts = replace(open_archive(place.root), place=as_object_store(place), cache=cache)
    paths = facts.conversions()
    assert all(path.startswith(str(cache)) for path in paths)
    place.delete([file.path for file in facts.manifest.files])
    assert facts.conversions() == paths
    assert in_duckdb(paths, CONVERSIONS).num_rows == 7
    with pytest.raises(ArchiveDamaged, match="is missing"):
        facts.exposures("gold-q3", 1)


def test_an_altered_file_is_not_fetched(store: Engine, place: Place, tmp_path: Path) -> None:
    """What is not what was written is refused, not analysed."""
    fill(store)
    extend(store, place, now=NOW)
    facts = replace(
        open_archive(place.root), place=as_object_store(place), cache=tmp_path / "cache"
    )
    place.write(facts.manifest.files[0].path, b"altered")
    with pytest.raises(ArchiveDamaged, match="is not what was written"):
        facts.exposures("gold-q3", 1)
    with pytest.raises(ArchiveError, match="a folder to fetch its files to"):
        replace(facts, cache=None).conversions()


def test_what_the_archive_has_no_more_leaves_the_cache(
    store: Engine, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetched copies of files that named an erased member go when the archive is next opened."""
    from experiments.archive import reading  # noqa: PLC0415  # only here
    from experiments.archive.erasing import erase  # noqa: PLC0415  # only here

    fill(store)
    extend(store, place, now=NOW)
    cache = tmp_path / "cache"
    monkeypatch.setattr(reading, "open_place", lambda _: as_object_store(place))
    before = reading.open_archive("s3://stands-for-it", cache=cache)
    fetched = set(before.conversions())
    erase(store, place, {"m1": None}, now=NOW)
    after = reading.open_archive("s3://stands-for-it", cache=cache)
    left = {str(path) for path in cache.rglob("*.parquet")}
    assert len(fetched - left) == 1
    assert "m1" not in in_duckdb(after.conversions(), CONVERSIONS)["member_id"].to_pylist()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://key:secret@bucket/folder?region=eu-west-1", "s3://bucket/folder"),
        ("s3://bucket/folder?region=eu-west-1&endpoint_override=h:1", "s3://bucket/folder"),
    ],
)
def test_keys_and_options_of_an_address_are_not_shown(url: str, shown: str) -> None:
    """An address may carry a key, so messages have it without."""
    place = open_place(url)
    assert (place.shown, place.root) == (shown, "bucket/folder")
    assert "secret" not in repr(place)


@pytest.mark.parametrize("url", ["ftp://host/folder", "file://", "", "s3://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """What would do is said: a folder, or an object store's address."""
    with pytest.raises(MalformedArchiveUrl, match="s3://bucket/folder"):
        open_place(url)


def test_a_folder_may_be_written_in_several_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path, an absolute one and a file address name the same folder."""
    monkeypatch.chdir(tmp_path)
    roots = {open_place(url).root for url in ("a", f"{tmp_path}/a", f"file://{tmp_path}/a")}
    assert roots == {str(tmp_path / "a")}


def test_no_archive_is_told(tmp_path: Path) -> None:
    """A missing folder and an empty one are answered with the command that fills it."""
    with pytest.raises(ArchiveMissing, match="tierlift archive"):
        open_archive(str(tmp_path / "nothing"))
    with pytest.raises(ArchiveMissing, match="tierlift archive"):
        open_archive(str(tmp_path))


def test_a_folder_that_cannot_be_written_is_told(store: Engine, tmp_path: Path) -> None:
    """A file where the folder should be is named with the reason, and nothing is committed."""
    (tmp_path / "file").write_text("in the way")
    fill(store)
    with pytest.raises(ArchiveError, match="cannot"):
        extend(store, open_place(str(tmp_path / "file")), now=NOW)
