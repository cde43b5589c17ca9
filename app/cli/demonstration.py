"""The command that loads the demonstration and serves it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from app.cli.output import note
from app.errors import StartRefused
from app.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.demonstration.place import Demonstration
    from app.demonstration.playing import Progress
    from app.settings import Settings

DIRECTORY: Final = Path("var/demo")
_FEWEST_MEMBERS: Final = 1_000


@click.command("demo")
@click.option("--host", help="Address to listen on. [TIERLIFT_HOST]")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port. [TIERLIFT_PORT]")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=DIRECTORY,
    show_default=True,
    help="Where the demonstration has its database, keys, truth and reports.",
)
@click.option(
    "--members",
    type=click.IntRange(_FEWEST_MEMBERS, 1_000_000),
    help="How many members there are. [default: 30000]",
)
@click.option("--seed", type=click.IntRange(0), help="Of everything that is drawn.")
@click.option("--fresh", is_flag=True, help="Load it anew, with a history that ends today.")
@click.option("--no-serve", is_flag=True, help="Load it and print what to try; do not serve.")
def command(
    *,
    host: str | None,
    port: int | None,
    directory: Path,
    members: int | None,
    seed: int | None,
    fresh: bool,
    no_serve: bool,
) -> None:
    """Load a programme to try everything on, and serve it.

    Harbour Club has 30,000 simulated members, a year of orders and a campaign in every state, with
    effects that are known. It has a directory of its own; your own database is never touched. What
    is there already is used again.
    """
    settings = read_settings()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    # Deferred, so that `tierlift demo --help` does not load the server and the simulation.
    from app.demonstration.invitation import invitation  # noqa: PLC0415  # as said above
    from app.server import address_of, serve  # noqa: PLC0415  # as said above

    if not no_serve:
        _check_port(settings)
    demonstration = _prepare(directory, members, seed, fresh=fresh)
    click.echo(invitation(demonstration, address_of(settings)), nl=False)
    if no_serve:
        return
    sys.stdout.flush()
    note("Serving; stop it with Ctrl-C.")
    serve(replace(settings, database_url=demonstration.database_url))


def _check_port(settings: Settings) -> None:
    """Refuse a port that is taken before anything is loaded.

    Raises:
        StartRefused: It cannot be listened on.
    """
    from app.server import check_address  # noqa: PLC0415  # as in `command`

    try:
        check_address(settings.host, settings.port)
    except StartRefused as refused:
        refused.add_note(f"For example: make demo PORT={settings.port + 1}")
        raise


def _prepare(
    directory: Path, members: int | None, seed: int | None, *, fresh: bool
) -> Demonstration:
    from app.demonstration.place import prepare  # noqa: PLC0415  # as in `command`
    from app.demonstration.programme import (  # noqa: PLC0415  # as in `command`
        MEMBERS,
        SEED,
        DemonstrationPlan,
    )
    from app.wiring import utc_now  # noqa: PLC0415  # as in `command`

    now = utc_now()
    plan = DemonstrationPlan.ending_today(
        now,
        members=MEMBERS if members is None else members,
        seed=SEED if seed is None else seed,
    )
    with _progress() as progress:
        return prepare(directory, plan, now=now, progress=progress, fresh=fresh)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Give what shows progress: bars on a terminal, a line for each step elsewhere."""
    if not sys.stderr.isatty():
        told: set[str] = set()

        def tell(step: str, _done: int, _total: int) -> None:
            if step not in told:
                told.add(step)
                note(f"{step} …")

        yield tell
        return
    # Deferred, since it is shown on terminals alone.
    from rich.console import Console  # noqa: PLC0415  # as said above
    from rich.progress import (  # noqa: PLC0415  # as said above
        BarColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show
