"""Commands for the programme."""

from __future__ import annotations

import click

from app.cli.documents import document_file, document_yaml, read_document
from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, print_json
from experiments.errors import UnknownProgramme
from experiments.lifecycle import find_programme, set_programme
from experiments.programme import Programme


@click.group("programme", cls=InOrder)
def command() -> None:
    """Describe the membership programme: time zone, currency, locales, tiers, layers."""


@command.command("set")
@document_file
def set_command(file: str) -> None:
    """Keep the programme in FILE (JSON or YAML, - for standard input) in place of the one before.

    Plans of phases that were launched before keep their currency and zone.
    """
    programme = read_document(file, Programme)
    with opened() as wiring:
        set_programme(wiring.engine, programme, wiring.clock())
    tiers = ", ".join(programme.ladder.keys()) or "none"
    click.echo(
        f"The programme is set: {programme.time_zone}, {programme.currency}, tiers: {tiers}."
    )


@command.command()
@as_json
def show(*, as_json: bool) -> None:
    """Print the programme as a document that `set` takes."""
    with opened() as wiring:
        programme = find_programme(wiring.engine)
    if programme is None:
        raise UnknownProgramme
    if as_json:
        print_json(programme.model_dump(mode="json"))
    else:
        click.echo(document_yaml(programme), nl=False)
