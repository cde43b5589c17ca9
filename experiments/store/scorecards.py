"""Keeps scorecards as they were computed: one per snapshot of the facts, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.store.tables import scorecards
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class StoredScorecard:
    """A scorecard as it was first computed.

    Attributes:
        snapshot_hash: Names the facts and the plan that it was computed from.
        computed_at: When that was first done.
        document: Its JSON, byte for byte.
        number: Given by the database, rising; None before it is kept.
    """

    campaign: str
    phase: int
    snapshot_hash: str
    computed_at: datetime
    document: str
    number: int | None = None


def keep_scorecard(connection: Connection, scorecard: StoredScorecard) -> StoredScorecard:
    """Keep a scorecard, unless its snapshot has one; give the one that stands."""
    statement = insert_into(connection, scorecards).values(
        campaign_key=scorecard.campaign,
        phase=scorecard.phase,
        snapshot_hash=scorecard.snapshot_hash,
        computed_at=scorecard.computed_at,
        document=scorecard.document,
    )
    connection.execute(
        statement.on_conflict_do_nothing(index_elements=["campaign_key", "phase", "snapshot_hash"])
    )
    query = select(scorecards).where(
        scorecards.c.campaign_key == scorecard.campaign,
        scorecards.c.phase == scorecard.phase,
        scorecards.c.snapshot_hash == scorecard.snapshot_hash,
    )
    return _scorecard(connection.execute(query).mappings().one())


def latest_scorecard(connection: Connection, campaign: str, phase: int) -> StoredScorecard | None:
    """Give the newest scorecard of a phase, or None before the first."""
    found = read_scorecards(connection, campaign, phase=phase, limit=1)
    return found[0] if found else None


def read_scorecards(
    connection: Connection, campaign: str, *, phase: int | None = None, limit: int = 100
) -> tuple[StoredScorecard, ...]:
    """Give the scorecards of a campaign, the newest first; of all its phases when None."""
    query = (
        select(scorecards)
        .where(scorecards.c.campaign_key == campaign)
        .order_by(scorecards.c.id.desc())
        .limit(limit)
    )
    if phase is not None:
        query = query.where(scorecards.c.phase == phase)
    return tuple(_scorecard(row) for row in connection.execute(query).mappings())


def _scorecard(row: RowMapping) -> StoredScorecard:
    return StoredScorecard(
        campaign=row["campaign_key"],
        phase=row["phase"],
        snapshot_hash=row["snapshot_hash"],
        computed_at=row["computed_at"],
        document=row["document"],
        number=row["id"],
    )
