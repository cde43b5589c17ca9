"""Asks another server for a document: bounded in time and size, and following no redirect."""

from __future__ import annotations

import ssl
import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

if TYPE_CHECKING:
    from http.client import HTTPResponse

_CHUNK: Final = 16_384


class Unfetchable(Exception):
    """A document that cannot be had; says why."""


class _NoRedirect(HTTPRedirectHandler):
    """Leaves a redirect unfollowed: it could lead away from https, or to another's document."""

    def redirect_request(self, *_: Any, **__: Any) -> None:  # noqa: ANN401  # urllib's signature
        """Follow nothing."""


def fetch(request: Request, *, within_s: float, at_most: int) -> bytes:
    """Give what a server answers.

    Raises:
        Unfetchable: It refuses, is away, or answers too slowly or too much.
    """
    return _asked(request, within_s, at_most, is_refusal_read=False)[1]


def exchange(request: Request, *, within_s: float, at_most: int) -> tuple[int, bytes]:
    """Give status and body of what a server answers, refusals included.

    Raises:
        Unfetchable: It is away, or answers too slowly or too much.
    """
    return _asked(request, within_s, at_most, is_refusal_read=True)


def _asked(
    request: Request, within_s: float, at_most: int, *, is_refusal_read: bool
) -> tuple[int, bytes]:
    opener = build_opener(HTTPSHandler(context=ssl.create_default_context()), _NoRedirect)
    until = time.monotonic() + within_s
    try:
        try:
            with opener.open(request, timeout=within_s) as response:
                return response.status, _read(response, until, within_s, at_most)
        except HTTPError as refusal:
            if not is_refusal_read or refusal.fp is None:
                raise
            with refusal:
                return refusal.code, refusal.read(at_most)
    except (OSError, HTTPException, ValueError) as fault:
        message = f"{type(fault).__name__}: {fault}"
        raise Unfetchable(message) from fault


def _read(response: HTTPResponse, until: float, within_s: float, at_most: int) -> bytes:
    document = b""
    while chunk := response.read1(_CHUNK):
        document += chunk
        if len(document) > at_most:
            message = f"it is larger than {at_most} bytes"
            raise Unfetchable(message)
        if time.monotonic() > until:
            message = f"it took longer than {within_s} s"
            raise Unfetchable(message)
    return document
