"""What is exported and imported into an empty database is the same facts."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.exporting import ExportOrder, FileFormat, export_file
from app.importing import ImportKind, Order, import_file
from experiments.arrival import Arrival
from experiments.directory import Directory
from experiments.errors import InvalidValues, UnknownCampaign
from experiments.member import checked_member
from experiments.outcomes import Outcome
from experiments.recording import import_members, record_conversions, record_exposures
from experiments.store.engine import writing
from tests.app.importing.programmes import TABLES, kept, run_campaign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORMATS = tuple(FileFormat)
_ARRIVAL = {"received_at", "written_by", "sender", "created_at", "updated_at"}

IDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map("t".__add__)
VALUES = {
    "text": TEXTS,
    "whole": st.integers(-(2**63) + 1, 2**63 - 1),
    "number": st.integers(-(10**6), 10**6).map(lambda number: number / 8),
    "boolean": st.booleans(),
    'odd, "name"\n訂單': TEXTS,
}
OTHERS = st.fixed_dictionaries({}, optional=VALUES)
MONEY = st.sampled_from(["GBP", "JPY", "KWD"]).flatmap(
    lambda currency: st.integers(0, 10**12).map(
        lambda minor: {"amount_minor": minor, "currency": currency}
    )
)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2026, 2, 28), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds the zone


def facts(engine: Engine, kind: str) -> list[dict[str, Any]]:
    """Give what is kept, without when and by whom it was sent."""
    return [
        {name: value for name, value in row.items() if name not in _ARRIVAL}
        for row in kept(engine, kind)
    ]


def clear(engine: Engine) -> None:
    """Remove all members and facts."""
    with writing(engine) as connection:
        for table in TABLES.values():
            connection.execute(delete(table))


def goes_round(engine: Engine, kind: ImportKind, path: Path) -> None:
    """Export, import into the emptied database, and find the same facts."""
    before = facts(engine, str(kind))
    summary = export_file(engine, ExportOrder(kind, path, overwrite=True))
    assert summary.rows == len(before)
    assert not summary.changed
    clear(engine)
    done = import_file(engine, Order(kind, path), clock=lambda: NOW)
    assert (done.quarantined, done.accepted) == (0, len(before))
    assert facts(engine, str(kind)) == before


def keep_member(engine: Engine, member_id: str, **attributes: object) -> None:
    """Keep a member."""
    import_members(engine, [checked_member(member_id, attributes)], NOW, with_consent=True)


_slow = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15
)


@pytest.mark.parametrize("form", FORMATS)
@_slow
@given(members=st.dictionaries(IDS, st.tuples(OTHERS, st.booleans()), max_size=8))
def test_members_go_round(
    engine: Engine,
    tmp_path: Path,
    form: FileFormat,
    members: dict[str, tuple[dict[str, object], bool]],
) -> None:
    """Ids, consent and attributes of every type come back on both databases."""
    clear(engine)
    given_members = [
        checked_member(member_id, attributes, personalisation_consent=consents)
        for member_id, (attributes, consents) in members.items()
    ]
    import_members(engine, given_members, NOW, with_consent=True)
    goes_round(engine, ImportKind.MEMBERS, tmp_path / f"members.{form}")


@pytest.mark.parametrize("form", FORMATS)
@_slow
@given(
    rows=st.lists(
        st.tuples(IDS, IDS, MOMENTS, st.just({}) | MONEY, OTHERS),
        max_size=8,
        unique_by=lambda row: row[0],
    )
)
def test_conversions_go_round(
    engine: Engine, tmp_path: Path, form: FileFormat, rows: list[tuple[Any, ...]]
) -> None:
    """Exact money, moments to the microsecond and properties of every type come back."""
    clear(engine)
    items = [
        {
            "conversion_id": conversion_id,
            "member_id": member_id,
            "event": "order",
            "occurred_at": occurred_at,
            **money,
            "properties": properties,
        }
        for conversion_id, member_id, occurred_at, money, properties in rows
    ]
    results = record_conversions(engine, items, Arrival(NOW)) if items else ()
    assert all(result.outcome is Outcome.ACCEPTED for result in results)
    goes_round(engine, ImportKind.CONVERSIONS, tmp_path / f"conversions.{form}")


def expose(engine: Engine, count: int = 30) -> None:
    """Launch the campaign of the tests and record exposures, the last of them first."""
    run_campaign(engine, NOW - timedelta(days=30))
    items = [
        {
            "exposure_id": f"e-{number}",
            "campaign": "gold-q3",
            "variant": ("control", "gift")[number % 2],
            "member_id": f"m-{number % 7}",
            "exposed_at": NOW - timedelta(hours=1, microseconds=number),
        }
        for number in reversed(range(count))
    ]
    results = record_exposures(engine, Directory(), items, Arrival(NOW))
    assert all(result.outcome is Outcome.ACCEPTED for result in results)


@pytest.mark.parametrize("form", FORMATS)
def test_exposures_go_round(engine: Engine, tmp_path: Path, form: FileFormat) -> None:
    """Campaign, phase, variant, member and moment come back."""
    expose(engine)
    goes_round(engine, ImportKind.EXPOSURES, tmp_path / f"exposures.{form}")


@pytest.mark.parametrize("form", FORMATS)
def test_two_exports_are_the_same_bytes(engine: Engine, tmp_path: Path, form: FileFormat) -> None:
    """Rows are ordered by id, in the order of the characters' numbers on both databases."""
    for member_id in ("b", "É", "a-10", "B", "a1", "訂"):
        keep_member(engine, member_id, tier="gold", age=7)
    paths = [tmp_path / f"{name}.{form}" for name in ("one", "two")]
    for path in paths:
        export_file(engine, ExportOrder(ImportKind.MEMBERS, path))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    if form is FileFormat.CSV:
        lines = paths[0].read_text("utf-8").splitlines()
        assert lines[0] == "member_id,personalisation_consent,age,tier"
        assert [line.partition(",")[0] for line in lines[1:]] == ["B", "a-10", "a1", "b", "É", "訂"]


def test_one_campaign_is_exported_alone(engine: Engine, tmp_path: Path) -> None:
    """A key that no campaign has is refused, and leaves no empty file."""
    expose(engine, 3)
    path = tmp_path / "e.csv"
    order = ExportOrder(ImportKind.EXPOSURES, path, campaign="gold-q3")
    assert export_file(engine, order).rows == 3
    assert path.read_text().splitlines()[1] == "e-0,gold-q3,control,m-0,2026-03-01T11:00:00Z"
    path.unlink()
    with pytest.raises(UnknownCampaign):
        export_file(engine, ExportOrder(ImportKind.EXPOSURES, path, campaign="gold-q4"))
    assert not list(tmp_path.glob("*e.csv*"))


def test_what_comes_back_otherwise_is_told(engine: Engine, tmp_path: Path) -> None:
    """Numbers in text, mixed types, nested values, nulls and names that are taken are counted."""
    items = [
        {
            "conversion_id": f"c-{number}",
            "member_id": "m-1",
            "event": "order",
            "occurred_at": NOW,
            "properties": properties,
        }
        for number, properties in enumerate(
            [
                {"zip": "12", "mixed": "a", "nested": {"b": [1], "a": 2}, "amount": "1"},
                {"zip": "x", "mixed": 3, "none": None, "small": 1e-7, "empty": "", " space": 1},
            ]
        )
    ]
    record_conversions(engine, items, Arrival(NOW))
    in_csv, in_parquet = (
        export_file(engine, ExportOrder(ImportKind.CONVERSIONS, tmp_path / f"c.{form}"))
        for form in FORMATS
    )
    assert in_csv.changed == {"zip": 1, "nested": 1, "none": 1, "small": 1, "empty": 1}
    assert in_parquet.changed == {"mixed": 1, "nested": 1, "none": 1}
    assert in_csv.left_out == in_parquet.left_out == (" space", "amount")
    assert '{""a"":2,""b"":[1]}' in (tmp_path / "c.csv").read_text()
    for name in ("c.csv", "c.parquet"):
        clear(engine)
        done = import_file(
            engine, Order(ImportKind.CONVERSIONS, tmp_path / name), clock=lambda: NOW
        )
        assert done.quarantined == 0


@contextmanager
def interrupted() -> Iterator[None]:
    """Expect an interruption."""
    with pytest.raises(KeyboardInterrupt):
        yield


@pytest.mark.parametrize("form", FORMATS)
def test_an_interrupted_export_leaves_what_was_there(
    engine: Engine, tmp_path: Path, form: FileFormat
) -> None:
    """There is no half file, and a file that was to be replaced stands as it was."""
    members = [checked_member(f"m-{number}", {}) for number in range(10_000)]
    import_members(engine, members, NOW, with_consent=True)
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / f"m.{form}"

    def stop(_rows: int) -> None:
        raise KeyboardInterrupt

    with interrupted():
        export_file(engine, ExportOrder(ImportKind.MEMBERS, path), on_progress=stop)
    assert not list(folder.iterdir())
    path.write_text("kept")
    with interrupted():
        export_file(engine, ExportOrder(ImportKind.MEMBERS, path, overwrite=True), on_progress=stop)
    assert [file.read_text() for file in folder.iterdir()] == ["kept"]


def test_an_export_is_one_snapshot(engine: Engine, tmp_path: Path) -> None:
    """A member who is added while the file is written, after all the others, is not in it."""
    members = [checked_member(f"m-{number}", {}) for number in range(15_000)]
    import_members(engine, members, NOW, with_consent=True)
    path = tmp_path / "m.csv"
    order = ExportOrder(ImportKind.MEMBERS, path)
    summary = export_file(
        engine, order, on_progress=lambda _: keep_member(engine, "z", tier="gold")
    )
    assert summary.rows == 15_000
    assert summary.columns == ("member_id", "personalisation_consent")
    assert len(kept(engine, "members")) == 15_001


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_place_that_cannot_be_written_is_refused(engine: Engine, tmp_path: Path) -> None:
    """A file that is there, a directory, a missing directory, an ending without a format."""
    there = tmp_path / "m.csv"
    there.write_text("kept")
    (tmp_path / "d.csv").mkdir()
    for path in (there, tmp_path / "d.csv", tmp_path / "no" / "m.csv", tmp_path / "m.txt"):
        with pytest.raises(InvalidValues):
            export_file(engine, ExportOrder(ImportKind.MEMBERS, path))
    assert there.read_text() == "kept"
    export_file(engine, ExportOrder(ImportKind.MEMBERS, there, overwrite=True))
    assert there.read_text().startswith("member_id")
