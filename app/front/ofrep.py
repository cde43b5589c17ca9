"""Answers the OpenFeature Remote Evaluation Protocol 0.3.0: any OpenFeature SDK is a client.

A campaign is a flag, a variant of it a variant, the public terms and texts of its offer the value.
https://github.com/open-feature/protocol
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson

from app.errors import RequestRefused, explain
from app.front.exchange import Reply
from app.front.faults import headers_of
from experiments.errors import InvalidValues, UnknownCampaign
from experiments.member import attribute_problems, id_problem
from experiments.serving import Asking, offer_for, offers_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.front.desk import Desk
    from app.front.exchange import Call
    from experiments.member import Attribute

BULK: Final = "/ofrep/v1/evaluate/flags"
SINGLE: Final = "/ofrep/v1/evaluate/flags/"
SINGLE_RULE: Final = "/ofrep/v1/evaluate/flags/<key>"

TARGETING_KEY: Final = "targetingKey"
LOCALE: Final = "locale"

_EXPECTED: Final = 'Send {"context": {"targetingKey": …}}.'


class ErrorCode(StrEnum):
    """What went wrong, in the protocol's words."""

    PARSE_ERROR = "PARSE_ERROR"
    TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING"
    INVALID_CONTEXT = "INVALID_CONTEXT"
    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
    GENERAL = "GENERAL"


class EvaluationRefused(Exception):
    """A request that OFREP has an error code for.

    Attributes:
        code: The protocol's word for it.
        details: What was wrong, what came, what would do.
    """

    def __init__(self, code: ErrorCode, details: str) -> None:
        self.code, self.details = code, details
        super().__init__(details)


def evaluate(desk: Desk, call: Call) -> Reply:
    """Evaluate one flag for the member in the context; a first assignment is remembered.

    Raises:
        EvaluationRefused, AccessRefused, StoreError: See `refused`.
    """
    asking, asked = _asking(desk, call, is_seen=True)
    listing = desk.serving.watch.listing()
    answer = offer_for(desk.serving, listing, call.path[len(SINGLE) :], asking)
    desk.observed((answer,))
    flag = desk.flags.of(answer, asked, listing.catalogue, is_private=call.member_id is None)
    (progress,) = desk.progresses.of_answers((answer,), listing, call.now)
    return Reply(200, flag.json(flag.worth(desk.serving, answer), progress))


def evaluate_all(desk: Desk, call: Call) -> Reply:
    """Evaluate every campaign that is served; the same answer is not sent twice.

    The tag covers the answer and not the configuration: a client keeps its tag when the attributes
    of a member change.

    Raises:
        EvaluationRefused, AccessRefused, StoreError: See `refused`.
    """
    asking, asked = _asking(desk, call, is_seen=False)
    listing = desk.serving.watch.listing()
    answers = offers_for(desk.serving, listing, asking)
    desk.observed(answers)
    is_private = call.member_id is None
    flags = [
        desk.flags.of(answer, asked, listing.catalogue, is_private=is_private) for answer in answers
    ]
    version = orjson.dumps(listing.catalogue.version)
    worths = [flag.worth(desk.serving, answer) for flag, answer in zip(flags, answers, strict=True)]
    progresses = desk.progresses.of_answers(answers, listing, call.now)
    said = b"".join(
        [*(flag.digest for flag in flags), *worths, *dict.fromkeys(progresses), version]
    )
    tag = f'"{hashlib.blake2b(said, digest_size=16).hexdigest()}"'
    headers = (("ETag", tag), ("Cache-Control", "private, no-cache"))
    if matches(call.header("IF_NONE_MATCH"), tag):
        return Reply(304, b"", headers)
    own = zip(flags, worths, progresses, strict=True)
    texts = b",".join([flag.json(worth, progress) for flag, worth, progress in own])
    body = b'{"flags":[' + texts + b'],"metadata":{"catalogueVersion":' + version + b"}}"
    return Reply(200, body, headers)


def refused(call: Call, error: Exception) -> Reply:
    """Give a fault as OFREP's clients read it: always with a key and an error code."""
    match error:
        case EvaluationRefused():
            status, code, details = 400, error.code, error.details
            headers: tuple[tuple[str, str], ...] = ()
        case UnknownCampaign():
            status, code, details = 404, ErrorCode.FLAG_NOT_FOUND, str(error)
            headers = ()
        case _:
            explanation = explain(error)
            status, details = explanation.answer.status, explanation.detail
            code = ErrorCode.PARSE_ERROR if isinstance(error, RequestRefused) else ErrorCode.GENERAL
            headers = headers_of(error, explanation.answer)
            if isinstance(error, InvalidValues):
                status, code = 400, ErrorCode.INVALID_CONTEXT
    key = call.path[len(SINGLE) :]
    body = {"key": key, "errorCode": code, "errorDetails": f"{details} (trace {call.trace_id})"}
    return Reply(status, orjson.dumps(body), headers)


def matches(header: str, tag: str) -> bool:
    """Say whether ``If-None-Match`` names a tag, weak or strong, or any."""
    if not header:
        return False
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in header.split(","))


def _asking(desk: Desk, call: Call, *, is_seen: bool) -> tuple[Asking, str]:
    """Give who asks, and the locales asked for."""
    context = _context(call.body())
    member_id = _targeting_key(context)
    desk.admission.same_member(call, member_id)
    asked = call.languages(context.get(LOCALE))
    # what a page says of its member decides nothing: anybody can open the developer tools
    attributes = _attributes(context) if call.member_id is None else MappingProxyType({})
    overrides = desk.overrides(call, "", member_id)
    return Asking(member_id, call.now, attributes, overrides, is_seen), asked


def _context(raw: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = f"The body is not JSON: {error}. {_EXPECTED}"
        raise EvaluationRefused(ErrorCode.PARSE_ERROR, message) from None
    if not isinstance(document, dict):
        message = f"The body is not an object. {_EXPECTED}"
        raise EvaluationRefused(ErrorCode.INVALID_CONTEXT, message)
    context = document.get("context")
    if context is None:
        message = f"The context is missing. {_EXPECTED}"
        raise EvaluationRefused(ErrorCode.TARGETING_KEY_MISSING, message)
    if not isinstance(context, dict):
        message = f"The context is a {type(context).__name__}, but must be an object."
        raise EvaluationRefused(ErrorCode.INVALID_CONTEXT, message)
    return context


def _targeting_key(context: Mapping[str, Any]) -> str:
    member_id = context.get(TARGETING_KEY)
    if not isinstance(member_id, str) or not member_id:
        message = "context.targetingKey must be text: the member's id."
        raise EvaluationRefused(ErrorCode.TARGETING_KEY_MISSING, message)
    fault = id_problem("context.targetingKey", member_id)
    if fault is not None:
        raise EvaluationRefused(
            ErrorCode.INVALID_CONTEXT, f"{fault.field} {fault.message}. {fault.way_out}"
        )
    return member_id


def _attributes(context: Mapping[str, Any]) -> Mapping[str, Attribute]:
    """Give what rules can read of the context; lists and objects are for other systems."""
    if len(context) == 1:
        return MappingProxyType({})
    attributes = {
        name: value
        for name, value in context.items()
        if name not in {TARGETING_KEY, LOCALE}
        and (value is None or isinstance(value, str | int | float))
    }
    if problems := attribute_problems(attributes):
        first = problems[0]
        name = first.field.replace("attributes.", "context.")
        message = f"{name} {first.message}. {first.way_out}"
        raise EvaluationRefused(ErrorCode.INVALID_CONTEXT, message)
    return attributes
