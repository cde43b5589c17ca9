"""A store with the campaign of the tests in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from sqlalchemy import Engine

CAMPAIGN = "gold-q3"


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Give an engine on a database with a running campaign that has two phases."""
    running = campaign()
    first = running.phases[0]
    with writing(engine) as connection:
        add_campaign(connection, replace(running, phases=(first, replace(first, number=2))))
    return engine
