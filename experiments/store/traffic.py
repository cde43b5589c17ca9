"""Counts the members who came lately: what a campaign that starts now can expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from experiments.store.tables import conversions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

COMING: Final = ("activity", "order")
"""Events of somebody who was there."""


def count_active_members(connection: Connection, since: datetime, until: datetime) -> int:
    """Count the members who ordered or were active from one moment until before another."""
    counted = select(func.count(conversions.c.member_id.distinct())).where(
        conversions.c.event.in_(COMING),
        conversions.c.occurred_at >= since,
        conversions.c.occurred_at < until,
    )
    return int(connection.scalar(counted) or 0)
