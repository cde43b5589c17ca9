"""Gives a request its id: the caller's where it sends one, so that both logs agree."""

from __future__ import annotations

import re
import secrets
from typing import Final

TRACE_HEADER: Final = "X-Request-Id"

_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}"
)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


def trace_id_of(traceparent: str | None, request_id: str | None) -> str:
    """Give the caller's id where it is one, else a new one.

    Args:
        traceparent: The header of W3C Trace Context; it counts before the other.
        request_id: The header `X-Request-Id`.
    """
    if traceparent:
        if found := _TRACEPARENT.match(traceparent):
            return found[1]
    elif request_id and _REQUEST_ID.fullmatch(request_id):
        return request_id
    return secrets.token_hex(16)
