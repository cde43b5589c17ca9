"""Keeps who read, exported or erased rows of single members; whom they were about is a hash.

What changes or hands out something stands in the audit log as well, which is kept for ever: there
the member is the number of the entry here, so that nothing leads to them once this one is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from experiments.store.audit import ActorKind, Change, SubjectKind, actor_of, note_change
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
    """Append an entry, and one to the audit log where something was changed or handed out."""
    number = connection.scalar(
        insert(access_log)
        .values(
            at=access.at,
            actor=access.actor,
            action=str(access.action),
            digest=access.digest,
            detail=dict(access.detail),
        )
        .returning(access_log.c.id)
    )
    if _is_audited(access):
        kind = SubjectKind.EXPORT if access.digest is None else SubjectKind.MEMBER
        change = Change(str(access.action), kind, f"access {number}", None, dict(access.detail))
        note_change(connection, change, access.at, access.actor)


def _is_audited(access: Access) -> bool:
    match access.action:
        case AccessAction.READ:
            return False
        case AccessAction.OPT_OUT | AccessAction.OPT_IN:
            # what a key says is the member's own wish; staff answer for theirs
            return actor_of(access.actor)[0] is not ActorKind.KEY
        case _:
            return True


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
