"""Keeps exposures: appended once per id, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.store.appending import append
from experiments.store.tables import exposures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from experiments.exposure import Exposure
    from experiments.store.appending import Appended


def append_exposures(connection: Connection, facts: Sequence[Exposure]) -> tuple[Appended, ...]:
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
    return append(connection, exposures, rows)
