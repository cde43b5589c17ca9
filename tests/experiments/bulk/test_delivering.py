"""The file has the columns that an e-mail, SMS or push system reads, one row a member."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from experiments.bulk.assigning import Order, assign_all
from experiments.bulk.delivering import COLUMNS, Channel, FileFormat, Who
from experiments.errors import InvalidValues
from experiments.member import Member
from experiments.store.engine import writing
from experiments.store.members import put_members
from tests.experiments.bulk.members import NOW
from tests.experiments.bulk.test_assigning import KEY, World
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

EXPIRY = datetime(2026, 7, 1, tzinfo=UTC)
VARIANTS = [
    {"key": "control", "planned_share": 0},
    {
        "key": "gift",
        "planned_share": 100,
        "offer": {
            "kind": "gift",
            "gift": "A tea set",
            "unit_cost_minor": 1,
            "currency": "TWD",
            "offer_id": "tea-2026",
            "expires_at": EXPIRY,
            "texts": {"en": {"title": "A gift"}, "zh-Hant-TW": {"title": "好禮"}},
        },
    },
]


def keep(engine: Engine, *members: Member, **changes: Any) -> None:  # noqa: ANN401  # fields of a document
    """Keep a campaign in which everybody gets the gift, and some members."""
    made = campaign(**{"variants": VARIANTS, **changes})
    World(programme(), made, campaign(key="other"), list(members), {}).store(engine)


def written(engine: Engine, path: Path, **changes: Any) -> list[dict[str, str]]:  # noqa: ANN401  # fields of an order
    """Give the rows of a CSV file."""
    order = replace(Order(KEY, path, FileFormat.CSV), **changes)
    assign_all(engine, order, now=NOW)
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_csv_has_the_columns_of_an_export(engine: Engine, tmp_path: Path) -> None:
    """Id, variant, offer, locale, channel, zone and expiry, in this order and no others."""
    member = Member("m-1", {"locale": "zh-TW", "time_zone": "Europe/London"})
    keep(engine, member)
    (row,) = written(engine, tmp_path / "out.csv", channel=Channel.SMS)
    assert tuple(row) == COLUMNS
    assert row == {
        "member_id": "m-1",
        "variant": "gift",
        "offer_id": "tea-2026",
        "locale": "zh-Hant-TW",
        "channel": "sms",
        "timezone": "Europe/London",
        "expires_at": "2026-07-01T00:00:00Z",
    }


def test_parquet_has_types(engine: Engine, tmp_path: Path) -> None:
    """Text is text, and the expiry a moment in UTC."""
    keep(engine, Member("m-1"))
    path = tmp_path / "out.parquet"
    assign_all(engine, Order(KEY, path, FileFormat.PARQUET), now=NOW)
    table = pyarrow.parquet.read_table(path)
    assert tuple(table.column_names) == COLUMNS
    assert table.schema.field("expires_at").type == pa.timestamp("us", tz="UTC")
    assert table.to_pylist()[0]["expires_at"] == EXPIRY


@pytest.mark.parametrize(
    ("said", "locale"),
    [
        ("zh-HK", "zh-Hant-TW"),
        ("en-GB", "en"),
        ("zh-CN", "en"),
        ("nonsense", "zh-Hant-TW"),
        ("x" * 500, "zh-Hant-TW"),
        (None, "zh-Hant-TW"),
        (7, "zh-Hant-TW"),
    ],
)
def test_the_locale_is_negotiated_as_for_a_frontend(
    engine: Engine, tmp_path: Path, said: object, locale: str
) -> None:
    """One that the offer has texts in; never the other script of somebody's Chinese."""
    keep(engine, Member("m-1", {"locale": said}))  # type: ignore[dict-item]  # any attribute
    (row,) = written(engine, tmp_path / "out.csv")
    assert row["locale"] == locale


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", 8])
def test_an_unknown_zone_is_the_programme_s(engine: Engine, tmp_path: Path, zone: object) -> None:
    """A sender that waits for the morning must know whose."""
    keep(engine, Member("m-1", {"time_zone": zone}))  # type: ignore[dict-item]  # any attribute
    (row,) = written(engine, tmp_path / "out.csv")
    assert row["timezone"] == "Asia/Taipei"


def test_formulas_are_escaped_in_csv_alone(engine: Engine, tmp_path: Path) -> None:
    """A spreadsheet runs no member's id; Parquet, which no spreadsheet runs, keeps it."""
    ids = ["=1+1", "+1", "-1", "@x", " =1", "\uff1d1", "1=1", 'a,"b"']
    keep(engine, *(Member(member_id) for member_id in ids))
    rows = written(engine, tmp_path / "out.csv")
    shown = {row["member_id"] for row in rows}
    assert shown == {"'=1+1", "'+1", "'-1", "'@x", "' =1", "'\uff1d1", "1=1", 'a,"b"'}
    path = tmp_path / "out.parquet"
    assign_all(engine, Order(KEY, path, FileFormat.PARQUET), now=NOW)
    assert set(pyarrow.parquet.read_table(path)["member_id"].to_pylist()) == set(ids)


def test_control_and_refused_stand_in_the_file_only_when_asked(
    engine: Engine, tmp_path: Path
) -> None:
    """A mail to the control would end the experiment; opted out means no mail."""
    members = [Member(f"m-{number}") for number in range(60)]
    members[0] = Member("m-0", {}, personalisation_consent=False)
    halves = [{**variant, "planned_share": 50} for variant in VARIANTS]
    keep(engine, *members, variants=halves)
    treated = written(engine, tmp_path / "1.csv")
    assigned = written(engine, tmp_path / "2.csv", who=Who.ASSIGNED)
    everyone = written(engine, tmp_path / "3.csv", who=Who.EVERYONE)
    assert {row["variant"] for row in treated} == {"gift"}
    assert {row["variant"] for row in assigned} == {"gift", "control"}
    assert len(treated) < len(assigned) == 59
    assert len(everyone) == 60
    (refused,) = (row for row in everyone if not row["variant"])
    assert (refused["member_id"], refused["reason"]) == ("m-0", "opted_out")
    assert refused["offer_id"] == f"{KEY}.default"


class TestMembersOfAFile:
    """Those who keep their base elsewhere give it as a file."""

    def keep_file(self, path: Path, text: str) -> Path:
        """Write a CSV file."""
        path.write_text(text, encoding="utf-8")
        return path

    def test_csv_and_parquet_are_read_alike(self, engine: Engine, tmp_path: Path) -> None:
        """The same members get the same, from text or from types, and their order is kept."""
        rule = {"attribute": "points", "operator": "GTE", "value": 10}
        keep(engine, audience={"any_of": [{"all_of": [rule]}]})
        as_csv = self.keep_file(
            tmp_path / "odd [name]*.csv",
            'member_id,points,personalisation_consent\n"m,2",10,true\nm-1,9,true\nm-0,11,\n'
            "m-3,12,false\n",
        )
        as_parquet = tmp_path / "in.parquet"
        table = pa.table(
            {
                "member_id": ["m,2", "m-1", "m-0", "m-3"],
                "points": [10, 9, 11, 12],
                "personalisation_consent": [True, True, None, False],
            }
        )
        pyarrow.parquet.write_table(table, as_parquet)
        rows = [
            written(engine, tmp_path / "out.csv", members=path, remembers=False)
            for path in (as_csv, as_parquet)
        ]
        assert rows[0] == rows[1]
        assert [row["member_id"] for row in rows[0]] == ["m,2", "m-0"]

    def test_an_opt_out_that_the_store_knows_counts(self, engine: Engine, tmp_path: Path) -> None:
        """A file that is older than a member's wish does not overrule it."""
        keep(engine)
        with writing(engine) as connection:
            put_members(connection, [Member("m-1", {}, personalisation_consent=False)], NOW)
        path = self.keep_file(tmp_path / "in.csv", "member_id\nm-1\nm-2\n")
        rows = written(engine, tmp_path / "out.csv", members=path)
        assert [row["member_id"] for row in rows] == ["m-2"]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("", "lacks the column member_id"),
            ("id\nm-1\n", "lacks the column member_id; it has id"),
            ("member_id,tier,Tier\nm-1,a,b\n", "has the column tier more than once"),
            ("member_id\nm-1\nm-1\n", "has the member 'm-1' more than once"),
            ('member_id,a\n"",b\n', "is not text of 1 to 255 characters"),
            (f"member_id\n{'x' * 256}\n", "is not text of 1 to 255 characters"),
            ('member_id\n"a\tb"\n', "is not text of 1 to 255 characters"),
            ("member_id,personalisation_consent\nm-1,maybe\n", "neither true nor false: maybe"),
            ("member_id,a\nm-1\n", "cannot be used"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_refused(
        self, engine: Engine, tmp_path: Path, text: str, fault: str
    ) -> None:
        """Half a list would be sent; the fault is named and nothing is remembered."""
        keep(engine)
        path = self.keep_file(tmp_path / "in.csv", text)
        with pytest.raises(InvalidValues, match=fault):
            written(engine, tmp_path / "out.csv", members=path)

    def test_a_column_that_cannot_be_an_attribute_is_refused(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        """A rehearsal passes where no rule reads it; to remember it, it must be an attribute."""
        keep(engine)
        path = tmp_path / "in.parquet"
        pyarrow.parquet.write_table(pa.table({"member_id": ["m-1"], "tags": [["a"]]}), path)
        assert written(engine, tmp_path / "1.csv", members=path, remembers=False)
        with pytest.raises(InvalidValues, match="tags"):
            written(engine, tmp_path / "2.csv", members=path)
