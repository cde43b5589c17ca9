"""Commands that keep the promises about members' data: the log, retention, unfinished erasures."""

from __future__ import annotations

import click

from app.cli.faults import FAILED
from app.cli.in_order import InOrder
from app.cli.member import finish_archive, place_of
from app.cli.opening import act, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from experiments.privacy import auditing
from experiments.privacy.auditing import AccessAction
from experiments.privacy.retaining import apply_retention

_most = click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="At most so many.",
)


@click.group("privacy", cls=InOrder)
def command() -> None:
    """Show who saw what of members, and remove what is older than it is kept."""


@command.command()
@click.option("--member", "member_id", help="Only about this member, erased or not.")
@click.option("--action", type=click.Choice([str(one) for one in AccessAction]), help="Only this.")
@click.option("--before", type=click.IntRange(min=1), help="Only entries with a lower number.")
@_most
@as_json
def log(
    member_id: str | None, action: str | None, before: int | None, limit: int, *, as_json: bool
) -> None:
    """List who read, exported or erased rows of members, the newest first."""
    with opened() as wiring:
        found = auditing.accesses(
            wiring.engine,
            member_id=member_id,
            action=AccessAction(action) if action else None,
            before=before,
            limit=limit,
        )
    if as_json:
        print_json(
            [
                {
                    "number": one.number,
                    "at": one.at,
                    "by": one.actor,
                    "action": str(one.action),
                    "member": one.digest,
                    "detail": dict(one.detail),
                }
                for one in found
            ]
        )
        return
    if not found:
        note("Nothing of the kind is written down.")
        return
    print_table(
        ["number", "at", "by", "action", "member (hash)", "detail"],
        [
            [
                str(one.number),
                moment_text(one.at),
                one.actor,
                str(one.action),
                (one.digest or "")[:12],
                ", ".join(f"{name} {value}" for name, value in one.detail.items()),
            ]
            for one in found
        ],
    )


@command.command()
@_most
@as_json
def erasures(limit: int, *, as_json: bool) -> None:
    """List what was erased, when and by whom; whom it was about is not known any more."""
    with opened() as wiring:
        found = auditing.erasures(wiring.engine, limit=limit)
    if as_json:
        print_json(
            [
                {
                    "number": one.number,
                    "erased_at": one.erased_at,
                    "by": one.actor,
                    "reason": one.reason,
                    "rows": dict(one.counts),
                    "completed_at": one.completed_at,
                    "late_events_until": one.suppressed_until,
                    "late_events": one.late_events,
                }
                for one in found
            ]
        )
        return
    if not found:
        note("Nobody was erased.")
        return
    print_table(
        ["number", "erased", "by", "rows", "complete", "late events"],
        [
            [
                str(one.number),
                moment_text(one.erased_at),
                one.actor,
                str(sum(one.counts.values())),
                moment_text(one.completed_at) or "waits for the archive",
                str(one.late_events),
            ]
            for one in found
        ],
    )


@command.command()
def finish() -> None:
    """Rewrite the archive by erasures that it has not seen; `tierlift archive` does so, too."""
    with opened() as wiring:
        left = finish_archive(wiring)
    if left is not None:
        note(f"Error: {left}")
        raise click.exceptions.Exit(FAILED)
    click.echo("No erasure waits for this archive.")


@command.command("apply-retention")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@as_json
def apply_retention_command(*, dry_run: bool, as_json: bool) -> None:
    """Remove what is older than the programme keeps it; run it every day.

    What a living campaign reads stays, and the campaign is named.
    """
    with opened() as wiring:
        done = apply_retention(wiring.engine, act(wiring), place=place_of(wiring), dry_run=dry_run)
    if as_json:
        print_json(
            [
                {
                    "kind": str(one.kind),
                    "before": one.before,
                    "rows": one.rows,
                    "withheld": list(one.withheld),
                    "dry_run": dry_run,
                }
                for one in done
            ]
        )
        return
    print_table(
        ["kind", "older than", "would remove" if dry_run else "removed", "stays, since"],
        [
            [
                str(one.kind),
                moment_text(one.before) or "kept for ever",
                f"{one.rows:,}",
                "; ".join(one.withheld),
            ]
            for one in done
        ],
    )
