"""A CSV file is read as RFC 4180 says, and a line that is no row costs that line alone."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.importing.csv_file import CsvFile
from app.importing.records import BATCH_ROWS, BrokenRow, Row
from experiments.errors import InvalidValues

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(path: Path, content: bytes, delimiter: str = ",") -> list[Row | BrokenRow]:
    """Give the rows of a file with this content."""
    path.write_bytes(content)
    source = CsvFile(path, delimiter)
    try:
        return [row for batch in source.batches() for row in batch.rows]
    finally:
        source.close()


def good(rows: list[Row | BrokenRow]) -> list[tuple[int, list[object]]]:
    """Give the rows that could be read, with their lines."""
    return [(row.line, list(row.values)) for row in rows if isinstance(row, Row)]


def broken(rows: list[Row | BrokenRow]) -> list[tuple[int, str]]:
    """Give the rows that could not be read: line and reason."""
    return [(row.line, row.reason) for row in rows if isinstance(row, BrokenRow)]


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\nm-1,Anna\nm-2,Ben\n",
        b"id,name\r\nm-1,Anna\r\nm-2,Ben\r\n",
        b"\xef\xbb\xbfid,name\nm-1,Anna\nm-2,Ben",
        b'"id","name"\n"m-1","Anna"\n"m-2","Ben"\n',
    ],
)
def test_line_ends_byte_order_mark_and_quotes_do_not_matter(tmp_path: Path, content: bytes) -> None:
    """The same rows come from LF and CRLF, with and without a byte order mark, quotes, last end."""
    path = tmp_path / "a.csv"
    assert good(rows_of(path, content)) == [(2, ["m-1", "Anna"]), (3, ["m-2", "Ben"])]


def test_a_quoted_value_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    """What stands in quotes is the value, to the letter; the row's line is where it begins."""
    rows = rows_of(tmp_path / "a.csv", b'id,note\nm-1,"a, ""b""\r\nc"\nm-2,d\n')
    assert good(rows) == [(2, ["m-1", 'a, "b"\r\nc']), (4, ["m-2", "d"])]


def test_another_delimiter_can_be_named(tmp_path: Path) -> None:
    """With a semicolon between values, a comma is a character like any other."""
    rows = rows_of(tmp_path / "a.csv", b"id;note\nm-1;a,b\n", ";")
    assert good(rows) == [(2, ["m-1", "a,b"])]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    """An empty line is skipped, and counted as a line."""
    assert good(rows_of(tmp_path / "a.csv", b"id,x\n\nm-1,1\n\r\nm-2,2\n\n")) == [
        (3, ["m-1", "1"]),
        (5, ["m-2", "2"]),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"m-9", "names 2 columns, and this row has 1"),
        (b"m-9,a,b", "names 2 columns, and this row has 3"),
        (b'm-9,"a"b', "text follows a closing quote"),
        (b'm-9,"a', "a quote is opened"),
        (b"m-9,\xff", "has the byte 0xff, which is not UTF-8"),
        (b"m-9,a\x00b", "has a NUL character"),
        (b"m-9,a\rb", "a carriage return stands inside"),
    ],
)
@pytest.mark.parametrize("after", [b"m-2,Ben\nm-3,Cy\n", b'm-2,"Ben"\nm-3,"Cy"\n'])
def test_a_broken_line_costs_itself_alone(
    tmp_path: Path, line: bytes, words: str, after: bytes
) -> None:
    """The rows before and after a broken line are read, and its number is told."""
    rows = rows_of(tmp_path / "a.csv", b"id,name\nm-1,Anna\n" + line + b"\n" + after)
    assert [values for _, values in good(rows)] == [["m-1", "Anna"], ["m-2", "Ben"], ["m-3", "Cy"]]
    ((number, reason),) = broken(rows)
    assert number == 3
    assert words in reason


def test_a_quote_that_never_closes_does_not_swallow_the_file(tmp_path: Path) -> None:
    """However many rows follow an open quote, only its own line is lost."""
    following = b"".join(b"m-%d,x\n" % number for number in range(50_000))
    rows = rows_of(tmp_path / "a.csv", b'id,name\nbad,"open\n' + following)
    assert len(good(rows)) == 50_000
    assert [line for line, _ in broken(rows)] == [2]


def test_an_open_quote_that_another_one_closes_far_below_is_noticed(tmp_path: Path) -> None:
    """A value over many lines that is longer than any that could be kept is an open quote."""
    following = b"".join(b"m-%d,x\n" % number for number in range(2_000))
    rows = rows_of(tmp_path / "a.csv", b'id,name\nbad,"open\n' + following + b'worse,close"\n')
    assert len(good(rows)) == 2_001
    assert [line for line, _ in broken(rows)] == [2]


def test_a_huge_line_is_passed_over(tmp_path: Path) -> None:
    """A line of many megabytes is broken, and what follows it is read."""
    rows = rows_of(tmp_path / "a.csv", b"id,x\nm-1," + b"y" * 3_000_000 + b"\nm-2,2\n")
    assert good(rows) == [(3, ["m-2", "2"])]
    ((line, reason),) = broken(rows)
    assert line == 2
    assert "longer than" in reason


def test_a_long_file_comes_in_batches(tmp_path: Path) -> None:
    """No batch has more rows than one transaction takes, and the share read rises to 1."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id\n" + b"".join(b"m-%d\n" % number for number in range(2 * BATCH_ROWS + 1)))
    source = CsvFile(path)
    batches = list(source.batches())
    source.close()
    assert [len(batch.rows) for batch in batches] == [BATCH_ROWS, BATCH_ROWS, 1]
    shares = [batch.share_read for batch in batches]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xff\xfei\x00d\x00", "is UTF-16"),
        (b"\x1f\x8b\x08\x00", "unpack it first"),
        (b"PK\x03\x04\x14\x00", "save it as CSV first"),
        (b"i\xffd\nm-1\n", "not UTF-8"),
        (b'"id\nm-1\n', "a quote is opened"),
        (b"id,x\rm-1,2\r", "carriage return"),
    ],
)
def test_a_file_without_a_readable_first_line_is_refused(
    tmp_path: Path, content: bytes, words: str
) -> None:
    """Without names of columns nothing can be read, and the error says what the file is."""
    with pytest.raises(InvalidValues, match=words):
        rows_of(tmp_path / "a.csv", content)


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(VALUES.filter(bool), VALUES), max_size=20),
    line_end=st.sampled_from(["\n", "\r\n"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_whatever_is_written_is_read(
    tmp_path: Path, rows: list[tuple[str, str]], line_end: str, delimiter: str
) -> None:
    """Any text that the standard library writes as CSV is read back to the letter."""
    stream = io.StringIO()
    # all in quotes: Python 3.11 leaves a lone carriage return without them where lines end in LF
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "note"), *rows])
    found = rows_of(tmp_path / "a.csv", stream.getvalue().encode(), delimiter)
    assert broken(found) == []
    assert [values for _, values in good(found)] == [list(row) for row in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_no_content_stops_the_reader(tmp_path: Path, content: bytes) -> None:
    """Whatever bytes follow the first line, each line of them is read or told, and reading ends."""
    found = rows_of(tmp_path / "a.csv", b"id,note\n" + content + b"\nlast,row\n")
    lines = [row.line for row in found]
    assert lines == sorted(lines)
    assert all(isinstance(row, Row | BrokenRow) for row in found)
