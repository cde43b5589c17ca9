"""Commands for what a member may ask: to opt out, to see what is held, to have it erased."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.in_order import InOrder
from app.cli.opening import act, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from experiments.archive.place import open_place
from experiments.errors import ArchiveError, InvalidValues, Problem
from experiments.lifecycle import find_programme
from experiments.privacy import erasing, opting, telling
from experiments.privacy.auditing import handed_out

if TYPE_CHECKING:
    from typing import TextIO

    from app.wiring import Wiring
    from experiments.archive.place import Place
    from experiments.privacy.opting import Consent


@click.group("member", cls=InOrder)
def command() -> None:
    """Do what a member asks for: opt out, see what is held, have it erased.

    Every use is written into the access log (`tierlift privacy log`).
    """


@command.command("opt-out")
@click.argument("member_id")
def opt_out(member_id: str) -> None:
    """Serve the member MEMBER_ID the default offer from now on, and draw them for nothing."""
    with opened() as wiring:
        _tell_consent(opting.opt_out(wiring.engine, member_id, act(wiring)))


@command.command("opt-in")
@click.argument("member_id")
def opt_in(member_id: str) -> None:
    """Let the member MEMBER_ID take part again."""
    with opened() as wiring:
        _tell_consent(opting.opt_in(wiring.engine, member_id, act(wiring)))


@command.command()
@click.argument("member_id")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, which must not be there yet. [default: standard output]",
)
def export(member_id: str, out: Path | None) -> None:
    """Write everything that is held about the member MEMBER_ID, as JSON."""
    with opened() as wiring:
        told = telling.Told()
        pieces = telling.tell_all(
            wiring.engine, member_id, act(wiring), place=place_of(wiring), told=told
        )
        if out is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        try:
            # nobody else on this machine is to read it
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            way_out = "Give the name of a file that is not there yet."
            raise InvalidValues([Problem("--out", str(out), "is there already", way_out)]) from None
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(pieces)
    rows = ", ".join(f"{count:,} {name}" for name, count in told.rows.items() if count)
    click.echo(f"Wrote {rows} to {out}.")


@command.command()
@click.argument("member_ids", nargs=-1)
@click.option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8"),
    help="Erase the members of this file, one id a line; - for standard input.",
)
@click.option("--reason", help="Why; it is kept, so name nobody in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def erase(
    member_ids: tuple[str, ...],
    file: TextIO | None,
    reason: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Take the identity of members out of everything, for good; aggregates stay what they were.

    Give all members at once: tables and archive are read once for all of them. A repeat answers
    the same; what was interrupted goes on.
    """
    wanted = [*member_ids, *(line.rstrip("\r\n") for line in file or () if line.strip())]
    with opened() as wiring:
        if not yes:
            click.confirm(f"Erase {len(wanted):,} members for good?", abort=True, err=True)
        programme = find_programme(wiring.engine)
        done = erasing.erase_members(
            wiring.engine,
            wanted,
            act(wiring, reason),
            suppress_for=erasing.suppressed_for(programme),
        )
        left = finish_archive(wiring)
        campaigns = {campaign for one in done for campaign, _ in one.erasure.phases}
        files = handed_out(wiring.engine, campaigns)
    if as_json:
        print_json(
            [
                {
                    "member_id": one.member_id,
                    "number": one.erasure.number,
                    "erased_at": one.erasure.erased_at,
                    "repeated": one.repeated,
                    "complete": left is None,
                    "rows": dict(one.erasure.counts),
                    "late_events_until": one.erasure.suppressed_until,
                }
                for one in done
            ]
        )
    else:
        for one in done:
            when = f" already, {moment_text(one.erasure.erased_at)}" if one.repeated else ""
            counts = ", ".join(f"{count:,} {name}" for name, count in one.erasure.counts.items())
            click.echo(f"{one.member_id}: erased{when}: {counts}.")
    if left is not None:
        note(f"The archive still has them: {left} `tierlift privacy finish` rewrites it.")
    if files:
        note("These files may hold them; ask whoever has them to delete them:")
        print_table(
            ["written", "by", "campaign", "what"],
            [
                [moment_text(one.at), one.actor, one.campaign or "", str(dict(one.detail))]
                for one in files
            ],
        )


@command.command()
@click.argument("member_id")
def readmit(member_id: str) -> None:
    """Take events of the erased member MEMBER_ID again: somebody joined anew under the id."""
    with opened() as wiring:
        done = erasing.take_again(wiring.engine, member_id, act(wiring))
    click.echo("Events are taken again." if done else "Nothing was held back.")


def place_of(wiring: Wiring) -> Place | None:
    """Give the archive of the settings; None where there is none."""
    url = wiring.settings.archive_url
    return open_place(url) if url else None


def finish_archive(wiring: Wiring) -> str | None:
    """Rewrite the archive by what was erased; give why it could not be, None where it was."""
    try:
        erasing.finish(wiring.engine, place_of(wiring), wiring.clock())
    except ArchiveError as fault:
        return str(fault)
    return None


def _tell_consent(consent: Consent) -> None:
    state = "has opted out" if consent.opted_out else "takes part"
    click.echo(f"{consent.member_id} {state}{'' if consent.changed else ', as before'}.")
