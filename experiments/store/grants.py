"""Keeps grants: appended once per id, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.store.appending import append
from experiments.store.tables import grants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from experiments.grant import Grant
    from experiments.store.appending import Appended


def append_grants(connection: Connection, facts: Sequence[Grant]) -> tuple[Appended, ...]:
    """Keep the grants that are new and say what became of each, in the order given.

    The campaigns that they name must exist.
    """
    rows = [
        {
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
        for fact in facts
    ]
    return append(connection, grants, rows)
