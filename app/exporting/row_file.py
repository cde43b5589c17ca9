"""Writes the rows behind a stored scorecard to one file, for an analyst's own tools.

Members have pseudonyms that lead nowhere; a combination of segment values that too few share is
made coarser. Every such file is written to the audit log.
"""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING

from app.analysis import FactSource
from app.analysis.snapshot_rows import opened_snapshot
from app.exporting.columns import FileFormat
from experiments.bulk.delivering import harmless_sql
from experiments.privacy.auditing import AccessAction, note_access

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from experiments.lifecycle import Act


@dataclass(frozen=True, slots=True)
class RowsOrder:
    """Which rows are wanted.

    Attributes:
        snapshot: Hash of the scorecard; None for the latest one.
    """

    campaign: str
    snapshot: str | None
    format: FileFormat


@dataclass(frozen=True, slots=True)
class RowsSummary:
    """What was written.

    Attributes:
        fewest: Members that share a combination of segment values at least.
        coarsened: Rows whose segment values are `other`, as fewer shared them.
    """

    campaign: str
    snapshot_hash: str
    format: FileFormat
    rows: int
    fewest: int
    coarsened: int

    @property
    def name(self) -> str:
        """Give a name for the file."""
        return f"{self.campaign}-{self.snapshot_hash[:12]}-rows.{self.format}"


def write_rows(
    engine: Engine, order: RowsOrder, path: Path, act: Act, *, source: FactSource | None = None
) -> RowsSummary:
    """Write the rows to a file, and to the audit log that they were.

    Args:
        engine: The store.
        order: What is wanted; that the caller may have rows is decided before.
        path: The file; replaced.
        act: Who asks, and when.
        source: Where the facts are; the database by default.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownSnapshot: It has no such scorecard.
        SnapshotOutdated: Its facts have changed since.
        RowsElsewhere: Its facts lie in another system.
    """
    from stats.aggregation.unit_rows import UNITS, RowOptions  # noqa: PLC0415 - loads Ibis

    as_text = harmless_sql if order.format is FileFormat.CSV else None
    with (
        opened_snapshot(
            engine, order.campaign, order.snapshot, now=act.now, source=source or FactSource()
        ) as snapshot,
        tempfile.TemporaryDirectory(prefix="tierlift-export-") as folder,
    ):
        fewest = snapshot.smallest_cell
        options = RowOptions(secrets.token_hex(32), as_text, fewest=fewest, units_alone=True)
        columns = snapshot.write(Path(folder), options)
        copyfile(Path(folder, f"{UNITS}.{order.format}"), path)
        found = RowsSummary(
            order.campaign,
            snapshot.scorecard.snapshot_hash,
            order.format,
            columns.rows,
            fewest,
            columns.coarsened,
        )
    detail = {
        "kind": "rows",
        "campaign": found.campaign,
        "snapshot": found.snapshot_hash,
        "rows": found.rows,
        "format": str(found.format),
    }
    note_access(engine, AccessAction.EXPORT_MANY, act, detail=detail)
    return found
