"""Keeps decision memos: every version for good, none changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.memo import Memo, content_of
from experiments.store.tables import memos
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


def add_memo(connection: Connection, memo: Memo) -> bool:
    """Keep a version; False where somebody kept one of this number before."""
    statement = insert_into(connection, memos).values(
        campaign_key=memo.campaign,
        phase=memo.phase,
        version=memo.version,
        snapshot_hash=memo.snapshot_hash,
        content=memo.content(),
        author=memo.author,
        written_at=memo.written_at,
    )
    keys = ["campaign_key", "phase", "version"]
    kept = statement.on_conflict_do_nothing(index_elements=keys).returning(memos.c.version)
    return connection.execute(kept).first() is not None


def read_memos(
    connection: Connection, campaign: str, *, phase: int | None = None
) -> tuple[Memo, ...]:
    """Give the memos of a campaign: the latest phase first, the newest version first in it."""
    query = (
        select(memos)
        .where(memos.c.campaign_key == campaign)
        .order_by(memos.c.phase.desc(), memos.c.version.desc())
    )
    if phase is not None:
        query = query.where(memos.c.phase == phase)
    return tuple(_memo(row) for row in connection.execute(query).mappings())


def _memo(row: RowMapping) -> Memo:
    prose, subject, decided = content_of(row["content"])
    return Memo(
        row["campaign_key"],
        row["phase"],
        row["version"],
        row["snapshot_hash"],
        prose,
        subject,
        decided,
        row["author"],
        row["written_at"],
    )
