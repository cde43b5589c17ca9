"""Rewards over HTTP from a thousand clients, while a process of the server is killed."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import pytest

from app.auth import Scope, create_key
from app.settings import LogFormat, Settings
from tests.app.serving import started
from tests.experiments.designs import NOW
from tests.experiments.rewards import COST, counted, live, open_till, order, recounted, variants
from tests.faults.shop import workers_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

CLIENTS: Final = 1_000
CONNECTIONS: Final = 64
UNITS: Final = 10
MEMBERS: Final = [f"m{number}" for number in range(CLIENTS)]
PATIENCE_S: Final = 120.0


def settings_of(url: str) -> Settings:
    """Give the settings of a server with two processes."""
    return Settings(database_url=url, log_format=LogFormat.JSON, workers=2, threads=4)


class Tills:
    """Clients that send an order until it is answered, as the documentation says."""

    def __init__(self, engine: Engine, address: str) -> None:
        """Ask at an address, with a key of their own."""
        key = create_key(engine, "till", [Scope.GRANTS_WRITE], NOW)
        limits = httpx.Limits(max_connections=CONNECTIONS)
        headers = {"Authorization": f"Bearer {key.text}"}
        self._client = httpx.Client(base_url=address, headers=headers, limits=limits, timeout=60)
        self.cut_off = 0

    def __enter__(self) -> Self:
        """Give the clients, whose connections are closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close their connections."""
        self._client.close()

    def ask(self, member: str) -> dict[str, Any]:
        """Give what became of a member's order."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = self._client.post("/v1/grants", json=order("grant", member))
                if answer.status_code in {200, 207}:
                    return answer.json()["results"][0]
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                self.cut_off += 1
            assert time.monotonic() < deadline, "not answered for long"
            time.sleep(0.1)

    def ask_all(self, threads: ThreadPoolExecutor) -> list[dict[str, Any]]:
        """Give what became of everybody's."""
        return list(threads.map(self.ask, MEMBERS))


@pytest.mark.parametrize(
    "changes",
    [{"variants": variants(stock=UNITS)}, {"caps": {"budget_minor": UNITS * COST}}],
    ids=["stock", "budget"],
)
def test_the_last_ten_units_are_ten_over_http(
    engine: Engine, database_url: str, tmp_path: Path, changes: dict[str, Any]
) -> None:
    """A thousand clients, two processes: ten are accepted, the others learn what ran out."""
    open_till(engine, MEMBERS, **changes)
    with (
        started(settings_of(database_url), tmp_path / "log") as server,
        ThreadPoolExecutor(CONNECTIONS) as threads,
        Tills(engine, server.address) as tills,
    ):
        results = tills.ask_all(threads)
    outcomes = [one["outcome"] for one in results]
    codes = {one["refusal"]["code"] for one in results if one["refusal"]}
    # an order that was kept and not answered in time comes again as a duplicate
    assert outcomes.count("accepted") + outcomes.count("duplicate") == UNITS
    assert codes in ({"stock_exhausted"}, {"budget_exhausted"})
    assert live(engine) == UNITS
    assert counted(engine) == recounted(engine)


def test_a_killed_process_loses_no_grant_and_grants_none_twice(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """Who was cut off sends again: every answer is true, and there is one grant for each."""
    stock = 600
    open_till(engine, MEMBERS, variants=variants(stock=stock))
    with (
        started(settings_of(database_url), tmp_path / "log") as server,
        ThreadPoolExecutor(CONNECTIONS + 1) as threads,
        Tills(engine, server.address) as tills,
    ):

        def kill() -> None:
            deadline = time.monotonic() + PATIENCE_S
            while live(engine) < stock // 6 and time.monotonic() < deadline:
                time.sleep(0.02)
            os.kill(workers_of(server)[0], signal.SIGKILL)

        killed = threads.submit(kill)
        results = tills.ask_all(threads)
        killed.result()
    granted = [one for one in results if one["outcome"] != "refused"]
    assert tills.cut_off > 0, "nothing was in work when the process was killed"
    assert len(granted) == stock == live(engine)
    assert {one["grant"]["state"] for one in granted} == {"redeemed"}
    assert counted(engine) == recounted(engine)
