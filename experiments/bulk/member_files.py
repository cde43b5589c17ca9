"""Reads members from a Parquet or CSV file, in the columns that an import of members reads.

The file is read where it lies, as often as needed, and what an import would make of a value is what
rules see here.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet
from sqlalchemy import select

from experiments.bulk import literals
from experiments.bulk.member_relations import FIELD, MemberRelation, copy_rows
from experiments.bulk.readings import Form, json_of, reading
from experiments.errors import InvalidValues, Problem
from experiments.member import HOUSEHOLD, MAX_ID_LENGTH
from experiments.store.tables import members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb
    from sqlalchemy import Engine

MEMBER_ID: Final = "member_id"
CONSENT: Final = "personalisation_consent"

_MAGIC: Final = b"PAR1"
_OPTED_OUT: Final = "opted_out"
_ID_SCHEMA: Final = pa.schema([pa.field("member_id", pa.string(), nullable=False)])
_FORMS: Final = {
    "BOOLEAN": Form.BOOLEAN,
    "VARCHAR": Form.TEXT,
    "FLOAT": Form.NUMBER,
    "DOUBLE": Form.NUMBER,
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"),
        Form.INTEGER,
    ),
}
_CSV_OPTIONS: Final = (
    "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', "
    "strict_mode = true, encoding = 'utf-8'"
)


def members_of_file(
    engine: Engine, connection: duckdb.DuckDBPyConnection, path: Path
) -> MemberRelation:
    """Give the members of a file; whoever opted out by the store has, whatever the file says.

    Raises:
        InvalidValues: It is no such file, or lacks the column `member_id`.
        OSError: It cannot be read.
        DatabaseMissing: The database is absent or does not answer.
    """
    with path.open("rb") as stream:
        is_parquet = stream.read(len(_MAGIC)) == _MAGIC
    names = _parquet_names(path) if is_parquet else _csv_names(path)
    _check_names(names, path)
    quoted = literals.text(_without_pattern(path))
    source = f"read_parquet({quoted})" if is_parquet else f"read_csv({quoted}, {_CSV_OPTIONS})"
    described = connection.execute(f"DESCRIBE FROM {source}").fetchall()
    kinds = {str(name): str(kind) for name, kind, *_ in described}
    if list(kinds) != names:
        raise _unreadable(path, "has a first line that cannot be taken apart")
    others = {name: kind for name, kind in kinds.items() if name not in {MEMBER_ID, CONSENT}}
    columns = {
        name: _FORMS[kind] if is_parquet else Form.CSV
        for name, kind in others.items()
        if kind in _FORMS
    }
    consent = _consent(kinds.get(CONSENT))
    opted_out = select(members.c.member_id).where(members.c.personalisation_consent.is_(False))
    if copy_rows(connection, _OPTED_OUT, engine, opted_out, _ID_SCHEMA):
        known = f'"{MEMBER_ID}"::VARCHAR IN (SELECT member_id FROM {_OPTED_OUT})'  # noqa: S608  # our own names
        consent = f"({consent}) AND NOT {known}"
    household = columns.get(HOUSEHOLD)
    return MemberRelation(
        source=source,
        member_id=_id(),
        new_id=_new_id(),
        consent=consent,
        household="NULL::VARCHAR"
        if household is None
        else f"NULLIF({reading(household, literals.name(HOUSEHOLD)).text}, '')",
        carried="".join(f", {literals.name(name)} AS {_carried(name)}" for name in columns),
        attributes=_document(columns),
        columns=columns,
        unfit={name: kind for name, kind in others.items() if kind not in _FORMS},
    )


def _parquet_names(path: Path) -> list[str]:
    try:
        return list(pyarrow.parquet.read_schema(path).names)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise _unreadable(path, f"cannot be read as Parquet: {reason}") from error


def _csv_names(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return next(csv.reader(stream, strict=True), [])
    except (csv.Error, UnicodeDecodeError) as error:
        reason = f"is neither Parquet nor CSV in UTF-8 with a first line of names: {error}"
        raise _unreadable(path, reason) from error


def _check_names(names: Sequence[str], path: Path) -> None:
    lower = [name.lower() for name in names]
    if twice := sorted({name for name in lower if lower.count(name) > 1}):
        raise _unreadable(path, f"has the column {', '.join(twice)} more than once")
    if not all(name.strip() for name in names):
        raise _unreadable(path, "has a column without a name")
    if MEMBER_ID not in names:
        raise _unreadable(path, f"lacks the column {MEMBER_ID}; it has {', '.join(names)}")


def _unreadable(path: Path, message: str) -> InvalidValues:
    way_out = "Give a file that `tierlift import members` reads."
    return InvalidValues([Problem(FIELD, str(path), message, way_out)])


def _without_pattern(path: Path) -> str:
    """Give the path so that DuckDB does not take it for a pattern of several paths."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path.resolve()))


_UNFIT_ID: Final = literals.text(
    f"a member_id is not text of 1 to {MAX_ID_LENGTH} characters without control ones: "
)


def _id() -> str:
    """Give the id, or end the statement where there is none that can be kept."""
    member_id = f'"{MEMBER_ID}"::VARCHAR'
    refused = f"error({_UNFIT_ID} || COALESCE({member_id}, 'null'))"
    fits = f"length({member_id}) BETWEEN 1 AND {MAX_ID_LENGTH}"
    return f"CASE WHEN {fits} THEN {member_id} ELSE {refused} END"


def _new_id() -> str:
    """Give the id of somebody who is assigned, or end the statement: it must be one to keep.

    Only of them, since looking at every character takes as long as hashing.
    """
    unfit = "regexp_matches(member_id, '[\\x00-\\x1f\\x7f]')"
    return f"CASE WHEN {unfit} THEN error({_UNFIT_ID} || member_id) ELSE member_id END"


def _consent(kind: str | None) -> str:
    """Give whether a row says that the member agrees; where nothing is said, it does."""
    if kind is None:
        return "TRUE"
    column = literals.name(CONSENT)
    if kind == "BOOLEAN":
        return f"COALESCE({column}, TRUE)"
    word = f"lower(trim({column}::VARCHAR))"
    message = "personalisation_consent is neither true nor false: "
    return (
        f"CASE WHEN COALESCE({word}, '') IN ('', 'true', 'yes', '1') THEN TRUE "
        f"WHEN {word} IN ('false', 'no', '0') THEN FALSE "
        f"ELSE error({literals.text(message)} || {word})::BOOLEAN END"
    )


def _carried(name: str) -> str:
    """Give the name under which a column goes along; its own may be one of ours."""
    return literals.name(f"carried {name}")


def _document(columns: Mapping[str, Form]) -> str:
    """Give the attributes as JSON, without those that are null."""
    if not columns:
        return "'{}'"
    fields = ", ".join(
        f"{literals.name(name)} := {json_of(form, _carried(name))}"
        for name, form in columns.items()
    )
    return f"json_merge_patch('{{}}', to_json(struct_pack({fields})))::VARCHAR"
