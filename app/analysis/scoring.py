"""Joins the two halves: a campaign becomes an analysis plan, its facts become a scorecard.

The plan is made once, at launch, and stored with the phase; whatever is computed later is computed
by that plan. A scorecard is computed from one snapshot of the facts and stored as it is: the same
facts give the same snapshot, and later facts give another one beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from app.analysis.deviations import deviations_of
from app.analysis.facts import DATABASE, FactSource, facts_of
from experiments.errors import NotLaunched
from experiments.store.campaigns import read_campaign, read_moves
from experiments.store.engine import reading, writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.plan import AnalysisPlan
from stats.scorecard import Scorecard, assemble_scorecard, scorecard_from_json, scorecard_to_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.campaign import Campaign, Phase


@dataclass(frozen=True, slots=True)
class Report:
    """A stored scorecard, read back.

    Attributes:
        document: Its JSON, byte for byte as stored.
        checked_at: When the facts were last seen to give it; never before it was computed.
    """

    scorecard: Scorecard
    document: bytes
    checked_at: datetime


def scorecard_of(
    engine: Engine,
    campaign: str,
    *,
    now: datetime,
    phase: int | None = None,
    as_of: datetime | None = None,
    source: FactSource = DATABASE,
) -> Report:
    """Compute and store the scorecard of a campaign's phase.

    Args:
        engine: The store.
        campaign: Key of the campaign.
        now: Aware UTC.
        phase: Its number; the latest one by default.
        as_of: The analysis time; later facts are ignored. Now by default.
        source: Where its facts are read.

    Raises:
        UnknownCampaign: No campaign has this key.
        NotLaunched: It has no such phase.
        ArchiveError: The archive cannot be extended or read.
    """
    # Ibis and DuckDB take half a second to load; whoever only serves offers never pays for it.
    from stats.aggregation.aggregate import aggregate  # noqa: PLC0415
    from stats.aggregation.duckdb_engine import DuckDBSettings  # noqa: PLC0415

    with reading(engine) as connection:
        found = read_campaign(connection, campaign)
        moves = read_moves(connection, campaign)
    chosen = _phase(found, phase)
    plan = AnalysisPlan.from_json(chosen.analysis_plan)
    as_of = as_of or now
    facts = facts_of(engine, campaign, chosen, plan, source=source, now=now, as_of=as_of)
    settings = DuckDBSettings(memory_limit=source.memory_limit)
    aggregates = aggregate(facts, plan, as_of, settings=settings)
    scorecard = assemble_scorecard(
        plan,
        aggregates,
        computed_at=now,
        deviations=deviations_of(found, chosen, moves),
        ended_at=_ended_at(found, chosen, as_of),
    )
    document = orjson.dumps(scorecard_to_json(scorecard))
    with writing(engine) as connection:
        stored = keep_scorecard(
            connection,
            StoredScorecard(
                campaign=campaign,
                phase=chosen.number,
                snapshot_hash=scorecard.snapshot_hash,
                computed_at=now,
                document=document.decode(),
            ),
        )
    kept = stored.document.encode()
    read = scorecard if kept == document else scorecard_from_json(orjson.loads(kept))
    return Report(read, kept, now)


def _ended_at(campaign: Campaign, phase: Phase, as_of: datetime) -> datetime | None:
    """Give when enrolment in a phase ended: it was stopped, followed by another, or is over."""
    ends_at = campaign.design.ends_at
    if phase.ended_at is None and ends_at is not None and ends_at <= as_of:
        return ends_at
    return phase.ended_at


def _phase(campaign: Campaign, number: int | None) -> Phase:
    chosen = next(
        (
            phase
            for phase in reversed(campaign.phases)
            if phase.analysis_plan is not None and number in {None, phase.number}
        ),
        None,
    )
    if chosen is None:
        raise NotLaunched(campaign.key, number, len(campaign.phases))
    return chosen
