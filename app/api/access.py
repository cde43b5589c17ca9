"""Admits a request: reads its API key and asks the key ring whether it may."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from flask import g, request

from app.api.context import running
from app.errors import KeyRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.auth import Scope

KEY_HEADER: Final = "X-API-Key"

_SCHEME: Final = "bearer"

P = ParamSpec("P")
T = TypeVar("T")


def require(scope: Scope) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a view run only for a key with `scope`; `app.api.context.present_key` names it then.

    Raises:
        KeyRefused: No key came, or one that is malformed, unknown or revoked.
        MissingScope: The key lacks the scope.
    """

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def admitted(*args: P.args, **kwargs: P.kwargs) -> T:
            key_ring = running().key_ring
            # Named before the scope is checked, so that the log says whose request was refused.
            g.api_key = key_ring.authenticate(_token())
            g.api_key.require(scope)
            return view(*args, **kwargs)

        return admitted

    return decorate


def _token() -> str:
    """Give the key that came, from whichever of the two headers carries it."""
    if token := request.headers.get(KEY_HEADER):
        return token.strip()
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
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
