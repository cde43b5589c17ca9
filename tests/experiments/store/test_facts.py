"""The rules of handing facts to the analysis."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sqlalchemy import text

from experiments.campaign import UnitKind
from experiments.conversion import Conversion
from experiments.errors import DatabaseMissing
from experiments.exposure import Exposure
from experiments.member import Member
from experiments.store import arrow
from experiments.store.assignments import RecordedAssignment, remember_all
from experiments.store.campaigns import add_campaign
from experiments.store.conversions import append_conversions
from experiments.store.engine import open_engine, writing
from experiments.store.exposures import append_exposures
from experiments.store.facts import (
    CONVERSIONS,
    COUNTED_EXPOSURES,
    UNIT_MEMBERS,
    FactRelations,
    read_facts,
)
from experiments.store.members import put_members
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Engine

T0 = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def exposure(number: int, member_id: str, unit_id: str | None, **changes: Any) -> Exposure:  # noqa: ANN401  # fields of a fact
    """Give an exposure in the campaign of the tests."""
    values: dict[str, Any] = {
        "exposure_id": f"e{number}",
        "campaign": "gold-q3",
        "phase": 1,
        "variant": "control",
        "member_id": member_id,
        "unit_id": unit_id,
        "exposed_at": T0,
        "received_at": T0,
    }
    return Exposure(**{**values, **changes})


def conversion(number: int, member_id: str, event: str = "order", **changes: Any) -> Conversion:  # noqa: ANN401  # fields of a fact
    """Give a conversion."""
    return Conversion(
        conversion_id=f"c{number}",
        member_id=member_id,
        event=event,
        occurred_at=T0 + HOUR,
        received_at=T0 + HOUR,
        **changes,
    )


def keep(
    store: Engine,
    exposures: Iterable[Exposure] = (),
    conversions: Iterable[Conversion] = (),
    members: Iterable[Member] = (),
) -> None:
    """Keep facts and members."""
    with writing(store) as connection:
        append_exposures(connection, list(exposures))
        append_conversions(connection, list(conversions))
        put_members(connection, members, T0)


def read(
    store: Engine, unit: UnitKind = UnitKind.MEMBER, events: Iterable[str] = ("order",)
) -> FactRelations:
    """Read the facts of the first phase."""
    return read_facts(store, "gold-q3", 1, unit=unit, events=list(events))


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Give a relation's rows in a fixed order."""
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def test_a_phase_without_facts_gives_empty_relations_with_all_types(store: Engine) -> None:
    """Nothing logged yet is a relation without rows, never one without columns or types."""
    found = read(store, UnitKind.HOUSEHOLD)
    assert found.exposures.schema.equals(COUNTED_EXPOSURES, check_metadata=True)
    assert found.conversions.schema.equals(CONVERSIONS, check_metadata=True)
    assert found.unit_members is not None
    assert found.unit_members.schema.equals(UNIT_MEMBERS, check_metadata=True)
    assert (found.exposures.num_rows, found.conversions.num_rows, found.unit_members.num_rows) == (
        0,
        0,
        0,
    )


def test_only_the_phase_asked_for_is_read(store: Engine) -> None:
    """Exposures of another phase, and conversions of its members, stay out."""
    keep(
        store,
        [exposure(1, "ada", "ada"), exposure(2, "bo", "bo", phase=2)],
        [conversion(1, "ada"), conversion(2, "bo"), conversion(3, "nobody")],
    )
    found = read(store)
    assert rows(found.exposures) == [("ada", "ada", "control", T0, 1)]
    assert rows(found.conversions) == [("ada", "order", T0 + HOUR, None, None, None)]
    assert found.unit_members is None


def test_an_assigned_unit_is_read_with_its_attributes_as_text(store: Engine) -> None:
    """Both databases spell booleans, numbers and text alike; what is missing is null."""
    attributes = {"tier": "gold", "vip": True, "visits": 12, "nick": 'a "b"', "gone": None}
    remembered = RecordedAssignment(
        "gold-q3", 1, "ada", "control", "ada", T0, MappingProxyType(attributes)
    )
    other_phase = RecordedAssignment("gold-q3", 2, "bo", "control", "bo", T0)
    keep(store, conversions=[conversion(1, "ada"), conversion(2, "bo")])
    with writing(store) as connection:
        remember_all(connection, [remembered, other_phase])
    found = read_facts(
        store,
        "gold-q3",
        1,
        unit=UnitKind.MEMBER,
        events=["order"],
        assigned=True,
        attributes=["tier", "vip", "visits", "nick", "gone", "never"],
    )
    assert found.assignments is not None
    assert found.units is not None
    assert rows(found.assignments) == [("ada", "control", T0)]
    assert rows(found.units) == [("ada", "gold", "true", "12", 'a "b"', None, None)]
    # nobody was exposed, yet the conversions of the assigned are there
    assert [row[0] for row in rows(found.conversions)] == ["ada"]


def test_exposures_to_other_campaigns_are_told_by_unit(store: Engine) -> None:
    """The first one per unit, campaign and variant there; those of strangers stay out."""
    with writing(store) as connection:
        add_campaign(connection, campaign(key="tier-up"))
    keep(
        store,
        [
            exposure(1, "ada", "flat"),
            exposure(2, "bo", "flat"),
            exposure(3, "ada", "ada", campaign="tier-up", exposed_at=T0 + HOUR),
            exposure(4, "bo", "bo", campaign="tier-up"),
            exposure(5, "bo", "bo", campaign="tier-up", variant="gift"),
            exposure(6, "cy", "cy", campaign="tier-up"),
        ],
    )
    found = read(store, UnitKind.HOUSEHOLD)
    assert found.overlaps is not None
    assert rows(found.overlaps) == [
        ("flat", "tier-up", "control", T0),
        ("flat", "tier-up", "gift", T0),
    ]


def test_only_the_events_asked_for_are_read(store: Engine) -> None:
    """An event that no metric reads never leaves the database, whatever its name."""
    keep(
        store,
        [exposure(1, "ada", "ada")],
        [
            conversion(1, "ada", "order"),
            conversion(2, "ada", 'it\'s 100 % \\ "odd" 退貨 $1 ?'),
            conversion(3, "ada", "page_view"),
        ],
    )
    events = ['it\'s 100 % \\ "odd" 退貨 $1 ?', "refund"]
    assert [row[1] for row in rows(read(store, events=events).conversions)] == events[:1]
    assert read(store, events=[]).conversions.num_rows == 0


def test_every_repeated_exposure_of_a_member_is_given(store: Engine) -> None:
    """The relation leaves none out: which exposure counts is for the analysis to decide."""
    keep(store, [exposure(n, "ada", "ada", exposed_at=T0 + n * HOUR) for n in range(3)])
    assert sum(read(store).exposures["times"].to_pylist()) == 3


def test_text_comes_back_as_it_was_sent(store: Engine) -> None:
    """Ids that look like numbers, dates or nulls, and ids in any script, stay the same text."""
    ids = ["00123", "1e5", "NULL", "", "2026-03-01", "會員-7", "naïve", "🎟️👩‍👩‍👧", "a'b\"c", " x "]
    ids.remove("")
    keep(
        store,
        [exposure(n, member_id, member_id) for n, member_id in enumerate(ids)],
        [
            conversion(n, member_id, properties={"to": member_id, "007": "00"})
            for n, member_id in enumerate(ids)
        ],
    )
    found = read(store)
    assert sorted(found.exposures["member_id"].to_pylist()) == sorted(ids)
    assert sorted(found.exposures["unit_id"].to_pylist()) == sorted(ids)
    properties = [json.loads(text) for text in found.conversions["properties"].to_pylist()]
    assert sorted(one["to"] for one in properties) == sorted(ids)
    assert {one["007"] for one in properties} == {"00"}


def test_moments_keep_their_microseconds_and_are_utc(store: Engine) -> None:
    """A time before 1970, far ahead, or sent with an offset is the same moment afterwards."""
    moments = [
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2100, 1, 1, tzinfo=UTC),
        T0,
    ]
    keep(store, [exposure(n, f"m{n}", f"m{n}", exposed_at=at) for n, at in enumerate(moments)])
    assert sorted(read(store).exposures["exposed_at"].to_pylist()) == sorted(moments)


def test_columns_that_begin_with_many_nulls_keep_their_type(store: Engine) -> None:
    """A value after 100,000 rows without one is still a number, a currency, a text."""
    count = 100_000
    many = text(
        "INSERT INTO conversions "
        "(conversion_id, member_id, event, occurred_at, received_at, written_by) "
        "WITH RECURSIVE numbers(n) AS "
        "(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
        "SELECT 'many' || n, member_id, event, occurred_at, received_at, written_by "
        "FROM conversions, numbers"
    )
    with writing(store) as connection:
        append_exposures(connection, [exposure(1, "ada", "ada")])
        append_conversions(connection, [conversion(0, "ada")])
        connection.execute(many, {"count": count - 1})
        paid = conversion(1, "ada", amount_minor=2**62, currency="TWD", properties={"to": "gold"})
        append_conversions(connection, [paid])
    found = read(store).conversions
    assert found.num_rows == count + 1
    assert found.schema.equals(CONVERSIONS)
    assert found["amount_minor"].null_count == count
    assert pc.sum(found["amount_minor"]).as_py() == 2**62
    assert found["currency"].drop_null().to_pylist() == ["TWD"]
    assert json.loads(found["properties"].drop_null()[0].as_py()) == {"to": "gold"}


def test_a_member_belongs_to_the_household_of_the_first_exposure(store: Engine) -> None:
    """Moving to another household during a campaign does not move a member's outcomes."""
    keep(
        store,
        [
            exposure(1, "ada", "north", exposed_at=T0 + HOUR),
            exposure(2, "ada", "south", exposed_at=T0 + 2 * HOUR),
            exposure(3, "bo", "south", exposed_at=T0),
        ],
        members=[Member("ada", {"household_id": "south"}), Member("bo", {"household_id": "west"})],
    )
    found = read(store, UnitKind.HOUSEHOLD)
    assert found.unit_members is not None
    assert rows(found.unit_members) == [("ada", "north"), ("bo", "south")]


def test_outcomes_of_the_whole_exposed_household_are_read(store: Engine) -> None:
    """A member never exposed counts for the household known now, if that was exposed."""
    keep(
        store,
        [exposure(1, "ada", "north")],
        [conversion(n, member) for n, member in enumerate(["ada", "ben", "cy", "dee"])],
        [
            Member("ada", {"household_id": "north"}),
            Member("ben", {"household_id": "north"}),
            Member("cy", {"household_id": "far"}),
            Member("dee"),
        ],
    )
    found = read(store, UnitKind.HOUSEHOLD)
    assert found.unit_members is not None
    assert rows(found.unit_members) == [("ada", "north"), ("ben", "north")]
    assert sorted(found.conversions["member_id"].to_pylist()) == ["ada", "ben"]


def test_an_exposure_without_a_known_household_is_still_given(store: Engine) -> None:
    """A null unit is shown to the analysis, which counts it, and it names nobody's household."""
    keep(store, [exposure(1, "ada", None)], [conversion(1, "ada")])
    found = read(store, UnitKind.HOUSEHOLD)
    assert rows(found.exposures) == [("ada", None, "control", T0, 1)]
    assert found.unit_members is not None
    assert found.unit_members.num_rows == 0
    assert found.conversions.num_rows == 0


def test_all_relations_show_the_same_moment(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversion that arrives between two of the reads is in none of them."""
    keep(store, [exposure(1, "ada", "ada")], [conversion(1, "ada")])
    compiled = arrow.compiled  # the one step between two reads
    seen: list[str] = []

    def then_write(query: Any, dialect: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ANN401  # as there
        if seen:  # the first relation has been read
            keep(store, [exposure(2, "bo", "bo")], [conversion(2, "ada"), conversion(3, "bo")])
        seen.append("read")
        return compiled(query, dialect)

    monkeypatch.setattr(arrow, "compiled", then_write)
    found = read(store)
    assert seen == ["read"] * 5
    assert (found.exposures.num_rows, found.conversions.num_rows) == (1, 1)
    monkeypatch.undo()
    again = read(store)
    assert (again.exposures.num_rows, again.conversions.num_rows) == (2, 3)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_reading_facts_keeps_another_processes_writes_out(store: Engine, database_url: str) -> None:
    """While one thread writes, reading in another does not give the write lock away.

    It did with ADBC's own copy of the SQLite library: closing it dropped the locks of Python's.
    """
    script = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)\n"
        "try:\n    connection.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError as error:\n    print(error)\n"
    )
    with writing(store):
        reader = threading.Thread(target=read, args=(store,))
        reader.start()
        reader.join()
        other = subprocess.run(  # noqa: S603  # this interpreter, our script
            [sys.executable, "-c", script, database_url.removeprefix("sqlite:///")],
            check=True,
            capture_output=True,
            text=True,
        )
    assert other.stdout.strip() == "database is locked"


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """Reading from an absent file or server says which, without the password."""
    absent = open_engine(f"sqlite:///{tmp_path / 'absent.db'}")
    with pytest.raises(DatabaseMissing, match=r"absent\.db"):
        read(absent)
    unreachable = open_engine("postgresql://ada:hidden@127.0.0.1:1/tierlift")
    with pytest.raises(DatabaseMissing, match=r"127\.0\.0\.1:1") as caught:
        read(unreachable)
    assert "hidden" not in str(caught.value)
