"""Admits a request: by its API key, as often as the key may, and for whom it may speak."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from app.auth import check_member
from app.errors import AccessRefused, KeyRefused

if TYPE_CHECKING:
    from app.auth import AdmittedKey, KeyRing, RateLimiter, Scope
    from app.auth.member_token import MemberTokens
    from app.auth.rate_limit import Headers
    from app.front.exchange import Call

KEY_HEADER: Final = "X-API-Key"

_SCHEME: Final = "bearer"


class Admission:
    """Knows keys, member tokens and how often a key was used."""

    def __init__(self, key_ring: KeyRing, tokens: MemberTokens, rates: RateLimiter) -> None:
        """Admit by what these say."""
        self._key_ring = key_ring
        self._tokens = tokens
        self._rates = rates

    def admit(self, call: Call, scope: Scope) -> Headers:
        """Admit a call: set its key and its member, and give the headers that say what is left.

        Everybody who opens a page has the browser key in it. So its rate counts for each member by
        itself, and for all who come without a valid token together: whoever copies the key takes
        nothing from others.

        Raises:
            KeyRefused: No key came, or one that is malformed, unknown or revoked.
            MissingScope: The key lacks the scope.
            RateLimited: The key was used too often.
            MemberTokenMissing, MemberTokenRefused: A browser key without a token that names a
                member.
        """
        key = self._key_ring.authenticate(
            token_of(call.header("X_API_KEY"), call.header("AUTHORIZATION"))
        )
        # named before anything is checked, so that the log says whose request was refused
        call.key = key
        bucket = key.key_id
        if key.browser:
            try:
                call.member_id = self._tokens.member_of(call.header("X_TIERLIFT_MEMBER"), call.now)
            except AccessRefused:
                self._rates.take(f"{bucket}/", key.rate, monotonic()).require()
                raise
            bucket = f"{bucket}/{call.member_id}"
        allowance = self._rates.take(bucket, key.rate, monotonic())
        allowance.require()
        key.require(scope)
        return allowance.headers

    def admit_server(self, key: AdmittedKey) -> Headers:
        """Count a request by a key of a server, and give the headers that say what is left.

        Raises:
            RateLimited: The key was used too often.
        """
        allowance = self._rates.take(key.key_id, key.rate, monotonic())
        allowance.require()
        return allowance.headers

    def same_member(self, call: Call, member_id: str) -> None:
        """Refuse a browser that speaks of another member than its token names.

        Raises:
            MemberMismatch: It does.
        """
        if call.member_id is not None:
            check_member(call.member_id, member_id)


def token_of(key_header: str, authorization: str) -> str:
    """Give the API key that came, from whichever of the two headers carries it.

    Raises:
        KeyRefused: None came, or not in the form of a header that is read.
    """
    if token := key_header.strip():
        return token
    scheme, _, token = authorization.strip().partition(" ")
    if not scheme:
        message = (
            "No API key came. Send the header `Authorization: Bearer tl_…` or "
            f"`{KEY_HEADER}: tl_…`; make a key with `tierlift keys create NAME --scope SCOPE`."
        )
        raise KeyRefused(message)
    if scheme.lower() != _SCHEME or not token.strip():
        message = "The Authorization header must be `Bearer` and an API key, `Bearer tl_…`."
        raise KeyRefused(message)
    return token.strip()
