"""Keeps every change of a member's consent: when, and who told it. What stands is in `members`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from experiments.store.tables import members, opt_outs
from experiments.store.writes import in_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from experiments.member import Member


@dataclass(frozen=True, slots=True)
class OptOut:
    """One change of a member's consent.

    Attributes:
        opted_out: Whether the member opted out; False where the member opted in again.
        source: Who told it: a key, an import, the command line.
    """

    member_id: str
    opted_out: bool
    at: datetime
    source: str


def note_consents(
    connection: Connection, given: Sequence[Member], at: datetime, source: str
) -> None:
    """Note the consents that differ from what stands; call it before they are written.

    A new member who consents is no change: that is how everybody begins.
    """
    wanted = {one.member_id: one.personalisation_consent for one in given}
    for some in in_chunks(sorted(wanted)):
        query = select(members.c.member_id, members.c.personalisation_consent)
        rows = connection.execute(query.where(members.c.member_id.in_(some)))
        standing = {row.member_id: row.personalisation_consent for row in rows}
        changed = [
            {"member_id": one, "opted_out": not wanted[one], "at": at, "source": source}
            for one in some
            if standing.get(one, True) is not wanted[one]
        ]
        if changed:
            connection.execute(insert(opt_outs), changed)


def read_opt_outs(connection: Connection, member_id: str) -> tuple[OptOut, ...]:
    """Give the changes of a member's consent, the oldest first."""
    query = select(opt_outs).where(opt_outs.c.member_id == member_id).order_by(opt_outs.c.id)
    return tuple(
        OptOut(row["member_id"], row["opted_out"], row["at"], row["source"])
        for row in connection.execute(query).mappings()
    )
