"""Keeps scorecards as they were computed: one per snapshot of the facts, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from experiments.store.tables import scorecards
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from collections.abc import Collection
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


@dataclass(frozen=True, slots=True)
class ScorecardHead:
    """Which scorecard it is, without what it says.

    Attributes:
        number: Given by the database, rising.
    """

    number: int
    campaign: str
    phase: int
    snapshot_hash: str
    computed_at: datetime


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


def newest_heads(connection: Connection) -> tuple[ScorecardHead, ...]:
    """Give the newest scorecard of every phase that has one, without its document."""
    newest = select(func.max(scorecards.c.id)).group_by(
        scorecards.c.campaign_key, scorecards.c.phase
    )
    query = select(
        scorecards.c.id,
        scorecards.c.campaign_key,
        scorecards.c.phase,
        scorecards.c.snapshot_hash,
        scorecards.c.computed_at,
    ).where(scorecards.c.id.in_(newest))
    return tuple(ScorecardHead(*row) for row in connection.execute(query))


def documents_of(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Give the documents of scorecards, by their numbers."""
    query = select(scorecards.c.id, scorecards.c.document)
    found = connection.execute(query.where(scorecards.c.id.in_(sorted(numbers))))
    return {row.id: row.document for row in found}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which scorecards there are, without their documents."""

    phase: int
    snapshot_hash: str
    computed_at: datetime


def read_snapshots(
    connection: Connection, campaign: str, *, limit: int = 100
) -> tuple[Snapshot, ...]:
    """Give the snapshots of a campaign, those of the latest phase first, the newest first."""
    query = (
        select(scorecards.c.phase, scorecards.c.snapshot_hash, scorecards.c.computed_at)
        .where(scorecards.c.campaign_key == campaign)
        .order_by(scorecards.c.phase.desc(), scorecards.c.id.desc())
        .limit(limit)
    )
    return tuple(Snapshot(*row) for row in connection.execute(query))


def find_snapshot(connection: Connection, campaign: str, snapshot_hash: str) -> Snapshot | None:
    """Give a snapshot of a campaign, or None where it has no such one."""
    query = select(scorecards.c.phase, scorecards.c.snapshot_hash, scorecards.c.computed_at).where(
        scorecards.c.campaign_key == campaign, scorecards.c.snapshot_hash == snapshot_hash
    )
    found = connection.execute(query.limit(1)).first()
    return None if found is None else Snapshot(*found)


def read_document(connection: Connection, campaign: str, snapshot_hash: str) -> str | None:
    """Give the scorecard of a snapshot as JSON, or None where there is none."""
    query = select(scorecards.c.document).where(
        scorecards.c.campaign_key == campaign, scorecards.c.snapshot_hash == snapshot_hash
    )
    return connection.execute(query.limit(1)).scalar()


def _scorecard(row: RowMapping) -> StoredScorecard:
    return StoredScorecard(
        campaign=row["campaign_key"],
        phase=row["phase"],
        snapshot_hash=row["snapshot_hash"],
        computed_at=row["computed_at"],
        document=row["document"],
        number=row["id"],
    )
