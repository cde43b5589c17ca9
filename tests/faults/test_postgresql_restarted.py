"""PostgreSQL that crashes and comes back while a shop uses it."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING

import httpx

from experiments.store import schema
from tests.app.serving import started
from tests.conftest import make_postgresql_database
from tests.faults.load import Load, ask_again, assert_whole
from tests.faults.postgresql import own_postgresql
from tests.faults.remembered import Watching, warm_up
from tests.faults.shop import PATIENCE_S, open_shop, wait_until

if TYPE_CHECKING:
    from pathlib import Path

AWAY_S = 2.0
"""How long the database is away, besides the time that stopping and starting take."""


def test_a_crash_of_postgresql_loses_nothing(postgresql_server: str, tmp_path: Path) -> None:
    """While it is away requests are told when to come again, and whoever is remembered is served.

    Nobody restarts anything of ours, and afterwards everything that was acknowledged is there once.
    """
    assert postgresql_server  # the package's settings, and a skip where there is none
    with own_postgresql() as database:
        url = make_postgresql_database(database.address, "shop")
        schema.upgrade(url)
        shop = open_shop(url)
        with (
            ExitStack() as cleanup,
            started(shop.settings, tmp_path / "log") as server,
            Load(shop, server.address) as load,
        ):
            cleanup.callback(shop.engine.dispose)
            warm_up(shop, server.address)
            load.wait_for_more(50)
            with Watching(shop, server.address) as watching:
                database.crash()
                Event().wait(AWAY_S)
                away = load.so_far()
                database.start()
                load.wait_for_more(50)
            told = load.finish()
            ask_again(shop, server.address, told)
            assert_whole(shop, told)
        assert told.wrong == []
        assert set(told.statuses) <= {200, 503}
        assert away.statuses[503] > 0
        assert set(told.batches) == set(told.begun)
        assert watching.failed == []
        assert watching.answered > 20


def test_a_server_waits_for_its_database(postgresql_server: str, tmp_path: Path) -> None:
    """Processes are ready again by themselves: readiness follows the database."""
    assert postgresql_server
    with own_postgresql() as database:
        url = make_postgresql_database(database.address, "shop")
        schema.upgrade(url)
        shop = open_shop(url)
        shop.engine.dispose()
        with started(shop.settings, tmp_path / "log") as server:
            database.crash()
            for _ in range(5):
                answer = httpx.get(f"{server.address}/readyz", timeout=PATIENCE_S)
                assert answer.status_code == 503
                assert answer.headers["Retry-After"]
                assert httpx.get(f"{server.address}/healthz").status_code == 200
            database.start()
            wait_until(
                lambda: httpx.get(f"{server.address}/readyz", timeout=PATIENCE_S).is_success,
                "ready again",
            )
