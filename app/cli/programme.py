"""Commands for the programme: set it, compute the members by it, preview another one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import click
from pydantic import BaseModel, ValidationError

from app.cli.documents import document_file, read_document
from app.cli.ending import until_terminated
from app.cli.in_order import InOrder
from app.cli.opening import actor, opened
from app.cli.output import as_json, note, print_json, print_table
from app.document_text import document_yaml
from app.programme import facts_of, preview_values, run_values
from experiments.document import Moment, invalid
from experiments.errors import (
    DatabaseLocked,
    DatabaseMissing,
    InvalidValues,
    Problem,
    QueryTimedOut,
    RecomputeBusy,
    UnknownProgramme,
)
from experiments.lifecycle import find_programme, set_programme
from experiments.money import exponent
from experiments.programme import Programme
from experiments.programme_run.previewing import NEAR_PERCENT, Preview, TierChange, preview
from experiments.programme_run.recomputing import recompute
from experiments.programme_run.scheduling import due, runs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.wiring import Wiring
    from experiments.store.programme_runs import ProgrammeRun

LOOKS_EVERY_S: Final = 60.0
"""How often a process that computes every day looks whether a day has begun."""

_as_of: Callable[[Any], Any] = click.option(
    "--as-of",
    metavar="MOMENT",
    help="Count the facts before this moment, such as 2026-07-01T00:00:00+08:00; now by default.",
)


@click.group("programme", cls=InOrder)
def command() -> None:
    """Describe the membership programme, and compute its members by it."""


@command.command("set")
@document_file
def set_command(file: str) -> None:
    """Keep the programme in FILE (JSON or YAML, - for standard input) in place of the one before.

    Plans of phases that were launched before keep their currency and zone.
    """
    programme = read_document(file, Programme)
    with opened() as wiring:
        set_programme(wiring.engine, programme, wiring.clock(), actor())
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


@command.command("recompute")
@_as_of
@click.option(
    "--every",
    type=click.Choice(["day"]),
    help="Go on for ever, as each day of the programme begins; SIGTERM ends it.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another process that computes.",
)
@as_json
def recompute_command(
    *, as_of: str | None, every: str | None, wait_s: float, as_json: bool
) -> None:
    """Compute score, tier, RFM, lifecycle stage and value of every member from the facts.

    Only members whose attributes change are written. Interrupted, it can be run again with the
    same result. With TIERLIFT_ARCHIVE_URL facts are read from the archive, which is extended first.
    """
    at = _moment(as_of)
    if every is not None and at is not None:
        problem = Problem("--as-of", as_of, "stands beside --every", "Give one of the two.")
        raise InvalidValues([problem])
    with opened() as wiring:
        if every is None:
            _tell_run(_recompute(wiring, at, wait_s), as_json=as_json)
            return
        with until_terminated() as ended:
            while not ended.is_set():
                _recompute_in_turn(wiring, wait_s, as_json=as_json)
                ended.wait(LOOKS_EVERY_S)


@command.command("runs")
@as_json
def runs_command(*, as_json: bool) -> None:
    """List the latest computations, the latest first."""
    with opened() as wiring:
        found = runs(wiring.engine)
    if as_json:
        print_json([run_values(run) for run in found])
        return
    print_table(
        ("number", "version", "as of", "complete", "members", "changed", "up", "down", "by"),
        [
            (
                str(run.number),
                run.version,
                f"{run.as_of:%Y-%m-%d %H:%M}Z",
                "no" if run.computed_at is None else f"{run.computed_at:%Y-%m-%d %H:%M}Z",
                *(
                    f"{run.counts[name]:,}" if name in run.counts else "-"
                    for name in ("members", "changed", "moved_up", "moved_down")
                ),
                run.actor,
            )
            for run in found
        ],
    )


class _Moment(BaseModel):
    as_of: Moment


@command.command("preview")
@click.argument(
    "file",
    required=False,
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
)
@click.option("--tier", metavar="KEY", help="The tier that is to have another threshold.")
@click.option(
    "--entry-threshold", metavar="AMOUNT", help="Its threshold of spend, such as 800 or 799.50."
)
@click.option("--entry-score", metavar="POINTS", help="Its threshold of the score, 0 to 100.")
@click.option(
    "--near",
    type=click.FloatRange(min=0, max=100),
    default=float(NEAR_PERCENT),
    show_default=True,
    metavar="PERCENT",
    help="How much of the way to a tier may be missing to be near it.",
)
@_as_of
@as_json
def preview_command(
    *,
    file: str | None,
    tier: str | None,
    entry_threshold: str | None,
    entry_score: str | None,
    near: float,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Tell what other thresholds, or the programme in FILE, would make of the members.

    How many members each tier would hold, how many are near it, who moves and what that costs.
    Nothing is changed.
    """
    at = _moment(as_of)
    with opened() as wiring:
        today = find_programme(wiring.engine)
        if today is None:
            raise UnknownProgramme
        other = _other(file, tier, entry_threshold, entry_score, today.currency)
        found = preview(
            wiring.engine,
            facts_of(wiring.settings),
            other,
            now=wiring.clock(),
            as_of=at,
            near_percent=Decimal(str(near)),
        )
    if as_json:
        print_json(preview_values(found))
    else:
        _tell_preview(found)


def _other(
    file: str | None, tier: str | None, threshold: str | None, score: str | None, currency: str
) -> Programme | tuple[TierChange, ...]:
    if file is not None:
        if tier is not None or threshold is not None or score is not None:
            message = "stands beside a threshold"
            raise InvalidValues([Problem("FILE", file, message, "Give one of the two.")])
        return read_document(file, Programme)
    if tier is None:
        way_out = "Give --tier with a threshold, or a file with a programme."
        raise InvalidValues([Problem("--tier", None, "is required", way_out)])
    if threshold is None and score is None:
        way_out = "Give it, or --entry-score."
        raise InvalidValues([Problem("--entry-threshold", None, "is required", way_out)])
    values = {
        "key": tier,
        "entry_threshold_minor": None if threshold is None else _minor(threshold, currency),
        "entry_score": score,
    }
    try:
        return (TierChange.model_validate(values),)
    except ValidationError as error:
        raise invalid(error) from error


def _minor(amount: str, currency: str) -> int:
    """Give an amount of money, as people write it, in minor units."""
    try:
        minor = Decimal(amount).scaleb(exponent(currency))
    except InvalidOperation:
        minor = Decimal("NaN")
    if not minor.is_finite() or minor != minor.to_integral_value() or minor < 0:
        message = f"is no amount of {currency}"
        raise InvalidValues([Problem("--entry-threshold", amount, message, "Write 800 or 799.50.")])
    return int(minor)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return _Moment.model_validate({"as_of": text}).as_of
    except ValidationError as error:
        raise invalid(error) from error


def _recompute(wiring: Wiring, as_of: datetime | None, wait_s: float) -> ProgrammeRun:
    return recompute(
        wiring.engine,
        facts_of(wiring.settings),
        now=wiring.clock(),
        as_of=as_of,
        actor=actor(),
        wait_s=wait_s,
        on_progress=lambda written: note(f"{written:,} members written"),
    )


def _recompute_in_turn(wiring: Wiring, wait_s: float, *, as_json: bool) -> None:
    """Compute where a day has begun; what the next turn may mend is told, not fatal."""
    try:
        at = due(wiring.engine, wiring.clock())
        if at is not None:
            _tell_run(_recompute(wiring, at, wait_s), as_json=as_json)
    except (RecomputeBusy, UnknownProgramme, DatabaseLocked, DatabaseMissing, QueryTimedOut) as f:
        note(f"{f} Trying again at the next turn.")


def _tell_run(run: ProgrammeRun, *, as_json: bool) -> None:
    if as_json:
        print_json(run_values(run))
        return
    counts = run.counts
    seconds = (run.computed_at - run.started_at).total_seconds() if run.computed_at else 0
    click.echo(
        f"Computed {counts['members']:,} members as of {run.as_of:%Y-%m-%d %H:%M}Z by rules "
        f"{run.version}: {counts['changed']:,} changed, {counts['moved_up']:,} climbed, "
        f"{counts['moved_down']:,} fell, in {seconds:,.1f} s."
    )
    tiers = [(name[5:], count) for name, count in counts.items() if name.startswith("tier.")]
    if tiers:
        print_table(("tier", "members"), [(key, f"{count:,}") for key, count in tiers])


def _tell_preview(found: Preview) -> None:
    click.echo(f"{found.members:,} members as of {found.as_of:%Y-%m-%d %H:%M}Z.")
    print_table(
        ("tier", "now", "then", "settled", "near now", "near then", "cost a year"),
        [
            (
                tier.key,
                *(f"{n:,}" for n in (tier.now, tier.then, tier.settled)),
                *(f"{n:,}" for n in (tier.near_now, tier.near_then)),
                _money(tier.cost_minor, found.currency),
            )
            for tier in found.tiers
        ],
    )
    for move in found.moves:
        click.echo(f"{move.members:,} move from {move.before or 'none'} to {move.after or 'none'}.")
    if found.unknown_cost:
        tiers = ", ".join(found.unknown_cost)
        click.echo(f"The cost is unknown: {tiers} states no benefit_cost_minor.")
    else:
        click.echo(f"Benefits cost {_money(found.cost_minor, found.currency)} more a year.")
    if found.imported:
        note(
            f"{found.imported:,} members have a tier that the business imports; it wins over any "
            "rule, and the figures above are the rules'."
        )


def _money(minor: int | None, currency: str) -> str:
    if minor is None:
        return "unknown"
    return f"{currency} {Decimal(minor).scaleb(-exponent(currency)):,}"
