"""Reads campaign and programme documents as the API does, and writes them so that it can."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
import yaml
from pydantic import BaseModel, ValidationError

from experiments.document import invalid
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from pydantic import JsonValue

STDIN: Final = "-"
FREE_FORM: Final = frozenset({"definition", "parameters"})
"""Fields whose content is kept to the letter."""

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


def document_yaml(document: BaseModel) -> str:
    """Give a document as YAML that `read_document` turns into the same document."""
    values = _said(document.model_dump(mode="json", exclude_none=True))
    return str(
        yaml.dump(values, Dumper=_JsonLikeDumper, allow_unicode=True, sort_keys=False, width=100)
    )


def _said(value: JsonValue) -> JsonValue:
    """Leave out what is empty, which says the same as absent."""
    match value:
        case dict():
            kept = {
                name: inner if name in FREE_FORM else _said(inner) for name, inner in value.items()
            }
            return {name: inner for name, inner in kept.items() if inner not in ("", [], {})}
        case list():
            return [_said(inner) for inner in value]
        case _:
            return value


class _JsonLikeDumper(yaml.SafeDumper):
    """Writes text so that the reader takes it for the same text."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # PyYAML's signature
        """Write everything out: the reader refuses aliases."""
        return True


def _text_node(dumper: _JsonLikeDumper, text: str) -> yaml.ScalarNode:
    # In other styles PyYAML reads a break that is no line feed as one.
    style = '"' if _BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_BREAKS: Final = re.compile("[\r\x85\u2028\u2029]")

_JsonLikeDumper.add_representer(str, _text_node)
# What the reader takes for a number, so that such text is put in quotes.
_JsonLikeDumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"),
    list("-0123456789"),
)
