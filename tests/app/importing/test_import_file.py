"""Files become members and facts, on both databases; nothing is lost, nothing counts twice."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.importing import Counted, ImportKind, Order, Summary, import_file
from app.importing.columns import QUARANTINE_COLUMNS
from experiments.errors import DatabaseLocked, InvalidValues
from experiments.lifecycle import set_programme
from experiments.store.engine import open_engine
from tests.app.importing.programmes import kept, run_campaign
from tests.experiments.designs import programme

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

MEMBERS = """\
member_id,tier,household_id,visits,personalisation_consent
m-1,silver,h-1,12,true
m-2,gold,,,false
m-3,silver,h-1,00123,
"""
EXPOSURES = """\
exposure_id,campaign,variant,member_id,exposed_at
e-1,gold-q3,control,m-1,2026-02-01T09:00:00+08:00
e-2,gold-q3,gift,m-2,2026-02-01T09:00:00
"""
CONVERSIONS = """\
conversion_id,member_id,event,occurred_at,amount,currency,channel,items
c-1,m-1,order,2026-02-02T00:00:00Z,1230,TWD,web,3
c-2,m-1,order,2026-02-02T00:00:00Z,1230,TWD,web,3
c-3,m-2,order,2026-02-03T00:00:00Z,12.30,GBP,,
c-4,m-2,offer_view,2026-02-03T00:00:00Z,,,web,
"""


def load(
    engine: Engine,
    kind: str,
    path: Path,
    content: str | bytes,
    now: datetime,
    **options: Any,  # noqa: ANN401  # fields of an order
) -> Summary:
    """Import a file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    order = Order(ImportKind(kind), path, **options)
    return import_file(engine, order, clock=lambda: now)


def counts(summary: Summary) -> tuple[int, int, int]:
    """Give accepted, duplicates, quarantined."""
    return summary.accepted, summary.duplicates, summary.quarantined


def quarantined(summary: Summary) -> list[dict[str, str]]:
    """Give the rows of the quarantine file."""
    assert summary.quarantine is not None
    with summary.quarantine.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_members_get_attributes_and_consent(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """Values are typed where that loses nothing; an empty one says nothing; consent is its own."""
    summary = load(engine, "members", tmp_path / "members.csv", MEMBERS, now)
    assert counts(summary) == (3, 0, 0)
    assert [
        (row["attributes"], row["household_id"], row["personalisation_consent"])
        for row in kept(engine, "members")
    ] == [
        ({"tier": "silver", "household_id": "h-1", "visits": 12}, "h-1", True),
        ({"tier": "gold"}, None, False),
        ({"tier": "silver", "household_id": "h-1", "visits": "00123"}, "h-1", True),
    ]


def test_an_import_of_members_changes_only_what_it_says(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """Attributes that a file leaves out or empty stay, and so does consent."""
    load(engine, "members", tmp_path / "a.csv", MEMBERS, now)
    later = "member_id,tier,city,personalisation_consent\nm-2,,Taipei,\nm-3,gold,,no\n"
    load(engine, "members", tmp_path / "b.csv", later, now)
    _, second, third = kept(engine, "members")
    assert second["attributes"] == {"tier": "gold", "city": "Taipei"}
    assert second["personalisation_consent"] is False
    assert third["attributes"]["tier"] == "gold"
    assert third["personalisation_consent"] is False


def test_what_a_file_says_twice_of_a_member_is_joined(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """Two rows of one member are as good as two files: the later counts where both speak."""
    content = (
        "member_id,tier,city,personalisation_consent\n"
        "m-1,silver,Taipei,false\nm-1,gold,,\nm-2,silver,,\nm-2,,,false\n"
    )
    load(engine, "members", tmp_path / "a.csv", content, now)
    first, second = kept(engine, "members")
    assert first["attributes"] == {"tier": "gold", "city": "Taipei"}
    assert first["personalisation_consent"] is False
    assert second["personalisation_consent"] is False


def test_exposures_become_facts(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """A time without an offset is local to the programme's zone, and the summary says so."""
    run_campaign(engine, now)
    summary = load(engine, "exposures", tmp_path / "e.csv", EXPOSURES, now)
    assert counts(summary) == (2, 0, 0)
    assert (summary.local_times, summary.time_zone) == (1, "Asia/Taipei")
    nine_in_taipei = datetime(2026, 2, 1, 1, tzinfo=UTC)
    assert [
        (row["exposure_id"], row["campaign_key"], row["phase"], row["variant"], row["unit_id"],
         row["exposed_at"], row["sender"])
        for row in kept(engine, "exposures")
    ] == [
        ("e-1", "gold-q3", 1, "control", "m-1", nine_in_taipei, "import:e.csv"),
        ("e-2", "gold-q3", 1, "gift", "m-2", nine_in_taipei, "import:e.csv"),
    ]  # fmt: skip


def test_another_zone_can_be_named(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """What an order says about times goes before the programme."""
    run_campaign(engine, now)
    zone = ZoneInfo("Europe/London")
    load(engine, "exposures", tmp_path / "e.csv", EXPOSURES, now, zone=zone)
    assert kept(engine, "exposures")[1]["exposed_at"] == datetime(2026, 2, 1, 9, tzinfo=UTC)


def test_exposures_of_households_count_for_the_household(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """The unit comes from the members, so they are imported first."""
    run_campaign(engine, now, randomization_unit="household")
    load(engine, "members", tmp_path / "m.csv", MEMBERS, now)
    load(engine, "exposures", tmp_path / "e.csv", EXPOSURES, now)
    assert [row["unit_id"] for row in kept(engine, "exposures")] == ["h-1", None]


def test_conversions_become_facts(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """Amounts are exact minor units of their currency, other columns properties.

    Identical rows under two ids are two facts.
    """
    summary = load(engine, "conversions", tmp_path / "c.csv", CONVERSIONS, now)
    assert counts(summary) == (4, 0, 0)
    assert [
        (row["amount_minor"], row["currency"], row["properties"])
        for row in kept(engine, "conversions")
    ] == [
        (123000, "TWD", {"channel": "web", "items": 3}),
        (123000, "TWD", {"channel": "web", "items": 3}),
        (1230, "GBP", None),
        (None, None, {"channel": "web"}),
    ]


@pytest.mark.parametrize("kind", ["exposures", "conversions", "members"])
def test_importing_twice_changes_nothing(
    engine: Engine, tmp_path: Path, now: datetime, kind: str
) -> None:
    """A fact whose id is known is a duplicate; members are as they were."""
    run_campaign(engine, now)
    content = {"members": MEMBERS, "exposures": EXPOSURES, "conversions": CONVERSIONS}[kind]
    first = load(engine, kind, tmp_path / "a.csv", content, now)
    before = kept(engine, kind)
    again = load(engine, kind, tmp_path / "a.csv", content, now)
    assert kept(engine, kind) == before
    expected = (first.rows, 0, 0) if kind == "members" else (0, first.rows, 0)
    assert counts(again) == expected


def test_refused_rows_are_written_down_with_the_reason(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """Good rows are kept whatever stands between them; each bad one has its line and reason."""
    content = (
        CONVERSIONS
        + "c-5,m-1,order,2026-02-02T00:00:00Z,-5,TWD,web,3\n"
        + 'c-6,m-1,"broken\n'
        + "c-7,m-1,order,2026-02-02T00:00:00Z,12.345,GBP,web,3\n"
        + "c-8,m-1,order,2026-02-02T00:00:00Z,1,XXX,web,3\n"
        + "c-9,m-1,order,2036-02-02T00:00:00Z,1,TWD,web,3\n"
        + "c-10,,order,,1,TWD,web,3\n"
        + "c-1,m-1,order,2026-02-02T00:00:00Z,9999,TWD,web,3\n"
        + "c-11,m-3,order,2026-02-02T00:00:00Z,1,TWD,=1+1,3\n"
    )
    summary = load(engine, "conversions", tmp_path / "c.csv", content, now)
    assert (summary.rows, *counts(summary)) == (12, 5, 0, 7)
    assert summary.quarantine == tmp_path / "c.csv.quarantine.csv"
    rows = quarantined(summary)
    reasons = {row["quarantine_line"]: row["quarantine_reason"] for row in rows}
    assert list(reasons) == ["6", "7", "8", "9", "10", "11", "12"]
    for line, words in {
        "6": "amount: is negative (got '-5')",
        "7": "a quote is opened",
        "8": "more than the 2 decimals of GBP",
        "9": "is not a known currency (got 'XXX')",
        "10": "lies in the future",
        "11": "member_id: is required",
        "12": "was sent before with other content",
    }.items():
        assert words in reasons[line]
    assert "occurred_at: is required" in reasons["11"]
    assert rows[0]["conversion_id"] == "c-5"
    assert rows[0]["channel"] == "web"
    assert rows[1]["quarantine_text"] == 'c-6,m-1,"broken'


def test_a_corrected_quarantine_file_can_be_imported(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """Its own three columns are left out, so what was refused becomes what it should have been."""
    bad = CONVERSIONS.replace("2026-02-03T00:00:00Z,12.30", "3 February,12.30")
    summary = load(engine, "conversions", tmp_path / "c.csv", bad, now)
    assert counts(summary) == (3, 0, 1)
    assert summary.quarantine is not None
    corrected = summary.quarantine.read_text("utf-8").replace("3 February", "2026-02-03T00:00:00Z")
    again = load(engine, "conversions", tmp_path / "corrected.csv", corrected, now)
    assert counts(again) == (1, 0, 0)
    as_it_should = load(engine, "conversions", tmp_path / "good.csv", CONVERSIONS, now)
    assert counts(as_it_should) == (0, 4, 0)


def test_a_clean_run_removes_the_quarantine_of_the_run_before(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """A quarantine file says what is refused now, not what was refused once."""
    path = tmp_path / "c.csv"
    first = load(engine, "conversions", path, CONVERSIONS + "nothing\n", now)
    assert first.quarantine is not None
    assert first.quarantine.exists()
    second = load(engine, "conversions", path, CONVERSIONS, now)
    assert second.quarantine is None
    assert not first.quarantine.exists()


@pytest.mark.parametrize("place", ["notes.txt", "c.csv", "absent/q.csv", "."])
def test_a_quarantine_file_never_replaces_anything_else(
    engine: Engine, tmp_path: Path, now: datetime, place: str
) -> None:
    """A path that holds something else, or cannot be written, is refused before anything."""
    (tmp_path / "notes.txt").write_text("a will\n")
    with pytest.raises(InvalidValues, match="--quarantine"):
        load(
            engine, "conversions", tmp_path / "c.csv", CONVERSIONS, now, quarantine=tmp_path / place
        )
    assert (tmp_path / "notes.txt").read_text() == "a will\n"
    assert kept(engine, "conversions") == []


def test_a_missing_column_stores_nothing(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """Without a required column the file is refused as a whole, with the way out."""
    path = tmp_path / "m.csv"
    with pytest.raises(InvalidValues, match="--map THEIRS=member_id"):
        load(engine, "members", path, MEMBERS.replace("member_id", "customer"), now)
    assert kept(engine, "members") == []
    renamed = {"customer": "member_id"}
    summary = load(
        engine, "members", path, MEMBERS.replace("member_id", "customer"), now, renamed=renamed
    )
    assert counts(summary) == (3, 0, 0)


def test_times_without_any_zone_are_quarantined(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """Where no programme says in which zone, a local time is not guessed at."""
    content = CONVERSIONS.replace("2026-02-03T00:00:00Z,12.30", "2026-02-03T00:00:00,12.30")
    summary = load(engine, "conversions", tmp_path / "c.csv", content, now)
    (row,) = quarantined(summary)
    assert "Name the zone with --time-zone" in row["quarantine_reason"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"{'x' * 256},silver,,,", "member_id: is 256 characters long"),
        (",silver,,,", "member_id: is empty"),
        (f"m-9,{'x' * 2_001},,,", "longer than 2000"),
        (f"m-9,silver,{'h' * 256},,", "attributes.household_id: is 256 characters long"),
        ("m-9,silver,,,perhaps", "personalisation_consent: is neither yes nor no"),
    ],
)
def test_a_member_that_cannot_be_kept_is_quarantined(
    engine: Engine, tmp_path: Path, now: datetime, row: str, words: str
) -> None:
    """The others are kept, and the reason names the column."""
    summary = load(engine, "members", tmp_path / "m.csv", f"{MEMBERS}{row}\n", now)
    assert counts(summary) == (3, 0, 1)
    assert words in quarantined(summary)[0]["quarantine_reason"]


@pytest.mark.parametrize("kind", ["members", "exposures", "conversions"])
def test_a_file_without_rows_is_imported(
    engine: Engine, tmp_path: Path, now: datetime, kind: str
) -> None:
    """Columns and no row are an empty import, not a fault."""
    run_campaign(engine, now)
    content = {"members": MEMBERS, "exposures": EXPOSURES, "conversions": CONVERSIONS}[kind]
    summary = load(engine, kind, tmp_path / "a.csv", content.splitlines()[0], now)
    assert (summary.rows, summary.quarantine) == (0, None)


def test_an_import_that_was_interrupted_is_completed_by_the_next(
    engine: Engine, database_url: str, tmp_path: Path, now: datetime
) -> None:
    """Whatever was kept before a fault stays, and running the import again adds the rest."""
    count = 10_500
    moment = now - timedelta(days=1)
    lines = [f"c-{number},m-1,order,{moment.isoformat()},1,TWD" for number in range(count)]
    path = tmp_path / "c.csv"
    header = "conversion_id,member_id,event,occurred_at,amount,currency"
    path.write_text("\n".join([header, *lines]))
    impatient = open_engine(database_url, busy_timeout_ms=100)
    other = open_engine(database_url)
    held = other.connect()

    def block(counted: Counted) -> None:
        if counted.rows == 10_000:
            held.execute(
                text("DELETE FROM conversions WHERE 1 = 0")
                if engine.dialect.name == "sqlite"
                else text("LOCK TABLE conversions IN ACCESS EXCLUSIVE MODE")
            )

    order = Order(ImportKind.CONVERSIONS, path)
    with pytest.raises(DatabaseLocked):
        import_file(impatient, order, clock=lambda: now, on_progress=block)
    held.close()
    assert len(kept(engine, "conversions")) == 10_000
    summary = import_file(impatient, order, clock=lambda: now)
    assert counts(summary) == (500, 10_000, 0)
    assert len(kept(engine, "conversions")) == count
    impatient.dispose()
    other.dispose()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """What passes once cannot be looked at first; the error says so instead of waiting."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InvalidValues, match="is no regular file"):
        import_file(engine, Order(ImportKind.MEMBERS, path), clock=lambda: now)


def test_progress_is_told(engine: Engine, tmp_path: Path, now: datetime) -> None:
    """After each batch it is told how many rows have passed, and in the end that it is all."""
    set_programme(engine, programme(), now)
    path = tmp_path / "m.csv"
    path.write_text(MEMBERS)
    told: list[tuple[int, float]] = []
    import_file(
        engine,
        Order(ImportKind.MEMBERS, path),
        clock=lambda: now,
        on_progress=lambda counted: told.append((counted.rows, counted.share_read)),
    )
    assert told == [(3, 1.0)]


def test_the_quarantine_file_has_the_columns_of_the_file(
    engine: Engine, tmp_path: Path, now: datetime
) -> None:
    """First what the file has, under its own names, then line, reason and text."""
    content = MEMBERS.replace("member_id", "customer") + "m-4,silver\n"
    renamed = {"customer": "member_id"}
    summary = load(engine, "members", tmp_path / "m.csv", content, now, renamed=renamed)
    (row,) = quarantined(summary)
    assert list(row) == [*content.splitlines()[0].split(","), *QUARANTINE_COLUMNS]
    assert row["quarantine_text"] == "m-4,silver"
