"""Signs and reads overrides: a tester sees a variant of a campaign, as one member, for a while.

An override is a JWT (HS256) that names the campaign, the member, the variant and its end. It is
only for looking: what is served by one is neither remembered nor an exposure. One that is forged,
over or of somebody else is ignored, the member gets what everybody gets, and the log says so: an
address with an old override in it keeps working.

The secret is made when the first override is, and is kept in the database. A setting would have to
be made up, carried to every process and to whoever signs, and kept out of files, before the first
look at an offer; who may sign has the database already. Whoever steals it sees the variants of the
campaigns that run, which is less than the same database tells.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import jwt
from jwt import PyJWK, PyJWTError
from sqlalchemy.exc import SQLAlchemyError

from experiments.errors import InvalidValues, Problem, StoreError, UnknownVariant
from experiments.lifecycle import find_campaign
from experiments.member import id_problem
from experiments.store.audit import COMMAND_LINE, Change, SubjectKind, note_change
from experiments.store.engine import reading, writing
from experiments.store.signing_secrets import add_signing_secret, find_signing_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from jwt.types import Options
    from sqlalchemy import Engine
    from structlog.typing import FilteringBoundLogger

OVERRIDE_HEADER: Final = "X-Tierlift-Override"
OVERRIDE_PARAMETER: Final = "override"
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=7)
TOKENS_LIMIT: Final = 10
"""Overrides that one request may carry, with commas between."""

LENGTH_LIMIT: Final = 4_096

_PURPOSE: Final = "override"
_AUDIENCE: Final = "tierlift:override"
_ALGORITHM: Final = "HS256"
_SECRET_BYTES: Final = 32
_REST_S: Final = 1.0
_NONE: Final[Mapping[str, str]] = MappingProxyType({})

# The end is checked here, by the clock that this application was given.
_OPTIONS: Final[Options] = {
    "verify_exp": False,
    "verify_iat": False,
    "require": ["sub", "campaign", "variant", "exp", "aud"],
    "enforce_minimum_key_length": True,
}


def create_override(
    engine: Engine,
    campaign_key: str,
    *,
    member_id: str,
    variant: str,
    lasts: timedelta,
    now: datetime,
    actor: str = COMMAND_LINE,
) -> str:
    """Sign that `member_id` sees `variant` of a campaign, for as long as `lasts`.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownVariant: The campaign has no such variant.
        InvalidValues: The member id cannot be one, or the override would last too long.
        StoreError: The database cannot be asked.
    """
    problems = [fault] if (fault := id_problem("member", member_id)) else []
    if not SHORTEST <= lasts <= LONGEST:
        way_out = f"Give a time of up to {LONGEST.days} days, such as 1h."
        problems.append(Problem("expires", str(lasts), "is too short or too long", way_out))
    if problems:
        raise InvalidValues(problems)
    variants = [one.key for one in find_campaign(engine, campaign_key).design.variants]
    if variant not in variants:
        raise UnknownVariant(variant, variants, campaign_key)
    with writing(engine) as connection:
        made = urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        add_signing_secret(connection, _PURPOSE, made, now)
        secret = find_signing_secret(connection, _PURPOSE) or made
        # without the member, whom an erasure could not take out again
        after = {"variant": variant, "expires_at": (now + lasts).isoformat()}
        change = Change("create", SubjectKind.OVERRIDE, campaign_key, None, after)
        note_change(connection, change, now, actor)
    claims = {
        "aud": _AUDIENCE,
        "sub": member_id,
        "campaign": campaign_key,
        "variant": variant,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
    }
    return jwt.encode(claims, urlsafe_b64decode(secret), _ALGORITHM)


class Overrides:
    """Reads overrides that requests carry."""

    def __init__(
        self,
        engine: Engine,
        log: FilteringBoundLogger,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """Check signatures with the secret in `engine`, and tell `log` what was ignored and why."""
        self._engine = engine
        self._log = log
        self._elapsed = elapsed
        self._secret: PyJWK | None = None
        self._asked_at = float("-inf")

    def variants(self, tokens: str, member_id: str, now: datetime) -> Mapping[str, str]:
        """Give the variants that `member_id` is to see, by campaign; never an error.

        Args:
            tokens: One override, or several with commas between.
            member_id: Whom the request is about.
            now: The present moment.
        """
        if not tokens:
            return _NONE
        given = tokens.split(",", TOKENS_LIMIT)
        if len(given) > TOKENS_LIMIT:
            self._ignore(f"more than {TOKENS_LIMIT} came")
            return _NONE
        chosen: dict[str, str] = {}
        for token in given:
            try:
                claims = self._claims(token.strip())
                campaign_key, variant = _choice(claims, member_id, now)
            except (_Unusable, PyJWTError, StoreError, SQLAlchemyError) as fault:
                # its words, which never hold the token; a store's fault names the address
                self._ignore(
                    str(fault) if isinstance(fault, _Unusable) else type(fault).__name__,
                )
            else:
                chosen[campaign_key] = variant
        return chosen

    def _ignore(self, reason: str) -> None:
        self._log.warning("override_ignored", reason=reason)

    def _claims(self, token: str) -> dict[str, Any]:
        if not token.isascii() or len(token) > LENGTH_LIMIT:
            message = "it is malformed"
            raise _Unusable(message)
        secret = self._known_secret()
        if secret is None:
            message = "this installation never signed one"
            raise _Unusable(message)
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], audience=_AUDIENCE, options=_OPTIONS
        )
        return claims

    def _known_secret(self) -> PyJWK | None:
        """Give the secret; it never changes once it is there, and is looked for once a second."""
        if self._secret is None and self._elapsed() - self._asked_at >= _REST_S:
            self._asked_at = self._elapsed()
            with reading(self._engine) as connection:
                secret = find_signing_secret(connection, _PURPOSE)
            if secret is not None:
                self._secret = PyJWK({"kty": "oct", "k": secret.rstrip("=")}, _ALGORITHM)
        return self._secret


class _Unusable(Exception):
    """An override with a good signature that does not apply, or without one."""


def _choice(claims: dict[str, Any], member_id: str, now: datetime) -> tuple[str, str]:
    """Give the campaign and the variant of an override that was signed here."""
    if now.timestamp() >= claims["exp"]:
        message = "it is over"
        raise _Unusable(message)
    if claims["sub"] != member_id:
        message = "it is of another member"
        raise _Unusable(message)
    return claims["campaign"], claims["variant"]
