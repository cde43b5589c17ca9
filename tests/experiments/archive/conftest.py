"""A store with a campaign in it, and a folder for its archive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from experiments.archive.place import open_place
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.archive.place import Place


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Give an engine on a database with a running campaign that has two phases."""
    running = campaign()
    first = running.phases[0]
    with writing(engine) as connection:
        add_campaign(connection, replace(running, phases=(first, replace(first, number=2))))
    return engine


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give the place of an archive that is not there yet."""
    return open_place(str(tmp_path / "archive"))
