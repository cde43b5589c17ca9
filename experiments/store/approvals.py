"""Keeps the requests for approval of campaigns, with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from experiments.approval import Answer, Approval
from experiments.store.tables import approvals

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


def add_approval(  # the row
    connection: Connection, key: str, version: int, asked_by: str, now: datetime, note: str | None
) -> None:
    """Keep a new request."""
    connection.execute(
        insert(approvals).values(
            campaign_key=key, campaign_version=version, asked_by=asked_by, asked_at=now, note=note
        )
    )


def read_approvals(connection: Connection, key: str) -> tuple[Approval, ...]:
    """Give the requests of a campaign, the oldest first."""
    query = select(approvals).where(approvals.c.campaign_key == key).order_by(approvals.c.id)
    return tuple(_approval(row) for row in connection.execute(query).mappings())


def read_waiting(connection: Connection) -> tuple[Approval, ...]:
    """Give the requests that nobody has answered, the oldest first."""
    query = select(approvals).where(approvals.c.answer.is_(None)).order_by(approvals.c.id)
    return tuple(_approval(row) for row in connection.execute(query).mappings())


def settle_approval(  # the row
    connection: Connection,
    number: int,
    answer: Answer,
    answered_by: str,
    now: datetime,
    reason: str | None,
) -> bool:
    """Write the answer of a request; False where somebody answered it before."""
    statement = (
        update(approvals)
        .where(approvals.c.id == number, approvals.c.answer.is_(None))
        .values(answer=str(answer), answered_by=answered_by, answered_at=now, reason=reason)
    )
    return connection.execute(statement).rowcount == 1


def _approval(row: RowMapping) -> Approval:
    return Approval(
        number=row["id"],
        campaign_key=row["campaign_key"],
        campaign_version=row["campaign_version"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        note=row["note"],
        answer=None if row["answer"] is None else Answer(row["answer"]),
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        reason=row["reason"],
    )
