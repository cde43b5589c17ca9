"""Imports files of members, exposures and conversions: streamed, repeatable, nothing lost.

A file passes in batches, each of which is one transaction. What cannot be taken is written to a
quarantine file with its line and the reason. A run that ends half-way leaves its batches kept;
running it again completes it, since a fact whose id is known changes nothing.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never
from zoneinfo import ZoneInfo

from app.importing.columns import ImportKind, arrange_columns
from app.importing.csv_file import CsvFile
from app.importing.items import ConversionTaker, ExposureTaker, MemberTaker
from app.importing.parquet_file import MAGIC, ParquetFile
from app.importing.quarantine_file import QuarantineFile
from app.importing.records import Row
from app.importing.values import Moments
from experiments.arrival import Arrival
from experiments.directory import Directory
from experiments.errors import InvalidValues, Problem, StoreError
from experiments.lifecycle import find_programme
from experiments.outcomes import Outcome
from experiments.store.folding import fold_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from app.importing.columns import Columns
    from app.importing.items import Taker
    from app.importing.records import Batch, Source
    from app.wiring import Clock

SENDER: Final = "import"
_SENDER_LENGTH: Final = 255
_FOLDED_WITHIN_S: Final = 120.0

__all__ = ["Counted", "ImportKind", "Order", "Summary", "import_file"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how.

    Attributes:
        kind: What the rows are.
        path: A CSV or a Parquet file; its first bytes say which.
        quarantine: Where refused rows go; None is beside the file.
        renamed: Our name for some of the file's columns.
        delimiter: What separates the values of CSV.
        zone: Where times without an offset are local; None is the programme's zone.
    """

    kind: ImportKind
    path: Path
    quarantine: Path | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    zone: ZoneInfo | None = None


@dataclass(slots=True)
class Counted:
    """How far an import has come."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    suppressed: int = 0
    share_read: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count one row."""
        self.rows += 1
        match outcome:
            case Outcome.ACCEPTED:
                self.accepted += 1
            case Outcome.DUPLICATE:
                self.duplicates += 1
            case Outcome.QUARANTINED:
                self.quarantined += 1
            case Outcome.SUPPRESSED:
                self.suppressed += 1
            case _:
                assert_never(outcome)


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a file.

    Attributes:
        rows: Rows read; each was accepted, known already, refused, or left out.
        accepted: New facts; for members, added or brought up to date.
        duplicates: Facts that were known already, the same.
        quarantined: Refused rows.
        quarantine: Where they are; None where there are none.
        local_times: Times that had no offset.
        time_zone: The zone in which they were read.
        ignored_columns: Columns that are not kept.
        seconds: How long it took.
        suppressed: Rows about erased members, which were left out.
    """

    kind: ImportKind
    path: Path
    rows: int
    accepted: int
    duplicates: int
    quarantined: int
    quarantine: Path | None
    local_times: int
    time_zone: str | None
    ignored_columns: tuple[str, ...]
    seconds: float
    suppressed: int = 0

    @property
    def rows_per_second(self) -> float:
        """How fast it went."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


def import_file(
    engine: Engine,
    order: Order,
    *,
    clock: Clock,
    on_progress: Callable[[Counted], None] = lambda _: None,
) -> Summary:
    """Take in a file.

    Args:
        engine: The store.
        order: What and how.
        clock: Gives the moment at which a batch arrives.
        on_progress: Told after each batch how far it has come.

    Raises:
        InvalidValues: The file or its columns cannot be used; nothing was stored.
        StoreError: The database failed; the batches before are kept.
        OSError: The file cannot be read.
    """
    began = time.perf_counter()
    source = _open(order)
    try:
        columns = arrange_columns(order.kind, source.columns, order.renamed)
        source.check_types(columns, order.kind)
        zone = order.zone or _programme_zone(engine)
        moments = Moments(zone)
        taker = _taker(engine, order.kind, columns, moments, has_types=source.has_types)
        sender = f"{SENDER}:{order.path.name}"[:_SENDER_LENGTH]
        path = order.quarantine or quarantine_path(order.path)
        counted = Counted()
        with QuarantineFile(path, source.columns, order.path) as refused:
            for batch in source.batches():
                _take(batch, taker, Arrival(clock(), sender), refused, counted)
                on_progress(counted)
    finally:
        source.close()
    if order.kind is ImportKind.EXPOSURES:
        _fold(engine)
    return Summary(
        kind=order.kind,
        path=order.path,
        rows=counted.rows,
        accepted=counted.accepted,
        duplicates=counted.duplicates,
        quarantined=counted.quarantined,
        quarantine=path if refused.count else None,
        local_times=moments.local,
        time_zone=zone.key if zone and moments.local else None,
        ignored_columns=columns.ignored,
        seconds=time.perf_counter() - began,
        suppressed=counted.suppressed,
    )


def _fold(engine: Engine) -> None:
    """Fold what was imported: what is left, analysis reads all the same, only slower."""
    with suppress(StoreError):
        fold_all(engine, within_s=_FOLDED_WITHIN_S)


def quarantine_path(path: Path) -> Path:
    """Give the place of refused rows beside a file: ``orders.csv.quarantine.csv``."""
    return path.with_name(f"{path.name}.quarantine.csv")


def _open(order: Order) -> Source:
    if not order.path.is_file():
        way_out = "Give the path of a file; one that is piped in cannot be read twice."
        raise InvalidValues([Problem("FILE", str(order.path), "is no regular file", way_out)])
    with order.path.open("rb") as stream:
        is_parquet = stream.read(len(MAGIC)) == MAGIC
    return ParquetFile(order.path) if is_parquet else CsvFile(order.path, order.delimiter)


def _programme_zone(engine: Engine) -> ZoneInfo | None:
    programme = find_programme(engine)
    return None if programme is None else ZoneInfo(programme.time_zone)


def _taker(
    engine: Engine, kind: ImportKind, columns: Columns, moments: Moments, *, has_types: bool
) -> Taker:
    match kind:
        case ImportKind.MEMBERS:
            return MemberTaker(engine, columns, has_types=has_types)
        case ImportKind.EXPOSURES:
            return ExposureTaker(engine, Directory(), columns, moments, has_types=has_types)
        case ImportKind.CONVERSIONS:
            return ConversionTaker(engine, columns, moments, has_types=has_types)
        case _:
            assert_never(kind)


def _take(
    batch: Batch, taker: Taker, arrival: Arrival, refused: QuarantineFile, counted: Counted
) -> None:
    """Keep the good rows of a batch and write down the others, in the order of the file."""
    good = [row for row in batch.rows if isinstance(row, Row)]
    taken = iter(taker.take(good, arrival) if good else ())
    for row in batch.rows:
        if not isinstance(row, Row):
            refused.add(row, row.reason)
            counted.add(Outcome.QUARANTINED)
            continue
        result = next(taken)
        if result.outcome is Outcome.QUARANTINED:
            refused.add(row, "; ".join(str(problem) for problem in result.problems))
        counted.add(result.outcome)
    refused.flush()
    counted.share_read = batch.share_read
