"""Keeps exposures: appended once per id, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from experiments.store.appending import append
from experiments.store.tables import exposures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from experiments.exposure import Exposure
    from experiments.store.appending import Appended


def append_exposures(
    connection: Connection, facts: Sequence[Exposure], *, untimed: AbstractSet[str] = frozenset()
) -> tuple[Appended, ...]:
    """Keep the exposures that are new and say what became of each, in the order given.

    The campaigns and phases that they name must exist.
    """
    rows = [
        {
            "exposure_id": fact.exposure_id,
            "campaign_key": fact.campaign,
            "phase": fact.phase,
            "variant": fact.variant,
            "member_id": fact.member_id,
            "unit_id": fact.unit_id,
            "exposed_at": fact.exposed_at,
            "received_at": fact.received_at,
            "sender": fact.sender,
        }
        for fact in facts
    ]
    return append(connection, exposures, rows, untimed=untimed)


def has_exposure(connection: Connection, exposure_id: str) -> bool:
    """Say whether an exposure with this id is kept."""
    query = select(exposures.c.exposure_id).where(exposures.c.exposure_id == exposure_id)
    return connection.scalar(query) is not None
