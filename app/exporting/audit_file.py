"""Writes entries of the audit log as CSV or as JSON, however many there are."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

import orjson

from experiments.bulk.delivering import harmless_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from experiments.auditing import AuditEntry

COLUMNS: Final = (
    "number", "at", "actor_kind", "actor", "action", "subject_kind", "subject", "before", "after",
    "trace_id",
)  # fmt: skip


def entry_values(entry: AuditEntry) -> dict[str, object]:
    """Give an entry as JSON values, by column."""
    change = entry.change
    return {
        "number": entry.number,
        "at": entry.at,
        "actor_kind": str(entry.actor_kind),
        "actor": entry.actor,
        "action": change.action,
        "subject_kind": str(change.subject_kind),
        "subject": change.subject,
        "before": None if change.before is None else dict(change.before),
        "after": None if change.after is None else dict(change.after),
        "trace_id": entry.trace_id,
    }


def csv_of(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    """Give CSV (RFC 4180, UTF-8); what a spreadsheet takes for a formula has an apostrophe."""
    yield _line(COLUMNS)
    for entry in entries:
        yield _line([harmless_cell(_text(one)) for one in entry_values(entry).values()])


def json_of(entries: Iterable[AuditEntry]) -> Iterator[bytes]:
    """Give one JSON array, an entry a line."""
    before = b"[\n"
    for entry in entries:
        yield before + orjson.dumps(entry_values(entry), option=orjson.OPT_UTC_Z)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _line(cells: Iterable[str]) -> bytes:
    written = StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue().encode()


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case dict():
            return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
        case _:
            return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode().strip('"')
