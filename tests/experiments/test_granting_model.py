"""Any sequence of orders leaves the ledger as a plain model of it says, counter by counter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from experiments.store.engine import reading, writing
from experiments.store.tables import grants, metadata
from tests.experiments.rewards import COST, counted, open_till, order, recounted, variants

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

MEMBERS: Final = ("ada", "bo", "cy", "di")
LIVE: Final = ("reserved", "redeemed")

orders = st.tuples(
    st.sampled_from(("reserve", "redeem", "reverse", "grant")),
    st.sampled_from(MEMBERS),
    st.sampled_from(("1", "2", "3")),
    st.one_of(st.none(), st.integers(1, 5)),
)
"""What is asked for, by whom, under which id, and for how many minutes it is to be reserved."""

steps = st.lists(st.tuples(st.integers(0, 3), st.lists(orders, min_size=1, max_size=4)), max_size=8)
"""Orders that come together, each time some minutes after the ones before."""


@dataclass
class Model:
    """The ledger in a dictionary, without a line of the ledger's own.

    Attributes:
        stock: How many there are; None for any number.
        budget: What they may cost; None for any sum.
        states: By grant id: member, state, and until when it is reserved.
        redeemed: Ids of those that were redeemed before they were taken back.
    """

    stock: int | None
    budget: int | None
    states: dict[str, tuple[str, str, datetime | None]] = field(default_factory=dict)
    redeemed: set[str] = field(default_factory=set)

    def at(self, now: datetime) -> None:
        """Let expire what is due."""
        for grant_id, (member, state, ends) in self.states.items():
            if state == "reserved" and ends is not None and ends <= now:
                self.states[grant_id] = (member, "expired", ends)

    def ask(self, action: str, member: str, number: str, ends: datetime | None) -> str:  # noqa: PLR0911, C901  # one return an outcome
        """Give what becomes of an order."""
        grant_id = f"{member}-{number}"
        known = self.states.get(grant_id)
        if known is None:
            if action in {"redeem", "reverse"}:
                return "unknown_grant"
            live = [one for one in self.states.values() if one[1] in LIVE]
            if any(one[0] == member for one in live):
                return "already_granted"
            if self.stock is not None and len(live) >= self.stock:
                return "stock_exhausted"
            if self.budget is not None and (len(live) + 1) * COST > self.budget:
                return "budget_exhausted"
            self.states[grant_id] = (member, "redeemed" if action == "grant" else "reserved", ends)
            return "accepted"
        _, state, until = known
        if action == "reserve":
            return "duplicate"
        if action == "reverse":
            if state == "reversed":
                return "duplicate"
            if state == "expired":
                return "expired"
            if state == "redeemed":
                self.redeemed.add(grant_id)
            self.states[grant_id] = (member, "reversed", until)
            return "accepted"
        if state == "redeemed" or grant_id in self.redeemed:
            return "duplicate"
        if state in {"expired", "reversed"}:
            return state
        self.states[grant_id] = (member, "redeemed", until)
        return "accepted"


def emptied(engine: Engine) -> Engine:
    """Give the store with nothing in it but its number."""
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in {"write_counter", "audit_entries"}:  # nobody empties the latter
                connection.execute(delete(table))
    return engine


@given(steps=steps, stock=st.one_of(st.none(), st.integers(1, 3)), paid=st.integers(1, 5))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_ledger_is_what_a_plain_model_says(
    engine: Engine,
    steps: list[tuple[int, list[tuple[str, str, str, int | None]]]],
    stock: int | None,
    paid: int,
) -> None:
    """Answers, states and counters agree; no bound is exceeded, nobody has an offer twice."""
    budget = paid * COST + 1
    model = Model(stock, budget)
    till = open_till(
        emptied(engine), MEMBERS, variants=variants(stock=stock), caps={"budget_minor": budget}
    )
    for minutes, asked in steps:
        till.forward(minutes=minutes)
        model.at(till.now)
        items, expected = [], []
        for action, member, number, lasts in asked:
            ends = None if lasts is None else till.now + timedelta(minutes=lasts)
            said = {} if ends is None else {"expires_at": ends.isoformat()}
            items.append(order(action, member, f"{member}-{number}", **said))
            expected.append(model.ask(action, member, number, ends))
        results = till.ask_all(items)
        came = [str(one.refusal.code if one.refusal else one.outcome) for one in results]
        assert came == expected
        with reading(engine) as connection:
            kept = connection.execute(select(grants.c.grant_id, grants.c.state)).all()
        assert dict(kept) == {grant_id: state for grant_id, (_, state, _) in model.states.items()}
        counters = counted(engine)
        assert counters == recounted(engine)
        taken = sum(counters[state] for state in LIVE)
        assert taken <= min(stock or taken, paid)
        assert sum(counters[f"{state}_minor"] for state in LIVE) == taken * COST <= budget
        holders = [member for member, state, _ in model.states.values() if state in LIVE]
        assert len(set(holders)) == len(holders)
