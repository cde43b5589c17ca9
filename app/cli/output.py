"""Prints results: tables for people, JSON for programs."""

from __future__ import annotations

import io
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

_NO_LIMIT: Final = 10_000

as_json: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for programs."
)
"""The option of every command whose result a program may want."""


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; into a pipe each row is one line, however long."""
    # Deferred, since most commands print no table.
    from rich.console import Console  # noqa: PLC0415  # as said above
    from rich.table import Table  # noqa: PLC0415  # as said above
    from rich.text import Text  # noqa: PLC0415  # as said above

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        # as text: what people wrote is no markup
        table.add_row(*(Text(printable(cell)) for cell in row))
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _NO_LIMIT
    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=is_terminal).print(table)
    for line in stream.getvalue().splitlines():
        click.echo(line.rstrip())


def note(message: str) -> None:
    """Tell something that is not the result."""
    click.echo(message, err=True)


def printable(text: str) -> str:
    """Give text that cannot steer a terminal: with control characters it is shown as an escape."""
    return text if text.isprintable() else repr(text)[1:-1]


def moment_text(moment: datetime | None) -> str:
    """Give a moment in UTC, to the second; nothing for None."""
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}Z"
