"""Reads the body of a request that reports events: one object, a list, or one object a line.

Everything that a body can cost is bounded before it is spent: bytes as they came, bytes once they
are decompressed, items, and how deep they nest. A line that is no JSON is an item of its own, which
goes to the quarantine like any other bad item; it does not spoil the lines around it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast

import orjson

from app.errors import BodyTooLarge, Language, MalformedBody, UnsupportedMediaType
from app.syntax import DEPTH_LIMIT, read_json_items
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from pydantic import JsonValue

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
MEDIA_TYPES: Final = (JSON, LINES, "application/ndjson", "application/jsonl")
"""The forms that are read; all but the first are one object a line."""

_ENCODINGS: Final = ("gzip", "x-gzip")
_GZIP: Final = 31  # zlib's number for a gzip header and the widest window
_MEMBERS: Final = 64  # parts of one gzip body: each costs a copy of what follows it
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_OTHER_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that is no JSON.

    Attributes:
        index: Its place among the items, from 0.
        text: As it came; bytes that are no UTF-8 are escaped.
        problem: The number of the line, from 1, and what is wrong with it.
    """

    index: int
    text: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class EventsBody:
    """What came.

    Attributes:
        items: The values in order, each still to be judged by itself.
        single: One object came, which is kept or refused as a whole.
    """

    items: tuple[JsonValue | UnreadableLine, ...]
    single: bool


def is_compressed(content_encoding: str) -> bool:
    """Say whether the header `Content-Encoding` says that the body is not as it reads."""
    return content_encoding.strip().lower() not in {"", "identity"}


def read_events(  # what a request says of its body, and the limits
    raw: bytes,
    content_type: str,
    content_encoding: str,
    *,
    limit_items: int,
    limit_bytes: int,
    is_measured: bool = True,
) -> EventsBody:
    """Give the events of a body, unchecked.

    Args:
        raw: As it came.
        content_type: The header of that name; empty for none.
        content_encoding: The header of that name; empty for none.
        limit_items: How many items may come at once.
        limit_bytes: How long the body may be, decompressed, too.
        is_measured: Whether its length was announced. Otherwise nobody notices where a sender goes
            away half-way, except by a last line that is cut off: then all of it is refused.

    Raises:
        UnsupportedMediaType: It is neither JSON nor one object a line, not UTF-8 by its own
            account, or compressed by another method than gzip.
        BodyTooLarge: It is longer than the limit; no more than the limit was ever decompressed.
        MalformedBody: It is not what it says; of lines, only where the whole is in another code.
        InvalidValues: It is a value of another kind, or has no items, or too many.
    """
    media_type = _media_type(content_type)
    if len(raw) > limit_bytes:
        raise BodyTooLarge(limit_bytes)
    if is_compressed(content_encoding):
        raw = _decompressed(raw, content_encoding, limit_bytes)
    if media_type == JSON:
        return _read_value(raw, limit_items)
    items = _read_lines(raw, limit_items)
    last = items[-1]
    if not is_measured and isinstance(last, UnreadableLine) and not raw.endswith(b"\n"):
        raise MalformedBody(Language.JSON, "its last line is cut off; send all of it again")
    return EventsBody(items, single=False)


def _media_type(content_type: str) -> str:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaType(media_type, MEDIA_TYPES[:2])
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(content_type, MEDIA_TYPES[:2])
    return media_type


def _decompressed(raw: bytes, content_encoding: str, limit_bytes: int) -> bytes:
    """Give what was compressed, one member or several after another, and never more than asked."""
    if content_encoding.strip().lower() not in _ENCODINGS:
        raise UnsupportedMediaType(
            content_encoding, ("it with gzip", "it uncompressed"), "Content-Encoding"
        )
    parts: list[bytes] = []
    left = limit_bytes + 1
    for _ in range(_MEMBERS):
        reader = zlib.decompressobj(wbits=_GZIP)
        try:
            part = reader.decompress(raw, left)
        except zlib.error as error:
            raise MalformedBody(Language.GZIP, _zlib_reason(error)) from None
        parts.append(part)
        left -= len(part)
        if left <= 0:
            raise BodyTooLarge(limit_bytes, decompressed=True)
        if not reader.eof:
            raise MalformedBody(Language.GZIP, "it ends before its end; was it cut off")
        if not reader.unused_data:
            return b"".join(parts)
        raw = reader.unused_data
    raise MalformedBody(Language.GZIP, f"it has more than {_MEMBERS} parts; send it in one")


def _zlib_reason(error: zlib.error) -> str:
    """Give what zlib says without its own number: `incorrect header check`."""
    return str(error).rpartition(": ")[2]


def _read_value(raw: bytes, limit_items: int) -> EventsBody:
    match read_json_items(raw):
        case dict() as item:
            return EventsBody((item,), single=True)
        case list() as items:
            if not 0 < len(items) <= limit_items:
                raise _wrong_length(len(items), limit_items)
            return EventsBody(tuple(items), single=False)
        case other:
            problem = Problem(
                "(document)",
                other,
                "is neither an object nor a list of objects",
                f"Send one object, or a list of 1 to {limit_items}.",
            )
            raise InvalidValues([problem])


def _read_lines(raw: bytes, limit_items: int) -> tuple[JsonValue | UnreadableLine, ...]:
    if raw.startswith(_OTHER_ENCODINGS):
        raise MalformedBody(Language.JSON, "it is UTF-16; send UTF-8")
    items: list[JsonValue | UnreadableLine] = []
    lines = enumerate(BytesIO(raw.removeprefix(_BYTE_ORDER_MARK)), start=1)
    for number, line in lines:
        if not line.strip():
            continue
        if len(items) == limit_items:
            more = sum(1 for _, other in lines if other.strip())
            raise _wrong_length(limit_items + 1 + more, limit_items)
        items.append(_read_line(line, number, len(items)))
    if not items:
        raise _wrong_length(0, limit_items)
    return tuple(items)


def _read_line(line: bytes, number: int, index: int) -> JsonValue | UnreadableLine:
    if len(line) <= DEPTH_LIMIT or line.count(b"[") + line.count(b"{") <= DEPTH_LIMIT:
        try:
            return cast("JsonValue", orjson.loads(line))
        except orjson.JSONDecodeError:
            pass  # read again below, for the reason
    try:
        return read_json_items(line)
    except MalformedBody as fault:
        text = line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
        place = "" if fault.column is None else f" (column {fault.column})"
        problem = Problem(
            f"(line {number})",
            text,
            f"is not JSON{place}: {fault.reason}",
            "Send one whole object a line.",
        )
        return UnreadableLine(index, text, problem)


def _wrong_length(came: int, limit_items: int) -> InvalidValues:
    way_out = f"Send 1 to {limit_items} at once; split what is longer into several requests."
    return InvalidValues([Problem("(document)", came, "is the wrong number of items", way_out)])
