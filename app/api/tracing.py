"""Gives every request an id, logs it as one event, and puts on every answer what all carry.

The event names the route's rule, never the path, the query or the body: those hold member ids and
whatever a sender put there by mistake.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

from flask import Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.api.context import running
from app.front.tracing import TRACE_HEADER, trace_id_of
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from flask import Flask
    from structlog.typing import FilteringBoundLogger

_METHOD_LIMIT: Final = 16

# A page runs our own scripts only, and is never shown inside somebody else's.
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HTML: Final = "text/html"


def register(app: Flask, log: FilteringBoundLogger) -> None:
    """Trace every request of `app`, and write one event for each to `log`."""
    app.before_request(begin)

    @app.after_request
    def finish(response: Response) -> Response:
        complete(response)
        rule = request.url_rule
        api_key = g.get("api_key")
        route = rule.rule if rule is not None else None
        seconds = perf_counter() - g.started
        running().front.monitor.tally.answered(route, request.method, response.status_code, seconds)
        log.info(
            "request",
            method=request.method[:_METHOD_LIMIT],
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 2),
            key_id=api_key.key_id if api_key is not None else None,
        )
        return response


def begin() -> None:
    """Name the request, and refuse an address that no database could keep.

    Raises:
        InvalidValues: The path or the query holds a NUL character, or the query a byte beyond
            ASCII, of which nobody knows what it means.
    """
    g.started = perf_counter()
    g.trace_id = name = trace_id_of(
        request.headers.get("traceparent"), request.headers.get(TRACE_HEADER)
    )
    clear_contextvars()
    bind_contextvars(trace_id=name)
    if "\0" in request.path or b"%00" in request.query_string:
        raise InvalidValues(
            [Problem("(address)", request.path, "holds a NUL character", "Remove it.")]
        )
    if not request.query_string.isascii():
        message = "has a query with a character that is not percent-encoded"
        way_out = "Encode it as UTF-8, like %E9%87%91."
        raise InvalidValues([Problem("(address)", request.path, message, way_out)])


def complete(response: Response) -> None:
    """Add the headers that every answer carries; what it says itself of them stands."""
    headers = response.headers
    headers.add("X-Content-Type-Options", "nosniff")
    headers["Referrer-Policy"] = "no-referrer"
    headers.add(TRACE_HEADER, g.trace_id)
    for name, value in g.get("told", ()):
        headers.setdefault(name, value)
    if "Cache-Control" not in headers:
        headers.add("Cache-Control", "no-store")
    if response.mimetype == _HTML:
        headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
