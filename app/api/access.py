"""Admits a request: reads its API key and asks the key ring whether it may."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import g, request

from app.api.context import running
from app.front.admission import KEY_HEADER, token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.auth import Scope

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
            token = token_of(
                request.headers.get(KEY_HEADER, ""), request.headers.get("Authorization", "")
            )
            g.api_key = key_ring.authenticate(token)
            g.told = running().front.admission.admit_server(g.api_key)
            g.api_key.require(scope)
            return view(*args, **kwargs)

        return admitted

    return decorate
