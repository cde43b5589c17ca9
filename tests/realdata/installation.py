"""Starts Tierlift as a user would: migrate, make keys, serve, each by the command line."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMAND: Final = str(Path(sys.executable).parent / "tierlift")
KEY: Final = re.compile(r"\btl_[0-9a-f]{12}_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
START_TIMEOUT_S: Final = 60


class DidNotStart(Exception):
    """A command of Tierlift failed; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A served, empty installation and the keys of those who use it."""

    port: int
    operator: str
    frontend: str
    backend: str
    analyst: str


@contextmanager
def installed(database_url: str, log: Path, *, threads: int = 4) -> Iterator[Installation]:
    """Migrate the database, make keys, and serve until left.

    Args:
        database_url: An address of a database without tables.
        log: A file for what the server says.
        threads: Requests that the server answers at a time.
    """
    environment = {
        **os.environ,
        "TIERLIFT_DATABASE_URL": database_url,
        "TIERLIFT_THREADS": str(threads),
        "TIERLIFT_LOG_LEVEL": "warning",
    }
    tierlift(environment, "db", "upgrade")
    keys = [
        new_key(environment, name, *scopes)
        for name, *scopes in (
            ("operator", "campaigns:write", "programme:write"),
            ("frontend", "offers:read", "events:write"),
            ("backend", "members:write", "events:write"),
            ("analyst", "reports:read"),
        )
    ]
    port = free_port()
    with log.open("wb") as said, served(environment, port, said) as server:
        wait_until_ready(port, server, log)
        yield Installation(port, *keys)


def tierlift(environment: dict[str, str], *arguments: str) -> str:
    """Run a command and give what it printed."""
    done = subprocess.run(  # noqa: S603  # our own command with our own arguments
        [COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"tierlift {' '.join(arguments)}: {done.stdout}{done.stderr}"
        raise DidNotStart(message)
    return done.stdout


def new_key(environment: dict[str, str], name: str, *scopes: str) -> str:
    """Make a key as an operator does and read it off what is printed."""
    asked = [part for scope in scopes for part in ("--scope", scope)]
    printed = tierlift(environment, "keys", "create", name, *asked)
    found = KEY.search(printed)
    if found is None:
        message = f"tierlift keys create printed no key: {printed}"
        raise DidNotStart(message)
    return found.group()


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    environment: dict[str, str], port: int, said: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server until left, then stop it as an operator does."""
    arguments: Sequence[str] = (COMMAND, "serve", "--port", str(port))
    server = subprocess.Popen(arguments, env=environment, stdout=said, stderr=said)  # noqa: S603  # our own command
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=START_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_ready(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server says that it can answer."""
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at and server.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # nobody listens yet
        finally:
            connection.close()
        time.sleep(0.05)
    message = f"tierlift serve --port {port}: {log.read_text()}"
    raise DidNotStart(message)
