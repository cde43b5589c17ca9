"""Keeps the programme, of which an installation has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.document import reread
from experiments.programme import Programme
from experiments.store.audit import COMMAND_LINE, Change, SubjectKind, differing, note_change
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


def put_programme(
    connection: Connection, document: Programme, now: datetime, actor: str = COMMAND_LINE
) -> None:
    """Keep the programme in place of the one before; the audit log says what differs."""
    known = connection.scalar(select(programme.c.document))
    values = {"document": document.model_dump(mode="json"), "updated_at": now}
    before, after = differing(known, document.model_dump(mode="json"))
    change = Change("set", SubjectKind.PROGRAMME, "programme", before if known else None, after)
    note_change(connection, change, now, actor)
    statement = insert_into(connection, programme).values(id=1, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    bump_revision(connection)
