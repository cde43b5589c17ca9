"""Which engine analyses: by an address and by where the facts are."""

from contextlib import AbstractContextManager
from typing import Final, TypeAlias

from stats.aggregation.declared_relations import DeclaredRelations
from stats.aggregation.duckdb_engine import DEFAULTS, DuckDBEngine, DuckDBSettings
from stats.aggregation.engine import Engine
from stats.aggregation.facts import Facts, FactTables
from stats.errors import EngineUnavailable

EMBEDDED: Final = ""
SPARK: Final = ("local[", "spark://", "sc://", "yarn", "k8s://")
POSTGRESQL: Final = ("postgresql", "postgres://")
Analysed: TypeAlias = Facts | DeclaredRelations
"""What an engine can be opened over."""


def engine_for(
    url: str, facts: Analysed, *, settings: DuckDBSettings = DEFAULTS
) -> AbstractContextManager[Engine]:
    """Open the engine of an address over facts; closed on leaving.

    Args:
        url: Empty for the embedded engine; a Spark master or Spark Connect server (`local[*]`,
            `spark://…`, `sc://…`, `yarn`, `k8s://…`); `postgresql://…`; or whatever `ibis.connect`
            takes (`bigquery://…`, `snowflake://…`, `trino://…`).
        facts: Facts in memory run on DuckDB, PostgreSQL and Spark; files and archives on DuckDB and
            Spark; declared tables on every engine but the embedded one.
        settings: What the embedded engine may use.

    Raises:
        EngineUnavailable: The engine is not installed, cannot be reached, or cannot read facts that
            are there.
        InvalidFacts: The facts cannot be aggregated; a declared table is not there, or not what was
            declared.
    """
    # an engine loads what it needs only where it is asked for
    if url.startswith(SPARK):
        from stats.aggregation.spark_engine import SparkEngine  # noqa: PLC0415

        return SparkEngine.over(url, facts)
    if url.startswith(POSTGRESQL):
        from stats.aggregation.postgresql_engine import PostgreSQLEngine  # noqa: PLC0415

        if isinstance(facts, FactTables | DeclaredRelations):
            return PostgreSQLEngine.over(url, facts)
    elif url != EMBEDDED:
        from stats.aggregation.warehouse_engine import WarehouseEngine  # noqa: PLC0415

        if isinstance(facts, DeclaredRelations):
            return WarehouseEngine.over(url, facts)
    elif not isinstance(facts, DeclaredRelations):
        return DuckDBEngine.over(facts, settings)
    engine = url.partition(":")[0] or "duckdb"
    reason = f"it cannot read {type(facts).__name__}"
    way_out = "declare tables of a database and give its address, or read files with Spark"
    raise EngineUnavailable(engine, reason, way_out)
