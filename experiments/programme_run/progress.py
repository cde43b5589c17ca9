"""Records how far assigned members have come since, where a running campaign measures it.

The share is of what was missing to the next tier at assignment, on the programme's own thresholds:
the same measure in every variant, whatever a variant promises.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from experiments.bulk import literals
from experiments.bulk.member_relations import copy_rows
from experiments.campaign import State
from experiments.conversion import Conversion
from experiments.programme_run.judging import FULL, ruled_places
from experiments.programme_run.sources import PROGRESS
from experiments.programme_run.writing_back import (
    CHUNK_MEMBERS,
    SENDER,
    append_facts,
    fact_id,
)
from experiments.store.campaigns import read_campaigns
from experiments.store.computed import beginnings_query
from experiments.store.engine import reading

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb
    from sqlalchemy import Engine

    from experiments.programme import Programme

METRIC: Final = "progress_completion"

_BEGINNINGS: Final = pa.schema(
    [pa.field(name, pa.string()) for name in ("member_id", "next_tier", "tier_progress")]
)


def record_progress(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    programme: Programme,
    as_of: datetime,
    now: datetime,
) -> int:
    """Record the progress of members who have come further than recorded; give how many."""
    with reading(engine) as store:
        phases = [
            (campaign.key, campaign.phase.number)
            for campaign in read_campaigns(store)
            if campaign.phase is not None
            and campaign.state_at(now) is State.RUNNING
            and any(used.metric == METRIC for used in campaign.design.metrics)
        ]
    return sum(_record(engine, connection, programme, phase, as_of, now) for phase in phases)


def _record(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    programme: Programme,
    phase: tuple[str, int],
    as_of: datetime,
    now: datetime,
) -> int:
    query = beginnings_query(engine.dialect.name, phase, as_of)
    copy_rows(connection, "beginnings", engine, query, _BEGINNINGS)
    if not ruled_places(programme):
        return 0
    found = connection.execute(_further(programme, phase))
    recorded = 0
    while rows := found.fetchmany(CHUNK_MEMBERS):
        facts = [_fact(member_id, covered, phase, as_of, now) for member_id, covered in rows]
        append_facts(engine, facts)
        recorded += len(facts)
    return recorded


def _further(programme: Programme, phase: tuple[str, int]) -> str:
    """Give SQL for the members who covered more than was recorded, in ten-thousandths."""
    cases = " ".join(
        f"WHEN {literals.text(programme.tiers[place].key)} THEN "
        f"CASE WHEN COALESCE(imported, has, -1) >= {place} THEN {FULL} ELSE progress_{place} END"
        for place in ruled_places(programme)
    )
    campaign, number = phase
    return (
        "WITH begun AS ("  # noqa: S608  # literals are quoted
        f"SELECT member_id, round({FULL} * TRY_CAST(b.tier_progress AS DOUBLE))::INTEGER AS began, "
        f"CASE b.next_tier {cases} END AS stands "
        "FROM beginnings b JOIN judged j USING (member_id)"
        "), recorded AS ("
        "SELECT member_id, max(round("
        f"{FULL} * TRY_CAST(json_extract_string(properties, '$.covered') AS DOUBLE))) AS furthest "
        f"FROM facts WHERE event = {literals.text(PROGRESS)} "
        f"AND json_extract_string(properties, '$.campaign') = {literals.text(campaign)} "
        f"AND json_extract_string(properties, '$.phase') = {literals.text(str(number))} "
        "GROUP BY member_id"
        "), covered AS ("
        f"SELECT member_id, GREATEST(0, (stands - began) * {FULL} // ({FULL} - began)) AS covered "
        f"FROM begun WHERE stands IS NOT NULL AND began BETWEEN 0 AND {FULL - 1}"
        ") SELECT member_id, covered FROM covered LEFT JOIN recorded USING (member_id) "
        "WHERE covered > COALESCE(furthest, 0) ORDER BY member_id"
    )


def _fact(
    member_id: str, covered: int, phase: tuple[str, int], as_of: datetime, now: datetime
) -> Conversion:
    campaign, number = phase
    properties = {"covered": covered / FULL, "campaign": campaign, "phase": number}
    return Conversion(
        fact_id(PROGRESS, campaign, str(number), member_id, as_of.isoformat()),
        member_id,
        PROGRESS,
        as_of,
        now,
        properties=MappingProxyType(properties),
        sender=SENDER,
    )
