"""Says which member a browser shows a page to: the one in a token that the business signed.

A member token is a JWT (RFC 7519) with the claims `sub`, the member id, and `exp`, at most an hour
ahead. The business's backend, which knows who is logged in, signs it with a secret that it shares
with this server (HS256) or with a private key whose public half is in its JWKS (RS256, ES256,
EdDSA). Which key verifies a token is decided by how this server is set, never by the token: HS256
is checked with the secret only, the others with the JWKS only, and nothing else is accepted.

A token comes with every page, so one that was verified is known by its SHA-256 until it ends.
"""

from __future__ import annotations

import hashlib
import threading
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jwt
from jwt import InvalidSignatureError, PyJWK, PyJWTError

from app.auth.public_keys import ALGORITHMS, PublicKeys
from app.errors import MemberMismatch, MemberTokenMissing, MemberTokenRefused
from app.wiring import open_log
from experiments.member import id_problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from jwt.types import Options
    from structlog.typing import FilteringBoundLogger

    from app.settings import Settings

MEMBER_TOKEN_HEADER: Final = "X-Tierlift-Member"  # noqa: S105  # the name of a header
LIFETIME_S: Final = 3_600
"""Longest time from `iat`, or from now, to `exp`: what a stolen token is good for."""

LEEWAY_S: Final = 30
"""How far the clocks of the business and of this server may be apart."""

LENGTH_LIMIT: Final = 8_192
REMEMBERED: Final = 50_000
"""Verified tokens that one process knows; the one unused for longest goes first."""

_SYMMETRIC: Final = "HS256"
_LATEST: Final = 100_000_000_000
"""Seconds since 1970 past which a moment was written in milliseconds."""

# Times are checked here, by the clock that this application was given.
_OPTIONS: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_sub": False,
    "verify_jti": False,
    "enforce_minimum_key_length": True,
}


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a token with a good signature says.

    Attributes:
        member_id: Whom it names.
        starts: Seconds since 1970 from which it is accepted, leeway included.
        ends: From which it is not any more.
        key_version: The key set that verified it; 0 is the secret.
    """

    member_id: str
    starts: float
    ends: float
    key_version: int


class MemberTokens:
    """Verifies member tokens as the settings say."""

    def __init__(
        self,
        settings: Settings,
        log: FilteringBoundLogger | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Verify with the secret and the key set of `settings`; nothing is fetched yet.

        Args:
            settings: Who signs.
            log: Is told why a key set cannot be had; by default standard error is.
            elapsed: Seconds that passed since any fixed moment.
        """
        self._secret: PyJWK | None = None
        if settings.member_token_secret:
            octets = urlsafe_b64encode(settings.member_token_secret.encode()).rstrip(b"=")
            self._secret = PyJWK({"kty": "oct", "k": octets.decode()}, _SYMMETRIC)
        self._keys: PublicKeys | None = None
        if settings.member_token_jwks:
            self._keys = PublicKeys(settings.member_token_jwks, log or open_log(settings), elapsed)
        self._audience = settings.member_token_audience
        self._lock = threading.Lock()
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def member_of(self, token: str, now: datetime) -> str:
        """Give the id of the member that `token` names; an empty one is a missing one.

        Raises:
            MemberTokenMissing: None came.
            MemberTokenRefused: It is malformed, not signed by the business, expired or not valid
                yet, or valid for too long; the message names the claim, and nothing of its value.
            MemberKeysUnavailable: The key set could not be fetched, ever.
        """
        if not token:
            raise MemberTokenMissing
        moment = now.timestamp()
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._verified.get(digest)
        if (
            known is None
            or not known.starts <= moment < known.ends
            or (known.key_version and self._keys and known.key_version != self._keys.version())
        ):
            known = self._verify(token, moment)
            self._remember(digest, known)
        return known.member_id

    def _remember(self, digest: bytes, known: _Verified) -> None:
        with self._lock:
            self._verified[digest] = known
            self._verified.move_to_end(digest)
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)

    def _verify(self, token: str, moment: float) -> _Verified:
        claims, key_version = self._claims(token)
        self._check_audience(claims)
        starts, ends = _window(claims, moment)
        member_id = claims.get("sub")
        if fault := id_problem("sub", member_id):
            raise _refused(
                claim="sub", what=fault.message, way_out="Name the member's id there, as text."
            )
        return _Verified(str(member_id), starts, ends, key_version)

    def _claims(self, token: str) -> tuple[dict[str, Any], int]:
        """Give what a token says, once its signature is found good, and by which keys."""
        if len(token) > LENGTH_LIMIT:
            message = f"The member token is longer than {LENGTH_LIMIT} characters. Put less in it."
            raise MemberTokenRefused(message)
        malformed = "The member token is malformed: a JWT has three parts with points between."
        if not token.isascii():
            raise MemberTokenRefused(malformed)
        try:
            header = jwt.get_unverified_header(token)
        except PyJWTError as fault:
            raise MemberTokenRefused(malformed) from fault
        key, key_version = self._key(header)
        try:
            # the algorithm is that of our key; what the token says was only used to choose
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[key.algorithm_name], options=_OPTIONS
            )
        except InvalidSignatureError as fault:
            message = (
                "The signature of the member token is not of the business that this server knows. "
                "Sign it with the secret or the private key that belongs to the server's settings."
            )
            raise MemberTokenRefused(message) from fault
        except PyJWTError as fault:
            raise MemberTokenRefused(malformed) from fault
        return claims, key_version

    def _key(self, header: dict[str, Any]) -> tuple[PyJWK, int]:
        # whatever JSON can hold may stand there
        algorithm, key_id = str(header.get("alg")), header.get("kid")
        if algorithm == _SYMMETRIC and self._secret is not None:
            return self._secret, 0
        if algorithm in ALGORITHMS and self._keys is not None:
            found = self._keys.find(key_id, algorithm)
            if found is None:
                message = (
                    f"The member token's header kid names no key for {algorithm} of the key set "
                    "that this server knows. Publish the key there before signing with it."
                )
                raise MemberTokenRefused(message)
            return found, self._keys.version()
        accepted = [_SYMMETRIC] if self._secret is not None else []
        accepted += sorted(ALGORITHMS) if self._keys is not None else []
        message = (
            f"The member token's header alg is not one of {', '.join(accepted)}."
            if accepted
            else "This server knows nobody who signs member tokens. The operator must set "
            "TIERLIFT_MEMBER_TOKEN_SECRET or TIERLIFT_MEMBER_TOKEN_JWKS."
        )
        raise MemberTokenRefused(message)

    def _check_audience(self, claims: dict[str, Any]) -> None:
        named = claims.get("aud")
        audiences = named if isinstance(named, list) else [named]
        if not self._audience:
            # A token that names somebody else as its reader is not for this server (RFC 7519).
            if named:
                way_out = "Leave it out, or let the operator set TIERLIFT_MEMBER_TOKEN_AUDIENCE."
                raise _refused(
                    claim="aud", what="is there, but this server has no name", way_out=way_out
                )
        elif self._audience not in audiences:
            way_out = "Put the value of TIERLIFT_MEMBER_TOKEN_AUDIENCE there."
            raise _refused(claim="aud", what="does not name this server", way_out=way_out)


def check_member(named: str, asked: str) -> None:
    """Refuse a request about `asked` with a token that names another member.

    Raises:
        MemberMismatch: They are not the same.
    """
    if named != asked:
        raise MemberMismatch


def _window(claims: dict[str, Any], moment: float) -> tuple[float, float]:
    """Give from when and until when a token is accepted, in seconds since 1970.

    Raises:
        MemberTokenRefused: It is not accepted at `moment`.
    """
    expires = _seconds(claims, "exp")
    issued, not_before = _seconds(claims, "iat"), _seconds(claims, "nbf")
    if expires is None:
        way_out = f"Let a token end within {LIFETIME_S} s."
        raise _refused(claim="exp", what="is missing", way_out=way_out)
    if moment >= expires + LEEWAY_S:
        way_out = "Let the page get a new token from your backend."
        raise _refused(claim="exp", what="is over", way_out=way_out)
    began = moment + LEEWAY_S if issued is None else issued
    if expires - began > LIFETIME_S:
        way_out = f"Let a token end within {LIFETIME_S} s of iat."
        raise _refused(claim="exp", what="is too far ahead", way_out=way_out)
    starts = expires - LIFETIME_S - LEEWAY_S
    for claim, value in (("iat", issued), ("nbf", not_before)):
        if value is not None:
            starts = max(starts, value - LEEWAY_S)
            if moment < value - LEEWAY_S:
                way_out = "Set the clock of your backend, or wait."
                raise _refused(claim=claim, what="lies ahead", way_out=way_out)
    return starts, expires + LEEWAY_S


def _seconds(claims: dict[str, Any], claim: str) -> float | None:
    value = claims.get(claim)
    if value is None:
        return None
    # NaN is in no range
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        way_out = "Write whole seconds since 1970, in UTC."
        raise _refused(claim=claim, what="is no moment in seconds", way_out=way_out)
    return float(value)


def _refused(*, claim: str, what: str, way_out: str) -> MemberTokenRefused:
    return MemberTokenRefused(f"The claim {claim} of the member token {what}. {way_out}")
