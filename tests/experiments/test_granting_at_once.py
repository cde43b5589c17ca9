"""At the last ten units exactly ten are granted, however many ask at the same moment."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any, Final

import pytest

from experiments.granting import GrantOutcome
from experiments.store.campaigns import add_campaign
from experiments.store.engine import open_engine, reading, writing
from experiments.store.exhaustions import read_exhaustions
from tests.experiments.designs import campaign
from tests.experiments.rewards import (
    COST,
    KEY,
    Till,
    assign,
    counted,
    live,
    open_till,
    order,
    recounted,
    variants,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

CLIENTS: Final = 1_000
THREADS: Final = 50
UNITS: Final = 10

SCRIPT: Final = """
import sys
from experiments.errors import DatabaseLocked
from experiments.store.engine import open_engine
from tests.experiments.rewards import Till
url, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
till = Till(open_engine(url))
def ask(member):
    while True:
        try:
            return till.ask("grant", member).outcome
        except DatabaseLocked:  # a busy machine; a client tries again
            pass
sys.stdin.readline()
done = [ask(f"m{number}") for number in range(first, last)]
print(sum(one == "accepted" for one in done), sum(one == "refused" for one in done))
"""
"""Another process that asks for itself once it is told to."""

bounded = pytest.mark.parametrize(
    "changes",
    [{"variants": variants(stock=UNITS)}, {"caps": {"budget_minor": UNITS * COST}}],
    ids=["stock", "budget"],
)


def assert_exact(engine: Engine, accepted: int) -> None:
    """Exactly so many are granted as there are, by the answers, the grants and the counters."""
    assert accepted == UNITS
    assert live(engine) == UNITS
    assert counted(engine)["redeemed"] == UNITS
    assert counted(engine) == recounted(engine)
    with reading(engine) as connection:
        assert len(read_exhaustions(connection, [KEY])) == 1


@bounded
def test_a_thousand_clients_at_the_last_ten_units(engine: Engine, changes: dict[str, Any]) -> None:
    """Fifty threads ask for a thousand members; each answer is one of two, and true."""
    members = [f"m{number}" for number in range(CLIENTS)]
    till = open_till(engine, members, **changes)
    barrier = Barrier(THREADS)

    def ask(thread: int) -> list[str]:
        barrier.wait()
        return [str(till.ask("grant", member).outcome) for member in members[thread::THREADS]]

    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = [one for some in threads.map(ask, range(THREADS)) for one in some]
    assert set(outcomes) == {"accepted", "refused"}
    assert_exact(engine, outcomes.count("accepted"))


@bounded
def test_processes_share_the_last_ten_units(
    engine: Engine, database_url: str, changes: dict[str, Any]
) -> None:
    """Four processes, each with its own connections, take turns on the same campaign."""
    each = 60
    open_till(engine, [f"m{number}" for number in range(4 * each)], **changes)
    started = [
        subprocess.Popen(  # noqa: S603  # this interpreter, our script
            [sys.executable, "-c", SCRIPT, database_url, str(first), str(first + each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in range(0, 4 * each, each)
    ]
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=300)[0].split() for one in started]
    accepted, refused = (sum(int(pair[place]) for pair in told) for place in (0, 1))
    assert accepted + refused == 4 * each
    assert_exact(engine, accepted)


def test_one_member_who_asks_everywhere_gets_one(engine: Engine, database_url: str) -> None:
    """Twenty tills, half of them in another pool of connections, under ids of their own."""
    till = open_till(engine, ["ada"])
    other = Till(open_engine(database_url))
    barrier = Barrier(20)

    def ask(number: int) -> GrantOutcome:
        barrier.wait()
        return (till if number % 2 else other).ask("reserve", "ada", f"g{number}").outcome

    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(ask, range(20)))
    other.engine.dispose()
    assert outcomes.count(GrantOutcome.ACCEPTED) == 1
    assert outcomes.count(GrantOutcome.REFUSED) == 19
    assert live(engine) == 1


def test_a_retry_beside_its_first_try_is_one_grant(engine: Engine) -> None:
    """Twenty clients that send the same order at once are told of the same grant."""
    till = open_till(engine, ["ada"])
    barrier = Barrier(20)

    def ask(_number: int) -> tuple[str, str]:
        barrier.wait()
        done = till.ask("grant", "ada")
        assert done.grant is not None
        return str(done.outcome), str(done.grant.state)

    with ThreadPoolExecutor(20) as threads:
        told = list(threads.map(ask, range(20)))
    assert sorted(told) == [("accepted", "redeemed")] + [("duplicate", "redeemed")] * 19


def test_an_id_in_two_campaigns_is_a_conflict_for_one(engine: Engine) -> None:
    """Campaigns have locks of their own; the id is taken once, and the other is told so."""
    till = open_till(engine, ["ada"])
    other = open_till_of(engine, "other", ["ada"])
    barrier = Barrier(2)

    def ask(number: int) -> str:
        barrier.wait()
        key = (KEY, other)[number]
        done = till.ask_all([{**order("grant", "ada", "same"), "campaign": key}])[0]
        return str(done.refusal.code if done.refusal else done.outcome)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(ask, range(2))) == ["accepted", "conflict"]
    assert live(engine) == 1


def open_till_of(engine: Engine, key: str, members: list[str]) -> str:
    """Keep another campaign, in which the members are assigned, and give its key."""
    with writing(engine) as connection:
        add_campaign(connection, campaign(key=key))
    assign(engine, members, key=key)
    return key
