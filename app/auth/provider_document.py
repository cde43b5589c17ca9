"""Knows what an identity provider says about itself: its addresses and its keys.

Both are remembered, so that a sign-in rarely asks for them; while the provider is away, what it
said last counts. An address that is less protected than the provider's own is as good as none.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.request import Request

import orjson
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.auth.fetching import Unfetchable, fetch
from app.errors import ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WITHIN_S: Final = 5.0
AT_MOST: Final = 500_000
RENEW_S: Final = 3_600.0
"""Age at which what the provider says about itself is asked anew."""

REST_S: Final = 30.0
"""Seconds between two readings of its keys, whatever tokens ask for."""

RETRY_S: Final = 3.0
"""Seconds after a failure in which it is not asked again, so that nobody waits in a row."""

KEY_KINDS: Final = frozenset({"RSA", "EC", "OKP"})
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OTHERS: Final = ("userinfo_endpoint", "end_session_endpoint")


@dataclass(frozen=True, slots=True)
class ProviderDocument:
    """What a provider says about itself.

    Attributes:
        endpoints: Its addresses by name; those that nothing works without are there.
        methods: How this installation may prove to be itself.
        sends_issuer: Whether its answers always name it (RFC 9207).
        read_at: When that was said, in seconds since any fixed moment.
    """

    endpoints: Mapping[str, str]
    methods: tuple[str, ...]
    sends_issuer: bool
    read_at: float


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: KeySet
    read_at: float


class ProviderDocuments:
    """The documents of one provider, as they were when last read."""

    def __init__(self, issuer: str, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Read from `issuer`, once somebody wants to sign in.

        Args:
            issuer: The provider, exactly as it names itself.
            elapsed: Seconds that passed since any fixed moment.
        """
        self._issuer = issuer
        self._elapsed = elapsed
        self._document: ProviderDocument | None = None
        self._keys: _Keys | None = None
        self._failed_at = float("-inf")
        self._lock = threading.Lock()

    def document(self) -> ProviderDocument:
        """Give what the provider says about itself.

        Raises:
            ProviderUnavailable: It never said so yet, and cannot be had.
        """
        known = self._document
        if known is not None and self._elapsed() - known.read_at < RENEW_S:
            return known
        with self._lock:
            if self._elapsed() - self._failed_at < RETRY_S:
                why = "it was away a moment ago"
                raise ProviderUnavailable(why)
            try:
                self._document = self._read()
            except ProviderUnavailable:
                self._failed_at = self._elapsed()
                if known is None:
                    raise
                self._document = replace(known, read_at=self._elapsed() - RENEW_S + REST_S)
            return self._document

    def keys(self, *, anew: bool = False) -> KeySet:
        """Give the keys that it signs with; `anew` where a token names one that is not among them.

        Raises:
            ProviderUnavailable: They cannot be had.
        """
        address = self.document().endpoints["jwks_uri"]
        known = self._keys
        if known is not None:
            age = self._elapsed() - known.read_at
            if age < REST_S or (age < RENEW_S and not anew):
                return known.keys
        found = fetched_object(address).get("keys")
        usable = [
            one for one in (found if isinstance(found, list) else ())
            if isinstance(one, dict) and one.get("kty") in KEY_KINDS
            and one.get("use", "sig") == "sig"
        ]  # fmt: skip
        try:
            keys = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, KeyError) as fault:
            why = f"its keys cannot be used: {fault}"
            raise ProviderUnavailable(why) from fault
        self._keys = _Keys(keys, self._elapsed())
        return keys

    def _read(self) -> ProviderDocument:
        found = fetched_object(str(get_well_known_url(self._issuer, external=True)))
        if found.get("issuer") != self._issuer:
            why = f"it names itself {found.get('issuer')!r}, not {self._issuer!r}"
            raise ProviderUnavailable(why)
        endpoints = {
            name: str(found[name])
            for name in (*_ENDPOINTS, *_OTHERS)
            if self._is_safe(found.get(name))
        }
        missing = [name for name in _ENDPOINTS if name not in endpoints]
        if missing:
            why = f"it has no {' and no '.join(missing)} that can be used"
            raise ProviderUnavailable(why)
        methods = found.get("token_endpoint_auth_methods_supported")
        return ProviderDocument(
            endpoints,
            tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",),
            found.get("authorization_response_iss_parameter_supported") is True,
            self._elapsed(),
        )

    def _is_safe(self, address: object) -> bool:
        """Say whether an address is as protected as the provider's own."""
        own = "https://" if self._issuer.startswith("https://") else "https?://"
        return isinstance(address, str) and re.fullmatch(rf"{own}\S+", address) is not None


def fetched_object(address: str, authorization: str = "") -> dict[str, object]:
    """Give a JSON object of the provider.

    Raises:
        ProviderUnavailable: It cannot be had.
    """
    headers = {"Accept": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    request = Request(address, headers=headers)  # noqa: S310  # of the settings, or found safe
    try:
        document = orjson.loads(fetch(request, within_s=WITHIN_S, at_most=AT_MOST))
    except (Unfetchable, ValueError) as fault:
        why = f"{address}: {fault}"
        raise ProviderUnavailable(why) from fault
    if not isinstance(document, dict):
        why = f"{address} is no JSON object"
        raise ProviderUnavailable(why)
    return document
