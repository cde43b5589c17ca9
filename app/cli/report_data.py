"""Commands that write the data behind a report: a notebook with it, and the rows of members."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.analysis import FactSource
from app.cli.opening import act, opened
from app.cli.output import as_json, note, print_json
from app.exporting.columns import FileFormat
from app.exporting.notebook.bundle import BundleOrder, write_bundle
from app.exporting.notebook.sections import Form
from app.exporting.place import completed_file, format_of
from app.exporting.row_file import RowsOrder, write_rows
from app.language import Language, Words

if TYPE_CHECKING:
    from app.exporting.row_file import RowsSummary

_campaign = click.argument("campaign")
_snapshot = click.option(
    "--snapshot", metavar="HASH", help="Of a stored scorecard, or its begin. [default: latest]"
)
_overwrite = click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
_file = click.argument("file", type=click.Path(path_type=Path))


@click.command("notebook")
@_campaign
@_file
@_snapshot
@click.option(
    "--data",
    type=click.Choice([str(form) for form in Form]),
    default=Form.ROWS.value,
    show_default=True,
    help="rows: of members, under pseudonyms, for every figure; sums: no rows, for the most.",
)
@click.option(
    "--language",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Of its text.",
)
@_overwrite
@as_json
def notebook_command(
    *,
    campaign: str,
    file: Path,
    snapshot: str | None,
    data: str,
    language: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a ZIP with a notebook that computes every figure of a report again, without Tierlift.

    The report of CAMPAIGN is the latest stored scorecard, or the one that --snapshot names. With
    rows of members in it, the export is written to the audit log.
    """
    order = BundleOrder(campaign, snapshot, Form(data), Words(Language(language)))
    with opened() as wiring, completed_file(file, overwrite=overwrite) as path:
        source = FactSource.of(wiring.settings)
        bundle = write_bundle(wiring.engine, order, path, act(wiring), source=source)
    if as_json:
        print_json(
            {
                "file": str(file),
                "campaign": bundle.campaign,
                "snapshot_hash": bundle.snapshot_hash,
                "data": str(bundle.form),
                "rows": bundle.rows,
            }
        )
        return
    click.echo(f"Wrote the notebook of snapshot {bundle.snapshot_hash[:12]} to {file}.")
    if bundle.rows:
        note(f"It holds rows of {bundle.rows:,} members; the export was logged.")


@click.command("rows")
@_campaign
@_file
@_snapshot
@click.option(
    "--format",
    "form",
    type=click.Choice([str(form) for form in FileFormat]),
    help="How the file is written. [default: as its ending says]",
)
@_overwrite
@as_json
def rows_command(
    *,
    campaign: str,
    file: Path,
    snapshot: str | None,
    form: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the members behind a report, one row each, under pseudonyms.

    The report of CAMPAIGN is the latest stored scorecard, or the one that --snapshot names. Segment
    values that too few members share are written as "other". Every export is written to the audit
    log.
    """
    chosen = FileFormat(form) if form else format_of(file)
    order = RowsOrder(campaign, snapshot, chosen)
    with opened() as wiring, completed_file(file, overwrite=overwrite) as path:
        source = FactSource.of(wiring.settings)
        found = write_rows(wiring.engine, order, path, act(wiring), source=source)
    if as_json:
        print_json(_values(found, file))
        return
    click.echo(
        f"Wrote {found.rows:,} rows of snapshot {found.snapshot_hash[:12]} to {file}; the export "
        "was logged."
    )
    if found.coarsened:
        note(
            f"{found.coarsened:,} rows have segment values that fewer than {found.fewest:,} "
            'members share; theirs are "other".'
        )


def _values(found: RowsSummary, file: Path) -> dict[str, object]:
    return {
        "file": str(file),
        "campaign": found.campaign,
        "snapshot_hash": found.snapshot_hash,
        "format": str(found.format),
        "rows": found.rows,
        "fewest": found.fewest,
        "coarsened": found.coarsened,
    }
