"""Reads campaign and programme documents as the API does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
from pydantic import BaseModel, ValidationError

from experiments.document import invalid
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from pydantic import JsonValue

STDIN: Final = "-"

ModelT = TypeVar("ModelT", bound=BaseModel)

document_file = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)
)
"""The argument that names a document; ``-`` is standard input."""


def read_document(path: str, model: type[ModelT]) -> ModelT:
    """Give the document in a file, JSON or YAML, checked.

    Raises:
        InvalidValues: It cannot be read, or fields are refused; all are named.
    """
    try:
        return model.model_validate(_read(path))
    except ValidationError as error:
        raise invalid(error) from error


def _read(path: str) -> JsonValue:
    # Deferred: they belong to the API, which loads the web framework.
    from app.errors import MalformedBody  # noqa: PLC0415  # as said above
    from app.syntax import read_json_document, read_yaml_document  # noqa: PLC0415  # as said

    raw = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    name = "standard input" if path == STDIN else path
    is_json = Path(path).suffix.lower() == ".json" or (
        path == STDIN and raw.lstrip().startswith(b"{")
    )
    try:
        return read_json_document(raw) if is_json else read_yaml_document(raw)
    except MalformedBody as fault:
        place = f" at line {fault.line}, column {fault.column}" if fault.line else ""
        message = f"is not valid {fault.language}{place}: {fault.reason}"
        raise InvalidValues([Problem(name, None, message)]) from fault
