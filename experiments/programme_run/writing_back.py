"""Takes what changed to the store, thousands of members at a time, so that no writer waits long.

Attributes of a member and the change of tier that goes with them are one transaction. Killed
between two, the next run finds the first as they should be and goes on with the second.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from experiments.conversion import Conversion
from experiments.store.computed import Computed, write_computed
from experiments.store.conversions import append_conversions
from experiments.store.engine import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import duckdb
    from sqlalchemy import Engine

CHUNK_MEMBERS: Final = 5_000
"""Members in a transaction, which keeps other writers waiting for a tenth of a second."""

SENDER: Final = "tierlift"


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a member.

    Attributes:
        attributes: As JSON.
        rise: Above 0 where the tier is a higher one, below where it is a lower one, else 0.
        old_tier: The tier before; empty for none.
        new_tier: The tier now; empty for none.
    """

    member_id: str
    attributes: str
    rise: int
    old_tier: str
    new_tier: str


def write_back(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    version: str,
    as_of: datetime,
    now: datetime,
    on_progress: Callable[[int], None],
) -> int:
    """Keep all that is in `changed`; give how many members were written."""
    found = connection.cursor().execute(
        "SELECT member_id, attributes, CASE WHEN NOT moved THEN 0 "
        "WHEN COALESCE(has, -1) > COALESCE(had, -1) THEN 1 ELSE -1 END, old_tier, new_tier "
        "FROM changed ORDER BY member_id"
    )
    written = 0
    while rows := found.fetchmany(CHUNK_MEMBERS):
        chunk = [Changed(*row) for row in rows]
        with writing(engine) as store:
            kept = [Computed(one.member_id, one.attributes) for one in chunk]
            there = write_computed(store, kept, version)
            moves = [one for one in chunk if one.rise and one.member_id in there]
            append_conversions(store, [_move(one, as_of, now) for one in moves])
        written += len(there)
        on_progress(written)
    return written


def fact_id(*parts: str) -> str:
    """Give an id that is the same whenever the same is recorded."""
    return f"{parts[0]}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:40]}"


def append_facts(engine: Engine, facts: Sequence[Conversion]) -> None:
    """Record facts, thousands in a transaction; those that are there stay."""
    for start in range(0, len(facts), CHUNK_MEMBERS):
        with writing(engine) as store:
            append_conversions(store, facts[start : start + CHUNK_MEMBERS])


def _move(one: Changed, as_of: datetime, now: datetime) -> Conversion:
    properties = {"from": one.old_tier, "to": one.new_tier}
    cause = "organic" if one.rise > 0 else "expiry"
    return Conversion(
        fact_id("tier_change", one.member_id, one.old_tier, one.new_tier, as_of.isoformat()),
        one.member_id,
        "tier_change",
        as_of,
        now,
        properties=MappingProxyType(
            {**{name: tier for name, tier in properties.items() if tier}, "cause": cause}
        ),
        sender=SENDER,
    )
