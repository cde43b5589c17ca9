"""Commands that show the ledger of rewards."""

from __future__ import annotations

import click

from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, moment_text, note, print_json, print_table, printable
from experiments import spending
from experiments.grant import GrantState
from experiments.spending import GrantFilter


@click.group("grants", cls=InOrder)
def command() -> None:
    """Look at the rewards that were granted.

    A grant is reserved, then redeemed; it may be taken back, or expire. Servers grant over HTTP
    (POST /v1/grants).
    """


@command.command("list")
@click.option("--campaign", help="Only of this campaign.")
@click.option("--member", "member_id", help="Only of this member.")
@click.option(
    "--state",
    type=click.Choice([str(state) for state in GrantState]),
    help="Only those that stand so now.",
)
@click.option("--after", help="Only grants whose id comes after this one.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="At most so many.",
)
@as_json
def list_command(  # one parameter an option
    campaign: str | None,
    member_id: str | None,
    state: str | None,
    after: str | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """List grants, in the order of their ids."""
    wanted = GrantFilter(campaign, member_id, GrantState(state) if state else None)
    with opened() as wiring:
        found = spending.list_grants(
            wiring.engine, wanted, wiring.clock(), after=after, limit=limit
        )
    if as_json:
        print_json([grant.values() for grant in found])
        return
    if not found:
        note("There is no such grant.")
        return
    print_table(
        ["grant", "campaign", "variant", "member", "offer", "cost", "state", "since", "expires"],
        [
            [
                grant.grant_id,
                grant.campaign,
                grant.variant,
                grant.member_id,
                grant.offer_id,
                f"{grant.cost_minor} {grant.currency}",
                str(grant.state),
                moment_text(grant.standing_since),
                moment_text(grant.expires_at),
            ]
            for grant in found
        ],
    )
    if len(found) == limit:
        note(f"There may be more: --after {printable(found[-1].grant_id)}")


@command.command()
@click.argument("grant_id")
@as_json
def show(grant_id: str, *, as_json: bool) -> None:
    """Print what was done to the grant GRANT_ID, the oldest first."""
    with opened() as wiring:
        grant, moves = spending.find_grant(wiring.engine, grant_id, wiring.clock())
    if as_json:
        print_json({"grant": grant.values(), "moves": [move.values() for move in moves]})
        return
    click.echo(
        f"Grant {printable(grant.grant_id)} of campaign {grant.campaign} is {grant.state}: "
        f"{printable(grant.offer_id)} for member {printable(grant.member_id)}, "
        f"{grant.cost_minor} {grant.currency} in minor units."
    )
    print_table(
        ["at", "step", "received", "sender", "reason"],
        [
            [
                moment_text(move.moved_at),
                str(move.step),
                moment_text(move.received_at),
                move.sender or "",
                move.reason or "",
            ]
            for move in moves
        ],
    )
