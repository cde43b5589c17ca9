"""Asks the business's identity provider who somebody is, and believes only what is proved.

OpenID Connect's authorization code flow with PKCE, state and nonce. What the provider says about
itself and its keys is remembered, so that a sign-in costs one request to it, or two. Who may enter
is decided in `app.auth.provider_people`.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.request import Request

import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from app.auth.fetching import Unfetchable, exchange
from app.auth.identity import Identity, identity_of, lacks
from app.auth.provider_document import AT_MOST, WITHIN_S, ProviderDocuments, fetched_object
from app.errors import IdentityFault, IdentityRefused, ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from app.auth.provider_document import ProviderDocument
    from app.settings import ProviderSettings

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
)  # fmt: skip
"""Of ID tokens: those whose key only the provider has."""

LEEWAY_S: Final = 60
JOURNEY_S: Final = 900
"""How long somebody may take at the provider."""

_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Journey:
    """Somebody's way to the provider and back, remembered in their browser alone.

    Attributes:
        state: What the provider hands back, by which the way back is known to be of this browser.
        nonce: What the ID token must hold.
        verifier: What proves that the code was asked for here (PKCE).
        began_at: Seconds since 1970.
        back: Where in the console it leads.
    """

    state: str
    nonce: str
    verifier: str = field(repr=False)
    began_at: int
    back: str


class IdentityProvider:
    """One provider, and what is known of it."""

    def __init__(
        self, settings: ProviderSettings, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask the provider of `settings`, once somebody wants to sign in.

        Args:
            settings: Where it is, and what it knows this installation by.
            elapsed: Seconds that passed since any fixed moment.
        """
        self.settings = settings
        self._documents = ProviderDocuments(settings.issuer, elapsed)

    def begin(self, way_back: str, back: str, now: datetime) -> tuple[str, Journey]:
        """Give where to send a browser, and what it is to remember meanwhile.

        Args:
            way_back: Address of ours that the provider sends the browser back to.
            back: Where in the console the journey leads.
            now: The present moment.

        Raises:
            ProviderUnavailable: It cannot be had.
        """
        about = self._documents.document()
        state, nonce, verifier = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(3))
        address = prepare_grant_uri(
            about.endpoints["authorization_endpoint"], self.settings.client_id, "code", way_back,
            self.settings.scopes, state, nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
        )  # fmt: skip
        return str(address), Journey(state, nonce, verifier, int(now.timestamp()), back)

    def finish(
        self, journey: Journey | None, answer: Mapping[str, str], way_back: str, now: datetime
    ) -> Identity:
        """Give who came back from the provider.

        Args:
            journey: What the browser remembered; None where it has nothing.
            answer: What the provider sent with it.
            way_back: The address that it was sent back to.
            now: The present moment.

        Raises:
            IdentityRefused: They are not proved to be anybody.
            ProviderUnavailable: It cannot be had.
        """
        sent = answer.get("state", "")
        is_ours = journey is not None and hmac.compare_digest(journey.state.encode(), sent.encode())
        if journey is None or not is_ours or now.timestamp() - journey.began_at > JOURNEY_S:
            raise IdentityRefused(IdentityFault.EXPIRED, "no state, or another one")
        about = self._documents.document()
        came_from = answer.get("iss")
        if came_from != self.settings.issuer and (came_from is not None or about.sends_issuer):
            raise IdentityRefused(IdentityFault.UNPROVEN, "the answer is of another issuer")
        code = answer.get("code")
        if not code:
            raise IdentityRefused(IdentityFault.DENIED, answer.get("error", "no code")[:100])
        tokens = self._exchanged(about, code, journey.verifier, way_back)
        claims = self._proved(tokens, journey.nonce, now)
        return self._identity(about, claims, tokens)

    def end_address(self, back: str) -> str | None:
        """Give where to sign out at the provider, or None where it has no such place or is away.

        Args:
            back: Address of ours that it leads back to.
        """
        try:
            address = self._documents.document().endpoints.get("end_session_endpoint")
        except ProviderUnavailable:
            return None
        if address is None:
            return None
        asked = [("client_id", self.settings.client_id), ("post_logout_redirect_uri", back)]
        return str(add_params_to_uri(address, asked))

    def _exchanged(
        self, about: ProviderDocument, code: str, verifier: str, way_back: str
    ) -> dict[str, object]:
        """Give the tokens that a code is good for, once."""
        body = prepare_token_request(
            "authorization_code", redirect_uri=way_back, code=code, code_verifier=verifier
        )
        is_basic = "client_secret_basic" in about.methods or (
            "client_secret_post" not in about.methods
        )
        address, headers, body = ClientAuth(
            self.settings.client_id, self.settings.client_secret,
            "client_secret_basic" if is_basic else "client_secret_post",
        ).prepare("POST", about.endpoints["token_endpoint"], {}, body)  # fmt: skip
        headers |= {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        request = Request(address, body.encode(), headers)  # noqa: S310  # checked to be safe
        try:
            status, answer = exchange(request, within_s=WITHIN_S, at_most=AT_MOST)
            tokens = orjson.loads(answer)
        except (Unfetchable, ValueError) as fault:
            why = f"{address}: {fault}"
            raise ProviderUnavailable(why) from fault
        if not isinstance(tokens, dict) or not isinstance(tokens.get("id_token"), str):
            error = str(tokens.get("error", ""))[:100] if isinstance(tokens, dict) else ""
            raise IdentityRefused(IdentityFault.UNPROVEN, f"no ID token: {status} {error}")
        return tokens

    def _proved(self, tokens: dict[str, object], nonce: str, now: datetime) -> dict[str, object]:
        """Give the claims of an ID token that the provider signed for this journey."""
        token = str(tokens["id_token"])
        try:
            try:
                decoded = jwt.decode(token, self._documents.keys(), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                decoded = jwt.decode(token, self._documents.keys(anew=True), algorithms=ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self.settings.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as fault:
            reason = f"{type(fault).__name__}: {fault}"
            raise IdentityRefused(IdentityFault.UNPROVEN, reason) from fault
        return dict(claims)

    def _identity(
        self, about: ProviderDocument, claims: dict[str, object], tokens: dict[str, object]
    ) -> Identity:
        roles_claim = self.settings.roles_claim if self.settings.rules else ""
        access, address = tokens.get("access_token"), about.endpoints.get("userinfo_endpoint")
        told: dict[str, object] = {}
        if address is not None and isinstance(access, str) and lacks(claims, roles_claim):
            told = fetched_object(address, f"Bearer {access}")
            if told.get("sub") != claims["sub"]:
                raise IdentityRefused(IdentityFault.UNPROVEN, "userinfo is of somebody else")
        return identity_of(self.settings.issuer, claims, told, self.settings.roles_claim)
