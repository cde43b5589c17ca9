"""Remembers how far each archive has come, and lets one process at a time extend it.

The commit here is the moment at which an archive has grown: files are written before it, and those
of an attempt that did not come to it are never read. Since what is committed later is lost first, a
database that was restored to an earlier moment, or taken over by a replica that lacks facts, lacks
this record too, and so does not agree with the archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from experiments.errors import ArchiveBusy
from experiments.store.one_at_a_time import Work, alone
from experiments.store.tables import archives

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection, Engine

# the number is ``tierarch`` in ASCII
_ARCHIVING: Final = Work("-archiving", 0x7469_6572_6172_6368, ArchiveBusy)


@dataclass(frozen=True, slots=True)
class ArchiveCommit:
    """What the database knows of an archive.

    Attributes:
        archive_id: Which one.
        location: Where it was when it was last extended; never with a secret.
        incarnation: The numbering of the database, as `arrivals.incarnation` gives it.
        generation: How often it has changed.
        manifest: Name of the file that says what is in it.
        committed_at: When it last changed.
    """

    archive_id: str
    location: str
    incarnation: str
    generation: int
    manifest: str
    committed_at: datetime


def read_commit(connection: Connection, archive_id: str) -> ArchiveCommit | None:
    """Give what is known of an archive, or None."""
    query = select(archives).where(archives.c.archive_id == archive_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else ArchiveCommit(**row)


def read_commits_at(connection: Connection, location: str) -> tuple[ArchiveCommit, ...]:
    """Give what is known of archives that were last seen there."""
    query = select(archives).where(archives.c.location == location)
    return tuple(ArchiveCommit(**row) for row in connection.execute(query).mappings())


def known_archives(connection: Connection) -> frozenset[str]:
    """Give the ids of the archives that were made of this database."""
    return frozenset(connection.scalars(select(archives.c.archive_id)))


def commit_archive(connection: Connection, commit: ArchiveCommit, before: str | None) -> bool:
    """Make a manifest the one that holds, if `before` still does.

    Args:
        connection: In a write transaction.
        commit: What holds from now on.
        before: The manifest that it was made from; None for a new archive.

    Returns:
        False where another process was faster; then nothing is changed.
    """
    values = {
        "location": commit.location,
        "incarnation": commit.incarnation,
        "generation": commit.generation,
        "manifest": commit.manifest,
        "committed_at": commit.committed_at,
    }
    if before is None:
        connection.execute(insert(archives).values(archive_id=commit.archive_id, **values))
        return True
    of_before = (archives.c.archive_id == commit.archive_id) & (archives.c.manifest == before)
    return connection.execute(update(archives).where(of_before).values(**values)).rowcount == 1


def forget_archives_at(connection: Connection, location: str) -> None:
    """Forget the archives that were last seen there."""
    connection.execute(delete(archives).where(archives.c.location == location))


def archiving(engine: Engine, *, wait_s: float = 0.0) -> AbstractContextManager[None]:
    """Let nobody else change an archive of this database meanwhile.

    Args:
        engine: The store.
        wait_s: How long to wait for another process.

    Raises:
        ArchiveBusy: Another process works on it and did not end in time.
    """
    return alone(engine, _ARCHIVING, wait_s=wait_s)
