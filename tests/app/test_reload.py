"""A server whose workers are replaced while it is asked."""

from __future__ import annotations

import signal
import time
from collections import Counter
from threading import Event, Thread
from typing import TYPE_CHECKING

import httpx
import orjson

from app.auth import Scope, create_key
from app.wiring import wire
from tests.app.serving import PATIENCE_S

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.app.serving import RunningServer

ANSWERED = 'tierlift_requests_total{method="GET",route="/healthz",status="200"}'


def test_a_reload_refuses_nobody_and_loses_no_count(
    running: RunningServer, settings: Settings
) -> None:
    """At SIGHUP every worker is replaced; each request is answered, counted and logged once."""
    parts = wire(settings)
    key = create_key(parts.engine, "prometheus", [Scope.METRICS_READ], parts.clock()).text
    parts.engine.dispose()
    found: Counter[str] = Counter()
    enough = Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                found[str(httpx.get(f"{running.address}/healthz").status_code)] += 1
            except httpx.HTTPError as error:
                found[repr(error)] += 1

    asking = Thread(target=ask)
    asking.start()
    running.process.send_signal(signal.SIGHUP)
    _wait_for(running, "worker_ready", 4)
    time.sleep(11)  # the last of the old ones is stopped ten seconds after the new one began
    enough.set()
    asking.join()
    time.sleep(1.5)  # figures of another process are at most a second old
    shown = httpx.get(
        f"{running.address}/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S
    ).text
    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(2 * PATIENCE_S) == 0
    assert set(found) == {"200"}
    lines = [orjson.loads(line) for line in running.log.read_bytes().splitlines()]
    logged = [line for line in lines if line.get("route") == "/healthz"]
    # beside ours, those by which the fixture waited for the server
    assert len(logged) >= found["200"]
    assert f"{ANSWERED} {float(len(logged))}" in shown.splitlines()


def _wait_for(running: RunningServer, event: str, times: int) -> None:
    deadline = time.monotonic() + 4 * PATIENCE_S
    while running.log.read_bytes().count(event.encode()) < times:
        assert time.monotonic() < deadline, f"{event} did not come {times} times"
        time.sleep(0.1)
