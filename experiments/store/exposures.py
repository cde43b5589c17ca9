"""Keeps exposures, appended once per id, never changed.

What analysis reads, the first per campaign, phase, variant, member and unit, is made of them later:
`experiments.store.folding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from experiments.store.appending import Appended, FactTable, append, microseconds
from experiments.store.folding import tell_arrivals
from experiments.store.tables import exposures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from experiments.exposure import Exposure


def _values(fact: Exposure) -> dict[str, Any]:
    return {
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


def _sqlite_row(fact: Exposure, number: int) -> tuple[Any, ...]:
    return (
        fact.exposure_id,
        fact.campaign,
        fact.phase,
        fact.variant,
        fact.member_id,
        fact.unit_id,
        microseconds(fact.exposed_at),
        microseconds(fact.received_at),
        fact.sender,
        number,
    )


_KEPT: Final[FactTable[Exposure]] = FactTable(exposures, _values, _sqlite_row)


def append_exposures(
    connection: Connection, facts: Sequence[Exposure], *, untimed: AbstractSet[str] = frozenset()
) -> tuple[Appended, ...]:
    """Keep the exposures that are new and say what became of each, in the order given.

    The campaigns and phases that they name must exist.

    Args:
        connection: In a write transaction.
        facts: In any order; an id may stand more than once.
        untimed: Ids of those without a time of their own; see `append`.
    """
    outcomes = append(connection, _KEPT, facts, untimed=untimed)
    tell_arrivals(connection)
    return outcomes


def has_exposure(connection: Connection, exposure_id: str) -> bool:
    """Say whether an exposure with this id is kept."""
    query = select(exposures.c.exposure_id).where(exposures.c.exposure_id == exposure_id)
    return connection.scalar(query) is not None
