"""Commands that show who changed what."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from experiments import auditing
from experiments.auditing import AuditQuery, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What is asked for, as words."""

    actor: str | None
    action: str | None
    subject_kind: str | None
    subject: str | None
    text: str | None

    def query(self) -> AuditQuery:
        actors = None if self.actor is None else (self.actor,)
        return AuditQuery(
            actors, self.action, self.subject_kind, self.subject, text=self.text or None
        )


_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--actor", metavar="ID", help="Only by this user or key."),
    click.option("--action", help="Only this, such as launch."),
    click.option(
        "--kind", "subject_kind", type=click.Choice([str(one) for one in SubjectKind]),
        help="Only of these.",
    ),
    click.option("--subject", metavar="KEY", help="Only of this key."),
    click.option("--text", help="Only where this stands anywhere in the entry."),
)  # fmt: skip


def _narrowing(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.group("audit", cls=InOrder)
def command() -> None:
    """Show who changed what, in the console, over the API and here.

    Entries can be neither changed nor removed.
    """


@command.command("list")
@_narrowing
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, show_default=True,
              help="At most so many.")  # fmt: skip
@as_json
def list_command(*, limit: int, as_json: bool, **narrowed: str | None) -> None:
    """List changes, the newest first."""
    from app.exporting.audit_file import entry_values  # noqa: PLC0415  # slow, and few need it

    with opened() as wiring:
        found = auditing.find_entries(wiring.engine, _Narrowed(**narrowed).query(), limit=limit)
    if as_json:
        print_json([entry_values(one) for one in found])
        return
    if not found:
        note("Nothing of the kind is written down.")
        return
    print_table(
        ["number", "at", "by", "action", "what", "changed"],
        [
            [
                str(one.number),
                moment_text(one.at),
                one.actor,
                one.change.action,
                f"{one.change.subject_kind} {one.change.subject}",
                _changed(one.change),
            ]
            for one in found
        ],
    )


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@_narrowing
def export(*, file: Path, **narrowed: str | None) -> None:
    """Write all changes to FILE, as CSV or, where it ends with .json, as JSON; - for output."""
    from app.exporting.audit_file import csv_of, json_of  # noqa: PLC0415  # as above

    with opened() as wiring:
        found = auditing.all_entries(wiring.engine, _Narrowed(**narrowed).query())
        pieces = (json_of if file.suffix.lower() == ".json" else csv_of)(found)
        if str(file) == "-":
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
            return
        with file.open("wb") as stream:
            stream.writelines(pieces)
    click.echo(f"Wrote {file}.")


def _changed(change: auditing.Change) -> str:
    found = auditing.differences(change)
    told = [f"{one.field}: {one.before} -> {one.after}" for one in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return "; ".join([*told, *more])
