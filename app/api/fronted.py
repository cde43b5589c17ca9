"""Documents the addresses that the front answers, and asks it where one comes to Flask after all.

The front takes what frontends send. Flask gets the rest of these addresses' methods, HEAD for
instance, and what runs a view without the front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, g, request

from app.api.context import running, trace_id
from app.errors import (
    MemberKeysUnavailable,
    MemberMismatch,
    MemberTokenMissing,
    MemberTokenRefused,
    RateLimited,
)
from experiments.errors import Overloaded

if TYPE_CHECKING:
    from app.front.front import Endpoint

FRONT_FAULTS: Final = (
    MemberTokenMissing,
    MemberTokenRefused,
    MemberMismatch,
    MemberKeysUnavailable,
    RateLimited,
    Overloaded,
)
"""What every address of the front may answer beside its own faults."""


def through_front(endpoint: Endpoint) -> Response:
    """Give the front's answer to the present request."""
    front = running().front
    call = front.call_of(request.environ, trace_id())
    reply = front.reply(call, endpoint)
    g.api_key = call.key
    response = Response(reply.body, reply.status, mimetype=reply.media_type)
    response.headers.extend([*call.told, *reply.headers])
    return response
