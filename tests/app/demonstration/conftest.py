"""One small demonstration, loaded once for all tests that only read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.demonstration.loading import load
from app.demonstration.programme import DemonstrationPlan
from experiments.store import schema
from experiments.store.engine import open_engine
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from app.demonstration.loading import Loaded

PLAN = DemonstrationPlan.ending_today(NOW, members=3_000)


def ignore_progress(_step: str, _done: int, _total: int) -> None:
    """Show no progress."""


def loaded_into(path: Path, plan: DemonstrationPlan) -> tuple[Engine, Loaded]:
    """Load a plan into a new file."""
    url = f"sqlite:///{path}"
    schema.upgrade(url)
    engine = open_engine(url)
    return engine, load(engine, plan, ignore_progress)


@pytest.fixture(scope="package")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Loaded]]:
    """Give a loaded database of 3,000 members, and what was loaded; tests only read it."""
    engine, loaded = loaded_into(tmp_path_factory.mktemp("demonstration") / "tierlift.db", PLAN)
    yield engine, loaded
    engine.dispose()


@pytest.fixture(scope="package")
def club(demonstration: tuple[Engine, Loaded]) -> Engine:
    """Give the loaded database alone."""
    return demonstration[0]
