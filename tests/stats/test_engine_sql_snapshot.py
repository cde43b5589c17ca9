"""The SQL that PostgreSQL and Spark run, as reviewed.

To accept a change: TIERLIFT_ACCEPT_SQL=1 python -m pytest tests/stats/test_engine_sql_snapshot.py
"""

import os
from pathlib import Path

import pytest

from stats.aggregation.compiling import to_sql
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.postgresql_engine import PostgreSQLFunctions
from stats.aggregation.spark_engine import SparkFunctions
from tests.stats.test_sql_snapshot import relations_of

FOLDER = Path(__file__).parent / "snapshots"
ENGINES: dict[str, EngineFunctions] = {
    "postgres": PostgreSQLFunctions("Asia/Taipei"),
    "pyspark": SparkFunctions("Asia/Taipei"),
}
RELATIONS = [(dialect, name) for dialect, own in ENGINES.items() for name in relations_of(own)]


@pytest.mark.parametrize(("dialect", "name"), RELATIONS)
def test_sql_is_as_reviewed(dialect: str, name: str) -> None:
    """Each named relation compiles to the SQL that was reviewed last, on each engine."""
    path = FOLDER / dialect / f"{name}.sql"
    got = to_sql(relations_of(ENGINES[dialect])[name], dialect) + "\n"
    if os.environ.get("TIERLIFT_ACCEPT_SQL"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, encoding="utf-8")

    assert got == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", ENGINES)
def test_every_snapshot_is_of_a_relation(dialect: str) -> None:
    """No file stays behind when a relation goes."""
    files = {path.stem for path in (FOLDER / dialect).glob("*.sql")}

    assert files == {name for engine, name in RELATIONS if engine == dialect}
