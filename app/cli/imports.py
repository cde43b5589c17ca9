"""Commands that load files."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import click

from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, note, print_json
from app.importing import Counted, ImportKind, Order, Summary, import_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOME_QUARANTINED: Final = 3
NOTE_EVERY_S: Final = 5.0
_STEPS: Final = 1_000

_PURPOSES: Final = {
    ImportKind.MEMBERS: """Add what FILE says of members to what is known of them.

    Columns: member_id; personalisation_consent, if there is one, sets consent; every other column
    becomes an attribute. An empty value changes nothing.
    """,
    ImportKind.EXPOSURES: """Record the exposures in FILE.

    Columns: exposure_id, campaign, variant, member_id, exposed_at. Import members first where a
    campaign goes by household.
    """,
    ImportKind.CONVERSIONS: """Record the conversions in FILE.

    Columns: conversion_id, member_id, event, occurred_at, and amount and currency where there is
    money: decimals of the currency, like 12.30. Every other column becomes a property.
    """,
}


@click.group("import", cls=InOrder)
def command() -> None:
    """Load members, exposures or conversions from a CSV or Parquet file.

    Rows that cannot be taken are written to a quarantine file with the reason, and the exit code
    is 3. A file may be imported twice: a fact whose id is known changes nothing.
    """


def _names(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for value in values:
        theirs, separator, ours = value.rpartition("=")
        if not separator or not theirs or not ours:
            message = f"{value!r} is not THEIRS=OURS, like customer_no=member_id"
            raise click.BadParameter(message)
        if theirs in renamed:
            message = f"{theirs!r} is mapped twice"
            raise click.BadParameter(message)
        renamed[theirs] = ours
    return renamed


def _delimiter(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    delimiter = "\t" if value in {"tab", "\\t"} else value
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        message = f"{value!r} is not one character, or the word tab"
        raise click.BadParameter(message)
    return delimiter


def _zone(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> ZoneInfo | None:
    if value is None:
        return None
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        message = f"{value!r} is not a time zone, such as Asia/Taipei or Europe/London"
        raise click.BadParameter(message) from None


_FILE: Final[Any] = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.argument("file", type=_FILE),
    click.option(
        "--map",
        "renamed",
        metavar="THEIRS=OURS",
        multiple=True,
        callback=_names,
        help="Read their column as ours; repeatable.",
    ),
    click.option(
        "--quarantine",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PATH",
        help="Where refused rows go. [default: FILE.quarantine.csv]",
    ),
    click.option(
        "--delimiter",
        default=",",
        callback=_delimiter,
        show_default=True,
        help="What separates the values of CSV; the word tab is a tab.",
    ),
    as_json,
)
_TIME_OPTION: Final[Callable[[Any], Any]] = click.option(
    "--time-zone",
    "zone",
    metavar="ZONE",
    callback=_zone,
    help="Where times without an offset are local. [default: the programme's]",
)


def _add_kind(kind: ImportKind) -> None:
    def run(
        file: Path,
        *,
        renamed: dict[str, str],
        quarantine: Path | None,
        delimiter: str,
        as_json: bool,
        zone: ZoneInfo | None = None,
    ) -> None:
        order = Order(kind, file, quarantine, renamed, delimiter, zone)
        summary = _import(order)
        if as_json:
            print_json(_values(summary))
        else:
            _tell(summary)
        if summary.quarantined:
            click.get_current_context().exit(SOME_QUARANTINED)

    options = _OPTIONS if kind is ImportKind.MEMBERS else (*_OPTIONS, _TIME_OPTION)
    for option in reversed(options):
        run = option(run)
    command.command(str(kind), help=_PURPOSES[kind])(run)


for _kind in ImportKind:
    _add_kind(_kind)


def _import(order: Order) -> Summary:
    """Import with progress; an import that ends half-way says what is kept."""
    kept = 0
    with opened() as wiring, _progress(order.path.name) as show:

        def on_progress(counted: Counted) -> None:
            nonlocal kept
            kept = counted.rows - counted.quarantined
            show(counted)

        try:
            return import_file(wiring.engine, order, clock=wiring.clock, on_progress=on_progress)
        except BaseException as error:
            if kept:
                error.add_note(
                    f"The {kept:,} rows before are kept. Run the same command again to go on: "
                    "what is known already changes nothing."
                )
            raise


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Counted], None]]:
    """Give what shows progress: a bar on a terminal, now and then a line elsewhere."""
    if not sys.stderr.isatty():
        told = time.monotonic()

        def tell(counted: Counted) -> None:
            nonlocal told
            if time.monotonic() - told >= NOTE_EVERY_S:
                told = time.monotonic()
                note(f"{counted.rows:,} rows read ({counted.share_read:.0%} of {name})")

        yield tell
        return
    # Deferred, since it is shown on terminals alone.
    from rich.console import Console  # noqa: PLC0415  # as said above
    from rich.markup import escape  # noqa: PLC0415  # as said above
    from rich.progress import (  # noqa: PLC0415  # as said above
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(name), total=_STEPS, rows=0)
        yield lambda counted: bar.update(
            task, completed=counted.share_read * _STEPS, rows=counted.rows
        )


def _tell(summary: Summary) -> None:
    click.echo(
        f"Read {summary.rows:,} rows of {summary.path.name} in {summary.seconds:,.1f} s "
        f"({summary.rows_per_second:,.0f} rows/s)."
    )
    refused = f" in {summary.quarantine}" if summary.quarantine else ""
    for name, count, place in (
        ("accepted", summary.accepted, ""),
        ("duplicates", summary.duplicates, ""),
        ("quarantined", summary.quarantined, refused),
    ):
        click.echo(f"  {name:<12}{count:>12,}{place}")
    if summary.suppressed:
        click.echo(f"  {'suppressed':<12}{summary.suppressed:>12,} of members who were erased")
    if summary.time_zone is not None:
        click.echo(
            f"{summary.local_times:,} times had no offset from UTC; "
            f"they were read in {summary.time_zone}."
        )
    if summary.ignored_columns:
        click.echo(f"Not kept: the columns {', '.join(summary.ignored_columns)}.")
    if summary.quarantine:
        note(f"Correct {summary.quarantine} and import it; each row has its reason.")


def _values(summary: Summary) -> dict[str, object]:
    return {
        "kind": str(summary.kind),
        "file": str(summary.path),
        "rows": summary.rows,
        "accepted": summary.accepted,
        "duplicates": summary.duplicates,
        "quarantined": summary.quarantined,
        "suppressed": summary.suppressed,
        "quarantine_file": None if summary.quarantine is None else str(summary.quarantine),
        "local_times": summary.local_times,
        "time_zone": summary.time_zone,
        "ignored_columns": list(summary.ignored_columns),
        "seconds": round(summary.seconds, 3),
        "rows_per_second": round(summary.rows_per_second),
    }
