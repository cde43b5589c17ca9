"""Keeps who changed what, with before and after; entries are added, and nothing else.

An entry is written in the transaction of the change, so that there is neither one without the
other. Who did it is told from the words by which every use case knows its actor. A member is
named by the keyed hash of the access log alone; secrets and free texts about members never come
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Text, cast, insert, or_, select

from experiments.store.tables import audit_entries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, RowMapping, Select

COMMAND_LINE: Final = "command line"
"""The actor where nobody is named: whoever runs the process."""

_LONGEST: Final = 255


class ActorKind(StrEnum):
    """Who did something."""

    USER = "user"
    KEY = "key"
    COMMAND_LINE = "command_line"


class SubjectKind(StrEnum):
    """What something was done to."""

    CAMPAIGN = "campaign"
    PROGRAMME = "programme"
    METRIC = "metric"
    API_KEY = "api_key"
    USER = "user"
    WEBHOOK = "webhook"
    OVERRIDE = "override"
    QUARANTINE = "quarantine"
    MEMBER = "member"
    EXPORT = "export"
    MEMO = "memo"
    SHARE_LINK = "share_link"


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, to what.

    Attributes:
        action: Verb, in small letters with underscores.
        subject: Its key; a keyed hash of a member.
        before: What it was, as JSON values; None where it was not there.
        after: What it is; None where it is gone.
    """

    action: str
    subject_kind: SubjectKind
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, and who made it.

    Attributes:
        actor: Id of the user or of the key, or the name at the command line.
        number: Given by the database, rising.
    """

    number: int
    at: datetime
    actor_kind: ActorKind
    actor: str
    change: Change
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries.

    Attributes:
        actors: Only by these ids; None for everybody's.
        since: Only at or after it.
        until: Only before it.
        text: Only where it stands in the action, the subject, before or after, in any letters.
    """

    actors: tuple[str, ...] | None = None
    action: str | None = None
    subject_kind: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


def note_change(
    connection: Connection,
    change: Change,
    now: datetime,
    actor: str,
    trace_id: str | None = None,
) -> None:
    """Append an entry, in the transaction of the change."""
    kind, who = actor_of(actor)
    connection.execute(
        insert(audit_entries).values(
            at=now,
            actor_kind=str(kind),
            actor=who[:_LONGEST],
            action=change.action,
            subject_kind=str(change.subject_kind),
            subject=change.subject[:_LONGEST],
            before=None if change.before is None else dict(change.before),
            after=None if change.after is None else dict(change.after),
            trace_id=trace_id,
        )
    )


def differing(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the fields that differ, as they were and as they are; all of what is new or gone."""
    old, new = before or {}, after or {}
    names = [name for name in {**old, **new} if name not in old or name not in new]
    names += [name for name in old if name in new and old[name] != new[name]]
    return (
        {name: old[name] for name in names if name in old},
        {name: new[name] for name in names if name in new},
    )


def actor_of(words: str) -> tuple[ActorKind, str]:
    """Tell who is meant by the words of an act: ``user ID``, ``key ID`` or the command line's."""
    kind, _, rest = words.partition(" ")
    match kind:
        case "user" if rest:
            return ActorKind.USER, rest
        case "key" if rest:
            return ActorKind.KEY, rest.partition(",")[0]
        case _:
            return ActorKind.COMMAND_LINE, words


def read_audit(
    connection: Connection, wanted: AuditQuery, *, before: int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """Give entries, the newest first; those with a number below `before`, at most `limit`."""
    query = _narrowed(select(audit_entries), wanted).order_by(audit_entries.c.id.desc())
    if before is not None:
        query = query.where(audit_entries.c.id < before)
    return tuple(_entry(row) for row in connection.execute(query.limit(limit)).mappings())


def known_actions(connection: Connection) -> tuple[str, ...]:
    """Give the actions that there are entries of, in order."""
    query = select(audit_entries.c.action).distinct().order_by(audit_entries.c.action)
    return tuple(connection.execute(query).scalars())


def _narrowed(query: Select[Any], wanted: AuditQuery) -> Select[Any]:
    columns = audit_entries.c
    if wanted.actors is not None:
        query = query.where(columns.actor.in_(wanted.actors))
    if wanted.action is not None:
        query = query.where(columns.action == wanted.action)
    if wanted.subject_kind is not None:
        query = query.where(columns.subject_kind == wanted.subject_kind)
    if wanted.subject is not None:
        query = query.where(columns.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(columns.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(columns.at < wanted.until)
    if wanted.text is not None:
        query = query.where(_says(wanted.text))
    return query


def _says(text: str) -> ColumnElement[bool]:
    columns = audit_entries.c
    plain = (columns.action, columns.subject, columns.actor)
    told = (cast(columns.before, Text), cast(columns.after, Text))
    return or_(*(one.icontains(text, autoescape=True) for one in (*plain, *told)))


def _entry(row: RowMapping) -> AuditEntry:
    change = Change(
        row["action"],
        SubjectKind(row["subject_kind"]),
        row["subject"],
        row["before"],
        row["after"],
    )
    return AuditEntry(
        row["id"], row["at"], ActorKind(row["actor_kind"]), row["actor"], change, row["trace_id"]
    )
