"""Facts, wherever they are, as the relations of a DuckDB connection."""

from typing import Final

import duckdb
import pyarrow as pa

from stats.aggregation.duckdb_archive import open_archive_files
from stats.aggregation.duckdb_files import open_files
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import Facts, FactTables

NAIVE: Final = pa.timestamp("us")


def open_facts(connection: duckdb.DuckDBPyConnection, facts: Facts) -> dict[str, frozenset[str]]:
    """Make every relation of the facts known to the connection; gives their columns.

    Raises:
        InvalidFacts: Files lack a column, or have one that cannot be read as documented.
    """
    if isinstance(facts, FactFiles):
        return open_files(connection, facts)
    if not isinstance(facts, FactTables):
        return open_archive_files(connection, facts)
    for name, table in facts.relations.items():
        connection.register(name, _naive(table))
    return {name: frozenset(table.column_names) for name, table in facts.relations.items()}


def _naive(table: pa.Table) -> pa.Table:
    """Drop the zone from times, which are UTC: no copy, and no zone arithmetic per row."""
    schema = pa.schema(
        [field.with_type(NAIVE) if pa.types.is_timestamp(field.type) else field
         for field in table.schema]
    )  # fmt: skip
    return table.cast(schema)
