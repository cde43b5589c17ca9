"""Turns the bytes of a body into plain values, or says at which line and column they are wrong.

JSON and YAML give the same values for the same document: YAML is read by the rules of JSON (only
``true`` and ``false`` are booleans, only decimal digits are numbers, nothing becomes a date), so
that a variant may be called ``no`` and a document means one thing. A name that stands twice in one
object, an alias, and text with a NUL character are refused rather than guessed at.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Final, NoReturn, cast

import orjson
import yaml

from app.errors import Language, MalformedBody
from experiments.errors import InvalidValues, Problem, shortened

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from pydantic import JsonValue
    from yaml.error import Mark

DEPTH_LIMIT: Final = 254
"""Lists and objects inside one another; what can be read must also be writable, and orjson writes
no deeper."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_DIGITS: Final = 20  # of the largest number in 64 bits, or of the smallest with its sign
_OTHER_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff")
_DEPTH_REASON: Final = f"lists and objects stand more than {DEPTH_LIMIT} deep in one another"
# what orjson says of its own limit, and where a body that opens without closing meets it first
_TOO_DEEP: Final = frozenset({"depth limit exceeded", "failed to allocate memory"})


def read_json(raw: bytes) -> JsonValue:
    """Give the value of a JSON text; a repeated name keeps its last value, as in JavaScript.

    Raises:
        MalformedBody: It is not JSON in UTF-8, holds NaN or Infinity, or is nested too deeply.
        InvalidValues: A text holds a NUL character, which no database column can keep.
    """
    value = read_json_items(raw)
    if b"\\u0000" in raw:
        _refuse_nul(value)
    return value


def read_json_items(raw: bytes) -> JsonValue:
    """Give the value of a JSON text whose items are judged one by one, for texts with NUL, too.

    Raises:
        MalformedBody: As `read_json`.
    """
    raw = _decodable(raw, Language.JSON)
    try:
        value = cast("JsonValue", orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        reason, line, column = _fault(error, raw)
        raise MalformedBody(Language.JSON, reason, line=line, column=column) from None
    if raw.count(b"[") + raw.count(b"{") > DEPTH_LIMIT:
        _refuse_depth(value)
    return value


def read_json_document(raw: bytes) -> JsonValue:
    """Give the value of a JSON text that a person wrote: a repeated name is refused.

    Raises:
        MalformedBody: As `read_json`, or an object names a field twice.
        InvalidValues: As `read_json`.
    """
    value = read_json(raw)
    json.loads(raw.removeprefix(_BYTE_ORDER_MARK), object_pairs_hook=_unique)
    return value


def read_yaml_document(raw: bytes) -> JsonValue:
    """Give the value of a YAML text, read by the rules of JSON.

    Raises:
        MalformedBody: It is not YAML in UTF-8, holds an alias, a tag, a name twice, a name that
            is no text, or is nested too deeply.
        InvalidValues: A text holds a NUL character.
    """
    raw = _decodable(raw, Language.YAML)
    try:
        value = cast("JsonValue", yaml.load(raw, Loader=_JsonLikeLoader))  # noqa: S506  # a SafeLoader that knows less, not more
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MalformedBody(
            Language.YAML,
            error.problem or "it cannot be read",
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    except yaml.YAMLError as error:
        raise MalformedBody(Language.YAML, str(error).splitlines()[0]) from None
    except RecursionError:
        raise _too_deep(Language.YAML) from None
    _refuse_depth(value, Language.YAML)
    _refuse_nul(value)
    return value


def _decodable(raw: bytes, language: Language) -> bytes:
    raw = raw.removeprefix(_BYTE_ORDER_MARK)
    if not raw.strip():
        raise MalformedBody(language, "it is empty")
    if raw.startswith(_OTHER_ENCODINGS):
        raise MalformedBody(language, "it is UTF-16; send UTF-8")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        raise MalformedBody(
            language,
            f"byte {raw[error.start]:#04x} is not UTF-8",
            line=before.count(b"\n") + 1,
            column=len(before[before.rfind(b"\n") + 1 :].decode()) + 1,
        ) from None
    return raw


def _fault(error: orjson.JSONDecodeError, raw: bytes) -> tuple[str, int, int]:
    """Give orjson's reason, line and column, and call NaN, Infinity and depth by their name."""
    reason = error.msg
    if reason in _TOO_DEEP and raw.count(b"[") + raw.count(b"{") > DEPTH_LIMIT:
        return _DEPTH_REASON, error.lineno, error.colno
    rest = raw.decode()[error.pos :]
    if found := re.match(r"-?(NaN|Infinity)", rest):
        reason = f"{found[0]} is not a JSON number; leave the field out, or send null"
    return reason, error.lineno, error.colno


def _unique(pairs: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    collected = dict(pairs)
    if len(collected) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedBody(
            Language.JSON, f"an object names the field {twice!r} twice; keep one of them"
        )
    return collected


def _refuse_depth(value: JsonValue, language: Language = Language.JSON) -> None:
    try:
        orjson.dumps(value)
    except TypeError:
        raise _too_deep(language) from None


def _too_deep(language: Language) -> MalformedBody:
    return MalformedBody(language, _DEPTH_REASON)


def _refuse_nul(value: JsonValue) -> None:
    for path, text in _texts(value, ""):
        if "\0" in text:
            raise InvalidValues(
                [Problem(path or "(document)", text, "holds a NUL character", "Remove it.")]
            )


def _texts(value: JsonValue, path: str) -> Iterator[tuple[str, str]]:
    """Give every text in `value`, names of fields included, with its path."""
    match value:
        case str():
            yield path, value
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, f"{path}[{index}]")
        case dict():
            for name, item in value.items():
                inner = f"{path}.{name}" if path else name
                yield inner, name
                yield from _texts(item, inner)
        case _:
            return


class _JsonLikeLoader(yaml.SafeLoader):
    """YAML without aliases and tags, whose plain words mean what they mean in JSON."""

    # PyYAML follows YAML 1.1, where `no` is false, `12:30` is 750 and `2026-07-01` a date.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own attribute, replaced so that the parent's stays as it is

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # not annotated in the stubs
        mark = cast("Mark | None", event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            _refuse("an alias (*) is not read; write the value out", mark)
        tag = getattr(event, "tag", None)
        if tag is not None:
            _refuse(f"a tag ({tag}) is not read", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002  # PyYAML's own signature
    ) -> dict[Hashable, JsonValue]:
        collected: dict[Hashable, JsonValue] = {}
        for name_node, value_node in node.value:
            name = self.construct_object(name_node, deep=True)
            if not isinstance(name, str):
                _refuse(
                    f"the name of a field must be text, not {name!r}; put it in quotes",
                    name_node.start_mark,
                )
            if name in collected:
                _refuse(f"the field {name!r} stands twice", name_node.start_mark)
            collected[name] = self.construct_object(value_node, deep=deep)
        return collected


def _refuse(reason: str, mark: Mark | None) -> NoReturn:
    raise yaml.MarkedYAMLError(problem=reason, problem_mark=mark)


def _number(_loader: _JsonLikeLoader, node: yaml.ScalarNode) -> int | float:
    """Give a number as orjson would: an integer in 64 bits, or else a finite double."""
    text = str(node.value)
    if len(text) <= _DIGITS and text.lstrip("-").isdigit():
        whole = int(text)
        if -(2**63) <= whole < 2**64:
            return whole
    number = float(text)
    if math.isinf(number):
        _refuse(f"the number {shortened(text)} is too large", node.start_mark)
    return number


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-0123456789")),
):
    _JsonLikeLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )
_JsonLikeLoader.add_constructor("tag:yaml.org,2002:float", _number)
