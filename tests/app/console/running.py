"""Campaigns that run, for tests of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.analysis import make_plan
from experiments.lifecycle import (
    Act,
    create_campaign,
    launch_campaign,
    move_campaign,
    set_programme,
)
from tests.experiments.designs import design, programme

if TYPE_CHECKING:
    from app.wiring import Wiring
    from experiments.campaign import Campaign, Move


def launched(wiring: Wiring, key: str, *, move: Move | None = None, **changes: Any) -> Campaign:  # noqa: ANN401  # fields of a document
    """Launch a campaign of the tests with some fields changed, and move it once more."""
    engine, act = wiring.engine, Act(wiring.clock(), "command line")
    set_programme(engine, programme(), act.now)
    create_campaign(engine, design(key=key, **changes), act)
    running = launch_campaign(engine, key, act, make_plan=make_plan)
    return running if move is None else move_campaign(engine, key, move, act)
