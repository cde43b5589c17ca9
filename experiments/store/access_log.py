"""Keeps who read, exported or erased rows of single members; whom they were about is a hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from experiments.store.tables import access_log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


class AccessAction(StrEnum):
    """What was done with rows of members."""

    READ = "read"
    EXPORT = "export"
    EXPORT_MANY = "export_many"
    ERASE = "erase"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    RETENTION = "retention"
    END_SUPPRESSION = "end_suppression"


@dataclass(frozen=True, slots=True)
class Access:
    """One entry.

    Attributes:
        digest: Keyed hash of the member id; None where the rows were of many.
        detail: How much, of what.
        number: Given by the database, rising; None before it is kept.
    """

    at: datetime
    actor: str
    action: AccessAction
    digest: str | None = None
    detail: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    number: int | None = None


def log_access(connection: Connection, access: Access) -> None:
    """Append an entry."""
    connection.execute(
        insert(access_log).values(
            at=access.at,
            actor=access.actor,
            action=str(access.action),
            digest=access.digest,
            detail=dict(access.detail),
        )
    )


def read_access_log(
    connection: Connection,
    *,
    digest: str | None = None,
    action: AccessAction | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Access, ...]:
    """Give entries, the newest first; of one member, of one kind, before a number."""
    query = select(access_log).order_by(access_log.c.id.desc()).limit(limit)
    if digest is not None:
        query = query.where(access_log.c.digest == digest)
    if action is not None:
        query = query.where(access_log.c.action == str(action))
    if before is not None:
        query = query.where(access_log.c.id < before)
    return tuple(
        Access(
            row["at"], row["actor"], AccessAction(row["action"]), row["digest"],
            MappingProxyType(row["detail"] or {}), row["id"],
        )
        for row in connection.execute(query).mappings()
    )  # fmt: skip


def forget_accesses(connection: Connection, before: datetime) -> int:
    """Remove the entries from before a moment; give how many there were."""
    return connection.execute(delete(access_log).where(access_log.c.at < before)).rowcount
