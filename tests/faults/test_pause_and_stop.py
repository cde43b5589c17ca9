"""What must take effect everywhere: a pause in every process, a stop without a loss."""

from __future__ import annotations

import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.app.serving import started
from tests.faults.load import Load, ask_again, assert_whole
from tests.faults.remembered import warm_up
from tests.faults.shop import OFFERED, PATIENCE_S, port_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.shop import Shop


def test_a_pause_is_in_force_everywhere_within_a_second(shop: Shop, tmp_path: Path) -> None:
    """A second after the answer no process serves the campaign, and the same when it is resumed."""
    with started(shop.settings, tmp_path / "log") as server:
        warm_up(shop, server.address)
        for move, reason in (("pause", "paused"), ("resume", "assigned")) * 3:
            answer = httpx.post(
                f"{server.address}/v1/campaigns/{OFFERED}/{move}",
                headers=shop.headers,
                timeout=PATIENCE_S,
            )
            assert answer.status_code == 200, answer.text
            time.sleep(1.0)
            # new connections, which the kernel deals out to both processes
            reasons = {
                httpx.get(
                    f"{server.address}/v1/members/remembered-0/offer",
                    params={"campaign": OFFERED},
                    headers=shop.headers,
                    timeout=PATIENCE_S,
                ).json()["reason"]
                for _ in range(20)
            }
            assert reasons == {reason}


def test_a_stop_under_load_loses_nothing(shop: Shop, tmp_path: Path) -> None:
    """SIGTERM: the server ends with success, and the next one finds all that was acknowledged."""
    with started(shop.settings, tmp_path / "first") as server, Load(shop, server.address) as load:
        load.wait_for_more(40)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0
        assert b'"stopped"' in server.log.read_bytes()
        assert_whole(shop, load.so_far())
        with started(shop.settings, tmp_path / "second", port_of(server)) as again:
            load.wait_for_more(20)
            told = load.finish()
            ask_again(shop, again.address, told)
    assert told.wrong == []
    assert_whole(shop, told)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_in_work_is_answered_before_a_stop(shop: Shop, tmp_path: Path) -> None:
    """Requests that wait for the database when the signal comes are stored and answered."""
    path = shop.settings.database_url.removeprefix("sqlite:///")
    with started(shop.settings, tmp_path / "log") as server:
        warm_up(shop, server.address)

        def report(number: int) -> httpx.Response:
            sent = {"conversion_id": f"c-{number}", "member_id": "m-1", "event": "order"}
            return clients[number].post("/v1/conversions", json=sent)

        with (
            ExitStack() as opened,
            closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other,
            ThreadPoolExecutor(6) as pool,
        ):
            clients = [
                opened.enter_context(
                    httpx.Client(base_url=server.address, headers=shop.headers, timeout=PATIENCE_S)
                )
                for _ in range(6)
            ]
            for client in clients:  # connected, so that a request is there at once
                client.get("/healthz")
            other.execute("BEGIN EXCLUSIVE")
            sent = [pool.submit(report, number) for number in range(6)]
            time.sleep(1.0)  # all of them are in work, and nobody has waited for too long
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            other.execute("ROLLBACK")
            answers = [one.result() for one in sent]
        assert server.process.wait(PATIENCE_S) == 0
    assert [answer.status_code for answer in answers] == [200] * 6
    assert sorted(shop.conversion_ids()) == [f"c-{number}" for number in range(6)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_server_that_is_stopped_while_it_starts_ends_at_once(shop: Shop, tmp_path: Path) -> None:
    """Processes that still load their application have nothing in work, and hear the signal."""
    with started(shop.settings, tmp_path / "log") as server:
        began = time.monotonic()
        server.process.send_signal(signal.SIGHUP)  # new processes begin to load
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0
    # half a minute later, Granian would have killed who did not hear it
    assert time.monotonic() - began < 25


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_reload_under_load_loses_nothing(shop: Shop, tmp_path: Path) -> None:
    """SIGHUP: every process is replaced, and all that was acknowledged is there once."""
    with started(shop.settings, tmp_path / "log") as server, Load(shop, server.address) as load:
        load.wait_for_more(40)
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE_S
        while server.log.read_bytes().count(b"worker_ready") < 4:
            assert time.monotonic() < deadline, "the processes were not replaced"
            load.wait_for_more(1)
        load.wait_for_more(40)
        told = load.finish()
        ask_again(shop, server.address, told)
        assert server.process.poll() is None
    assert told.wrong == []
    assert set(told.statuses) <= {200, 503}
    assert_whole(shop, told)
