"""Whatever is written as a file and imported becomes the facts that were written."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.importing import ImportKind, Order, import_file
from experiments.member import text_of
from experiments.store.engine import open_engine
from tests.app.importing.programmes import kept

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = ("conversion_id", "member_id", "event", "occurred_at", "amount", "currency", "note")

PRINTABLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
IDS = st.text(PRINTABLE, min_size=1, max_size=30)
CONVERSIONS = st.fixed_dictionaries(
    {
        "conversion_id": IDS,
        "member_id": IDS,
        "event": st.sampled_from(["order", "refund", "tier_change", "訂單"]),
        "occurred_at": st.datetimes(
            datetime(1970, 1, 1), datetime(2026, 2, 28), timezones=st.just(UTC)  # noqa: DTZ001  # Hypothesis adds the zone
        ),
        "amount": st.none() | st.integers(0, 10**12).map(lambda minor: Decimal(minor).scaleb(-2)),
        "note": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    }
)  # fmt: skip
ROWS = st.lists(CONVERSIONS, max_size=12, unique_by=lambda row: row["conversion_id"])


def facts_after(tmp_path: Path, template: Path, path: Path) -> list[dict[str, Any]]:
    """Import a file into a new database and give the facts in it."""
    store = tmp_path / "store.db"
    for left in tmp_path.glob("store.db*"):
        left.unlink()
    shutil.copyfile(template, store)
    engine = open_engine(f"sqlite:///{store}")
    try:
        summary = import_file(engine, Order(ImportKind.CONVERSIONS, path), clock=lambda: NOW)
        assert summary.quarantined == 0
        return kept(engine, "conversions")
    finally:
        engine.dispose()


def as_said(rows: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Give the rows as facts should be."""
    return sorted(
        (
            row["conversion_id"],
            row["member_id"],
            row["event"],
            row["occurred_at"],
            None if row["amount"] is None else int(row["amount"] * 100),
            None if row["amount"] is None else "GBP",
            row["note"] or None,
        )
        for row in rows
    )


def as_kept(facts: list[dict[str, Any]], *, as_text: bool) -> list[tuple[object, ...]]:
    """Give the facts in the same form; with `as_text` the note as rules compare it."""
    found = []
    for fact in facts:
        note = (fact["properties"] or {}).get("note")
        found.append(
            (
                fact["conversion_id"],
                fact["member_id"],
                fact["event"],
                fact["occurred_at"],
                fact["amount_minor"],
                fact["currency"],
                text_of(note) if as_text and note is not None else note,
            )
        )
    return sorted(found)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(rows=ROWS, hours=st.integers(-12, 14), line_end=st.sampled_from(["\n", "\r\n"]))
def test_csv_becomes_the_facts_that_were_written(
    tmp_path: Path,
    sqlite_template: Path,
    rows: list[dict[str, Any]],
    hours: int,
    line_end: str,
) -> None:
    """Ids, texts of any script, exact money and moments at any offset survive CSV."""
    path = tmp_path / "c.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator=line_end, quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for row in rows:
            shifted = (row["occurred_at"].replace(tzinfo=None) + timedelta(hours=hours)).isoformat()
            writer.writerow(
                [
                    row["conversion_id"],
                    row["member_id"],
                    row["event"],
                    f"{shifted}{hours:+03d}:00",
                    "" if row["amount"] is None else str(row["amount"]),
                    "" if row["amount"] is None else "GBP",
                    row["note"],
                ]
            )
    facts = facts_after(tmp_path, sqlite_template, path)
    assert as_kept(facts, as_text=True) == as_said(rows)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(rows=ROWS)
def test_parquet_becomes_the_facts_that_were_written(
    tmp_path: Path, sqlite_template: Path, rows: list[dict[str, Any]]
) -> None:
    """The same through Parquet, whose text is text."""
    path = tmp_path / "c.parquet"
    columns = {name: [row[name] for row in rows] for name in COLUMNS if name != "currency"}
    table = pa.table(
        {
            **{name: pa.array(columns[name], pa.string()) for name in COLUMNS[:3]},
            "occurred_at": pa.array(columns["occurred_at"], pa.timestamp("us", "UTC")),
            "amount": pa.array(columns["amount"], pa.decimal128(20, 2)),
            "currency": pa.array(
                [None if row["amount"] is None else "GBP" for row in rows], pa.string()
            ),
            "note": pa.array([row["note"] or None for row in rows], pa.string()),
        }
    )
    pq.write_table(table, path)
    facts = facts_after(tmp_path, sqlite_template, path)
    assert as_kept(facts, as_text=False) == as_said(rows)
