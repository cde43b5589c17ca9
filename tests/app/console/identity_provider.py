"""An identity provider that says whatever a test wants; a real one is asked in `tests.browser`."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY: Final = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CLIENT: Final = "tierlift"
SECRET: Final = "hunter2"  # noqa: S105  # of the tests


@dataclass
class Provider:
    """A provider that runs.

    Attributes:
        port: Where it listens.
        now: The moment at which it signs.
        changed: Claims that it puts in place of the right ones; None takes one away.
        told: What it tells of whoever signs in besides the ID token.
        key: What it signs with.
        is_away: Whether it answers everything with 503.
        asked: The paths that it was asked for.
    """

    port: int
    now: datetime
    changed: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=lambda: {"sub": "ada"})
    key: RSAKey = field(default_factory=lambda: KEY)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """How it names itself."""
        return f"http://127.0.0.1:{self.port}/realms/shop"

    def sent_back(self, location: str, **changed: str) -> str:
        """Give the address that a browser comes back to, which was sent to `location`."""
        asked = {name: one[0] for name, one in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.issuer}/auth?")
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer} | changed
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, object]:
        """Give status and body."""
        self.asked.append(path)
        if self.is_away:
            return 503, {}
        match path.removeprefix("/realms/shop/"):
            case ".well-known/openid-configuration":
                places = {"authorization": "auth", "token": "token", "userinfo": "me",
                          "end_session": "end"}  # fmt: skip
                return 200, {
                    "issuer": self.issuer,
                    "jwks_uri": f"{self.issuer}/keys",
                    "authorization_response_iss_parameter_supported": True,
                    **{f"{one}_endpoint": f"{self.issuer}/{at}" for one, at in places.items()},
                }
            case "keys":
                return 200, {"keys": [KEY.as_dict(private=False)]}
            case "token":
                return self._token(form, authorization)
            case "me":
                return (200, self.told) if authorization == "Bearer access" else (401, {})
            case _:
                return 404, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, object]:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
            or authorization != f"Basic {basic}"
        ):
            return 400, {"error": "invalid_grant"}
        at = int(self.now.timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "ada", "iat": at, "exp": at + 300,
            "nonce": asked["nonce"], "email": "ada@example.com", "email_verified": True,
            "name": "Ada",
        } | self.changed  # fmt: skip
        signed = {name: one for name, one in claims.items() if one is not None}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, signed, self.key)
        return 200, {"id_token": token, "access_token": "access", "token_type": "Bearer"}


@contextmanager
def provider_at(now: datetime) -> Iterator[Provider]:
    """Run a provider whose clock stands still."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: one[0] for name, one in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, body = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = Provider(server.server_port, now)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
