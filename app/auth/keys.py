"""Makes, lists and revokes API keys.

A key reads ``tl_<key id>_<secret>``. The key id is public: it finds the key, and names it in logs.
The secret is 256 random bits and is kept as its SHA-256 only. A slow password hash would protect a
secret that can be guessed; this one cannot, and a slow hash would cost every request milliseconds.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.errors import UnknownApiKey
from experiments.errors import InvalidValues, Problem
from experiments.store.api_keys import (
    ApiKey,
    add_api_key,
    find_api_key,
    read_api_keys,
    revoke_api_key,
)
from experiments.store.audit import COMMAND_LINE, Change, SubjectKind, note_change
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Engine

NAME_LIMIT: Final = 255
RATE_LIMIT: Final = 1_000_000
"""The highest rate of a key, in requests per second."""

_KEY_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32


class Scope(StrEnum):
    """What a key may do."""

    OFFERS_READ = "offers:read"
    EVENTS_WRITE = "events:write"
    GRANTS_WRITE = "grants:write"
    GRANTS_READ = "grants:read"
    MEMBERS_WRITE = "members:write"
    MEMBERS_EXPORT = "members:export"
    CONSENT_WRITE = "consent:write"
    PRIVACY_WRITE = "privacy:write"
    MEMBERS_READ = "members:read"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    CAMPAIGNS_APPROVE = "campaigns:approve"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    ROWS_READ = "rows:read"
    QUARANTINE_WRITE = "quarantine:write"
    FLAGS_READ = "flags:read"
    METRICS_READ = "metrics:read"
    WEBHOOKS_WRITE = "webhooks:write"
    PROGRAMME_WRITE = "programme:write"
    USERS_WRITE = "users:write"
    KEYS_WRITE = "keys:write"
    AUDIT_READ = "audit:read"


IMPLIED: Final[Mapping[Scope, frozenset[Scope]]] = MappingProxyType(
    {
        Scope.CAMPAIGNS_READ: frozenset(
            {
                Scope.CAMPAIGNS_WRITE,
                Scope.CAMPAIGNS_APPROVE,
                Scope.PROGRAMME_WRITE,
                Scope.REPORTS_READ,
            }
        ),
        Scope.MEMBERS_READ: frozenset({Scope.MEMBERS_WRITE}),
        Scope.REPORTS_READ: frozenset({Scope.REPORTS_WRITE}),
    }
)
"""Scopes that open what another one opens as well: whoever writes something may read it."""


def allows(scopes: AbstractSet[str], needed: Scope) -> bool:
    """Say whether one of the scopes opens what `needed` names."""
    return needed in scopes or not IMPLIED.get(needed, frozenset()).isdisjoint(scopes)


class KeyKind(StrEnum):
    """Where a key is kept: on a server, or in a page that everybody can read."""

    SERVER = "server"
    BROWSER = "browser"


BROWSER_SCOPES: Final = frozenset({Scope.OFFERS_READ, Scope.EVENTS_WRITE, Scope.CONSENT_WRITE})
"""What a browser key may do: nothing that shows rules, results or somebody else."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: the only moment at which its text is known.

    Attributes:
        key_id: The public part.
        name: What the operator calls it.
        scopes: What it may do.
        text: The whole key, to be handed over and forgotten.
        kind: Where it may be kept.
        rate: Requests that it may make in a second, 0 for any number; None for the rate that the
            settings give its kind.
    """

    key_id: str
    name: str
    scopes: frozenset[Scope]
    text: str = field(repr=False)
    kind: KeyKind = KeyKind.SERVER
    rate: int | None = None


def create_key(
    engine: Engine,
    name: str,
    scopes: Iterable[Scope],
    now: datetime,
    *,
    kind: KeyKind = KeyKind.SERVER,
    rate: int | None = None,
    actor: str = COMMAND_LINE,
) -> NewKey:
    """Make a key and keep the hash of its secret.

    Args:
        engine: The database.
        name: What the operator calls it.
        scopes: What it may do.
        now: The present moment.
        kind: Where it is kept.
        rate: Requests that it may make in a second, 0 for any number; None for the rate that the
            settings give its kind.
        actor: Who makes it.

    Raises:
        InvalidValues: The name is empty or too long, there is no scope, a browser key has one that
            only a server's may have, or the rate is out of range.
        StoreError: The database cannot keep it.
    """
    granted = frozenset(scopes)
    if problems := _problems(name, granted, kind, rate):
        raise InvalidValues(problems)
    key_id, secret = secrets.token_hex(_KEY_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    with writing(engine) as connection:
        add_api_key(
            connection,
            ApiKey(
                key_id=key_id,
                name=name.strip(),
                scopes=frozenset(str(scope) for scope in granted),
                secret_hash=hash_of(secret),
                created_at=now,
                kind=str(kind),
                rate=rate,
            ),
        )
        after = {"name": name.strip(), "scopes": sorted(map(str, granted)), "kind": str(kind),
                 "rate": rate}  # fmt: skip
        change = Change("create", SubjectKind.API_KEY, key_id, None, after)
        note_change(connection, change, now, actor)
    return NewKey(key_id, name.strip(), granted, f"tl_{key_id}_{secret}", kind, rate)


def list_keys(engine: Engine) -> tuple[ApiKey, ...]:
    """Give every key, revoked ones too, the oldest first; no secret is known."""
    with reading(engine) as connection:
        return read_api_keys(connection)


def revoke_key(engine: Engine, key_id: str, now: datetime, actor: str = COMMAND_LINE) -> bool:
    """End a key's validity, within a second in every process; say whether it was valid until now.

    Raises:
        UnknownApiKey: There is no such key.
    """
    with writing(engine) as connection:
        if find_api_key(connection, key_id) is None:
            raise UnknownApiKey(key_id, [key.key_id for key in read_api_keys(connection)])
        was_valid = revoke_api_key(connection, key_id, now)
        if was_valid:
            before, after = {"revoked": False}, {"revoked": True}
            change = Change("revoke", SubjectKind.API_KEY, key_id, before, after)
            note_change(connection, change, now, actor)
        return was_valid


def hash_of(secret: str) -> str:
    """Give what is kept of a secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _problems(
    name: str, scopes: frozenset[Scope], kind: KeyKind, rate: int | None
) -> list[Problem]:
    problems = []
    if not 0 < len(name.strip()) <= NAME_LIMIT:
        problems.append(
            Problem("name", name, "has the wrong length", f"Give 1 to {NAME_LIMIT} characters.")
        )
    allowed = BROWSER_SCOPES if kind is KeyKind.BROWSER else frozenset(Scope)
    choice = ", ".join(scope for scope in Scope if scope in allowed)
    if not scopes:
        problems.append(Problem("scopes", None, "are missing", f"Give one or more of: {choice}."))
    if refused := sorted(scopes - allowed):
        problems.append(
            Problem(
                "scopes",
                ", ".join(refused),
                "are not for a browser key, which everybody who opens the page can read",
                f"Give only {choice}, or make a server key.",
            )
        )
    if rate is not None and not 0 <= rate <= RATE_LIMIT:
        problems.append(
            Problem(
                "rate",
                rate,
                "is no rate",
                f"Give requests per second, 1 to {RATE_LIMIT}, or 0 for any number.",
            )
        )
    return problems
