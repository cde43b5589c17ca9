"""Takes the identity out of everything that is held about a member, and keeps the aggregates.

Three steps, each of which may be the last one of a process that dies; to ask again goes on.

1. What is the member's is found, while others write.
2. One transaction keeps writers out, finds what came meanwhile, puts pseudonyms in the place of
   ids, and writes down what was done. From its commit on every process forgets what it remembers
   (`experiments.watch`) and late events are discarded (`experiments.store.erasures`).
3. Each archive is rewritten by the same pseudonyms; then what they are made from is thrown away.

Where an archive cannot be reached the erasure stays pending, and whoever extends that archive, or
asks for an erasure, finishes it first.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.archive.erasing import finish_erasures
from experiments.errors import ArchiveBusy, InvalidValues, Problem, UnknownMember
from experiments.member import id_problem
from experiments.store.access_log import Access, AccessAction, log_access
from experiments.store.engine import reading, writing
from experiments.store.erasures import (
    Erasure,
    add_erasure,
    digest_of,
    end_suppression,
    keep_writers_out,
    latest_erasure,
    make_digest_key,
    pending_erasures,
)
from experiments.store.pseudonymising import (
    FoundRows,
    blank_quarantined,
    catch_up,
    empty_write_ahead_log,
    find_rows,
    keep_folds_out,
    pseudonymise,
    pseudonyms_for,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.archive.place import Place
    from experiments.lifecycle import Act
    from experiments.programme import Programme

SUPPRESSED_FOR: Final = timedelta(days=90)
"""How long late events of an erased member are discarded, unless the programme says otherwise."""

MOST_TOGETHER: Final = 1_000
"""Members that one call erases: writers wait for all of them."""

MAX_REASON: Final = 2_000
ARCHIVE_WAIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of one member.

    Attributes:
        erasure: As it is kept.
        repeated: Whether everything was erased before, and this request changed nothing.
    """

    member_id: str
    erasure: Erasure
    repeated: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing leads to the member any more; False while an archive is not rewritten."""
        return self.erasure.pending is None

    def completed(self, now: datetime) -> Erased:
        """Give it as it is once nothing is left to do."""
        if self.is_complete:
            return self
        return replace(self, erasure=replace(self.erasure, pending=None, completed_at=now))


def suppressed_for(programme: Programme | None) -> timedelta | None:
    """Give how long late events of an erased member are discarded; None for not at all."""
    if programme is None:
        return SUPPRESSED_FOR
    return timedelta(days=programme.retention.late_events_days) or None


def erase_members(
    engine: Engine,
    member_ids: Sequence[str],
    act: Act,
    *,
    suppress_for: timedelta | None = SUPPRESSED_FOR,
) -> tuple[Erased, ...]:
    """Erase members; what was erased before is answered as it was then.

    Tables are read once, however many members there are: collect requests.

    Args:
        engine: The store.
        member_ids: Whom; at most `MOST_TOGETHER`.
        act: Who asks, when and why.
        suppress_for: How long events that arrive late are discarded; None for not at all.

    Raises:
        InvalidValues: An id cannot be one, there are too many, or the reason is too long.
        UnknownMember: Nothing is held about one of them, nor was anything erased; nobody was.
        DatabaseLocked: Others have been writing for long; nobody was erased.
    """
    wanted = _checked(member_ids, act)
    with reading(engine) as connection:
        found = find_rows(connection, wanted)
    with writing(engine) as connection:
        keep_writers_out(connection)
        keep_folds_out(connection)
        catch_up(connection, found, wanted)
        key = make_digest_key(connection, act.now)
        blanked = blank_quarantined(connection, wanted, act.now, act.actor)
        request = _Request(connection, found, act, suppress_for, blanked)
        done = [request.erase(member_id, digest_of(key, member_id)) for member_id in wanted]
    empty_write_ahead_log(engine)
    # an archive is rewritten by `finish`; without any this completes, unless one is being made
    with suppress(ArchiveBusy):
        finish_erasures(engine, None, now=act.now, wait_s=0)
    with reading(engine) as connection:
        pending = {one.number for one in pending_erasures(connection)}
    return tuple(one if one.erasure.number in pending else one.completed(act.now) for one in done)


def finish(
    engine: Engine, place: Place | None, now: datetime, *, wait_s: float = ARCHIVE_WAIT_S
) -> int:
    """Rewrite an archive by the erasures that it has not seen; give how many there were.

    Raises:
        ArchiveError: It cannot be rewritten; the erasures stay pending.
    """
    return finish_erasures(engine, place, now=now, wait_s=wait_s)


def take_again(engine: Engine, member_id: str, act: Act) -> bool:
    """Take events of an erased member again, as those of somebody new; say if they were not.

    For a person who joins anew under the id of before.
    """
    with writing(engine) as connection:
        digest = digest_of(make_digest_key(connection, act.now), member_id)
        done = end_suppression(connection, digest)
        if done:
            log_access(connection, Access(act.now, act.actor, AccessAction.END_SUPPRESSION, digest))
    return done


@dataclass(frozen=True, slots=True)
class _Request:
    """What one transaction erases by."""

    connection: Connection
    found: FoundRows
    act: Act
    suppress_for: timedelta | None
    blanked: dict[str, int]

    def erase(self, member_id: str, digest: str) -> Erased:
        connection, act = self.connection, self.act
        before = latest_erasure(connection, digest)
        pseudonyms = pseudonyms_for(connection, self.found, member_id)
        counts, phases = pseudonymise(connection, self.found, pseudonyms)
        if member_id in self.blanked:
            counts["quarantine"] = self.blanked[member_id]
        if not counts:
            if before is None:
                raise UnknownMember(member_id)
            return Erased(member_id, before, repeated=True)
        erasure = Erasure(
            digest=digest,
            erased_at=act.now,
            actor=act.actor,
            reason=act.reason,
            counts=counts,
            phases=phases,
            pending={**pseudonyms.to_json(), "archives": []},
            suppressed_until=None if self.suppress_for is None else act.now + self.suppress_for,
        )
        number = add_erasure(connection, erasure)
        detail = {"erasure": number, "rows": sum(counts.values())}
        log_access(connection, Access(act.now, act.actor, AccessAction.ERASE, digest, detail))
        return Erased(member_id, replace(erasure, number=number), repeated=False)


def _checked(member_ids: Sequence[str], act: Act) -> list[str]:
    wanted = list(dict.fromkeys(member_ids))
    problems = [fault for one in wanted if (fault := id_problem("member_id", one)) is not None]
    if problems:
        raise InvalidValues(problems)
    if not 0 < len(wanted) <= MOST_TOGETHER:
        way_out = f"Give 1 to {MOST_TOGETHER} members at once."
        raise InvalidValues([Problem("member_ids", len(wanted), "are too many or none", way_out)])
    if act.reason is not None and (len(act.reason) > MAX_REASON or "\0" in act.reason):
        way_out = f"Give at most {MAX_REASON} characters, or none."
        raise InvalidValues([Problem("reason", act.reason, "cannot be kept", way_out)])
    return wanted
