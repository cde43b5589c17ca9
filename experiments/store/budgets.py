"""Counts what is granted: how many rewards stand in which state, and what they cost.

Who counts holds the campaign's lock (`experiments.store.grants`), so a counter that was read is
still right when it is written; the checks of the table refuse one that would fall below nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from experiments.budget import Tally
from experiments.grant import GrantState
from experiments.store.tables import budgets
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

_KEYS = ("campaign_key", "phase", "variant", "offer_id", "currency")
_COUNTERS = tuple(f"{state}{unit}" for unit in ("", "_minor") for state in GrantState)


def read_tallies(connection: Connection, keys: Sequence[str]) -> list[Tally]:
    """Give what was granted in these campaigns, in all of their phases."""
    query = (
        select(budgets).where(budgets.c.campaign_key.in_(list(keys))).order_by(*budgets.primary_key)
    )
    return [
        Tally(
            row["campaign_key"],
            row["phase"],
            row["variant"],
            row["offer_id"],
            row["currency"],
            units={state: row[str(state)] for state in GrantState},
            minor={state: row[f"{state}_minor"] for state in GrantState},
        )
        for row in connection.execute(query).mappings()
    ]


def put_tallies(connection: Connection, tallies: Iterable[Tally]) -> None:
    """Keep counters as they are given."""
    rows = [_row(tally) for tally in sorted(tallies, key=lambda tally: tally.key)]
    if not rows:
        return
    statement = insert_into(connection, budgets)
    upsert = statement.on_conflict_do_update(
        index_elements=list(_KEYS), set_={name: statement.excluded[name] for name in _COUNTERS}
    )
    connection.execute(upsert, rows)


def _row(tally: Tally) -> dict[str, Any]:
    return {
        **dict(zip(_KEYS, tally.key, strict=True)),
        **{str(state): count for state, count in tally.units.items()},
        **{f"{state}_minor": minor for state, minor in tally.minor.items()},
    }
