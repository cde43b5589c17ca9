"""Commands that write what is stored to files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app.cli.in_order import InOrder
from app.cli.opening import act, opened
from app.cli.output import as_json, note, print_json, printable
from app.cli.report_data import notebook_command, rows_command
from app.exporting import ExportOrder, ExportSummary, FileFormat, ImportKind, export_file
from experiments.privacy.auditing import AccessAction, note_access

if TYPE_CHECKING:
    from collections.abc import Callable

NOTE_EVERY_S: Final = 5.0

_PURPOSES: Final = {
    ImportKind.MEMBERS: """Write every member: id, consent, and a column for each attribute.""",
    ImportKind.EXPOSURES: """Write every exposure, or those to one campaign.""",
    ImportKind.CONVERSIONS: """Write every conversion: money as decimals, properties as columns.""",
}


@click.group("export", cls=InOrder)
def command() -> None:
    """Write members, exposures or conversions to a CSV or Parquet file, or the data of a report.

    Members, exposures and conversions have the columns that `tierlift import` reads; such a file is
    one snapshot, ordered by id. Every file is there only when it is complete.
    """


_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.argument("file", type=click.Path(path_type=Path)),
    click.option(
        "--format",
        "form",
        type=click.Choice([str(form) for form in FileFormat]),
        help="How the file is written. [default: as its ending says]",
    ),
    click.option("--overwrite", is_flag=True, help="Replace a file that is there."),
    as_json,
)
_CAMPAIGN_OPTION: Final[Callable[[Any], Any]] = click.option(
    "--campaign", metavar="KEY", help="Write the exposures to this campaign alone."
)


def _add_kind(kind: ImportKind) -> None:
    def run(
        file: Path,
        *,
        form: str | None,
        overwrite: bool,
        as_json: bool,
        campaign: str | None = None,
    ) -> None:
        order = ExportOrder(kind, file, FileFormat(form) if form else None, overwrite, campaign)
        with opened() as wiring:
            summary = export_file(wiring.engine, order, on_progress=_progress())
            detail = {"kind": str(kind), "rows": summary.rows, "file": summary.path.name}
            note_access(wiring.engine, AccessAction.EXPORT_MANY, act(wiring), detail=detail)
        if as_json:
            print_json(_values(summary))
        else:
            click.echo(
                f"Wrote {summary.rows:,} {summary.kind} to {summary.path} in "
                f"{summary.seconds:,.1f} s ({summary.rows_per_second:,.0f} rows/s)."
            )
        _tell(summary)

    options = (*_OPTIONS, _CAMPAIGN_OPTION) if kind is ImportKind.EXPOSURES else _OPTIONS
    for option in reversed(options):
        run = option(run)
    command.command(str(kind), help=_PURPOSES[kind])(run)


for _kind in ImportKind:
    _add_kind(_kind)
command.add_command(notebook_command)
command.add_command(rows_command)


def _progress() -> Callable[[int], None]:
    """Give what tells now and then how far it has come."""
    told = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal told
        if time.monotonic() - told >= NOTE_EVERY_S:
            told = time.monotonic()
            note(f"{rows:,} rows written")

    return tell


def _tell(summary: ExportSummary) -> None:
    """Say what would not come back as it is."""
    for name, count in summary.changed.items():
        note(
            f"Column {printable(name)}: an import would read {count:,} of its values as others. "
            f"{_REASONS[summary.format]}"
        )
    for name, count in summary.too_long.items():
        note(
            f"Column {printable(name)}: {count:,} of its values are longer than an import takes, "
            "which would quarantine their rows."
        )
    if summary.left_out:
        names = ", ".join(printable(repr(name)) for name in summary.left_out)
        note(f"Not written: {names}. An import would not read a column of that name back.")


_REASONS: Final = {
    FileFormat.CSV: "CSV cannot tell text like 12 from a number; Parquet can, in most columns.",
    FileFormat.PARQUET: "It holds values of several types, or nested ones, and is written as text.",
}


def _values(summary: ExportSummary) -> dict[str, object]:
    return {
        "kind": str(summary.kind),
        "file": str(summary.path),
        "format": str(summary.format),
        "rows": summary.rows,
        "columns": list(summary.columns),
        "changed": dict(summary.changed),
        "too_long": dict(summary.too_long),
        "left_out": list(summary.left_out),
        "seconds": round(summary.seconds, 3),
        "rows_per_second": round(summary.rows_per_second),
    }
