"""Parquet files as the relations of a DuckDB connection, checked by their schemas."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from stats.aggregation.answers import text, whole
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import COLUMNS, TEXT, may_be_null
from stats.errors import (
    MemberInTwoUnits,
    MissingColumn,
    MissingRelation,
    NullInColumn,
    UnitTwice,
    WrongColumnType,
)

CONVERTS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"VARCHAR"}),
    "int64": frozenset({"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT"}),
    "timestamp[us, tz=UTC]": frozenset({"TIMESTAMP WITH TIME ZONE"}),
}
"""DuckDB's types that convert without loss, by the documented type."""
ANY_NULL = '"NULL"'


def open_files(
    connection: duckdb.DuckDBPyConnection, facts: FactFiles
) -> dict[str, frozenset[str]]:
    """Make every relation of the files known to the connection; gives their columns.

    Raises:
        MissingRelation: No file matches a pattern.
        MissingColumn: A relation lacks a column.
        WrongColumnType: A column does not convert without loss; a time without a zone is refused.
        NullInColumn: A column that may not be null has nulls.
        MemberInTwoUnits: A member belongs to more than one unit.
        UnitTwice: A unit has more than one row of attributes.
    """
    present = {
        name: _open(connection, name, paths, COLUMNS[name])
        for name, paths in facts.relations.items()
    }
    if "unit_members" in present:
        torn = _offenders(connection, "unit_members", "member_id", "min(unit_id) <> max(unit_id)")
        if torn is not None:
            raise MemberInTwoUnits(*torn)
    if "units" in present:
        twice = _offenders(connection, "units", "unit_id", "count(*) > 1")
        if twice is not None:
            raise UnitTwice(*twice)
    return present


def _open(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    paths: Sequence[str],
    documented: Mapping[str, pa.DataType],
) -> frozenset[str]:
    files = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    source = f"read_parquet([{files}])"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608 - quoted paths
    except duckdb.IOException as error:
        raise MissingRelation(relation, str(error).splitlines()[0]) from error
    types = {text(row[0]): text(row[1]) for row in described}
    wanted = dict(documented)
    if relation == "units":  # every other column of text may be a segment
        wanted |= {name: TEXT for name, came in types.items() if came == "VARCHAR"}
    columns = []
    for name, kind in wanted.items():
        if name not in types:
            raise MissingColumn(relation, name, types)
        if types[name] not in CONVERTS[str(kind)] | {ANY_NULL}:
            raise WrongColumnType(relation, name, types[name], kind)
        columns.append(f"{_converted(name, kind)} AS {_quoted(name)}")
    strict = [name for name in wanted if not may_be_null(relation, name)]
    _refuse_nulls(connection, relation, source, files, strict)
    # names and paths are quoted (`overlaps` is a word of SQL's own); the rest is this module's own
    selected = f"SELECT {', '.join(columns)} FROM {source}"  # noqa: S608
    connection.execute(f"CREATE TEMP VIEW {_quoted(relation)} AS {selected}")
    return frozenset(wanted)


def _converted(name: str, kind: pa.DataType) -> str:
    column = _quoted(name)
    if pa.types.is_timestamp(kind):  # by the epoch: a cast would ask the time zone for each row
        return f"make_timestamp(epoch_us({column}))"
    return f"{column}::{'VARCHAR' if kind == TEXT else 'BIGINT'}"


def _refuse_nulls(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    source: str,
    files: str,
    columns: Sequence[str],
) -> None:
    """Count nulls by the files' own statistics, and only where those do not say by reading."""
    known = {
        text(name): whole(nulls)
        for name, nulls, unknown in connection.execute(
            "SELECT path_in_schema, coalesce(sum(stats_null_count), 0),"  # noqa: S608 - quoted paths
            f" count_if(stats_null_count IS NULL) FROM parquet_metadata([{files}]) GROUP BY 1"
        ).fetchall()
        if unknown == 0
    }
    unknown_columns = [name for name in columns if name not in known]
    if unknown_columns:
        counts = ", ".join(f"count_if({_quoted(name)} IS NULL)" for name in unknown_columns)
        found = connection.execute(f"SELECT {counts} FROM {source}").fetchone()  # noqa: S608 - quoted names
        known |= dict(zip(unknown_columns, found or (), strict=True))
    for name in columns:
        if known[name]:
            raise NullInColumn(relation, name, known[name])


def _offenders(
    connection: duckdb.DuckDBPyConnection, relation: str, key: str, fault: str
) -> tuple[int, str] | None:
    row = connection.execute(
        f"SELECT count(*), min({key}) FROM"  # noqa: S608 - this module's own names
        f" (SELECT {key} FROM {relation} GROUP BY {key} HAVING {fault})"
    ).fetchone()
    return None if row is None or row[0] == 0 else (whole(row[0]), text(row[1]))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
