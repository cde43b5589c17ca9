"""The command that assigns all members at once, for e-mail, SMS and push."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from app.cli.opening import actor, opened
from app.cli.output import as_json, note, print_json
from app.exporting.place import completed_file, format_of
from experiments.bulk.assigning import Order, Summary, assign_all
from experiments.bulk.delivering import Channel, FileFormat, Who

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

NOTE_EVERY_S: Final = 5.0


@click.command("assign")
@click.option("--campaign", metavar="KEY", required=True, help="Key of the campaign.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="The file to write, CSV or Parquet.",
)
@click.option(
    "--channel",
    type=click.Choice([str(channel) for channel in Channel]),
    default=str(Channel.EMAIL),
    show_default=True,
    help="How the members will be told.",
)
@click.option("--include-control", is_flag=True, help="Write the control, too.")
@click.option("--all", "everyone", is_flag=True, help="Write every member, with the reason.")
@click.option(
    "--members",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    metavar="FILE",
    help="Assign the members of a Parquet or CSV file instead of the store's.",
)
@click.option("--dry-run", is_flag=True, help="Remember nothing: the file is a rehearsal.")
@click.option(
    "--format",
    "form",
    type=click.Choice([str(form) for form in FileFormat]),
    help="How the file is written. [default: as its ending says]",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@as_json
def command(  # noqa: PLR0913  # one for each option
    campaign: str,
    out: Path,
    *,
    channel: str,
    include_control: bool,
    everyone: bool,
    members: Path | None,
    dry_run: bool,
    form: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Assign all members in a campaign, and write who gets what for e-mail, SMS or push.

    New assignments are remembered before the file is there, so it shows only what stands, and a
    member who comes back later gets the same. An interrupted run can be repeated. Whoever opted out
    is left out, and so is the control unless it is asked for.
    """
    chosen = FileFormat(form or str(format_of(out)))
    who = Who.TREATED
    if everyone:
        who = Who.EVERYONE
    elif include_control:
        who = Who.ASSIGNED
    with opened() as wiring, completed_file(out, overwrite=overwrite) as path:
        order = Order(
            campaign=campaign,
            path=path,
            format=chosen,
            channel=Channel(channel),
            who=who,
            members=members,
            remembers=not dry_run,
            actor=actor(),
        )
        summary = _assign(wiring.engine, order, wiring.clock())
    if as_json:
        print_json(_values(summary, out, order))
    else:
        _tell(summary, out, order)


def _assign(engine: Engine, order: Order, now: datetime) -> Summary:
    """Assign with progress; a run that ends half-way says what is kept."""
    kept = 0
    told = time.monotonic()

    def on_progress(remembered: int) -> None:
        nonlocal kept, told
        kept = remembered
        if time.monotonic() - told >= NOTE_EVERY_S:
            told = time.monotonic()
            note(f"{remembered:,} assignments remembered")

    try:
        return assign_all(engine, order, now=now, on_progress=on_progress)
    except BaseException as error:
        if kept:
            error.add_note(
                f"{kept:,} assignments were gone through and stand; no file was written. Run the "
                "same command again to go on."
            )
        raise


def _tell(summary: Summary, out: Path, order: Order) -> None:
    click.echo(
        f"Wrote {summary.written:,} of {summary.members:,} members to {out} in "
        f"{summary.seconds:,.1f} s."
    )
    for variant, count in summary.variants.items():
        click.echo(f"  {variant:<20}{count:>12,}")
    for reason, count in summary.reasons.items():
        click.echo(f"  {reason.replace('_', ' '):<20}{count:>12,}")
    if order.remembers:
        click.echo(f"{summary.remembered:,} assignments are new and remembered.")
    else:
        note("Nothing was remembered: do not send by this file.")


def _values(summary: Summary, out: Path, order: Order) -> dict[str, object]:
    return {
        "campaign": summary.campaign,
        "phase": summary.phase,
        "file": str(out),
        "format": str(order.format),
        "channel": str(order.channel),
        "dry_run": not order.remembers,
        "members": summary.members,
        "written": summary.written,
        "remembered": summary.remembered,
        "variants": dict(summary.variants),
        "reasons": {str(reason): count for reason, count in summary.reasons.items()},
        "seconds": round(summary.seconds, 3),
    }
