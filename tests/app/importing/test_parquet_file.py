"""Parquet gives the same facts as CSV, with the types that it has."""

from __future__ import annotations

import decimal
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.importing import ImportKind, Order, Summary, import_file
from experiments.errors import InvalidValues
from experiments.store.engine import open_engine
from tests.app.importing.programmes import kept, run_campaign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

DAY = datetime(2026, 2, 2, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    """Give a database of this test alone; what a file holds does not depend on which."""
    path = tmp_path / "store.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def load(
    store: Engine,
    kind: str,
    tmp_path: Path,
    now: datetime,
    columns: dict[str, Any],
) -> Summary:
    """Import a Parquet file with these columns."""
    path = tmp_path / f"{kind}.data"  # the name does not matter: its first bytes say what it is
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return import_file(store, Order(ImportKind(kind), path), clock=lambda: now)


def conversions(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # columns
    """Give the columns of one conversion, some of them changed."""
    return {
        "conversion_id": ["c-1"],
        "member_id": ["m-1"],
        "event": ["order"],
        "occurred_at": pa.array([DAY], pa.timestamp("us", "UTC")),
        "amount": pa.array([decimal.Decimal("12.30")], pa.decimal128(12, 2)),
        "currency": ["GBP"],
        **changes,
    }


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        (pa.array([decimal.Decimal("12.30")], pa.decimal128(12, 2)), 1230),
        (pa.array([decimal.Decimal("12.3000")], pa.decimal128(12, 4)), 1230),
        (pa.array([decimal.Decimal("0.00")], pa.decimal256(50, 2)), 0),
        (pa.array([12.3], pa.float64()), 1230),
        (pa.array([0.29], pa.float64()), 29),
        (pa.array([12], pa.int32()), 1200),
        (pa.array(["12.30"]), 1230),
        (pa.array([float("nan")], pa.float64()), None),
        (pa.array([None], pa.float64()), None),
    ],
)
def test_amounts_are_exact(
    store: Engine, tmp_path: Path, now: datetime, amount: pa.Array, minor: int | None
) -> None:
    """Decimals, and floats as they are written, become minor units; NaN and null are no amount."""
    columns = conversions(amount=amount)
    if minor is None:
        columns["currency"] = pa.array([None], pa.string())
    load(store, "conversions", tmp_path, now, columns)
    assert [row["amount_minor"] for row in kept(store, "conversions")] == [minor]


@pytest.mark.parametrize(
    "amount",
    [
        pa.array([decimal.Decimal("12.345")], pa.decimal128(12, 3)),
        pa.array([0.1 + 0.2], pa.float64()),
        pa.array([float("inf")], pa.float64()),
        pa.array([-1.0], pa.float64()),
    ],
)
def test_amounts_that_are_no_exact_money_are_quarantined(
    store: Engine, tmp_path: Path, now: datetime, amount: pa.Array
) -> None:
    """Too many decimals are refused rather than rounded."""
    summary = load(store, "conversions", tmp_path, now, conversions(amount=amount))
    assert (summary.accepted, summary.quarantined) == (0, 1)


@pytest.mark.parametrize(
    ("times", "moment"),
    [
        (pa.array([DAY], pa.timestamp("us", "UTC")), DAY),
        (pa.array([DAY], pa.timestamp("us", "Asia/Taipei")), DAY),
        (pa.array([DAY.replace(tzinfo=None)], pa.timestamp("us")), DAY.replace(hour=1)),
        (
            pa.array([1_770_024_600_123_456_789], pa.timestamp("ns", "UTC")),
            datetime(2026, 2, 2, 9, 30, 0, 123456, tzinfo=UTC),
        ),
        (pa.array([1_770_024_600_000], pa.timestamp("ms", "UTC")), DAY.replace(microsecond=0)),
        (pa.array([date(2026, 2, 2)]), datetime(2026, 2, 1, 16, tzinfo=UTC)),
        (pa.array(["2026-02-02T09:30:00.123456Z"]), DAY),
    ],
)
def test_times_are_moments(
    store: Engine, tmp_path: Path, now: datetime, times: pa.Array, moment: datetime
) -> None:
    """With a zone, without one (the programme's), in any unit, as a date or as text."""
    run_campaign(store, now)
    load(store, "conversions", tmp_path, now, conversions(occurred_at=times))
    assert [row["occurred_at"] for row in kept(store, "conversions")] == [moment]


def test_a_time_that_no_calendar_has_is_quarantined(
    store: Engine, tmp_path: Path, now: datetime
) -> None:
    """A year that Python cannot hold costs its row alone."""
    two = conversions(
        conversion_id=["c-1", "c-2"],
        member_id=["m-1", "m-1"],
        event=["order", "order"],
        amount=pa.array([1, 1]),
        currency=["GBP", "GBP"],
        occurred_at=pa.array([2**62, 1_770_024_600_000_000], pa.timestamp("us", "UTC")),
    )
    summary = load(store, "conversions", tmp_path, now, two)
    assert (summary.accepted, summary.quarantined) == (1, 1)


def test_attributes_keep_their_types(store: Engine, tmp_path: Path, now: datetime) -> None:
    """Text stays text even where it looks like a number; nulls say nothing."""
    columns = {
        "member_id": pa.array([17850, 17851]),
        "tier": pa.array(["silver", None]).dictionary_encode(),
        "code": pa.array(["00123", "12"]),
        "visits": pa.array([3, None], pa.int16()),
        "share": pa.array([0.5, float("nan")]),
        "spend": pa.array([decimal.Decimal("12.50"), None], pa.decimal128(9, 2)),
        "joined": pa.array([date(2020, 1, 2), None]),
        "staff": pa.array([True, None]),
        "personalisation_consent": pa.array([None, False]),
    }
    load(store, "members", tmp_path, now, columns)
    first, second = kept(store, "members")
    assert (first["member_id"], second["member_id"]) == ("17850", "17851")
    assert first["attributes"] == {
        "tier": "silver",
        "code": "00123",
        "visits": 3,
        "share": 0.5,
        "spend": 12.5,
        "joined": "2020-01-02",
        "staff": True,
    }
    assert second["attributes"] == {"code": "12"}
    assert (first["personalisation_consent"], second["personalisation_consent"]) == (True, False)


def test_properties_may_be_nested(store: Engine, tmp_path: Path, now: datetime) -> None:
    """A list or a structure of a conversion is kept as JSON."""
    columns = conversions(basket=pa.array([[{"sku": "a", "count": 2}]]))
    load(store, "conversions", tmp_path, now, columns)
    assert kept(store, "conversions")[0]["properties"] == {"basket": [{"sku": "a", "count": 2}]}


@pytest.mark.parametrize(
    ("kind", "columns", "words"),
    [
        ("members", {"member_id": pa.array([1.0])}, "member_id: has the type double"),
        ("members", {"member_id": ["m"], "tags": pa.array([["a"]])}, "tags: has the type list"),
        ("conversions", conversions(occurred_at=pa.array([1])), "occurred_at: has the type int64"),
        ("conversions", conversions(amount=pa.array([True])), "amount: has the type bool"),
    ],
)
def test_columns_of_a_wrong_type_are_refused(
    store: Engine, tmp_path: Path, now: datetime, kind: str, columns: dict[str, Any], words: str
) -> None:
    """What no row could be read from is said once, before anything is stored."""
    with pytest.raises(InvalidValues) as refused:
        load(store, kind, tmp_path, now, columns)
    assert words in str(refused.value)


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"\0" * 100, b"PAR1 and something else"])
def test_a_damaged_file_is_refused(
    store: Engine, tmp_path: Path, now: datetime, content: bytes
) -> None:
    """A file that begins like Parquet and is none is named, without a traceback."""
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(InvalidValues, match="cannot be read as Parquet"):
        import_file(store, Order(ImportKind.MEMBERS, path), clock=lambda: now)


def test_a_file_cut_short_in_its_pages_keeps_what_came_before(
    store: Engine, tmp_path: Path, now: datetime
) -> None:
    """Damage inside a page is told; nothing of that batch is stored."""
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"member_id": [f"m-{number}" for number in range(1_000)]}),
        path, compression="NONE", use_dictionary=False,
    )  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\xff" * 200 + whole[204:])
    with pytest.raises(InvalidValues, match="cannot be read as Parquet"):
        import_file(store, Order(ImportKind.MEMBERS, path), clock=lambda: now)
    assert kept(store, "members") == []


def test_refused_rows_are_written_as_text(store: Engine, tmp_path: Path, now: datetime) -> None:
    """The quarantine file has the values as text, and the number of the row."""
    columns = conversions(
        conversion_id=["c-1", None], member_id=["m-1", "m-2"], event=["order", "order"],
        occurred_at=pa.array([DAY, DAY]), currency=["GBP", "GBP"],
        amount=pa.array([decimal.Decimal("1.50")] * 2), basket=pa.array([[1], [2, 3]]),
    )  # fmt: skip
    summary = load(store, "conversions", tmp_path, now, columns)
    assert summary.quarantine is not None
    (row,) = summary.quarantine.read_text("utf-8").splitlines()[1:]
    assert row.startswith(',m-2,order,2026-02-02T09:30:00.123456Z,1.5,GBP,"[2,3]",2,conversion_id:')
