"""Exports members, exposures or conversions to a file that an import reads back as the same facts.

One snapshot is read, ordered by id and streamed. The file is written beside its place and moved
there when it is complete. What a format cannot give back as it was is counted and told.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, assert_never

from app.exporting.columns import FileFormat, OtherColumns
from app.exporting.files import csv_opened, parquet_opened
from app.exporting.place import completed_file, format_of
from app.importing.columns import OPTIONAL, REQUIRED, ImportKind
from experiments.money import exponent
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading
from experiments.store.streaming import (
    stream_attributes,
    stream_conversions,
    stream_exposures,
    stream_members,
    stream_properties,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Engine

PROGRESS_ROWS: Final = 10_000

__all__ = ["ExportOrder", "ExportSummary", "FileFormat", "ImportKind", "export_file"]


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is to be exported, and where.

    Attributes:
        kind: What the rows are.
        path: The file to write.
        format: How; None is by the ending of the path.
        overwrite: Whether a file that is there is replaced.
        campaign: Key of the campaign whose exposures are wanted; None is all. Of exposures only.
    """

    kind: ImportKind
    path: Path
    format: FileFormat | None = None
    overwrite: bool = False
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written.

    Attributes:
        columns: Names of the file's columns.
        changed: Number of values, by column, that an import would read as another value.
        too_long: Number of values, by column, that are longer than an import takes.
        left_out: Attributes or properties whose name no column of such a file may have.
        seconds: How long it took.
    """

    kind: ImportKind
    path: Path
    format: FileFormat
    rows: int
    columns: tuple[str, ...]
    changed: Mapping[str, int]
    too_long: Mapping[str, int]
    left_out: tuple[str, ...]
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """How fast it went."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


def export_file(
    engine: Engine, order: ExportOrder, *, on_progress: Callable[[int], None] = lambda _: None
) -> ExportSummary:
    """Write a file.

    Args:
        engine: The store.
        order: What and where.
        on_progress: Told now and then how many rows are written.

    Raises:
        InvalidValues: The file cannot be written there, or a file has no room for the columns.
        UnknownCampaign: There is no campaign of this key.
        StoreError: The database failed.
        OSError: The disk failed; there is no half file.
    """
    began = time.perf_counter()
    form = order.format or format_of(order.path)
    fixed = (*REQUIRED[order.kind], *OPTIONAL[order.kind])
    opened = csv_opened if form is FileFormat.CSV else parquet_opened
    rows = 0
    with completed_file(order.path, overwrite=order.overwrite) as path, reading(engine) as store:
        if order.campaign is not None:
            read_campaign(store, order.campaign)  # a mistyped key is no empty file
        others = OtherColumns(order.kind, form)
        # an export that ends half-way closes its stream while the connection is open
        with closing(_others(store, order.kind)) as seen:
            for values in seen:
                others.see(values)
        with opened(path, fixed, others.columns()) as add, closing(_rows(store, order)) as found:
            for known, values in found:
                add(known, values)
                rows += 1
                if rows % PROGRESS_ROWS == 0:
                    on_progress(rows)
    return ExportSummary(
        kind=order.kind,
        path=order.path,
        format=form,
        rows=rows,
        columns=(*fixed, *(column.name for column in others.columns())),
        changed=others.changed(),
        too_long=others.too_long(),
        left_out=others.left_out(),
        seconds=time.perf_counter() - began,
    )


def _others(store: Connection, kind: ImportKind) -> Generator[Mapping[str, object]]:
    match kind:
        case ImportKind.MEMBERS:
            yield from stream_attributes(store)
        case ImportKind.EXPOSURES:
            return
        case ImportKind.CONVERSIONS:
            yield from stream_properties(store)
        case _:
            assert_never(kind)


def _rows(
    store: Connection, order: ExportOrder
) -> Generator[tuple[Sequence[object], Mapping[str, object]]]:
    """Give each row: the values of the columns that every such file has, and the others."""
    match order.kind:
        case ImportKind.MEMBERS:
            for member in stream_members(store):
                yield (member.member_id, member.personalisation_consent), member.imported
        case ImportKind.EXPOSURES:
            for seen in stream_exposures(store, order.campaign):
                known = (
                    seen.exposure_id,
                    seen.campaign,
                    seen.variant,
                    seen.member_id,
                    seen.exposed_at,
                )
                yield known, {}
        case ImportKind.CONVERSIONS:
            for fact in stream_conversions(store):
                yield (
                    (
                        fact.conversion_id,
                        fact.member_id,
                        fact.event,
                        fact.occurred_at,
                        _money(fact.amount_minor, fact.currency),
                        fact.currency,
                    ),
                    fact.properties,
                )
        case _:
            assert_never(order.kind)


def _money(minor: int | None, currency: str | None) -> Decimal | None:
    """Give an amount with all decimals of its currency: 12.30."""
    if minor is None or currency is None:
        return None
    return Decimal(minor).scaleb(-exponent(currency))
