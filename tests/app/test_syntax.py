"""How bytes become values."""

from __future__ import annotations

import json
import re

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.errors import MalformedBody
from app.syntax import DEPTH_LIMIT, read_json, read_json_document, read_yaml_document
from experiments.errors import InvalidValues

# PyYAML writes the text 0E0 without quotes, which YAML 1.2 and JSON read as a number
NUMBER_WITHOUT_POINT = re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+")
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(
    lambda text: NUMBER_WITHOUT_POINT.fullmatch(text) is None
)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_json_reads_as_the_standard_library_reads_it(value: object) -> None:
    """Every reader of JSON agrees on what a text means."""
    raw = json.dumps(value).encode()

    assert read_json(raw) == json.loads(raw)
    assert read_json_document(raw) == json.loads(raw)


@given(JSON_VALUES)
def test_yaml_gives_the_values_that_were_written(value: object) -> None:
    """A document that a program wrote as YAML is read as the same values."""
    raw = yaml.safe_dump(value, allow_unicode=True).encode()

    assert read_yaml_document(raw) == value


@given(JSON_VALUES)
def test_a_json_text_means_the_same_read_as_yaml(value: object) -> None:
    """JSON is YAML: whoever sends one under the name of the other gets the same campaign."""
    raw = orjson.dumps(value)
    if b"\\" in raw or b"\x7f" in raw:
        return  # PyYAML does not read every escape that JSON has
    assert read_yaml_document(raw) == value


@pytest.mark.parametrize(
    ("raw", "line", "column", "reason"),
    [
        (b'{"a": 1,}', 1, 8, "trailing comma"),
        (b'{\n  "a": x\n}', 2, 8, "unexpected character"),
        (b'{"a": NaN}', 1, 7, "NaN is not a JSON number"),
        (b'{"a": -Infinity}', 1, 8, "Infinity is not a JSON number"),
        (b'{"a": 1e999}', 1, 7, "infinity"),
        (b'{"a":\n "\xff"}', 2, 3, "byte 0xff is not UTF-8"),
        ('{"é": "\ud800"}'.encode("utf-8", "surrogatepass"), 1, 8, "byte 0xed is not UTF-8"),
        (b'{"a": "\\ud800"}', 1, 8, "surrogate"),
        (b'{"a": 1} x', 1, 10, "unexpected content"),
        (b"{'a': 1}", 1, 2, "key"),
    ],
)
def test_a_fault_in_json_has_a_place(raw: bytes, line: int, column: int, reason: str) -> None:
    """The sender finds the character that is wrong."""
    with pytest.raises(MalformedBody, match=reason) as malformed:
        read_json(raw)

    assert (malformed.value.line, malformed.value.column) == (line, column)


@pytest.mark.parametrize("raw", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_an_empty_body_is_called_empty(raw: bytes) -> None:
    """Nothing is told from a fault in something."""
    for read in (read_json, read_json_document, read_yaml_document):
        with pytest.raises(MalformedBody, match="empty"):
            read(raw)


def test_a_byte_order_mark_is_no_fault() -> None:
    """Editors on Windows write one before UTF-8."""
    for read in (read_json, read_json_document, read_yaml_document):
        assert read(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_refused_by_name(encoding: str) -> None:
    """A file saved as "Unicode" is told from a broken one."""
    raw = ("\ufeff" + '{"a": 1}').encode(encoding)

    with pytest.raises(MalformedBody, match="UTF-16; send UTF-8"):
        read_json(raw)


@pytest.mark.parametrize("opened", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [DEPTH_LIMIT + 1, 1_000, 2_000, 100_000])
def test_deep_nesting_is_malformed(opened: str, depth: int) -> None:
    """A body that would exhaust the stack is refused like any other that cannot be read."""
    closed = {"[": "]", '{"a":': "}"}[opened]
    raw = (opened * depth + "1" + closed * depth).encode()

    for read in (read_json, read_json_document):
        with pytest.raises(MalformedBody, match=r"depth|deep"):
            read(raw)


@pytest.mark.parametrize("depth", [300, 2_000])
def test_deep_nesting_in_yaml_is_malformed(depth: int) -> None:
    """YAML has no deeper stack than JSON."""
    with pytest.raises(MalformedBody, match="deep"):
        read_yaml_document(b"[" * depth + b"]" * depth)


def test_what_is_nested_less_deeply_is_read() -> None:
    """The limit is far beyond any real document."""
    raw = b"[" * (DEPTH_LIMIT - 4) + b"]" * (DEPTH_LIMIT - 4)

    assert orjson.dumps(read_json(raw)) == raw


def test_a_name_that_stands_twice_keeps_its_last_value_in_facts() -> None:
    """Events are read as JavaScript reads them, at the speed that they come."""
    assert read_json(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (read_json_document, b'{"v": [{"share": 50, "share": 60}]}'),
        (read_yaml_document, b"v:\n  - share: 50\n    share: 60\n"),
    ],
)
def test_a_name_that_stands_twice_in_a_document_is_refused(read: object, raw: bytes) -> None:
    """A person who wrote two shares for one variant is asked which is meant."""
    assert callable(read)
    with pytest.raises(MalformedBody, match="'share'"):
        read(raw)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("12:30", "12:30"),
        ("2026-07-01", "2026-07-01"),
        ("2026-07-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00"),
        ("0x10", "0x10"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("33.33", 33.33),
        ("-1", -1),
        ("1e3", 1000.0),
        (".5", ".5"),
        (".inf", ".inf"),
        ("'1'", "1"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("黃金", "黃金"),
        (str(2**64), float(2**64)),
    ],
)
def test_a_plain_word_in_yaml_means_what_json_would_mean(text: str, value: object) -> None:
    """A variant may be called no, and a date is text until a field says that it is a date."""
    read = read_yaml_document(f"a: {text}".encode())

    assert isinstance(read, dict)
    assert (read["a"], type(read["a"])) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("a: 1\nb: [1, 2", 2, 9, "expected ',' or ']'"),
        ("a: 1\n\tb: 2", 2, 1, "character '\\\\t'"),
        ("a: &x 1\nb: *x", 2, 4, "alias"),
        ("a: &x [*x]", 1, 8, "alias"),
        ("a: !!python/object/apply:os.system [ls]", 1, 4, "tag"),
        ("a: 1\na: 2", 2, 1, "'a' stands twice"),
        ("1: a", 1, 1, "must be text, not 1"),
        ("true: a", 1, 1, "must be text, not True"),
        ("[a]: b", 1, 1, "must be text"),
        ("a: 1\n---\nb: 2", 2, 1, "another document"),
        ("a: 1e999", 1, 4, "too large"),
        ("a: " + "9" * 5_000, 1, 4, "too large"),
        ("a: b: c", 1, 5, "mapping values are not allowed"),
    ],
)
def test_a_fault_in_yaml_has_a_place(text: str, line: int, column: int, reason: str) -> None:
    """The sender finds the line and the column, and no tag or alias is followed."""
    with pytest.raises(MalformedBody, match=reason) as malformed:
        read_yaml_document(text.encode())

    assert (malformed.value.line, malformed.value.column) == (line, column)


def test_a_control_character_in_yaml_is_malformed() -> None:
    """YAML does not carry what its own standard forbids."""
    with pytest.raises(MalformedBody, match="YAML"):
        read_yaml_document(b'a: "\x07"')


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"a": [{"b": "x\\u0000"}]}', "a[0].b"),
        (b'{"a\\u0000": 1}', "a\0"),
        (b'"\\u0000"', "(document)"),
    ],
)
def test_a_nul_character_is_refused_at_its_field(raw: bytes, field: str) -> None:
    """PostgreSQL keeps no NUL character, so none is accepted on either database."""
    for read in (read_json, read_yaml_document):
        with pytest.raises(InvalidValues) as refused:
            read(raw)
        assert refused.value.problems[0].field == field


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    """Six characters that look like an escape are text."""
    assert read_json(b'"\\\\u0000"') == "\\u0000"
