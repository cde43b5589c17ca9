"""Keeps grants: appended once per id, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from experiments.store.appending import FactTable, append, microseconds
from experiments.store.tables import grants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from experiments.grant import Grant
    from experiments.store.appending import Appended


def _values(fact: Grant) -> dict[str, Any]:
    return {
        "grant_id": fact.grant_id,
        "campaign_key": fact.campaign,
        "variant": fact.variant,
        "member_id": fact.member_id,
        "offer_kind": fact.offer_kind,
        "cost_minor": fact.cost_minor,
        "currency": fact.currency,
        "granted_at": fact.granted_at,
        "received_at": fact.received_at,
        "sender": fact.sender,
    }


def _sqlite_row(fact: Grant, number: int) -> tuple[Any, ...]:
    return (
        fact.grant_id,
        fact.campaign,
        fact.variant,
        fact.member_id,
        fact.offer_kind,
        fact.cost_minor,
        fact.currency,
        microseconds(fact.granted_at),
        microseconds(fact.received_at),
        fact.sender,
        number,
    )


_KEPT: Final[FactTable[Grant]] = FactTable(grants, _values, _sqlite_row)


def append_grants(connection: Connection, facts: Sequence[Grant]) -> tuple[Appended, ...]:
    """Keep the grants that are new and say what became of each, in the order given.

    The campaigns that they name must exist.
    """
    return append(connection, _KEPT, facts)
