"""Commands that keep the archive: extend it, once or on and on, verify, compact, make it anew."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from app.cli.ending import until_terminated
from app.cli.faults import FAILED
from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, note, print_json, print_table
from experiments.archive.compacting import compact as compact_archive
from experiments.archive.extending import extend
from experiments.archive.extending import rebuild as rebuild_archive
from experiments.archive.place import open_place
from experiments.archive.verifying import verify as verify_archive
from experiments.errors import (
    ArchiveBusy,
    DatabaseLocked,
    DatabaseMissing,
    InvalidValues,
    Problem,
    QueryTimedOut,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.wiring import Wiring
    from experiments.archive.extending import Extension
    from experiments.archive.place import Place
    from experiments.archive.verifying import Difference, Verification
    from experiments.store.arrivals import DayTotal

SHOWN_DIFFERENCES: Final = 50
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600}

_wait: Callable[[Any], Any] = click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another process that works on the archive.",
)


@click.group("archive", cls=InOrder, invoke_without_command=True)
@click.option(
    "--every",
    metavar="DURATION",
    help="Go on for ever, once in each 15m, 1h or 30s; SIGTERM ends it.",
)
@_wait
@as_json
@click.pass_context
def command(context: click.Context, *, every: str | None, wait_s: float, as_json: bool) -> None:
    """Add the facts that arrived since to the archive, each once.

    The archive is named by TIERLIFT_ARCHIVE_URL: a folder or an object store. It is made where
    there is none.
    """
    if context.invoked_subcommand is not None:
        return
    interval = None if every is None else _seconds(every)
    with opened() as wiring:
        place = _place(wiring)
        if interval is None:
            _tell(extend(wiring.engine, place, now=wiring.clock(), wait_s=wait_s), as_json=as_json)
            return
        with until_terminated() as ended:
            while not ended.is_set():
                _extend_in_turn(wiring, place, wait_s, as_json=as_json)
                ended.wait(interval)


@command.command()
@_wait
@as_json
def verify(*, wait_s: float, as_json: bool) -> None:
    """Compare rows and money of every day with the database; exit with 1 where they differ.

    Every file is read. Facts that arrived since the last run are no difference.
    """
    with opened() as wiring:
        found = verify_archive(wiring.engine, _place(wiring), now=wiring.clock(), wait_s=wait_s)
    if as_json:
        print_json(_verification(found))
    else:
        _tell_verification(found)
    if not found.is_sound:
        raise click.exceptions.Exit(FAILED)


@command.command()
@_wait
def compact(*, wait_s: float) -> None:
    """Merge the small files of every day, and remove what dead runs left behind."""
    with opened() as wiring:
        done = compact_archive(wiring.engine, _place(wiring), now=wiring.clock(), wait_s=wait_s)
    click.echo(
        f"{done.files_before:,} files are {done.files_after:,} now; {done.removed:,} that nobody "
        "reads any more were removed."
    )


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@_wait
@as_json
def rebuild(*, yes: bool, wait_s: float, as_json: bool) -> None:
    """Make the archive anew from the whole database, in place of what is there.

    Needed after a database was restored or moved. What only the old archive has is lost.
    """
    with opened() as wiring:
        place = _place(wiring)
        if not yes:
            click.confirm(f"Replace the archive at {place.shown}?", abort=True, err=True)
        done = rebuild_archive(wiring.engine, place, now=wiring.clock(), wait_s=wait_s)
    _tell(done, as_json=as_json)


def _place(wiring: Wiring) -> Place:
    url = wiring.settings.archive_url
    if not url:
        way_out = "Set it to a folder, such as var/archive, or to s3://bucket/folder."
        raise InvalidValues([Problem("TIERLIFT_ARCHIVE_URL", None, "is not set", way_out)])
    return open_place(url)


def _seconds(duration: str) -> float:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smh])", duration)
    if found is None:
        raise InvalidValues(
            [Problem("--every", duration, "is no duration", "Write 30s, 15m or 1h.")]
        )
    return float(found[1]) * _UNITS[found[2]]


def _extend_in_turn(wiring: Wiring, place: Place, wait_s: float, *, as_json: bool) -> None:
    """Extend once; what the next turn may mend is told and does not end the loop."""
    try:
        done = extend(wiring.engine, place, now=wiring.clock(), wait_s=wait_s)
    except (ArchiveBusy, DatabaseLocked, DatabaseMissing, QueryTimedOut) as fault:
        note(f"{fault} Trying again at the next turn.")
        return
    _tell(done, as_json=as_json)


def _tell(done: Extension, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "added": {str(kind): count for kind, count in done.added.items()},
                "files": done.files,
                "until": done.until,
                "waiting": done.waiting,
                "generation": done.generation,
            }
        )
        return
    new = ", ".join(f"{count:,} {kind}" for kind, count in done.added.items() if count)
    click.echo(f"Added {new} in {done.files:,} files." if new else "Nothing new.")
    if done.waiting:
        note(
            f"{done.waiting:,} more facts wait for an older transaction to end; the run after that "
            "adds them."
        )


def _tell_verification(found: Verification) -> None:
    counted = ", ".join(f"{count:,} {kind}" for kind, count in found.rows.items())
    newer = sum(found.newer.values())
    if found.is_sound:
        click.echo(f"The archive equals the database on all {found.days:,} days: {counted}.")
    for fault in found.damage:
        note(f"Error: {fault}")
    if found.differences:
        print_table(
            ("kind", "day", "archive", "database"),
            [_row(one) for one in found.differences[:SHOWN_DIFFERENCES]],
        )
        more = len(found.differences) > SHOWN_DIFFERENCES
        note(
            f"Error: {len(found.differences):,} of {found.days:,} days differ"
            f"{'; the first are shown' if more else ''}. "
            "Find out whether facts were changed or deleted in the database. If it is right, make "
            "the archive anew with `tierlift archive rebuild`; if not, restore it from a copy."
        )
    if newer:
        note(f"{newer:,} facts arrived since the last run; `tierlift archive` adds them.")


def _row(one: Difference) -> tuple[str, ...]:
    return (
        str(one.archived.kind),
        one.archived.day.isoformat(),
        _total(one.archived),
        _total(one.stored),
    )


def _total(total: DayTotal) -> str:
    money = "".join(f", {amount:,} {currency} minor" for currency, amount in total.sums.items())
    return f"{total.rows:,} rows{money}"


def _verification(found: Verification) -> Mapping[str, object]:
    return {
        "sound": found.is_sound,
        "rows": {str(kind): count for kind, count in found.rows.items()},
        "days": found.days,
        "newer": {str(kind): count for kind, count in found.newer.items()},
        "damage": [str(fault) for fault in found.damage],
        "differences": [
            {
                "kind": str(one.archived.kind),
                "day": one.archived.day.isoformat(),
                "archive": _total_values(one.archived),
                "database": _total_values(one.stored),
            }
            for one in found.differences
        ],
    }


def _total_values(total: DayTotal) -> Mapping[str, object]:
    """Give sums as text: they may be longer than the numbers of JSON are read."""
    return {"rows": total.rows, "sums": {name: str(amount) for name, amount in total.sums.items()}}
