"""The command that writes simulated files to practise on."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from app.cli.output import note

if TYPE_CHECKING:
    from datetime import datetime

    from stats.simulation import Effect, SimulatedCampaign

DEFAULT_TREATMENT: Final = "treatment"
LOST: Final = "lost_exposures"


@click.command("simulate")
@click.option(
    "--members", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True,
    help="How many members ever join.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all draws.")
@click.option(
    "--days", type=int, default=365, show_default=True, help="Length of the history in days."
)
@click.option(
    "--end",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the history ends, at its first moment. [default: today]",
)
@click.option(
    "--effect",
    "effects",
    metavar="VARIANT=NAME:VALUE,…",
    multiple=True,
    help="What a treatment truly does, like gift=order_rate:1.2,upgrade:1.5; repeatable.",
)
@click.option(
    "--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv",
    show_default=True, help="Of the three tables.",
)  # fmt: skip
@click.option(
    "--world",
    metavar="KEY",
    help="Write one run of a statistical world instead: a row for each unit, and the truth.",
)
@click.option(
    "--variant",
    "variants",
    metavar="NAME=UNITS:LIFT",
    multiple=True,
    help="A variant of that world, like control=5000 or gift=5000:0.1; the control comes first.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory to write to; files of the same names are replaced.",
)
def command(  # noqa: PLR0913  # an option each
    *,
    members: int,
    seed: int,
    days: int,
    end: datetime | None,
    effects: tuple[str, ...],
    file_format: str,
    world: str | None,
    variants: tuple[str, ...],
    out: Path,
) -> None:
    """Write a simulated programme and a campaign whose effects are known.

    Into the directory go members, exposures and conversions as `tierlift import` takes them,
    programme.yaml and campaign.yaml as `tierlift programme set` and `tierlift campaign create`
    take them, and truth.json. The same options and the same --end give the same files.

    With --world there is no programme: units.parquet has a row for each unit of the --variant
    options, with the values that a metric would have, and truth.json their true means.
    """
    if world is not None:
        _refuse_beside_world()
        _write_world(world, variants, seed, out)
        return
    if variants:
        message = "goes with --world; an effect on a programme is an --effect"
        raise click.BadParameter(message, param_hint="--variant")
    # Deferred, so that `tierlift simulate --help` does not load the simulation.
    from app.demonstration.samples import (  # noqa: PLC0415  # as said above
        TREATMENT,
        SamplePlan,
        midnight_before,
        midnight_of,
        write_samples,
    )
    from app.wiring import utc_now  # noqa: PLC0415  # as said above
    from stats.errors import InvalidSimulation  # noqa: PLC0415  # as said above
    from stats.simulation import FileFormat  # noqa: PLC0415  # as said above

    now = utc_now()
    ends = midnight_before(now) if end is None else midnight_of(end.date())
    if ends > now:
        message = f"{ends:%Y-%m-%d} lies ahead, and facts of the future are refused by the import"
        raise click.BadParameter(message, param_hint="--end")
    try:
        planted, lost = _planted(effects) if effects else ({DEFAULT_TREATMENT: TREATMENT}, {})
        plan = SamplePlan(members, seed, days, ends, planted, lost)
        written = write_samples(out, plan, FileFormat(file_format))
    except InvalidSimulation as refused:
        raise click.UsageError(str(refused)) from refused
    _tell(written, out, file_format)


def _refuse_beside_world() -> None:
    """Refuse what says something about a programme when none is written."""
    context = click.get_current_context()
    for name in ("members", "days", "end", "effects", "file_format"):
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            message = (
                f"--world goes with --variant, --seed and --out, not with the option for {name}"
            )
            raise click.UsageError(message)


def _write_world(key: str, texts: tuple[str, ...], seed: int, out: Path) -> None:
    # Deferred, so that `tierlift simulate --help` does not load the simulation.
    from stats.errors import InvalidSimulation  # noqa: PLC0415  # as said above
    from stats.simulation.trials import WORLDS, TrialPlan, write_trial  # noqa: PLC0415  # as above

    if key not in WORLDS:
        message = f"{key!r} is none; there are {', '.join(WORLDS)}"
        raise click.BadParameter(message, param_hint="--world")
    units, lifts = {}, {}
    for text in texts:
        name, _, rest = text.partition("=")
        count, _, lift = rest.partition(":")
        try:
            units[name], lifts[name] = int(count), float(lift or 0)
        except ValueError:
            message = f"{text!r} is not NAME=UNITS or NAME=UNITS:LIFT, like gift=5000:0.1"
            raise click.BadParameter(message, param_hint="--variant") from None
    try:
        table = write_trial(out, TrialPlan(WORLDS[key], units, lifts, seed))
    except InvalidSimulation as refused:
        raise click.UsageError(str(refused)) from refused
    click.echo(f"Wrote {out}: {table.num_rows:,} units of {len(units)} variants, and the truth.")


def _planted(texts: tuple[str, ...]) -> tuple[dict[str, Effect], dict[str, float]]:
    """Read the effects and the shares of lost exposures, by variant."""
    from stats.simulation import Effect  # noqa: PLC0415  # as in `command`

    names = [one.name for one in fields(Effect)]
    effects: dict[str, Effect] = {}
    lost: dict[str, float] = {}
    for text in texts:
        variant, separator, rest = text.partition("=")
        if not separator or not variant:
            _refuse(f"{text!r} is not VARIANT=NAME:VALUE,…, like gift=order_rate:1.2")
        if variant in effects:
            _refuse(f"{variant!r} stands twice")
        values: dict[str, Any] = {}
        for part in filter(None, rest.split(",")):
            name, _, number = part.partition(":")
            if name not in {*names, LOST}:
                _refuse(f"{name!r} is no effect; use {', '.join([*names, LOST])}")
            values[name] = _number(part, number, whole=name == "reward_cost_minor")
        if LOST in values:
            lost[variant] = values.pop(LOST)
        effects[variant] = Effect(**values)
    return effects, lost


def _number(part: str, text: str, *, whole: bool) -> float:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        _refuse(f"{part!r} has no {'whole ' if whole else ''}number after its colon")


def _refuse(message: str) -> NoReturn:
    raise click.BadParameter(message, param_hint="--effect")


def _tell(written: SimulatedCampaign, out: Path, file_format: str) -> None:
    world, exposures = written.world, written.assignments.table
    click.echo(
        f"Wrote {out}: {world.plan.members:,} members, {exposures.num_rows:,} exposures, "
        f"{world.conversions().num_rows:,} conversions, and the truth."
    )
    for command_line in (
        "tierlift db upgrade",
        f"tierlift programme set {out}/programme.yaml",
        f"tierlift campaign create {out}/campaign.yaml",
        f"tierlift campaign launch {written.plan.key}",
        f"tierlift import members {out}/members.{file_format}",
        f"tierlift import exposures {out}/exposures.{file_format}",
        f"tierlift import conversions {out}/conversions.{file_format}",
        f"tierlift report {written.plan.key} --format html",
    ):
        note(command_line)
