"""Commands for the metrics that campaigns can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.documents import document_file, read_document
from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, print_json, print_table
from app.document_text import document_yaml
from experiments import defining
from experiments.lifecycle import find_programme

if TYPE_CHECKING:
    from app.analysis.custom_metrics import NamedMetric
    from app.wiring import Wiring

ACTOR = "command line"


@click.group("metrics", cls=InOrder)
def command() -> None:
    """Look at the metrics that campaigns can name, and define your own."""


@command.command("list")
@as_json
def list_command(*, as_json: bool) -> None:
    """List all metrics: the built-in ones, then your own."""
    with opened() as wiring:
        found = _all(wiring)
    if as_json:
        print_json([_values(one) for one in found])
        return
    print_table(
        ["key", "version", "kind", "unit", "name"],
        [
            [
                one.key,
                "" if one.version is None else str(one.version),
                str(one.definition["kind"]),
                str(one.definition["unit"]),
                str(one.definition["name"]),
            ]
            for one in found
        ],
    )


@command.command()
@click.argument("key")
@as_json
def show(key: str, *, as_json: bool) -> None:
    """Print the metric KEY as a document that `set` takes."""
    from app.analysis.custom_metrics import MetricDocument  # noqa: PLC0415 - loads the analysis

    with opened() as wiring:
        one = next((one for one in _all(wiring) if one.key == key), None)
        if one is None:
            defining.find_metric(wiring.engine, key)
            return
    if as_json:
        print_json(_values(one))
    else:
        click.echo(document_yaml(MetricDocument(one.definition)), nl=False)


@command.command("set")
@click.argument("key")
@document_file
def set_command(key: str, file: str) -> None:
    """Define the metric KEY by FILE (JSON or YAML, - for standard input), or change it.

    Phases that have started keep the definition that they started with.
    """
    from app.analysis.custom_metrics import (  # noqa: PLC0415 - loads the analysis
        MetricDocument,
        checked_definition,
    )

    definition = checked_definition(key, read_document(file, MetricDocument).root)
    with opened() as wiring:
        kept = defining.set_metric(wiring.engine, key, definition, wiring.clock(), ACTOR)
        users = defining.users_of(wiring.engine, key)
    click.echo(f"The metric {key} is set: version {kept.version}.")
    if users:
        click.echo(f"Named by {', '.join(users)}; phases that have started keep what they had.")


@command.command()
@click.argument("key")
def delete(key: str) -> None:
    """Take your own metric KEY out of use.

    Refused while a campaign that is not over names it.
    """
    with opened() as wiring:
        defining.delete_metric(wiring.engine, key, wiring.clock(), ACTOR)
    click.echo(f"The metric {key} is deleted. Reports of campaigns that are over keep it.")


def _all(wiring: Wiring) -> tuple[NamedMetric, ...]:
    from app.analysis.custom_metrics import named_metrics  # noqa: PLC0415 - loads the analysis
    from app.analysis.planning import rates_of  # noqa: PLC0415 - as above
    from stats.metric import NO_RATES  # noqa: PLC0415 - as above

    programme = find_programme(wiring.engine)
    rates = NO_RATES if programme is None else rates_of(programme)
    return named_metrics(defining.find_metrics(wiring.engine), rates)


def _values(one: NamedMetric) -> dict[str, object]:
    return {
        "key": one.key,
        "version": one.version,
        "parameters": list(one.parameters),
        "definition": one.definition,
    }
