"""Counts the units enrolled in a capped campaign, exactly, however many processes enrol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.store.tables import enrolments
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection


def try_enrol(connection: Connection, campaign: str, phase: int, cap: int) -> bool:
    """Count one more unit, if fewer than `cap` are enrolled; say whether it was counted.

    The count is undone with the transaction, so enrol in the one that keeps the assignment.
    """
    if cap < 1:
        return False
    statement = insert_into(connection, enrolments).values(
        campaign_key=campaign, phase=phase, enrolled=1
    )
    counted = connection.scalar(
        statement.on_conflict_do_update(
            index_elements=["campaign_key", "phase"],
            set_={"enrolled": enrolments.c.enrolled + 1},
            where=enrolments.c.enrolled < cap,
        ).returning(enrolments.c.enrolled)
    )
    return counted is not None


def read_enrolled(connection: Connection, campaign: str, phase: int) -> int:
    """Give how many units are enrolled."""
    query = select(enrolments.c.enrolled).where(
        enrolments.c.campaign_key == campaign, enrolments.c.phase == phase
    )
    return connection.scalar(query) or 0
