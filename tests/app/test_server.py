"""The server, started as a user would start it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import orjson
import pytest

from app.errors import StartRefused
from app.server import address_of, check_address, serve
from app.settings import Settings, as_environment
from experiments.errors import DatabaseMissing, SchemaOutdated
from experiments.store.engine import open_engine
from tests.app.serving import PATIENCE_S, START, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.serving import RunningServer


def test_a_server_starts_answers_and_stops(
    running: RunningServer,
) -> None:
    """From start to SIGTERM: it is ready, refuses what is too long, and ends with success."""
    ready = httpx.get(f"{running.address}/readyz", headers={"X-Request-Id": "from-the-test"})
    unmeasured = httpx.post(  # a generator is sent in chunks, without a length
        f"{running.address}/healthz", content=(b"x" * 1_000 for _ in range(10))
    )
    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(PATIENCE_S) == 0
    assert ready.json()["status"] == "ok"
    assert ready.headers["X-Request-Id"] == "from-the-test"
    assert unmeasured.status_code == 405
    events = [orjson.loads(line) for line in running.log.read_bytes().splitlines()]
    assert [event["event"] for event in events if event["event"] != "request"] == [
        "listening",
        "worker_ready",
        "worker_ready",
        "stopped",
    ]
    assert "from-the-test" in [event.get("trace_id") for event in events]


def test_a_second_server_does_not_share_the_port(
    running: RunningServer, settings: Settings
) -> None:
    """Two servers on one port would each get half of the requests, and nobody would know."""
    port = int(running.address.rsplit(":", 1)[1])

    second = subprocess.run(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", START],
        env={**os.environ, **as_environment(settings), "TIERLIFT_PORT": str(port)},
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert second.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in second.stderr.decode()


def test_a_missing_database_is_refused_before_a_port_is_bound(tmp_path: Path) -> None:
    """A mistyped path is named at the start, and no empty database appears there."""
    path = tmp_path / "none.db"

    with pytest.raises(DatabaseMissing, match="tierlift db upgrade"):
        serve(Settings(database_url=f"sqlite:///{path}", port=free_port()))

    assert not path.exists()


def test_an_older_schema_is_refused_before_a_port_is_bound(tmp_path: Path) -> None:
    """Whoever forgot the migration is told the command."""
    path = tmp_path / "old.db"
    url = f"sqlite:///{path}"
    engine = open_engine(url, create=True)
    engine.connect().close()
    engine.dispose()

    with pytest.raises(SchemaOutdated, match="tierlift db upgrade"):
        serve(Settings(database_url=url, port=free_port()))


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("192.0.2.1", "no address of this machine"),  # RFC 5737: never anybody's
        ("no such host", "no address of this machine"),
    ],
)
def test_a_foreign_address_is_refused_by_name(host: str, message: str) -> None:
    """What cannot be listened on is named, with what would do."""
    with pytest.raises(StartRefused, match=message):
        check_address(host, free_port())


def test_a_taken_port_is_refused_by_number() -> None:
    """Whoever has the port, the message says which it is and how to choose another."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]

        with pytest.raises(StartRefused, match=f"Port {port} .* --port or TIERLIFT_PORT"):
            check_address("127.0.0.1", port)


def test_an_ipv6_address_stands_in_brackets() -> None:
    """The address that is printed can be opened."""
    assert address_of(Settings(host="::1", port=80)) == "http://[::1]:80"
