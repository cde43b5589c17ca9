"""Keys of a business, and tokens as its backend signs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SECRET = "the business and this server know it"  # noqa: S105  # of the tests

RSA_KEY = rsa.generate_private_key(65_537, 2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
PRIVATE_KEYS = {"RS256": RSA_KEY, "ES256": EC_KEY, "EdDSA": ED_KEY}


def public_jwk(algorithm: str, key_id: str | None = None, private: Any = None) -> dict[str, Any]:  # noqa: ANN401  # three kinds
    """Give the public half of a key as its business publishes it."""
    key = (private or PRIVATE_KEYS[algorithm]).public_key()
    written = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
    jwk = written[algorithm].to_jwk(key, as_dict=True)
    return {**jwk, "kid": key_id or algorithm, "use": "sig", "alg": algorithm}


def write_keys(path: Path, *jwks: dict[str, Any]) -> str:
    """Publish keys in a file, and give its path."""
    path.write_text(json.dumps({"keys": jwks}), "utf-8")
    return str(path)


def claims(now: datetime, **changed: object) -> dict[str, Any]:
    """Give the claims of a good token; None leaves one out."""
    moment = int(now.timestamp())
    said = {"sub": "member-1", "iat": moment, "exp": moment + 600, **changed}
    return {name: value for name, value in said.items() if value is not None}


def signed(
    said: dict[str, Any],
    algorithm: str = "HS256",
    key: Any = None,  # noqa: ANN401  # a secret or three kinds of keys
    **header: object,
) -> str:
    """Give a token; a header that is None is left out."""
    if algorithm != "HS256":
        header = {"kid": algorithm, **header}
    key = key or (SECRET if algorithm == "HS256" else PRIVATE_KEYS[algorithm])
    named = {name: value for name, value in header.items() if value is not None}
    return jwt.encode(said, key, algorithm, headers=named)
