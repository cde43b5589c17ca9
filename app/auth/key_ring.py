"""Admits requests by their API key, without asking the database each time.

A key is looked up again before what is known of it is a second old, so a revoked one stops within a
second in every process. While the database cannot be asked, a key that was valid lately stays so
(TIERLIFT_STALE_S), and frontends survive its restart. Neither a key nor its secret is ever logged,
repeated in an error, or kept: what was presented is known by its SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from app.auth.keys import BROWSER_SCOPES, KeyKind, Scope, allows, hash_of
from app.errors import KeyRefused, MissingScope
from app.settings import Settings
from experiments.errors import StoreError
from experiments.store.api_keys import ApiKey, find_api_key
from experiments.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

REFRESH_S: Final = 0.8
"""Age at which one request asks again; others use what is known until it is `KNOWN_S` old."""

KNOWN_S: Final = 1.0
"""Age at which what is known of a key is used no more, as long as the database answers."""

_FORM: Final = re.compile(r"tl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class AdmittedKey:
    """A key that was presented and is valid.

    Attributes:
        key_id: The public part.
        name: What the operator calls it.
        scopes: What it may do.
        browser: Whether everybody who opens a page can read it: then a member token must name the
            member whom the request is about, and what the request says of that member is not used.
        rate: Requests that it may make in a second over all processes; 0 is any number.
    """

    key_id: str
    name: str
    scopes: frozenset[str]
    browser: bool = False
    rate: int = 0

    def require(self, scope: Scope) -> None:
        """Refuse what the key may not do.

        Raises:
            MissingScope: The key lacks `scope`.
        """
        if not allows(self.scopes, scope):
            raise MissingScope(scope, sorted(self.scopes))


@dataclass(frozen=True, slots=True)
class _Known:
    """A key that was valid when the database was asked."""

    key: AdmittedKey
    asked_at: float


class KeyRing:
    """Knows which keys are valid, from the database and for at most one second by itself."""

    def __init__(
        self,
        engine: Engine,
        elapsed: Callable[[], float] = time.monotonic,
        settings: Settings | None = None,
    ) -> None:
        """Ask `engine` for keys, and measure the age of what is known with `elapsed`, in seconds.

        Args:
            engine: The database.
            elapsed: Seconds that passed since any fixed moment.
            settings: How long a key outlives the database, and the rates of kinds of keys.
        """
        self._engine = engine
        self._elapsed = elapsed
        self._settings = settings or Settings()
        # By the SHA-256 of the whole text. How long a look in here takes tells nothing about a key:
        # nobody can make a text whose hash begins like another's. Only keys that are valid come in,
        # so nobody can fill it by guessing.
        self._known: dict[bytes, _Known] = {}
        self._asking = threading.Lock()
        self._failed_at: float | None = None

    def authenticate(self, text: str) -> AdmittedKey:
        """Give the key that `text` is.

        Raises:
            KeyRefused: It is malformed, unknown or revoked; which of the last two is not said.
            StoreError: The database cannot be asked, and the key was not known to be valid lately.
        """
        # half a character, which no UTF-8 can hold, is no key either
        digest = hashlib.sha256(text.encode(errors="replace")).digest()
        known = self._known.get(digest)
        if known is None:
            return self._ask(text, digest)
        if self._elapsed() - known.asked_at < REFRESH_S:
            return known.key
        return self._refresh(text, digest, known)

    def _refresh(self, text: str, digest: bytes, known: _Known) -> AdmittedKey:
        """Ask about a key that was valid: one request at a time, while others use what is known."""
        now = self._elapsed()
        stale_s = max(KNOWN_S, self._settings.stale_s)
        failed_at = self._failed_at
        if now - known.asked_at < (KNOWN_S if failed_at is None else stale_s):
            rests = failed_at is not None and now - failed_at < KNOWN_S
            if rests or not self._asking.acquire(blocking=False):
                return known.key
        elif not self._asking.acquire(timeout=KNOWN_S):
            # somebody still waits for the database, which is as good as none
            return known.key if now - known.asked_at < stale_s else self._ask(text, digest)
        try:
            latest = self._known.get(digest)
            if latest is not None and self._elapsed() - latest.asked_at < REFRESH_S:
                return latest.key  # somebody else asked while this one waited
            return self._ask(text, digest)
        except (StoreError, SQLAlchemyError):
            self._failed_at = self._elapsed()
            if self._failed_at - known.asked_at < stale_s:
                return known.key
            raise
        finally:
            self._asking.release()

    def _ask(self, text: str, digest: bytes) -> AdmittedKey:
        parts = _FORM.fullmatch(text)
        if parts is None:
            message = "The API key is malformed: a key reads tl_<key id>_<secret>. Copy all of it."
            raise KeyRefused(message)
        key_id, secret = parts.groups()
        asked_at = self._elapsed()
        with reading(self._engine) as connection:
            key = find_api_key(connection, key_id)
        self._failed_at = None
        if (
            key is None
            or not hmac.compare_digest(key.secret_hash, hash_of(secret))
            or key.revoked_at is not None
        ):
            self._known.pop(digest, None)
            message = (
                f"The API key {key_id} is unknown or revoked. "
                "Make another with `tierlift keys create NAME --scope SCOPE`."
            )
            raise KeyRefused(message)
        known = self._known[digest] = _Known(self._admitted(key), asked_at)
        return known.key

    def _admitted(self, key: ApiKey) -> AdmittedKey:
        if key.kind == KeyKind.SERVER:
            rate = self._settings.rate_limit_server if key.rate is None else key.rate
            return AdmittedKey(key.key_id, key.name, key.scopes, browser=False, rate=rate)
        # Whoever wrote the row, what a page carries opens no more than this.
        scopes = key.scopes & {str(scope) for scope in BROWSER_SCOPES}
        rate = self._settings.rate_limit_browser if key.rate is None else key.rate
        return AdmittedKey(key.key_id, key.name, scopes, browser=True, rate=rate)
