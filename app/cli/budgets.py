"""The command that shows what a campaign has granted and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.opening import opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from experiments import spending

if TYPE_CHECKING:
    from experiments.spending import Left


@click.command()
@click.argument("key")
@as_json
def budget(key: str, *, as_json: bool) -> None:
    """Print what the campaign KEY has granted, what is left of what bounds it, and what ran out.

    Budgets are in minor units. Once anything is exhausted nobody is assigned for the first time, in
    any variant, until it is raised in the campaign's document.
    """
    with opened() as wiring:
        found = spending.spending_of(wiring.engine, key, wiring.clock())
    if as_json:
        print_json(found.values())
        return
    if not found.left:
        note(f"Nothing bounds campaign {key}: it has no caps, and no offer has a stock.")
    else:
        columns = ["what", "limit", "reserved", "redeemed", "released", "used", "left", "exhausted"]
        print_table(columns, [_row(left) for left in found.left])
    if not found.is_open:
        note("Enrolment is closed in every variant alike; raise what is exhausted to open it.")


def _row(left: Left) -> list[str]:
    subject = f" of {left.bound.subject}" if left.bound.subject else ""
    counted = [left.bound.limit, left.reserved, left.redeemed, left.released, left.used]
    return [
        f"{left.bound.resource.replace('_', ' ')}{subject}",
        *("" if number is None else f"{number:,}" for number in counted),
        f"{left.remaining:,}",
        moment_text(left.exhausted_at),
    ]
