"""Brings members and facts to DuckDB, as the relations `people`, `facts` and `changes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from experiments.bulk import literals
from experiments.bulk.member_relations import copy_rows
from experiments.programme_run.opening import moment
from experiments.store.computed import FACT_COLUMNS, PEOPLE_COLUMNS, facts_query, people_query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb
    from sqlalchemy import Engine

EVENTS: Final = ("order", "refund", "activity", "referral")
"""What sums are made of."""

TIER_CHANGE: Final = "tier_change"
PROGRESS: Final = "progress"

_PEOPLE: Final = pa.schema([pa.field(name, pa.string()) for name in PEOPLE_COLUMNS])
_FACTS: Final = pa.schema(
    [
        pa.field("conversion_id", pa.string()),
        pa.field("member_id", pa.string()),
        pa.field("event", pa.string()),
        pa.field("occurred_at", pa.timestamp("us", tz="UTC")),
        pa.field("amount_minor", pa.int64()),
        pa.field("currency", pa.string()),
        pa.field("properties", pa.string()),
    ]
)


def load_people(connection: duckdb.DuckDBPyConnection, engine: Engine) -> int:
    """Copy what the computation needs of every member; give how many there are.

    The table `people` has the id, the imported tier and day of joining, and what was computed
    before, as JSON.
    """
    return copy_rows(connection, "people", engine, people_query(engine.dialect.name), _PEOPLE)


def load_facts(
    connection: duckdb.DuckDBPyConnection,
    engine: Engine,
    archived: Sequence[str] | None,
    as_of: datetime,
) -> None:
    """Make the facts before a moment known as `facts`, and what says which tier is had, `changes`.

    Args:
        connection: Where to.
        engine: The store.
        archived: Files of conversions; None is those of the store, which are copied.
        as_of: Later facts do not count.
    """
    if archived is None:
        query = facts_query(engine.dialect.name, (*EVENTS, TIER_CHANGE, PROGRESS), as_of)
        copy_rows(connection, "facts", engine, query, _FACTS)
    else:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW facts AS {_files(archived, as_of)}")
    connection.execute(
        "CREATE OR REPLACE TABLE changes AS SELECT member_id, "  # noqa: S608  # our own names
        "max(occurred_at) AS changed_at, "
        # of two at the same moment the one with the greater id, whoever reads them; arg_max would
        # pass over a fall to no tier, which has no `to`
        "arg_max(COALESCE(json_extract_string(properties, '$.to'), ''), "
        "{'at': occurred_at, 'id': conversion_id}) AS tier "
        f"FROM facts WHERE event = {literals.text(TIER_CHANGE)} AND occurred_at <= {moment(as_of)} "
        "GROUP BY member_id"
    )


def _files(paths: Sequence[str], as_of: datetime) -> str:
    if not paths:
        columns = ", ".join(
            f"NULL::{'TIMESTAMPTZ' if name == 'occurred_at' else kind} AS {name}"
            for name, kind in FACT_COLUMNS.items()
        )
        return f"SELECT {columns} WHERE false"
    listed = ", ".join(map(literals.text, paths))
    # one moment more: a change of tier at `as_of` is one that an earlier run recorded
    return (
        f"SELECT {', '.join(FACT_COLUMNS)} FROM read_parquet([{listed}]) "  # noqa: S608  # quoted paths
        f"WHERE occurred_at <= {moment(as_of)}"
    )
