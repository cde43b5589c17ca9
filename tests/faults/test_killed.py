"""Processes that are killed while they work, as the kernel does when memory runs out."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from app.errors import StartRefused
from app.server import check_address
from tests.app.serving import started
from tests.faults.load import Load, ask_again, assert_whole
from tests.faults.shop import port_of, wait_until, workers_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.serving import RunningServer
    from tests.faults.shop import Shop

ENOUGH = 60
"""Requests acknowledged, after which a kill finds others at every stage of their work."""


def test_nothing_is_lost_when_processes_are_killed(shop: Shop, tmp_path: Path) -> None:
    """First one web process, then all of the server: the rest goes on, and a restart finds all.

    What was acknowledged is there once, no batch is a half, and no member has moved.
    """
    with started(shop.settings, tmp_path / "first") as server, Load(shop, server.address) as load:
        load.wait_for_more(ENOUGH)
        os.kill(workers_of(server)[0], signal.SIGKILL)
        wait_until(
            lambda: server.log.read_bytes().count(b"worker_ready") == 3,
            "the killed worker is replaced",
        )
        load.wait_for_more(ENOUGH)
        workers = workers_of(server)
        for process in [server.process.pid, *workers]:
            os.kill(process, signal.SIGKILL)
        server.process.wait()
        assert_whole(shop, load.so_far())
        with started(shop.settings, tmp_path / "second", port_of(server)) as again:
            load.wait_for_more(ENOUGH)
            told = load.finish()
            ask_again(shop, again.address, told)
    assert told.wrong == []
    assert told.cut_off > 0, "nothing was in work when the processes were killed"
    assert set(told.statuses) <= {200, 503}
    assert set(told.batches) == set(told.begun)
    assert_whole(shop, told)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_workers_end_when_their_main_process_is_killed(shop: Shop, tmp_path: Path) -> None:
    """Otherwise they would go on answering at the port, and no new server could have it."""
    with started(shop.settings, tmp_path / "log") as server, Load(shop, server.address) as load:
        load.wait_for_more(ENOUGH)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        wait_until(lambda: _is_free(server), "the port is free")
        told = load.so_far()
    assert told.wrong == []
    assert_whole(shop, told)


def _is_free(server: RunningServer) -> bool:
    try:
        check_address("127.0.0.1", port_of(server))
    except StartRefused:
        return False
    return True
