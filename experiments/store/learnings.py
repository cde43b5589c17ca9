"""Reads what was decided on all campaigns and what was learnt of them, each in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from experiments.store.tables import campaign_moves, memos

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class NewestMove:
    """The newest move of a kind that was made with a campaign.

    Attributes:
        detail: As it was kept with the move.
    """

    campaign: str
    move: str
    at: datetime
    reason: str | None
    detail: Mapping[str, Any]


def newest_moves(connection: Connection, moves: Collection[str]) -> tuple[NewestMove, ...]:
    """Give, of every campaign, the newest move of each of some kinds."""
    newest = (
        select(func.max(campaign_moves.c.id))
        .where(campaign_moves.c.move.in_(sorted(moves)))
        .group_by(campaign_moves.c.campaign_key, campaign_moves.c.move)
    )
    query = select(
        campaign_moves.c.campaign_key,
        campaign_moves.c.move,
        campaign_moves.c.at,
        campaign_moves.c.reason,
        campaign_moves.c.detail,
    ).where(campaign_moves.c.id.in_(newest))
    return tuple(
        NewestMove(row.campaign_key, row.move, row.at, row.reason, dict(row.detail or {}))
        for row in connection.execute(query)
    )


def newest_memo_contents(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Give the content of the newest memo of every campaign that has one, by its key."""
    query = select(memos.c.campaign_key, memos.c.content).order_by(memos.c.phase, memos.c.version)
    return {row.campaign_key: row.content for row in connection.execute(query)}
