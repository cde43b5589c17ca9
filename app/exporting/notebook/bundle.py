"""Packs a report with its data and a notebook that computes every figure of it again."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson

from app.analysis import FactSource
from app.analysis.snapshot_rows import opened_snapshot
from app.exporting.notebook.document import notebook_of
from app.exporting.notebook.readme import readme_of
from app.exporting.notebook.sections import Form
from app.exporting.notebook.sums_file import sums_of
from experiments.bulk.delivering import harmless_sql
from experiments.privacy.auditing import AccessAction, note_access

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.analysis.snapshot_rows import SnapshotRows
    from app.language import Words
    from experiments.lifecycle import Act

REQUIREMENTS: Final = (
    "matplotlib>=3.8\nnumpy>=1.26\npandas>=2.2\nscipy>=1.13\nstatsmodels>=0.14.2\n"
)
PART: Final = 1 << 20
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in it: of the same report the same bytes, but for the pseudonyms."""


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """Which notebook is wanted.

    Attributes:
        snapshot: Hash of the scorecard; None for the latest one.
        form: With the rows of members, or with what they add up to.
    """

    campaign: str
    snapshot: str | None
    form: Form
    words: Words


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was packed.

    Attributes:
        rows: Rows of members in it.
    """

    campaign: str
    snapshot_hash: str
    form: Form
    rows: int

    @property
    def name(self) -> str:
        """Give a name for the file."""
        return f"{self.campaign}-{self.snapshot_hash[:12]}-notebook.zip"


def write_bundle(
    engine: Engine, order: BundleOrder, path: Path, act: Act, *, source: FactSource | None = None
) -> Bundle:
    """Write the bundle to a file; one with rows is written to the audit log.

    Args:
        engine: The store.
        order: What is wanted; who may have rows, the caller has decided.
        path: The file; replaced.
        act: Who asks, and when.
        source: Where the facts are; the database by default.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownSnapshot: It has no such scorecard.
        SnapshotOutdated: Its facts have changed since.
        RowsElsewhere: Its facts lie in another system.
    """
    with (
        opened_snapshot(
            engine, order.campaign, order.snapshot, now=act.now, source=source or FactSource()
        ) as snapshot,
        tempfile.TemporaryDirectory(prefix="tierlift-export-") as folder,
    ):
        rows = fill(Path(folder), snapshot, order.form, order.words)
        _pack(Path(folder), path)
        bundle = Bundle(order.campaign, snapshot.scorecard.snapshot_hash, order.form, rows)
    if rows:
        detail = {
            "kind": "notebook",
            "campaign": bundle.campaign,
            "snapshot": bundle.snapshot_hash,
            "rows": rows,
        }
        note_access(engine, AccessAction.EXPORT_MANY, act, detail=detail)
    return bundle


def fill(folder: Path, snapshot: SnapshotRows, form: Form, words: Words) -> int:
    """Write the files of a bundle into a folder, and say how many rows of members are in them."""
    scorecard, data = snapshot.scorecard, folder / "data"
    data.mkdir()
    if form is Form.SUMS:
        columns = snapshot.columns()
        sums = sums_of(scorecard, snapshot.aggregates, fewest=snapshot.smallest_cell)
        (data / "sums.json").write_bytes(sums)
    else:
        from stats.aggregation.unit_rows import RowOptions  # noqa: PLC0415 - loads Ibis

        columns = snapshot.write(data, RowOptions(secrets.token_hex(32), harmless_sql))
    (data / "columns.json").write_bytes(orjson.dumps(asdict(columns), option=orjson.OPT_INDENT_2))
    (folder / "scorecard.json").write_bytes(snapshot.document)
    (folder / "report.ipynb").write_bytes(notebook_of(scorecard, form, words))
    (folder / "README.md").write_text(readme_of(scorecard, form, words), encoding="utf-8")
    (folder / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    return columns.rows


def _pack(folder: Path, path: Path) -> None:
    """Put the files of a folder into a ZIP, in parts, however large they are."""
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        for file in sorted(one for one in folder.rglob("*") if one.is_file()):
            info = ZipInfo(file.relative_to(folder).as_posix(), LONG_AGO)
            info.compress_type = ZIP_DEFLATED
            with file.open("rb") as read, packed.open(info, "w", force_zip64=True) as target:
                while part := read.read(PART):
                    target.write(part)
