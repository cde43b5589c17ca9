"""Commands that make the database and bring it to the schema of this version."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click
from alembic.util import CommandError

from app.cli.in_order import InOrder
from app.cli.output import note
from app.settings import read_settings
from experiments.errors import InvalidValues, Problem
from experiments.store import schema
from experiments.store.engine import open_engine, parse_url, shown


@click.group("db", cls=InOrder)
def command() -> None:
    """Make the database, and bring it up to date.

    The database is named by TIERLIFT_DATABASE_URL; by default it is the file var/tierlift.db.
    """


@command.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to the schema of this version, or to REVISION.

    A missing SQLite file is made, with its directory. Running it again changes nothing.
    """
    url = read_settings().database_url
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        with suppress(OSError):  # what is wrong with the directory is told by the upgrade
            Path(str(address.database)).parent.mkdir(exist_ok=True)
    try:
        now = schema.upgrade(url, revision)
    except CommandError as error:
        raise _unknown_revision(revision) from error
    click.echo(f"{shown(address)} has schema {now}.")


@command.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, *, yes: bool) -> None:
    """Take the database back to REVISION: 0001, -1 for one step, base for nothing at all.

    What only later revisions can keep is lost; make a copy of the database first.
    """
    url = read_settings().database_url
    address = shown(parse_url(url))
    if not yes:
        click.confirm(f"Data of {address} may be lost. Go on?", abort=True, err=True)
    try:
        now = schema.downgrade(url, revision)
    except CommandError as error:
        raise _unknown_revision(revision) from error
    click.echo(f"{address} has {f'schema {now}' if now else 'no schema'}.")


@command.command()
def current() -> None:
    """Print the revision that the database has, or `none`."""
    engine = open_engine(read_settings().database_url)
    try:
        click.echo(schema.current(engine) or "none")
    finally:
        engine.dispose()


@command.command()
def check() -> None:
    """Say whether this version can work with the database; if not, exit with 1."""
    engine = open_engine(read_settings().database_url)
    try:
        schema.check_schema(engine)
    finally:
        engine.dispose()
    note(f"{shown(engine.url)} has schema {schema.head()}, as this version needs.")


def _unknown_revision(revision: str) -> InvalidValues:
    way_out = f"The newest is {schema.head()}; `tierlift db current` prints what the database has."
    return InvalidValues([Problem("REVISION", revision, "is no revision of this version", way_out)])
