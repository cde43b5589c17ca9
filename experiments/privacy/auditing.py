"""Shows who read, exported or erased what is held about members, and what was handed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.store.access_log import Access, AccessAction, log_access, read_access_log
from experiments.store.campaigns import read_moves
from experiments.store.engine import reading, writing
from experiments.store.erasures import (
    Erasure,
    digest_of,
    digests_of,
    erased_since,
    make_digest_key,
    read_erasures,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.lifecycle import Act

__all__ = ["Access", "AccessAction", "Erasure"]

ASSIGN = "assign"
"""What stands in a campaign's history where everybody was assigned and a file was written."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A file with members in it that left this system, which a person has to ask back.

    Attributes:
        campaign: Whose assignments it had; None for an export of a table.
        actor: Who took it out.
        detail: What it held, as it was written down then.
    """

    at: datetime
    actor: str
    campaign: str | None
    detail: Mapping[str, Any]


def note_access(
    engine: Engine,
    action: AccessAction,
    act: Act,
    *,
    member_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down that somebody saw rows of members; of one, or of many where none is named."""
    with writing(engine) as connection:
        digest = None
        if member_id is not None:
            digest = digest_of(make_digest_key(connection, act.now), member_id)
        log_access(connection, Access(act.now, act.actor, action, digest, detail or {}))


def accesses(
    engine: Engine,
    *,
    member_id: str | None = None,
    action: AccessAction | None = None,
    before: int | None = None,
    limit: int = 100,
) -> tuple[Access, ...]:
    """Give entries of the log, the newest first; about one member, who may be erased by now."""
    with reading(engine) as connection:
        digest = None
        if member_id is not None:
            digest = digests_of(connection, [member_id]).get(member_id)
            if digest is None:
                return ()
        return read_access_log(connection, digest=digest, action=action, before=before, limit=limit)


def erasures(engine: Engine, *, before: int | None = None, limit: int = 100) -> tuple[Erasure, ...]:
    """Give erasures, the newest first, without whom they were about."""
    with reading(engine) as connection:
        return read_erasures(connection, before=before, limit=limit)


def handed_out(engine: Engine, campaigns: Iterable[str]) -> tuple[HandedOut, ...]:
    """Give the files that were written of assignments in campaigns, and of all members or facts."""
    with reading(engine) as connection:
        files = [
            HandedOut(move.at, move.actor, campaign, move.detail or {})
            for campaign in sorted(set(campaigns))
            for move in read_moves(connection, campaign)
            if move.move == ASSIGN
        ]
        exports = read_access_log(connection, action=AccessAction.EXPORT_MANY, limit=1_000)
    files += [HandedOut(one.at, one.actor, None, one.detail) for one in exports]
    return tuple(sorted(files, key=lambda one: one.at))


def members_erased_since(engine: Engine, campaign: str, phase: int, moment: datetime) -> int:
    """Give how many members of a phase were erased after a moment: what a scorecard cannot know."""
    with reading(engine) as connection:
        return erased_since(connection, campaign, phase, moment)
