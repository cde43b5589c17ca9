"""Knows the public keys that the business signs member tokens with: a JWKS (RFC 7517).

They come from an https address or a file, are read again every five minutes, and once more when a
token names one that is not there, at most every half a minute: a rotation is noticed and nobody
makes this server flood that one. While they cannot be had, the last ones stay. Only what verifies
RS256, ES256 or EdDSA is taken: a symmetric key in a public document would let everybody sign.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import Request

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from jwt import PyJWK, PyJWTError

from app.auth.fetching import Unfetchable, fetch
from app.errors import MemberKeysUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from structlog.typing import FilteringBoundLogger

ALGORITHMS: Final = frozenset({"RS256", "ES256", "EdDSA"})
CURVES: Final = {"EC": "P-256", "OKP": "Ed25519"}
RSA_BITS: Final = 2_048
SIZE_LIMIT: Final = 200_000
"""Bytes of a key set that are read; one with more is refused."""

FETCH_S: Final = 3.0
RENEW_S: Final = 300.0
"""Age at which a key set is read again."""

REST_S: Final = 30.0
"""Seconds between two readings, whatever tokens ask for."""

RETRY_S: Final = 5.0
"""The same, as long as none has succeeded."""

_WAIT_S: Final = 0.5


class _Unreadable(Exception):
    """A key set that cannot be had or used."""


@dataclass(frozen=True, slots=True)
class _KeySet:
    keys: tuple[PyJWK, ...]
    document: bytes
    read_at: float
    version: int


class PublicKeys:
    """The keys at one place, as they were when last read."""

    def __init__(
        self,
        place: str,
        log: FilteringBoundLogger,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read from `place`, an https address or a path, once a key is asked for.

        Args:
            place: Where the document is.
            log: Is told why the keys cannot be had.
            elapsed: Seconds that passed since any fixed moment.
        """
        self._place = place
        self._log = log
        self._elapsed = elapsed
        self._known: _KeySet | None = None
        self._tried_at = float("-inf")
        self._reading = threading.Lock()

    def version(self) -> int:
        """Give a number that changes with the keys, so that what they verified is verified anew.

        Raises:
            MemberKeysUnavailable: No key could be had yet.
        """
        return self._current().version

    def find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """Give the key for a token that names `key_id` and `algorithm`, or None.

        A token that names no key is verified by the only key for its algorithm, where there is one.

        Raises:
            MemberKeysUnavailable: No key could be had yet.
        """
        found = _match(self._current(), key_id, algorithm)
        if found is None:
            self._read(_WAIT_S)
            found = _match(self._current(), key_id, algorithm)
        return found

    def _current(self) -> _KeySet:
        known = self._known
        if known is None:
            self._read(FETCH_S)
        elif self._elapsed() - known.read_at >= RENEW_S:
            self._read(0)
        if self._known is None:
            where = _shown(self._place)
            message = f"The public keys of member tokens cannot be had from {where}; see the log."
            raise MemberKeysUnavailable(message)
        return self._known

    def _read(self, wait_s: float) -> None:
        """Read the document anew, unless that was done lately or somebody does it for longer."""
        if not self._reading.acquire(timeout=wait_s):
            return
        try:
            rest = RETRY_S if self._known is None else REST_S
            if self._elapsed() - self._tried_at < rest:
                return
            try:
                document = _fetched(self._place)
                keys = _usable(document)
            except _Unreadable as fault:
                self._log.warning(
                    "member_keys_unavailable",
                    place=_shown(self._place),
                    reason=str(fault),
                    last_ones_stay=self._known is not None,
                )
            else:
                before = self._known
                same = before is not None and before.document == document
                version = 1 if before is None else before.version + (0 if same else 1)
                self._known = _KeySet(keys, document, self._elapsed(), version)
            self._tried_at = self._elapsed()
        finally:
            self._reading.release()


def _fetched(place: str) -> bytes:
    try:
        if place.startswith("https://"):
            return _downloaded(place)
        with Path(place).open("rb") as file:
            document = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as fault:
        message = f"{type(fault).__name__}: {fault}"
        raise _Unreadable(message) from fault
    return _bounded(document)


def _downloaded(address: str) -> bytes:
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310  # only https comes here
    try:
        return fetch(request, within_s=FETCH_S, at_most=SIZE_LIMIT)
    except Unfetchable as fault:
        raise _Unreadable(str(fault)) from fault


def _bounded(document: bytes) -> bytes:
    if len(document) > SIZE_LIMIT:
        message = f"it is larger than {SIZE_LIMIT} bytes"
        raise _Unreadable(message)
    return document


def _usable(document: bytes) -> tuple[PyJWK, ...]:
    try:
        keys = orjson.loads(document)["keys"]
        found = tuple(key for one in keys if (key := _verifying(one)) is not None)
    except (ValueError, TypeError, KeyError) as fault:
        message = 'it is no JWKS: a JSON object with the field "keys", a list'
        raise _Unreadable(message) from fault
    if not found:
        message = f"it has no public key for {', '.join(sorted(ALGORITHMS))}"
        raise _Unreadable(message)
    return found


def _verifying(jwk: object) -> PyJWK | None:
    """Give the key, if it is a public one that verifies signatures of ours."""
    if not isinstance(jwk, dict) or "d" in jwk or "k" in jwk:
        return None
    kind = jwk.get("kty")
    try:
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ("verify",)):
            return None
        if kind != "RSA" and CURVES[str(kind)] != jwk["crv"]:
            return None
        key = PyJWK(jwk)
    except (PyJWTError, UnsupportedAlgorithm, KeyError, TypeError, ValueError):
        return None
    short = kind == "RSA" and key.key.key_size < RSA_BITS
    return key if key.algorithm_name in ALGORITHMS and not short else None


def _match(known: _KeySet, key_id: str | None, algorithm: str) -> PyJWK | None:
    fitting = [key for key in known.keys if key.algorithm_name == algorithm]
    if key_id is None:
        return fitting[0] if len(fitting) == 1 else None
    return next((key for key in fitting if key.key_id == key_id), None)


def _shown(place: str) -> str:
    """Give a place without what may be secret in its address."""
    return f"https://{urlsplit(place).hostname}/…" if place.startswith("https://") else place
