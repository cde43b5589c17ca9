"""The least that a server on Granian can do: answer the same bytes, or none.

Two answer as long a body as an offer has; its length comes by the variable BENCH_BODY_BYTES.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import Flask, Response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

_EMPTY = b'{"offer":""}'
BODY = _EMPTY.replace(b'""', b'"%s"' % (b"x" * (int(os.environ["BENCH_BODY_BYTES"]) - len(_EMPTY))))

flask_route = Flask(__name__)


@flask_route.get("/v1/members/<path:member_id>/offer")
def constant_offer(member_id: str) -> Response:  # noqa: ARG001  # what the route is asked for
    """Answer the constant body."""
    return Response(BODY, mimetype="application/json")


@flask_route.get("/empty")
def empty() -> str:
    """Answer nothing."""
    return ""


def bare_wsgi(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer the constant body without a framework."""
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
    )
    return [BODY]
