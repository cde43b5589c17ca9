"""How the body of a request that reports events is read."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BodyTooLarge, MalformedBody, UnsupportedMediaType
from app.front.events_body import (
    JSON,
    LINES,
    MEDIA_TYPES,
    EventsBody,
    UnreadableLine,
    read_events,
)
from experiments.errors import InvalidValues

if TYPE_CHECKING:
    from pydantic import JsonValue

LIMIT_ITEMS = 3
LIMIT_BYTES = 1_000

ITEMS = st.lists(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**64 - 1)
        | st.text(st.characters(exclude_categories=["Cs"])),
        max_size=4,
    ),
    min_size=1,
    max_size=5,
)


def read(raw: bytes, content_type: str = JSON, content_encoding: str = "") -> EventsBody:
    """Read a body under small limits."""
    return read_events(
        raw, content_type, content_encoding, limit_items=LIMIT_ITEMS, limit_bytes=LIMIT_BYTES
    )


@given(ITEMS)
def test_every_form_gives_the_same_items(items: list[JsonValue]) -> None:
    """A list, one object a line, and both compressed, mean the same."""
    as_list = orjson.dumps(items)
    as_lines = b"\n".join(map(orjson.dumps, items))

    bodies = [
        read_events(raw, content_type, encoding, limit_items=5, limit_bytes=1_000_000)
        for plain, content_type in ((as_list, JSON), (as_lines, LINES))
        for raw, encoding in ((plain, ""), (gzip.compress(plain, mtime=0), "gzip"))
    ]

    assert bodies == [EventsBody(tuple(items), single=False)] * 4


def test_one_object_is_single() -> None:
    """It is kept or refused as a whole; a list of one, or one line, is not."""
    assert read(b' {"a": 1} ').single
    assert not read(b'[{"a": 1}]').single
    assert not read(b'{"a": 1}', LINES).single


@pytest.mark.parametrize("content_type", MEDIA_TYPES[1:])
@pytest.mark.parametrize("lines", [b'{"a":1}\n{"b":2}', b'\xef\xbb\xbf{"a":1}\r\n\r\n \n{"b":2}\n'])
def test_blank_lines_and_line_ends_do_not_matter(content_type: str, lines: bytes) -> None:
    """Windows' line ends, a byte order mark, blank lines and a last line end are no items."""
    assert read(lines, content_type).items == ({"a": 1}, {"b": 2})


@pytest.mark.parametrize(
    ("line", "text", "reason"),
    [
        (b'{"a":', '{"a":', "unexpected end"),
        (b'{"a": NaN}', '{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": 1e999}', '{"a": 1e999}', "infinity"),
        (b'{"a": "\xff"}', '{"a": "\\xff"}', "not UTF-8"),
        (b'{"a": "\\ud800"}', '{"a": "\\ud800"}', "surrogate"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, '{"a":' * 300 + "1" + "}" * 300, "254 deep"),
        (b"[" * 900, "[" * 900, "254 deep"),
    ],
)
def test_a_line_that_is_no_json_is_an_item_of_its_own(line: bytes, text: str, reason: str) -> None:
    """It says its line, its text and the reason, and the lines around it are read."""
    body = read_events(
        b'{"a":1}\n\n' + line + b"\r\n7\n", LINES, "", limit_items=3, limit_bytes=10_000
    )

    first, second, third = body.items
    assert (first, third) == ({"a": 1}, 7)
    assert isinstance(second, UnreadableLine)
    assert (second.index, second.text) == (1, text)
    assert second.problem.field == "(line 3)"
    assert reason in second.problem.message
    assert second.problem.way_out


def test_a_body_of_unknown_length_that_ends_within_a_line_is_refused() -> None:
    """Its sender went away half-way; it will send all of it again."""
    raw = b'{"a":1}\n{"b":'
    with pytest.raises(MalformedBody, match="cut off"):
        read_events(raw, LINES, "", limit_items=3, limit_bytes=100, is_measured=False)
    for whole in (raw + b"\n", b'{"a":1}\n{"b":2}'):
        body = read_events(whole, LINES, "", limit_items=3, limit_bytes=100, is_measured=False)
        assert len(body.items) == 2


@pytest.mark.parametrize(
    ("raw", "content_type", "count"),
    [
        (b"[]", JSON, 0),
        (b"[{},{},{},{}]", JSON, 4),
        (b"\n \n", LINES, 0),
        (b"{}\n" * 3 + b"\n" + b"{}\n" * 40, LINES, 43),
    ],
)
def test_too_many_items_or_none_are_refused_as_a_whole(
    raw: bytes, content_type: str, count: int
) -> None:
    """The answer names the count, the limit, and the way out: to split."""
    with pytest.raises(InvalidValues) as refused:
        read(raw, content_type)

    (problem,) = refused.value.problems
    assert problem.value == count
    assert "1 to 3" in problem.way_out
    assert "split" in problem.way_out


@pytest.mark.parametrize("raw", [b"7", b"null", b'"text"', b"true"])
def test_a_value_of_another_kind_is_refused(raw: bytes) -> None:
    """Neither an object nor a list reports anything."""
    with pytest.raises(InvalidValues, match="neither an object nor a list"):
        read(raw)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'[{"a": Infinity}]', "Infinity"),
        (b'{"a": [' + b"[" * 300 + b"]" * 301 + b"}", "254 deep"),
        (b"[" * 900, "254 deep"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_json_body_that_cannot_be_read_is_refused_as_a_whole(raw: bytes, reason: str) -> None:
    """Nobody can tell where its items would end."""
    with pytest.raises(MalformedBody, match=reason):
        read(raw)


def test_lines_in_another_code_are_refused_as_a_whole() -> None:
    """Every line of it would be unreadable."""
    with pytest.raises(MalformedBody, match="UTF-16"):
        read('{"a": 1}\n'.encode("utf-16"), LINES)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/yaml",
        "application/json; charset=latin-1",
        "multipart/form-data",
    ],
)
def test_another_content_type_is_refused_with_those_that_are_read(content_type: str) -> None:
    """Nothing is guessed from the body."""
    with pytest.raises(UnsupportedMediaType, match=r"application/json or application/x-ndjson"):
        read(b"{}", content_type)


@pytest.mark.parametrize(
    "content_type", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"; x=y']
)
def test_utf_8_may_be_said(content_type: str) -> None:
    """Case, quotes and other parameters do not matter."""
    assert read(b"{}", content_type).items == ({},)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_another_compression_is_refused_by_name(encoding: str) -> None:
    """A body that is not read is not mistaken for a malformed one."""
    with pytest.raises(UnsupportedMediaType, match=r"Content-Encoding.*gzip"):
        read(b"{}", JSON, encoding)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", " gzip "])
def test_gzip_may_come_in_several_parts(encoding: str) -> None:
    """Files that were compressed one by one and joined are one body."""
    raw = gzip.compress(b'{"a":1}\n', mtime=0) + gzip.compress(b'{"b":2}', mtime=0)
    assert read(raw, LINES, encoding).items == ({"a": 1}, {"b": 2})


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_identity_is_no_compression(encoding: str) -> None:
    """Some clients say that they did not compress."""
    assert read(b"{}", JSON, encoding).items == ({},)


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b"",
        gzip.compress(b"{}", mtime=0)[:-1],
        gzip.compress(b"{}", mtime=0)[:-8] + b"\0" * 8,
        gzip.compress(b"{}", mtime=0) + b"x",
        zlib.compress(b"{}"),
    ],
    ids=["no gzip", "empty", "cut off", "wrong checksum", "something after", "zlib"],
)
def test_gzip_that_is_damaged_is_refused(raw: bytes) -> None:
    """Cut off, with a wrong checksum, or followed by something else."""
    with pytest.raises(MalformedBody, match="not valid gzip"):
        read(raw, JSON, "gzip")


def test_gzip_in_very_many_parts_is_refused() -> None:
    """Each part costs a copy of what follows it, so a body of tiny parts would cost hours."""
    raw = gzip.compress(b"{}", mtime=0) + gzip.compress(b"", mtime=0) * 100
    with pytest.raises(MalformedBody, match="more than 64 parts"):
        read_events(raw, JSON, "gzip", limit_items=1, limit_bytes=1_000_000)


def test_a_body_over_the_limit_is_refused() -> None:
    """The limit is of the body as it came."""
    assert read(b" " * (LIMIT_BYTES - 2) + b"{}").single
    with pytest.raises(BodyTooLarge, match="1000 bytes"):
        read(b" " * (LIMIT_BYTES - 1) + b"{}")


def test_a_compressed_body_may_be_as_long_as_any_other() -> None:
    """The limit is of the body once it is decompressed, too."""
    raw = gzip.compress(b" " * (LIMIT_BYTES - 2) + b"{}", mtime=0)
    assert read(raw, JSON, "gzip").single
    with pytest.raises(BodyTooLarge, match=r"decompressed.*1000 bytes.*split"):
        read(gzip.compress(b" " * (LIMIT_BYTES - 1) + b"{}", mtime=0), JSON, "gzip")


def test_a_bomb_is_never_expanded() -> None:
    """A hundred megabytes in a hundred kilobytes cost no more than the limit."""
    bomb = gzip.compress(b"\0" * 100_000_000, mtime=0)
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            read_events(bomb, JSON, "gzip", limit_items=1, limit_bytes=200_000)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 2_000_000


def test_a_repeated_name_keeps_its_last_value() -> None:
    """As in JavaScript, in every form."""
    raw = b'{"a": 1, "a": 2}'
    assert json.loads(raw) == {"a": 2}
    assert read(raw).items == read(raw, LINES).items == ({"a": 2},)


def test_a_number_beyond_64_bits_is_a_float() -> None:
    """What it means for a field is judged by the field's own rule."""
    assert read(b'{"a": 123456789012345678901234567890}').items == ({"a": 1.2345678901234568e29},)
