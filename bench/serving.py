"""Serves Tierlift, or a limit in its place, by the function that `tierlift serve` calls.

Both have the same Granian settings, since it is the same code that gives them; only the target
differs. Run as a process of its own: ``python serving.py TARGET``, settings from the environment.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from app import server
from app.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRODUCT = server.TARGET
_HERE = Path(__file__).parent
_START_S = 30


@contextmanager
def served(
    target: str,
    *,
    url: str,
    workers: int,
    log: Path,
    body_bytes: int = 100,
    settings: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Serve a target until the block ends, and give its port.

    Args:
        target: Module and WSGI callable.
        url: The database, which a limit has no use for.
        workers: Processes.
        log: Where its standard error goes, one line a request for Tierlift.
        body_bytes: Length of a limit's answers.
        settings: Further variables, of Tierlift and of the limits alike.

    Raises:
        RuntimeError: It does not listen within half a minute; the message is what it logged.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "TIERLIFT_DATABASE_URL": url,
        "TIERLIFT_PORT": str(port),
        "TIERLIFT_WORKERS": str(workers),
        "BENCH_BODY_BYTES": str(body_bytes),
        "PYTHONPATH": f"{_HERE}{os.pathsep}{_HERE.parent}",
        **(settings or {}),
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603  # this very file
            [sys.executable, str(_HERE / "serving.py"), target],
            env=environment,
            stderr=stream,
            stdout=stream,
        )
        try:
            _await(port, process, log)
            yield port
        finally:
            process.terminate()
            process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = monotonic() + _START_S
    while monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    message = f"the server did not start: {log.read_text(encoding='utf-8', errors='replace')}"
    raise RuntimeError(message)


if __name__ == "__main__":
    server.TARGET = sys.argv[1]  # type: ignore[misc]  # the only thing that differs
    server.serve(read_settings())
