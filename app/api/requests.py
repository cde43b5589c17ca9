"""Reads a request: its body as JSON or YAML, its query, each into a checked value.

Only what an address documents is read: another content type, a compressed body, a parameter that
stands twice or is not known is refused by name. Our own checks run here rather than APIFlask's,
which would hide the values that came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from flask import request
from pydantic import BaseModel
from werkzeug.exceptions import RequestEntityTooLarge

from app.api.context import wiring
from app.errors import BodyTooLarge, UnsupportedMediaType
from app.syntax import read_json, read_json_document, read_yaml_document
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from pydantic import JsonValue

JSON: Final = "application/json"
YAML: Final = "application/yaml"
DOCUMENT_TYPES: Final = (JSON, YAML)

_YAML_TYPES: Final = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml"})
_UTF8: Final = frozenset({"utf-8", "utf8"})

ModelT = TypeVar("ModelT", bound=BaseModel)


def body_json() -> JsonValue:
    """Give the body as plain values.

    Raises:
        UnsupportedMediaType: It is not sent as JSON in UTF-8, or it is compressed.
        BodyTooLarge: It is longer than the setting allows.
        MalformedBody: It is not JSON.
    """
    _require_media_type((JSON,))
    return read_json(_raw_body())


def body_as(model: type[ModelT]) -> ModelT:
    """Give the JSON body as a `model`.

    Raises:
        UnsupportedMediaType, BodyTooLarge, MalformedBody: As `body_json`.
        pydantic.ValidationError: A field is refused.
    """
    return model.model_validate(body_json())


def document_as(model: type[ModelT]) -> ModelT:
    """Give the body, a JSON or YAML document that a person wrote, as a `model`.

    Raises:
        UnsupportedMediaType, BodyTooLarge, MalformedBody: As `body_json`; a field named twice is
            malformed too.
        pydantic.ValidationError: A field is refused.
    """
    media_type = _require_media_type(DOCUMENT_TYPES)
    read = read_yaml_document if media_type in _YAML_TYPES else read_json_document
    return model.model_validate(read(_raw_body()))


def body_or_default(model: type[ModelT]) -> ModelT:
    """Give the body as `body_as` does, or the model's defaults where none came."""
    in_chunks = "chunked" in request.headers.get("Transfer-Encoding", "")
    return body_as(model) if request.content_length or in_chunks else model()


def query_as(model: type[ModelT]) -> ModelT:
    """Give the query string as a `model`; one that forbids extra fields refuses unknown names.

    Raises:
        InvalidValues: A parameter stands twice.
        pydantic.ValidationError: A parameter is refused.
    """
    arguments = request.args
    repeated = [name for name, values in arguments.lists() if len(values) > 1]
    if repeated:
        raise InvalidValues(
            Problem(
                name, ", ".join(arguments.getlist(name)), "stands more than once", "Keep one of it."
            )
            for name in repeated
        )
    return model.model_validate(arguments.to_dict())


def _require_media_type(accepted: tuple[str, ...]) -> str:
    came = request.mimetype
    known = came in accepted or (YAML in accepted and came in _YAML_TYPES)
    if not known:
        raise UnsupportedMediaType(came, accepted)
    if request.mimetype_params.get("charset", "utf-8").lower() not in _UTF8:
        raise UnsupportedMediaType(request.content_type or "", accepted)
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise UnsupportedMediaType(encoding, ("it uncompressed",), "Content-Encoding")
    return came


def _raw_body() -> bytes:
    limit = wiring().settings.max_body_bytes
    try:
        raw = request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge:
        raise BodyTooLarge(limit) from None
    # Werkzeug cuts a body that is sent in chunks at the limit and says nothing, and half a YAML
    # document may be a document.
    if request.content_length is None and len(raw) >= limit:
        raise BodyTooLarge(limit)
    return raw
