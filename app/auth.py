"""Decides who may do what: API keys and their scopes.

A key reads ``tl_<key id>_<secret>``. The key id is public: it finds the key, and names it in logs.
The secret is 256 random bits and is kept as its SHA-256 only. A slow password hash would protect a
secret that can be guessed; this one cannot, and a slow hash would cost every request milliseconds.

A key is looked up again after at most one second, so a revoked one stops within a second in every
process. Neither a key nor its secret is ever logged or repeated in an error.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import KeyRefused, MissingScope, UnknownApiKey
from experiments.errors import InvalidValues, Problem
from experiments.store.api_keys import (
    ApiKey,
    add_api_key,
    find_api_key,
    read_api_keys,
    revoke_api_key,
)
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Engine

CACHE_S: Final = 1.0
NAME_LIMIT: Final = 255

_FORM: Final = re.compile(r"tl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_KEY_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32


class Scope(StrEnum):
    """What a key may do."""

    OFFERS_READ = "offers:read"
    EVENTS_WRITE = "events:write"
    MEMBERS_WRITE = "members:write"
    CAMPAIGNS_WRITE = "campaigns:write"
    REPORTS_READ = "reports:read"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: the only moment at which its text is known.

    Attributes:
        key_id: The public part.
        name: What the operator calls it.
        scopes: What it may do.
        text: The whole key, to be handed over and forgotten.
    """

    key_id: str
    name: str
    scopes: frozenset[Scope]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AdmittedKey:
    """A key that was presented and is valid.

    Attributes:
        key_id: The public part.
        name: What the operator calls it.
        scopes: What it may do.
    """

    key_id: str
    name: str
    scopes: frozenset[str]

    def require(self, scope: Scope) -> None:
        """Refuse what the key may not do.

        Raises:
            MissingScope: The key lacks `scope`.
        """
        if scope not in self.scopes:
            raise MissingScope(scope, sorted(self.scopes))


class KeyRing:
    """Knows which keys are valid, from the database and for at most one second by itself."""

    def __init__(self, engine: Engine, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Ask `engine` for keys, and measure the age of what is known with `elapsed`."""
        self._engine = engine
        self._elapsed = elapsed
        # Only keys that exist are kept, so nobody can fill this by guessing.
        self._known: dict[str, tuple[float, ApiKey]] = {}

    def authenticate(self, text: str) -> AdmittedKey:
        """Give the key that `text` is.

        Raises:
            KeyRefused: It is malformed, unknown or revoked; which of the last two is not said.
            StoreError: The database cannot be asked.
        """
        parts = _FORM.fullmatch(text)
        if parts is None:
            message = "The API key is malformed: a key reads tl_<key id>_<secret>. Copy all of it."
            raise KeyRefused(message)
        key_id, secret = parts.groups()
        key = self._find(key_id)
        if (
            key is None
            or not hmac.compare_digest(key.secret_hash, hash_of(secret))
            or key.revoked_at is not None
        ):
            message = (
                f"The API key {key_id} is unknown or revoked. "
                "Make another with `tierlift keys create NAME --scope SCOPE`."
            )
            raise KeyRefused(message)
        return AdmittedKey(key.key_id, key.name, key.scopes)

    def _find(self, key_id: str) -> ApiKey | None:
        now = self._elapsed()
        known = self._known.get(key_id)
        if known is not None and now - known[0] < CACHE_S:
            return known[1]
        with reading(self._engine) as connection:
            key = find_api_key(connection, key_id)
        if key is None:
            self._known.pop(key_id, None)
        else:
            self._known[key_id] = (now, key)
        return key


def create_key(engine: Engine, name: str, scopes: Iterable[Scope], now: datetime) -> NewKey:
    """Make a key and keep the hash of its secret.

    Raises:
        InvalidValues: The name is empty or too long, or there is no scope.
        StoreError: The database cannot keep it.
    """
    granted = frozenset(scopes)
    problems = []
    if not 0 < len(name.strip()) <= NAME_LIMIT:
        problems.append(
            Problem("name", name, "has the wrong length", f"Give 1 to {NAME_LIMIT} characters.")
        )
    if not granted:
        problems.append(
            Problem("scopes", None, "are missing", f"Give one or more of: {', '.join(Scope)}.")
        )
    if problems:
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
            ),
        )
    return NewKey(key_id, name.strip(), granted, f"tl_{key_id}_{secret}")


def list_keys(engine: Engine) -> tuple[ApiKey, ...]:
    """Give every key, revoked ones too, the oldest first; no secret is known."""
    with reading(engine) as connection:
        return read_api_keys(connection)


def revoke_key(engine: Engine, key_id: str, now: datetime) -> bool:
    """End a key's validity, within a second in every process; say whether it was valid until now.

    Raises:
        UnknownApiKey: There is no such key.
    """
    with writing(engine) as connection:
        if find_api_key(connection, key_id) is None:
            raise UnknownApiKey(key_id, [key.key_id for key in read_api_keys(connection)])
        return revoke_api_key(connection, key_id, now)


def hash_of(secret: str) -> str:
    """Give what is kept of a secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
