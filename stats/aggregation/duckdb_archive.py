"""The files of an archive as the relations of a DuckDB connection."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from stats.aggregation.answers import text
from stats.aggregation.archive_relations import ARCHIVED_ASSIGNMENTS, ELSEWHERE, HOUSEHOLDS
from stats.aggregation.fact_archive import FactArchive
from stats.aggregation.facts import ASSIGNMENTS, CONVERSIONS, EXPOSURES, TIME, WHOLE
from stats.errors import MissingColumn, MissingRelation

SQL_TYPES: Mapping[pa.DataType, str] = {TIME: "TIMESTAMP", WHOLE: "BIGINT", pa.string(): "VARCHAR"}


def open_archive_files(
    connection: duckdb.DuckDBPyConnection, facts: FactArchive
) -> dict[str, frozenset[str]]:
    """Make the relations of one phase known to the connection; gives their columns.

    Raises:
        MissingRelation: A file is not there, or is no Parquet file.
        MissingColumn: A file lacks a column.
    """
    _view(connection, "exposures", _rows(connection, "exposures", facts.exposures, EXPOSURES))
    _view(
        connection,
        "all_assignments",
        _rows(connection, "assignments", facts.assignments, ARCHIVED_ASSIGNMENTS),
    )
    _view(connection, "seen", _seen(assigned=facts.assigned))
    columns = {"exposures": frozenset(EXPOSURES), "conversions": frozenset(CONVERSIONS)}
    counted = "seen"
    if facts.by_household:
        paths = () if facts.households is None else (facts.households,)
        _view(connection, "households", _rows(connection, "households", paths, HOUSEHOLDS))
        # read by conversions and by every metric: once is enough
        connection.execute(f"CREATE TEMP TABLE unit_members AS {_UNIT_MEMBERS}")
        columns["unit_members"] = frozenset({"member_id", "unit_id"})
        counted = "unit_members"
    everybody = _rows(connection, "conversions", facts.conversions, CONVERSIONS)
    events = ", ".join(map(_literal, facts.events))
    _view(
        connection,
        "conversions",
        f"SELECT * FROM ({everybody}) WHERE event IN ({events})"  # noqa: S608 - quoted literals
        f" AND member_id IN (SELECT member_id FROM {counted})",
    )
    elsewhere = _rows(connection, "exposures", facts.exposures_elsewhere, ELSEWHERE)
    _view(
        connection,
        "overlaps",
        "SELECT owners.unit_id, campaign_key AS campaign, variant, exposed_at"  # noqa: S608 - quoted paths
        f" FROM ({elsewhere}) JOIN"
        f" (SELECT DISTINCT member_id, unit_id FROM {counted} WHERE unit_id IS NOT NULL) owners"
        " USING (member_id)",
    )
    columns["overlaps"] = frozenset({"unit_id", "campaign", "variant", "exposed_at"})
    _view(connection, "assignments", "SELECT unit_id, variant, assigned_at FROM all_assignments")
    columns["assignments"] = frozenset(ASSIGNMENTS)
    if facts.segments:
        values = ", ".join(
            f"json_extract_string(attributes, {_literal('/' + name)}) AS {_quoted(name)}"
            for name in facts.segments
        )
        _view(connection, "units", f"SELECT unit_id, {values} FROM all_assignments")  # noqa: S608 - quoted names
        columns["units"] = frozenset({"unit_id", *facts.segments})
    return columns


def _seen(*, assigned: bool) -> str:
    """Give who was seen by whom: exposed, and where they count assigned members."""
    exposed = "SELECT member_id, unit_id, exposed_at AS seen_at FROM exposures"
    if not assigned:
        return exposed
    assigned_units = "SELECT member_id, unit_id, assigned_at FROM all_assignments"
    return f"{exposed} UNION ALL {assigned_units}"


_UNIT_MEMBERS = """
    WITH decided AS (
        SELECT member_id, unit_id FROM seen WHERE unit_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY seen_at, unit_id) = 1
    )
    SELECT member_id, unit_id FROM decided
    UNION ALL
    SELECT member_id, household_id FROM households
    WHERE household_id IN (SELECT unit_id FROM seen WHERE unit_id IS NOT NULL)
    AND member_id NOT IN (SELECT member_id FROM decided)
"""


def _view(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    # quoted, because `overlaps` is a word of SQL's own
    connection.execute(f"CREATE TEMP VIEW {_quoted(name)} AS {sql}")


def _rows(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    paths: Sequence[str],
    columns: Mapping[str, pa.DataType],
) -> str:
    """Give the SQL of a relation's columns, times as UTC without a zone.

    Raises:
        MissingRelation: A file is not there, or is no Parquet file.
        MissingColumn: A file lacks a column.
    """
    if not paths:
        nothing = ", ".join(
            f"NULL::{SQL_TYPES[kind]} AS {_quoted(name)}" for name, kind in columns.items()
        )
        return f"SELECT {nothing} WHERE false"
    source = f"read_parquet([{', '.join(map(_literal, paths))}])"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608 - quoted paths
    except duckdb.Error as error:
        raise MissingRelation(relation, str(error).splitlines()[0]) from error
    present = [text(row[0]) for row in described]
    for name in columns:
        if name not in present:
            raise MissingColumn(relation, name, present)
    selected = ", ".join(_converted(name, kind) for name, kind in columns.items())
    return f"SELECT {selected} FROM {source}"  # noqa: S608 - quoted names and paths


def _converted(name: str, kind: pa.DataType) -> str:
    column = _quoted(name)
    if kind == TIME:  # by the epoch: a cast would ask the time zone for each row
        return f"make_timestamp(epoch_us({column})) AS {column}"
    return f"{column}::{SQL_TYPES[kind]} AS {column}"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
