"""Brings a database to the schema that this version needs, and says when it has another one.

The revisions are files beside the packages, in `migrations/`. A migration is one transaction on
both databases, so a failed one leaves the schema as it was; two processes that migrate at once take
turns, and the second finds nothing to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import migrations
from experiments.errors import SchemaNewer, SchemaOutdated
from experiments.store.engine import open_engine, reading, shown, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

MIGRATION_WAIT_MS: Final = 60_000
"""How long a migration waits for another one, and for the locks that it needs."""

_ADVISORY_LOCK: Final = 0x7469_6572_6C69_6674
"""Names the lock on PostgreSQL: ``tierlift`` in ASCII."""


def upgrade(url: str, revision: str = "head") -> str:
    """Bring the database to `revision`, making a SQLite file where there is none.

    Returns:
        The revision that the database has now.

    Raises:
        MalformedDatabaseUrl: The address cannot be understood.
        DatabaseMissing: The server does not answer, or the directory of the file is absent.
        DatabaseLocked: Another process kept the database locked.
        SchemaNewer: The database has a revision that this version does not know.
    """
    return _migrate(url, lambda config: command.upgrade(config, revision), create=True)


def downgrade(url: str, revision: str) -> str | None:
    """Take the database back to `revision`, with the loss of what only later ones can keep.

    Args:
        url: Address of the database.
        revision: Where to go: ``0001``, ``-1`` for one step, ``base`` for nothing at all.

    Returns:
        The revision that the database has now; None for an empty one.

    Raises:
        StoreError: As for `upgrade`.
    """
    return _migrate(url, lambda config: command.downgrade(config, revision), create=False) or None


def current(engine: Engine) -> str | None:
    """Give the revision that the database has, or None where it has no schema yet.

    Raises:
        DatabaseMissing: There is no database at the address.
    """
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Give the revision that this version of the program needs."""
    newest = _scripts().get_current_head()
    if newest is None:  # pragma: no cover  # a broken installation
        message = f"no revisions found in {_location()}; install Tierlift again"
        raise RuntimeError(message)
    return newest


def check_schema(engine: Engine) -> None:
    """Refuse a database that another version of the program made.

    Raises:
        SchemaOutdated: It is older, or has no schema yet; a migration is due.
        SchemaNewer: It has a revision that this version does not know.
        DatabaseMissing: There is no database at the address.
    """
    found = current(engine)
    if found == head():
        return
    if found is not None and found not in _known():
        raise SchemaNewer(shown(engine.url), found, head())
    raise SchemaOutdated(shown(engine.url), found, head())


def _migrate(url: str, run: Callable[[Config], None], *, create: bool) -> str:
    engine = open_engine(
        url,
        create=create,
        busy_timeout_ms=MIGRATION_WAIT_MS,
        # SQLite alters a table by making it anew, which no foreign key may notice half-way
        foreign_keys=False,
    )
    config = _config()
    try:
        with writing(engine) as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            found = MigrationContext.configure(connection).get_current_revision()
            if found is not None and found not in _known():
                raise SchemaNewer(shown(engine.url), found, head())
            config.attributes["connection"] = connection
            run(config)
            _check_foreign_keys(connection)
            return MigrationContext.configure(connection).get_current_revision() or ""
    finally:
        engine.dispose()


def _check_foreign_keys(connection: Connection) -> None:
    """Refuse to keep what a revision left dangling, which SQLite would not notice by itself."""
    if connection.dialect.name != "sqlite":
        return
    dangling = connection.execute(text("PRAGMA foreign_key_check")).first()
    if dangling is not None:
        message = f"the migration left a row without the one that it refers to: {tuple(dangling)}"
        raise RuntimeError(message)


def _location() -> Path:
    return Path(migrations.__file__).parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_location()).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}
