"""Finds and removes what is older than it is kept, a few rows at a time: others write meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, func, select

from experiments.store.arrivals import unhurried
from experiments.store.engine import reading, writing
from experiments.store.tables import (
    assignments,
    conversions,
    exposures,
    first_exposures,
    members,
    quarantine,
    scorecards,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine, Table

STEP_ROWS: Final = 5_000
"""Rows of one transaction."""


def count_conversions(connection: Connection, before: datetime) -> int:
    """Give how many conversions happened before a moment."""
    unhurried(connection)
    query = select(func.count()).where(conversions.c.occurred_at < before)
    return connection.scalar(query) or 0


def remove_conversions(engine: Engine, before: datetime) -> int:
    """Remove the conversions that happened before a moment; give how many there were."""
    with reading(engine) as connection:
        unhurried(connection)
        events = connection.scalars(select(conversions.c.event).distinct()).all()
    gone = 0
    for event in events:
        old = select(conversions.c.conversion_id).where(
            conversions.c.event == event, conversions.c.occurred_at < before
        )
        gone += _remove(engine, conversions, conversions.c.conversion_id, old.limit(STEP_ROWS))
    return gone


def count_phase(connection: Connection, campaign: str, phase: int) -> int:
    """Give how many exposures and assignments a phase has."""
    unhurried(connection)
    return sum(
        connection.scalar(
            select(func.count()).where(table.c.campaign_key == campaign, table.c.phase == phase)
        )
        or 0
        for table in (exposures, assignments)
    )


def remove_phase(engine: Engine, campaign: str, phase: int) -> int:
    """Remove the exposures and assignments of a phase; give how many there were."""
    gone, last = 0, ""
    while True:  # in the order of the ids: one pass over the table, however many are removed
        table = exposures.c
        of_phase = (table.campaign_key == campaign, table.phase == phase)
        query = select(table.exposure_id).where(*of_phase, table.exposure_id > last)
        with reading(engine) as connection:
            unhurried(connection)
            ids = connection.scalars(query.order_by(table.exposure_id).limit(STEP_ROWS)).all()
        if not ids:
            break
        with writing(engine) as connection:
            connection.execute(delete(exposures).where(table.exposure_id.in_(ids)))
        gone, last = gone + len(ids), ids[-1]
    with writing(engine) as connection:
        unhurried(connection)
        # what was summed up of them, whole: it is no fact of its own
        for derived in (first_exposures, assignments):
            done = connection.execute(
                delete(derived).where(derived.c.campaign_key == campaign, derived.c.phase == phase)
            )
            gone += done.rowcount if derived is assignments else 0
    return gone


def first_exposed_at(connection: Connection, campaign: str, phase: int) -> datetime | None:
    """Give when somebody was first exposed in a phase; None before anybody was."""
    table = exposures.c
    of_phase = (table.campaign_key == campaign, table.phase == phase)
    unhurried(connection)
    moment: datetime | None = connection.scalar(select(func.min(table.exposed_at)).where(*of_phase))
    return moment


def has_scorecard_since(
    connection: Connection, campaign: str, phase: int, moment: datetime
) -> bool:
    """Say whether a scorecard of a phase was computed at a moment or later."""
    query = select(scorecards.c.id).where(
        scorecards.c.campaign_key == campaign,
        scorecards.c.phase == phase,
        scorecards.c.computed_at >= moment,
    )
    return connection.scalar(query.limit(1)) is not None


def count_quarantined(connection: Connection, before: datetime) -> int:
    """Give how many items came before a moment."""
    query = select(func.count()).where(quarantine.c.received_at < before)
    return connection.scalar(query) or 0


def remove_quarantined(engine: Engine, before: datetime) -> int:
    """Remove the items that came before a moment; give how many there were."""
    old = select(quarantine.c.id).where(quarantine.c.received_at < before).limit(STEP_ROWS)
    return _remove(engine, quarantine, quarantine.c.id, old)


def inactive_members(
    connection: Connection, before: datetime, live: Collection[tuple[str, int]]
) -> list[str]:
    """Give the members who have done nothing since a moment, and whom no live phase has assigned.

    Args:
        connection: In a read transaction.
        before: Known since then at the latest, and without an event since.
        live: Campaigns and phases that are being analysed still.
    """
    unhurried(connection)
    since = exists().where(
        conversions.c.member_id == members.c.member_id, conversions.c.occurred_at >= before
    )
    query = select(members.c.member_id).where(members.c.created_at < before, ~since)
    found = set(connection.scalars(query))
    for campaign, phase in live:
        table = assignments.c
        of_phase = (table.campaign_key == campaign, table.phase == phase)
        if found:
            found -= set(connection.scalars(select(table.member_id).where(*of_phase)))
    return sorted(found)


def _remove(engine: Engine, table: Table, key: ColumnElement[Any], some: Any) -> int:  # noqa: ANN401  # a select of the key
    gone = 0
    while True:
        with writing(engine) as connection:
            done = connection.execute(delete(table).where(key.in_(some))).rowcount
        gone += done
        if not done:
            return gone
