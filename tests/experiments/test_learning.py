"""What people wrote of campaigns that are over is found for all of them at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from experiments.campaign import Move, State
from experiments.learning import Learning, learnings_of
from experiments.lifecycle import Act, move_campaign, set_programme
from experiments.memo import Prose
from experiments.memo_writing import Writing, write_memo
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

ANA = "user ana"


def test_decision_reason_and_memo_are_found_for_every_campaign(
    engine: Engine, now: datetime
) -> None:
    """The decision goes before the archiving; a campaign that was given up tells why."""
    set_programme(engine, programme(), now)
    with writing(engine) as connection:
        add_campaign(connection, campaign(State.STOPPED, key="decided"))
        add_campaign(connection, campaign(State.STOPPED, key="open"))
        add_campaign(connection, campaign(State.DRAFT, key="given-up"))
        add_campaign(connection, campaign(State.RUNNING, key="runs"))
        for key in ("decided", "open"):
            keep_scorecard(connection, StoredScorecard(key, 1, "seen", now, "{}"))
    told = {"decision": "ship", "treatment": "gift"}
    move_campaign(engine, "decided", Move.DECIDE, Act(now, ANA, "It earns more.", told))
    later = now + timedelta(days=1)
    move_campaign(engine, "decided", Move.ARCHIVE, Act(later, ANA, "Tidied up."))
    move_campaign(engine, "given-up", Move.ARCHIVE, Act(later, ANA, "No permit."))
    for number, learned in enumerate(("First thoughts.", "Gifts work.")):
        prose = Prose(learned, "The interval lies above 0.", "", "Ana")
        write_memo(engine, "open", Writing(prose, number, "seen"), ANA, later)

    found = learnings_of(engine)

    assert found == {
        "decided": Learning("decided", "ship", "gift", "It earns more.", "", now),
        "given-up": Learning("given-up", None, None, "No permit.", "", later),
        "open": Learning("open", learned="Gifts work."),
    }
