"""Counts the changes of what the catalogue is compiled from, so that a process knows to reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from experiments.store.tables import catalogue_state
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REVISION: Final = select(catalogue_state.c.revision)


def read_revision(connection: Connection) -> int:
    """Give the number of changes so far, 0 for a new installation."""
    return connection.scalar(_REVISION) or 0


def bump_revision(connection: Connection) -> int:
    """Count a change of the programme or of a campaign and give the new number.

    Whoever changes them in `store` calls this; a use case does not have to.
    """
    statement = insert_into(connection, catalogue_state).values(id=1, revision=1)
    upsert = statement.on_conflict_do_update(
        index_elements=["id"], set_={"revision": catalogue_state.c.revision + 1}
    )
    revision: int = connection.execute(upsert.returning(catalogue_state.c.revision)).scalar_one()
    return revision
