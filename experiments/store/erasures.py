"""Keeps who was erased, as a keyed hash, and says whose late events are discarded.

Senders retry, and nightly files are a day old: an event of an erased member that arrives afterwards
would bring the identity back. So every writer of rows about members asks `held_back` within its
transaction. On PostgreSQL that is exact, too: it takes a lock that an erasure waits for, and sees
the erasures that were committed before it got it. SQLite's writers take turns anyway.

The hash is keyed, since ids can be guessed; its key stays in this database.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import insert, select, text, update

from experiments.store.signing_secrets import add_signing_secret, find_signing_secret
from experiments.store.tables import erased_members, erasures
from experiments.store.writes import in_chunks, numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine, RowMapping

PURPOSE: Final = "erasure-digest"
"""Names the key of the hash among the secrets of this installation."""

_LOCK: Final = 0x7469_6572_6572_6173
"""Names the lock on PostgreSQL: ``tiereras`` in ASCII."""

_VERSION: Final = "SELECT max(written_by) FROM erasures"
_LOCKED_VERSION: Final = f"SELECT pg_advisory_xact_lock_shared({_LOCK}); {_VERSION}"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased of one member, by one request.

    Attributes:
        digest: Keyed hash of the member id.
        counts: Rows that were changed or removed, by table.
        phases: Campaigns and phases in which the member was assigned or exposed.
        pending: What an archive has to be rewritten by; None once nothing leads to the member.
        completed_at: When that was so; None before.
        suppressed_until: Late events are discarded up to here; None for not at all.
        late_events: How many were discarded so far.
        number: Given by the database, rising.
    """

    digest: str
    erased_at: datetime
    actor: str
    reason: str | None = None
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    phases: tuple[tuple[str, int], ...] = ()
    pending: Mapping[str, Any] | None = field(default=None, repr=False)
    completed_at: datetime | None = None
    suppressed_until: datetime | None = None
    late_events: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """The erasures as one process has read them."""

    version: int | None
    key: bytes = b""
    until: Mapping[str, datetime] = field(default_factory=dict)


_known: Final[WeakKeyDictionary[Engine, _Known]] = WeakKeyDictionary()


def digest_key(connection: Connection) -> bytes | None:
    """Give the key of the hash; None before the first was made."""
    secret = find_signing_secret(connection, PURPOSE)
    return None if secret is None else secret.encode()


def make_digest_key(connection: Connection, now: datetime) -> bytes:
    """Give the key of the hash, made where there is none; in a write transaction."""
    add_signing_secret(connection, PURPOSE, secrets.token_hex(32), now)
    key = digest_key(connection)
    assert key is not None, "it was just made"  # noqa: S101  # no user can cause it
    return key


def digest_of(key: bytes, member_id: str) -> str:
    """Give what is kept of a member id: HMAC-SHA-256, in hexadecimal."""
    return hmac.digest(key, member_id.encode(errors="surrogatepass"), "sha256").hex()


def keep_writers_out(connection: Connection) -> None:
    """Wait for everybody who writes rows of members, and keep them out until the commit.

    Raises:
        DatabaseLocked: Somebody has been writing for longer than the busy timeout.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def held_back(connection: Connection, members: Iterable[str], now: datetime) -> frozenset[str]:
    """Give those of the members who were erased, and whose late events are discarded.

    Args:
        connection: In a write transaction, before what is known of them is written.
        members: Ids; looked at only where anybody is held back at all.
        now: Aware UTC.
    """
    if connection.dialect.name == "sqlite":
        version: int | None = connection.exec_driver_sql(_VERSION).scalar()
    else:
        options = {"no_parameters": True}  # two statements in one message
        result = connection.exec_driver_sql(_LOCKED_VERSION, execution_options=options)
        cursor: Any = result.cursor
        cursor.nextset()
        (version,) = cursor.fetchone()
        result.close()
    return _among(connection, version, members, now)


def is_held_back(connection: Connection, member_id: str, now: datetime) -> bool:
    """Say whether a member was erased and is held back; in any transaction."""
    version: int | None = connection.exec_driver_sql(_VERSION).scalar()
    return bool(_among(connection, version, (member_id,), now))


def _among(
    connection: Connection, version: int | None, members: Iterable[str], now: datetime
) -> frozenset[str]:
    if version is None:
        return frozenset()
    known = _known.get(connection.engine)
    if known is None or known.version != version:
        known = _known[connection.engine] = _read(connection, version)
    if not known.until:
        return frozenset()
    return frozenset(
        one
        for one in set(members)
        if (until := known.until.get(digest_of(known.key, one))) is not None and until > now
    )


def _read(connection: Connection, version: int) -> _Known:
    found = connection.execute(
        select(erasures.c.digest, erasures.c.suppressed_until).where(
            erasures.c.suppressed_until.is_not(None)
        )
    )
    until: dict[str, datetime] = {}
    for digest, moment in found:
        until[digest] = max(moment, until.get(digest, moment))
    return _Known(version, digest_key(connection) or b"", until)


def count_late(connection: Connection, late: Mapping[str, int], now: datetime) -> None:
    """Count events that were discarded, by member id."""
    key = digest_key(connection)
    if key is None:
        return
    table = erasures.c
    for digest, events in sorted((digest_of(key, one), events) for one, events in late.items()):
        connection.execute(
            update(erasures)
            .where(table.digest == digest, table.suppressed_until > now)
            .values(late_events=table.late_events + events)
        )


def add_erasure(connection: Connection, erasure: Erasure) -> int:
    """Keep what was erased; give its number."""
    row = {
        "digest": erasure.digest,
        "erased_at": erasure.erased_at,
        "actor": erasure.actor,
        "reason": erasure.reason,
        "counts": dict(erasure.counts),
        "phases": [list(phase) for phase in erasure.phases],
        "pending": None if erasure.pending is None else dict(erasure.pending),
        "completed_at": erasure.completed_at,
        "suppressed_until": erasure.suppressed_until,
    }
    (given,) = numbered(connection, [row])
    number: int = connection.execute(
        insert(erasures).values(**given).returning(erasures.c.id)
    ).scalar_one()
    return number


def complete_erasure(connection: Connection, number: int, now: datetime) -> None:
    """Throw away what leads to the member: no archive has the identity any more."""
    connection.execute(
        update(erasures).where(erasures.c.id == number).values(pending=None, completed_at=now)
    )


def defer_erasure(connection: Connection, number: int, pending: Mapping[str, Any]) -> None:
    """Keep what is left to do."""
    connection.execute(
        update(erasures).where(erasures.c.id == number).values(pending=dict(pending))
    )


def end_suppression(connection: Connection, digest: str) -> bool:
    """Take events of a member again, as those of somebody new; say whether they were discarded."""
    (values,) = numbered(connection, [{"suppressed_until": None}])
    if connection.dialect.name != "sqlite":
        values = {**values, "written_by": text("(pg_current_xact_id()::text)::bigint")}
    standing = (erasures.c.digest == digest) & erasures.c.suppressed_until.is_not(None)
    return connection.execute(update(erasures).where(standing).values(**values)).rowcount > 0


def latest_erasure(connection: Connection, digest: str) -> Erasure | None:
    """Give the last erasure of a member; None where there was none."""
    query = select(erasures).where(erasures.c.digest == digest).order_by(erasures.c.id.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else _erasure(row)


def pending_erasures(connection: Connection) -> tuple[Erasure, ...]:
    """Give the erasures that have not reached every archive yet, the oldest first."""
    query = select(erasures).where(erasures.c.completed_at.is_(None)).order_by(erasures.c.id)
    return tuple(map(_erasure, connection.execute(query).mappings()))


def read_erasures(
    connection: Connection, *, before: int | None = None, limit: int = 100
) -> tuple[Erasure, ...]:
    """Give erasures, the newest first."""
    query = select(erasures).order_by(erasures.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(erasures.c.id < before)
    return tuple(map(_erasure, connection.execute(query).mappings()))


def erased_since(connection: Connection, campaign: str, phase: int, moment: datetime) -> int:
    """Give how many members of a phase were erased after a moment."""
    query = select(erasures.c.phases).where(erasures.c.erased_at > moment)
    wanted = [campaign, phase]
    return sum(wanted in phases for (phases,) in connection.execute(query))


def has_erasures_since(connection: Connection, number: int) -> bool:
    """Say whether anybody was erased by transactions from a number on."""
    query = select(erasures.c.id).where(erasures.c.written_by >= number).limit(1)
    return connection.scalar(query) is not None


def keep_households(connection: Connection, households: Mapping[str, str]) -> None:
    """Remember to which household pseudonyms belong."""
    for some in in_chunks(sorted(households.items())):
        rows = [{"pseudonym": one, "household_id": household} for one, household in some]
        connection.execute(insert(erased_members), rows)


def rename_households(connection: Connection, renamed: Mapping[str, str]) -> None:
    """Give households another id, where their last member was erased."""
    for old, new in renamed.items():
        connection.execute(
            update(erased_members)
            .where(erased_members.c.household_id == old)
            .values(household_id=new)
        )


def forget_digests(connection: Connection, before: datetime) -> int:
    """Empty the hashes of erasures that are older and hold nothing back; give how many."""
    table = erasures.c
    old = (table.erased_at < before) & table.completed_at.is_not(None)
    over = table.suppressed_until.is_(None) | (table.suppressed_until < before)
    values = {"digest": "0" * 64, "suppressed_until": None}
    done = connection.execute(
        update(erasures).where(old, over, table.digest != "0" * 64).values(**values)
    )
    return done.rowcount


def _erasure(row: RowMapping) -> Erasure:
    return Erasure(
        digest=row["digest"],
        erased_at=row["erased_at"],
        actor=row["actor"],
        reason=row["reason"],
        counts=MappingProxyType(row["counts"]),
        phases=tuple((campaign, phase) for campaign, phase in row["phases"]),
        pending=row["pending"],
        completed_at=row["completed_at"],
        suppressed_until=row["suppressed_until"],
        late_events=row["late_events"],
        number=row["id"],
    )


def digests_of(connection: Connection, members: Collection[str]) -> dict[str, str]:
    """Give the hashes of members; empty before the key was made."""
    key = digest_key(connection)
    return {} if key is None else {one: digest_of(key, one) for one in members}
