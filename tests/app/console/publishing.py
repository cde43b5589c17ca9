"""A campaign with a stored scorecard, for tests of what is handed on of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from experiments.campaign import Move, State
from experiments.lifecycle import Act, move_campaign, set_programme
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.scorecard import scorecard_to_json
from tests.app.report.scorecards import CAST
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from app.wiring import Wiring
    from stats.scorecard import Scorecard

KEY = "gold-q3"


def kept(wiring: Wiring, name: str = "story", state: State = State.STOPPED) -> Scorecard:
    """Keep the campaign of the tests with one of the scorecards of the report's tests."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(state))
    return with_scorecard(wiring, name)


def with_scorecard(wiring: Wiring, name: str) -> Scorecard:
    """Keep one more scorecard."""
    scorecard = CAST[name]().scorecard
    document = orjson.dumps(scorecard_to_json(scorecard)).decode()
    row = StoredScorecard(KEY, 1, scorecard.snapshot_hash, scorecard.computed_at, document)
    with writing(wiring.engine) as connection:
        keep_scorecard(connection, row)
    return scorecard


def decide(wiring: Wiring, scorecard: Scorecard) -> None:
    """Write down that the first treatment ships, by a scorecard."""
    detail = {
        "decision": "ship",
        "treatment": scorecard.plan.treatments[0].key,
        "snapshot_hash": scorecard.snapshot_hash,
        "rule_verdict": "ship",
        "against_rule": False,
    }
    act = Act(wiring.clock(), "command line", "It earns more than it costs.", detail)
    move_campaign(wiring.engine, KEY, Move.DECIDE, act)
