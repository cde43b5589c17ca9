"""Keeps the programme, of which an installation has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.document import reread
from experiments.programme import Programme
from experiments.store.catalogue_state import bump_revision
from experiments.store.tables import programme
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def read_programme(connection: Connection) -> Programme | None:
    """Give the programme, or None while nobody has described it."""
    document = connection.scalar(select(programme.c.document))
    return None if document is None else reread(Programme, document, "programme")


def put_programme(connection: Connection, document: Programme, now: datetime) -> None:
    """Keep the programme in place of the one before."""
    values = {"document": document.model_dump(mode="json"), "updated_at": now}
    statement = insert_into(connection, programme).values(id=1, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    bump_revision(connection)
