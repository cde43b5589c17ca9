"""Answers every fault as ``application/problem+json`` (RFC 9457), and logs those that are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import orjson
from flask import Response, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from app.api.context import trace_id, wiring
from app.errors import INTERNAL, Answer, BodyTooLarge, Explanation, explain
from app.front.faults import PROBLEM_JSON, headers_of, problem_values
from experiments.errors import shortened

if TYPE_CHECKING:
    from flask import Flask

SERVER_FAULT: Final = 500

NOT_FOUND: Final = Answer("not-found", 404, "There is nothing at this address.")
METHOD_NOT_ALLOWED: Final = Answer("method-not-allowed", 405, "This method is not allowed here.")


class FieldProblem(BaseModel):
    """One value that was refused."""

    field: str = Field(description="Path of the field.", examples=["variants[1].planned_share"])
    value: Annotated[
        str | float | bool | None,
        Field(description="What came; long text is cut, a list or an object is given as text."),
    ]
    message: str = Field(description="What is wrong with it.")
    way_out: str = Field(description="What would be accepted; may be empty.")


class Problem(BaseModel):
    """A fault, as RFC 9457 describes it."""

    type: str = Field(
        description="Identifies the kind of problem.",
        examples=["urn:tierlift:problem:invalid-values"],
    )
    title: str = Field(description="The same sentence for every problem of this kind.")
    status: int = Field(description="The HTTP status, repeated.", ge=400, le=599)
    detail: str = Field(description="What was wrong this time, and what would do.")
    instance: str = Field(description="The address that was asked.")
    trace_id: str = Field(description="Under this id the operator finds the request in the log.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="The values that were refused, at most 100."
    )


def register(app: Flask) -> None:
    """Answer every fault of `app` as a problem."""
    app.register_error_handler(HTTPException, answer_http_fault)
    app.register_error_handler(Exception, answer_fault)


def answer_fault(error: Exception) -> Response:
    """Answer a fault by its row in the table; what has no row is logged in full and hidden."""
    explanation = explain(error)
    if explanation.answer is INTERNAL:
        wiring().log.error("request_failed", exc_info=error)
    elif explanation.answer.status >= SERVER_FAULT:
        wiring().log.error(
            "store_failed", problem=explanation.answer.name, reason=str(error).split("\n", 1)[0]
        )
    headers = dict(headers_of(error, explanation.answer))
    return render(explanation, headers)


def answer_http_fault(error: HTTPException) -> Response:
    """Answer what the framework refused: an unknown address, a wrong method, a bad request line."""
    if error.code is None or error.code < 400:  # noqa: PLR2004  # a redirect is no fault
        return Response(response=error.get_response().get_data(), headers=error.get_headers())
    match error:
        case RequestEntityTooLarge():
            explanation = explain(BodyTooLarge(wiring().settings.max_body_bytes))
        case NotFound():
            explanation = Explanation(
                NOT_FOUND,
                f"There is nothing at {shortened(request.path)}. "
                "The addresses are listed at /docs and in /openapi.json.",
            )
        case MethodNotAllowed():
            allowed = ", ".join(sorted(error.valid_methods or ()))
            explanation = Explanation(
                METHOD_NOT_ALLOWED,
                f"{shortened(request.method)} is not allowed at this address. Use {allowed}.",
            )
        case _:
            title = f"{HTTP_STATUS_CODES.get(error.code, 'Refused')}."
            explanation = Explanation(Answer("", error.code, title), error.description or title)
    headers = dict(error.get_headers())
    headers.pop("Content-Type", None)
    return render(explanation, headers)


def render(explanation: Explanation, headers: dict[str, str] | None = None) -> Response:
    """Give an explanation as problem+json."""
    headers = dict(headers or {})
    if explanation.answer.retry_after_s is not None:
        headers.setdefault("Retry-After", str(explanation.answer.retry_after_s))
    body = problem_values(explanation, path=request.path, trace_id=trace_id())
    status = explanation.answer.status
    return Response(orjson.dumps(body), status, headers=headers, mimetype=PROBLEM_JSON)
