"""Lets pages of other origins call what frontends call (CORS), without credentials of a browser.

Keys and member tokens come in headers that a page has to set, never in cookies, so that any origin
may ask without anybody's session being at risk.
"""

from __future__ import annotations

from typing import Final

ANY: Final = "*"

_METHODS: Final = "GET, POST, OPTIONS"
_REQUEST_HEADERS: Final = (
    "Authorization, Content-Type, If-None-Match, X-API-Key, X-Request-Id, "
    "X-Tierlift-Member, X-Tierlift-Override, traceparent, tracestate"
)
_ANSWER_HEADERS: Final = (
    "ETag, Retry-After, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
)
_PREFLIGHT_S: Final = "7200"


class Origins:
    """The origins whose pages may call, as the operator has set them."""

    def __init__(self, allowed: str) -> None:
        """Allow a list of origins with spaces between, or ``*`` for all."""
        self._allowed = frozenset(allowed.split())
        self._any = ANY in self._allowed

    def answer_headers(self, origin: str) -> list[tuple[str, str]]:
        """Give the headers that let a page of `origin` read an answer; none where it may not."""
        if not origin:
            return [] if self._any else [("Vary", "Origin")]
        if self._any:
            return [
                ("Access-Control-Allow-Origin", ANY),
                ("Access-Control-Expose-Headers", _ANSWER_HEADERS),
            ]
        if origin not in self._allowed:
            return [("Vary", "Origin")]
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", _ANSWER_HEADERS),
            ("Vary", "Origin"),
        ]

    def preflight_headers(self, origin: str) -> list[tuple[str, str]]:
        """Give the headers that answer a browser's question before it sends the request."""
        headers = self.answer_headers(origin)
        if len(headers) < 2:  # noqa: PLR2004  # only Vary, or nothing: not allowed
            return headers
        return [
            *headers,
            ("Access-Control-Allow-Methods", _METHODS),
            ("Access-Control-Allow-Headers", _REQUEST_HEADERS),
            ("Access-Control-Max-Age", _PREFLIGHT_S),
        ]
