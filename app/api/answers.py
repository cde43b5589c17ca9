"""Turns what a use case gave into an answer: JSON, in one pass, without Flask's own encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from flask import Response
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON: Final = "application/json"


def json_answer(
    value: BaseModel | Mapping[str, object] | Sequence[object],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Give `value` as JSON.

    Args:
        value: A model, or values that orjson knows: moments become RFC 3339, and models may stand
            inside lists and objects.
        status: HTTP status.
        headers: Headers of this answer; those that every answer carries are added later.
    """
    body: str | bytes
    if isinstance(value, BaseModel):
        body = value.model_dump_json(by_alias=True)
    else:
        body = orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z)
    return Response(body, status, headers=headers, mimetype=JSON)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    message = f"a {type(value).__name__} cannot be written as JSON"
    raise TypeError(message)
