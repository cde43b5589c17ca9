"""Starts the server as a user would, on a free port, and stops it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from app.settings import as_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.settings import Settings

START = (
    "from app.server import serve; from app.settings import read_settings; serve(read_settings())"
)
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers.

    Attributes:
        process: The process that was started.
        address: Where it answers.
        log: What it has written.
    """

    process: subprocess.Popen[bytes]
    address: str
    log: Path


@contextmanager
def started(settings: Settings, log: Path, port: int | None = None) -> Iterator[RunningServer]:
    """Give a server that runs with `settings`, at a port of 127.0.0.1, by default a free one."""
    port = free_port() if port is None else port
    environment = {**os.environ, **as_environment(settings), "TIERLIFT_PORT": str(port)}
    with (
        log.open("wb") as stream,
        subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
            [sys.executable, "-c", START], env=environment, stderr=stream
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process)
            _wait_for_workers(settings.workers, log)
            yield RunningServer(process, address, log)
        finally:
            if process.poll() is None:
                process.terminate()


def _wait_for_workers(workers: int, log: Path) -> None:
    """Wait until every worker is there: Granian loses a signal that reaches one while it loads."""
    deadline = time.monotonic() + PATIENCE_S
    while log.read_bytes().count(b"worker_ready") < workers:
        assert time.monotonic() < deadline, "not every worker came up"
        time.sleep(0.05)
    time.sleep(0.2)  # from the last line of ours to the handlers of Granian


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended before it answered"
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nothing answered at {address} within {PATIENCE_S} s")
