"""An application of its own for each test, on a migrated SQLite file."""

from __future__ import annotations

import shutil
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import orjson
import pytest

from app.api import build
from app.auth import Scope, create_key
from app.settings import LogFormat, Settings
from app.wiring import Wiring, open_log, wire
from tests.app.serving import RunningServer, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: Path) -> Settings:
    """Give settings for a migrated, empty SQLite database of this test alone."""
    path = tmp_path / "app.db"
    shutil.copyfile(sqlite_template, path)
    return Settings(
        database_url=f"sqlite:///{path}", log_format=LogFormat.JSON, max_body_bytes=100_000
    )


@pytest.fixture
def written() -> StringIO:
    """Give what the application has logged."""
    return StringIO()


@pytest.fixture
def wiring(settings: Settings, written: StringIO, now: datetime) -> Iterator[Wiring]:
    """Give the parts of an application whose clock stands still and whose log can be read."""
    parts = replace(wire(settings), clock=lambda: now, log=open_log(settings, written))
    yield parts
    parts.engine.dispose()


@pytest.fixture
def app(wiring: Wiring) -> APIFlask:
    """Give the application."""
    return build(wiring)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """Give a client of the application, without a key."""
    return app.test_client()


@pytest.fixture
def events(written: StringIO) -> Callable[[], list[dict[str, object]]]:
    """Give the events logged so far."""
    return lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
def bearer(wiring: Wiring) -> Callable[..., dict[str, str]]:
    """Make a key with some scopes, and give the header that presents it."""

    def make(*scopes: Scope) -> dict[str, str]:
        key = create_key(wiring.engine, "a test", scopes, wiring.clock())
        return {"Authorization": f"Bearer {key.text}"}

    return make


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[RunningServer]:
    """Give a server with two processes on the database of this test."""
    with started(replace(settings, workers=2, threads=2), tmp_path / "log") as server:
        yield server
