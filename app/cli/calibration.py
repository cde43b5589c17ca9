"""The command that measures error rates and coverage, and writes the page about them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from app.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

QUICK: Final = 0.01
"""Share of the runs that are drawn with --quick."""

SEED: Final = 20260101
"""The seed of the page in the documentation."""

PAGE: Final = Path("docs/explanation/calibration.md")
"""The page that the full size writes, seen from the root of the sources."""

STEPS: Final = 1_000
"""Of the progress bar."""


@click.command("calibrate")
@click.option("--quick", is_flag=True, help="Draw a hundredth of the runs: to see that it works.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Page to write; a file that is there is replaced. [default: that of the documentation; "
    "standard output with --quick]",
)
@click.option(
    "--seed", type=click.IntRange(0), default=SEED, show_default=True, help="Of all draws."
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    help="How many to run on; the counts do not depend on it. [default: one for each core]",
)
def command(*, quick: bool, out: Path | None, seed: int, processes: int | None) -> None:
    """Measure false alarms, peeking, coverage and power in worlds whose truth is known.

    Every method judges many thousand simulated campaigns, and what it did is written as a page in
    Markdown, with the bars that were set before. The full size takes some minutes on two cores.
    """
    target = out or (None if quick else PAGE)
    if target is not None and not target.parent.is_dir():
        message = f"there is no folder {target.parent}; say --out with a page to write"
        raise click.UsageError(message)
    # Deferred, so that `tierlift calibrate --help` does not load the statistics.
    import os  # noqa: PLC0415  # as said above
    from time import perf_counter  # noqa: PLC0415  # as said above

    from stats.calibration import (  # noqa: PLC0415  # as said above
        SECTIONS,
        Circumstances,
        measure,
        page_of,
    )

    cores = processes or os.cpu_count() or 1
    scale = QUICK if quick else 1.0
    began = perf_counter()
    with _shown() as progress:
        measured = measure(SECTIONS, seed=seed, scale=scale, processes=cores, progress=progress)
    minutes = (perf_counter() - began) / 60
    words = _words(quick=quick, out=out, seed=seed)
    text = page_of(
        SECTIONS, measured, Circumstances(words, seed, scale, _versions(), minutes, cores)
    )
    if target is None:
        click.echo(text, nl=False)
    else:
        target.write_text(text, encoding="utf-8")
        click.echo(f"Wrote {target}.")
    note(f"Took {minutes:.1f} minutes on {cores} cores.")


@contextmanager
def _shown() -> Iterator[Callable[[float], None]]:
    """Give what shows progress: a bar on a terminal, a line for each tenth elsewhere."""
    with click.progressbar(length=STEPS, label="Calibrating", file=sys.stderr) as bar:

        def progress(share: float) -> None:
            before = bar.pos
            bar.update(round(STEPS * share) - before)
            if not sys.stderr.isatty() and 10 * bar.pos // STEPS > 10 * before // STEPS:
                note(f"{share:.0%} done")

        yield progress


def _words(*, quick: bool, out: Path | None, seed: int) -> str:
    words = ["tierlift calibrate"]
    if quick:
        words.append("--quick")
    if seed != SEED:
        words.append(f"--seed {seed}")
    if out is not None:
        words.append(f"--out {out}")
    return " ".join(words)


def _versions() -> Sequence[tuple[str, str]]:
    import platform  # noqa: PLC0415  # as in `command`
    from importlib.metadata import version  # noqa: PLC0415  # as in `command`

    return (
        ("Tierlift", version("tierlift")),
        ("Python", platform.python_version()),
        ("NumPy", version("numpy")),
        ("SciPy", version("scipy")),
    )
