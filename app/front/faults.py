"""Answers a fault: as a problem (RFC 9457), or as OFREP's clients read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from app.errors import (
    KeyRefused,
    MemberTokenMissing,
    MemberTokenRefused,
    MissingScope,
    RateLimited,
    explain,
)
from app.front.exchange import Reply

if TYPE_CHECKING:
    from app.errors import Answer, Explanation

PROBLEM_JSON: Final = "application/problem+json"
CHALLENGE: Final = 'Bearer realm="tierlift"'

_SHOWN_PATH: Final = 200


def problem(error: Exception, *, path: str, trace_id: str) -> Reply:
    """Give the answer to a fault by its row in the table of `app.errors`."""
    explanation = explain(error)
    return Reply(
        explanation.answer.status,
        orjson.dumps(problem_values(explanation, path=path, trace_id=trace_id)),
        headers_of(error, explanation.answer),
        PROBLEM_JSON,
    )


def problem_values(explanation: Explanation, *, path: str, trace_id: str) -> dict[str, Any]:
    """Give the fields of a problem."""
    answer = explanation.answer
    return {
        "type": answer.type if answer.name else "about:blank",
        "title": answer.title,
        "status": answer.status,
        "detail": explanation.detail,
        "instance": path[:_SHOWN_PATH],
        "trace_id": trace_id,
        "errors": explanation.errors,
    }


def headers_of(error: Exception, answer: Answer) -> tuple[tuple[str, str], ...]:
    """Give the headers that say when to come back, and with what."""
    headers: tuple[tuple[str, str], ...] = ()
    match error:
        case KeyRefused():
            headers = (("WWW-Authenticate", CHALLENGE),)
        case MissingScope():
            needed = f'{CHALLENGE}, error="insufficient_scope", scope="{error.needed}"'
            headers = (("WWW-Authenticate", needed),)
        case MemberTokenMissing() | MemberTokenRefused():
            headers = (("WWW-Authenticate", CHALLENGE),)
        case RateLimited():
            return error.headers
        case _:
            pass
    if answer.retry_after_s is not None:
        headers = (*headers, ("Retry-After", str(answer.retry_after_s)))
    return headers
