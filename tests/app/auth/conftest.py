"""Time that passes when a test says so, and a database that goes away and comes back."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    Outage: TypeAlias = Callable[[], AbstractContextManager[None]]


class Elapsed:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Give the seconds passed."""
        return self.seconds


@pytest.fixture
def elapsed() -> Elapsed:
    """Give seconds that stand still until a test moves them."""
    return Elapsed()


@pytest.fixture
def outage(engine: Engine, backend: str, request: pytest.FixtureRequest) -> Outage:
    """Give what makes the database of the test unreachable for as long as a block lasts."""
    name = engine.url.database
    assert name is not None

    @contextmanager
    def moved_file() -> Iterator[None]:
        engine.dispose()
        away = Path(name).with_suffix(".away")
        Path(name).rename(away)
        yield
        away.rename(name)

    @contextmanager
    def renamed_database() -> Iterator[None]:
        server = request.getfixturevalue("postgresql_server")
        engine.dispose()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_away"'.encode())
            yield
            connection.execute(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"'.encode())

    return moved_file if backend == "sqlite" else renamed_database
