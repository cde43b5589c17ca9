"""Writes campaign and programme documents as YAML that the API and the command line read back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue

FREE_FORM: Final = frozenset({"definition", "parameters"})
"""Fields whose content is kept to the letter."""


def document_yaml(document: BaseModel) -> str:
    """Give a document as YAML that `app.syntax` turns into the same document."""
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
