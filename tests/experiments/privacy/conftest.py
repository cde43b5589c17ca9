"""A programme with two campaigns, one by member and one by household, and what people did in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from experiments.archive.place import open_place
from tests.experiments.privacy.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.archive.place import Place


@pytest.fixture
def world(engine: Engine) -> World:
    """Give a store in which 12 members were assigned, exposed, and bought."""
    made = World(engine)
    made.begin()
    made.live()
    return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give the place of an archive that is not there yet."""
    return open_place(str(tmp_path / "archive"))
