"""Keeps which items of a campaign's checklist somebody has ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from experiments.checklist import Tick
from experiments.store.tables import checklist_ticks
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection


def read_ticks(connection: Connection, key: str) -> dict[str, Tick]:
    """Give the ticks of a campaign, by item."""
    query = select(checklist_ticks).where(checklist_ticks.c.campaign_key == key)
    return {
        row["item"]: Tick(row["ticked_by"], row["ticked_at"])
        for row in connection.execute(query).mappings()
    }


def add_tick(connection: Connection, key: str, item: str, tick: Tick) -> None:
    """Keep the tick of an item; where somebody was faster, theirs stays."""
    statement = insert_into(connection, checklist_ticks).values(
        campaign_key=key, item=item, ticked_by=tick.by, ticked_at=tick.at
    )
    connection.execute(statement.on_conflict_do_nothing(index_elements=["campaign_key", "item"]))


def remove_tick(connection: Connection, key: str, item: str) -> None:
    """Forget the tick of an item."""
    columns = checklist_ticks.c
    connection.execute(
        delete(checklist_ticks).where(columns.campaign_key == key, columns.item == item)
    )
