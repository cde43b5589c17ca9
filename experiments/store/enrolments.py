"""Counts the units enrolled in a capped campaign, exactly, however many processes enrol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from experiments.store.tables import enrolments
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection

WHOLE: Final = ""
"""Stands for all variants of a campaign together."""

_KEYS: Final = ("campaign_key", "phase", "variant")


def try_enrol(
    connection: Connection, campaign: str, phase: int, cap: int, variant: str = WHOLE
) -> int | None:
    """Count one more unit, if fewer than `cap` are enrolled; give how many are now, or None.

    The count is undone with the transaction, so enrol in the one that keeps the assignment.

    Args:
        connection: In a write transaction.
        campaign: Its key.
        phase: Its number.
        cap: How many may be enrolled.
        variant: Of which variant; all of them together by default.
    """
    if cap < 1:
        return None
    statement = insert_into(connection, enrolments).values(
        campaign_key=campaign, phase=phase, variant=variant, enrolled=1
    )
    counted: int | None = connection.scalar(
        statement.on_conflict_do_update(
            index_elements=list(_KEYS),
            set_={"enrolled": enrolments.c.enrolled + 1},
            where=enrolments.c.enrolled < cap,
        ).returning(enrolments.c.enrolled)
    )
    return counted


def add_enrolled(
    connection: Connection, campaign: str, phase: int, units: int, variant: str = WHOLE
) -> None:
    """Count more units, or fewer, under a row that `lock_enrolled` has made sure of."""
    connection.execute(
        update(enrolments)
        .where(
            enrolments.c.campaign_key == campaign,
            enrolments.c.phase == phase,
            enrolments.c.variant == variant,
        )
        .values(enrolled=enrolments.c.enrolled + units)
    )


def lock_enrolled(connection: Connection, campaign: str, phase: int, variant: str = WHOLE) -> int:
    """Give how many units are enrolled; nobody else counts until the transaction is over."""
    first = insert_into(connection, enrolments).values(
        campaign_key=campaign, phase=phase, variant=variant, enrolled=0
    )
    # the row is there and locked from here on, whether it was there before or not
    locked = first.on_conflict_do_update(
        index_elements=list(_KEYS), set_={"enrolled": enrolments.c.enrolled}
    )
    return connection.scalar(locked.returning(enrolments.c.enrolled)) or 0


def read_enrolled(connection: Connection, campaign: str, phase: int, variant: str = WHOLE) -> int:
    """Give how many units are enrolled; of a variant, only where it has a cap of its own."""
    query = select(enrolments.c.enrolled).where(
        enrolments.c.campaign_key == campaign,
        enrolments.c.phase == phase,
        enrolments.c.variant == variant,
    )
    return connection.scalar(query) or 0
