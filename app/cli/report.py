"""The command that writes a report."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.opening import opened
from app.cli.output import note
from app.language import Language, Words
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from app.report.reading import ReadReport


class Format(StrEnum):
    """In which form a report is written."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"


@click.command("report")
@click.argument("key")
@click.option(
    "--format",
    "form",
    type=click.Choice([str(form) for form in Format]),
    default=Format.JSON,
    show_default=True,
    help="json: the stored scorecard; csv: tidy rows; html: one page to send to a colleague; "
    "pdf: the same, to print or to file.",
)
@click.option(
    "--language",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Language of the page and the PDF; JSON and CSV are the same in every language.",
)
@click.option("--phase", type=click.IntRange(1), help="Phase of the campaign. [default: latest]")
@click.option("--as-of", metavar="TIME", help="Analysis time with its offset. [default: now]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write. [default: standard output]",
)
def command(
    *,
    key: str,
    form: str,
    language: str,
    phase: int | None,
    as_of: str | None,
    output: Path | None,
) -> None:
    """Write what happened in the campaign KEY, by the plan that was fixed at launch.

    The scorecard is stored under a hash of its content: the same facts give the same report.
    """
    # Deferred, so that `tierlift report --help` loads neither the analysis nor the plots.
    from app.analysis import FactSource  # noqa: PLC0415  # as said above
    from app.report.reading import read_report  # noqa: PLC0415  # as said above

    with opened() as wiring:
        now = wiring.clock()
        report = read_report(
            wiring.engine,
            key,
            now=now,
            phase=phase,
            as_of=_moment(as_of, now),
            source=FactSource.of(wiring.settings),
        )
    if form == Format.PDF and output is None and sys.stdout.isatty():
        message, way_out = "is no text, and a terminal shows it as noise", "Add --output FILE."
        raise InvalidValues([Problem("--format", form, message, way_out)])
    file = _file(report, Format(form), Words(Language(language)))
    if output is None:
        click.echo(file, nl=not file.endswith(b"\n") and form != Format.PDF)
        return
    output.write_bytes(file)
    note(f"Wrote {output}, snapshot {report.view.scorecard.snapshot_hash[:12]}.")


def _file(report: ReadReport, form: Format, words: Words) -> bytes:
    from app.report.files import FileKind, file_of  # noqa: PLC0415  # as in `command`

    if form is Format.JSON:
        return report.document
    return file_of(replace(report.view, words=words), FileKind(form.value))


def _moment(text: str | None, now: datetime) -> datetime | None:
    """Give the analysis time.

    Raises:
        InvalidValues: It is not a time, has no offset, or lies in the future.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    match moment:
        case None:
            message = "is not a date and time"
        case _ if moment.tzinfo is None:
            message = "has no offset from UTC"
        case _ if moment > now:
            message = "lies in the future, when windows that are open now would count as closed"
        case _:
            return moment.astimezone(UTC)
    way_out = "Give a past time with its offset, like 2026-07-01T00:00:00+08:00."
    raise InvalidValues([Problem("--as-of", text, message, way_out)])
