"""A campaign with rewards, and members who were assigned in it, for the tests of the ledger."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from experiments.arrival import Arrival
from experiments.directory import Directory
from experiments.granting import GrantResult, settle_grants
from experiments.store.assignments import RecordedAssignment, remember_all
from experiments.store.campaigns import add_campaign
from experiments.store.engine import reading, writing
from experiments.store.tables import budgets, grant_moves, grants
from tests.experiments.designs import DESIGN, NOW, campaign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine, RowMapping

KEY = "gold-q3"
COST = 30_000


def variants(**offer: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # fields of an offer
    """Give the variants of the tests, with some fields of the gift changed."""
    found = deepcopy(DESIGN["variants"])
    found[1]["offer"] |= offer
    return found


@dataclass
class Till:
    """A place where rewards are asked for, with a clock that the test moves."""

    engine: Engine
    now: datetime = NOW
    directory: Directory = field(default_factory=Directory)

    def ask(self, action: str, member: str, grant_id: str = "", **more: Any) -> GrantResult:  # noqa: ANN401  # fields of an order
        """Ask for one thing."""
        return self.ask_all([order(action, member, grant_id, **more)])[0]

    def ask_all(self, items: list[dict[str, Any]]) -> tuple[GrantResult, ...]:
        """Ask for several things at once."""
        return settle_grants(self.engine, self.directory, items, Arrival(self.now, "till"))

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


def order(action: str, member: str, grant_id: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of an order
    """Give an order; its grant has the member's name unless another is given."""
    given = {"grant_id": grant_id or f"g-{member}", "action": action, "member_id": member}
    return {**given, "campaign": KEY, **more}


def open_till(engine: Engine, members: Iterable[str] = (), **changes: Any) -> Till:  # noqa: ANN401  # fields of a document
    """Give a till for a running campaign whose members are all assigned to the gift."""
    with writing(engine) as connection:
        add_campaign(connection, campaign(**changes))
    assign(engine, members)
    return Till(engine)


def assign(engine: Engine, members: Iterable[str], variant: str = "gift", key: str = KEY) -> None:
    """Assign members to a variant."""
    with writing(engine) as connection:
        remember_all(
            connection,
            [RecordedAssignment(key, 1, one, variant, one, NOW) for one in members],
        )


def counted(engine: Engine) -> dict[str, int]:
    """Give the counters, added up."""
    with reading(engine) as connection:
        rows = connection.execute(select(budgets)).mappings().all()
    names = [c.name for c in budgets.c if c.name not in budgets.primary_key.columns]
    return {name: sum(row[name] for row in rows) for name in names}


def recounted(engine: Engine) -> dict[str, int]:
    """Give what the counters have to be, from the moves alone."""
    last: dict[str, RowMapping] = {}
    order_of = ("reserve", "redeem", "expire", "reverse")
    with reading(engine) as connection:
        moves = connection.execute(select(grant_moves)).mappings().all()
    for move in sorted(moves, key=lambda move: order_of.index(move["step"])):
        last[move["grant_id"]] = move
    states = {
        "reserve": "reserved", "redeem": "redeemed", "expire": "expired", "reverse": "reversed"
    }  # fmt: skip
    found = dict.fromkeys(
        [f"{state}{unit}" for unit in ("", "_minor") for state in states.values()], 0
    )
    for move in last.values():
        found[states[move["step"]]] += 1
        found[f"{states[move['step']]}_minor"] += move["cost_minor"]
    return found


def live(engine: Engine) -> int:
    """Give how many grants are live, from the grants themselves."""
    with reading(engine) as connection:
        states = connection.scalars(select(grants.c.state)).all()
    return sum(state in {"reserved", "redeemed"} for state in states)
