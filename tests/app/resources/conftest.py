"""A service of its own for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from app.api import build
from app.auth import Scope, create_key
from app.settings import Settings
from app.wiring import open_log, wire
from tests.app.resources.service import Clock, Service

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def empty_service(database_url: str) -> Iterator[Service]:
    """Give the API on an empty database: no programme yet."""
    clock = Clock()
    settings = Settings(database_url=database_url)
    parts = replace(wire(settings), clock=clock, log=open_log(settings, StringIO()))
    keys = {scope: create_key(parts.engine, scope, [scope], clock()).text for scope in Scope}
    yield Service(build(parts).test_client(), keys, parts.engine, clock)
    parts.engine.dispose()


@pytest.fixture
def service(empty_service: Service) -> Service:
    """Give the API with the programme of the tests."""
    empty_service.set_programme()
    return empty_service
