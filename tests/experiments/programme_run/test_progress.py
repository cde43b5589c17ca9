"""Members of a running campaign that measures it have their progress recorded as events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from experiments.campaign import State
from experiments.programme_run.recomputing import Source, recompute
from experiments.store.assignments import RecordedAssignment, remember_all
from experiments.store.campaigns import add_campaign
from experiments.store.engine import reading, writing
from experiments.store.members import read_member
from experiments.store.tables import conversions
from tests.experiments.designs import campaign
from tests.experiments.programme_run.test_recomputing import NOW, club, order

if TYPE_CHECKING:
    from sqlalchemy import Engine

KEY = "gold-q3"
METRICS = [{"metric": "progress_completion", "role": "oec"}]


def start(engine: Engine, *names: str, metrics: Any = METRICS) -> None:  # noqa: ANN401  # of a document
    """Keep a running campaign to which members are assigned as they are."""
    with writing(engine) as store:
        add_campaign(store, campaign(State.RUNNING, metrics=metrics))
        remember_all(
            store,
            [
                RecordedAssignment(
                    KEY, 1, name, "gift", name, NOW, dict(read_member(store, name).attributes)
                )
                for name in names
            ],
        )


def recorded(engine: Engine) -> list[tuple[str, datetime, float]]:
    """Give the progress that was recorded: member, moment, share covered."""
    query = (
        select(conversions.c.member_id, conversions.c.occurred_at, conversions.c.properties)
        .where(conversions.c.event == "progress")
        .order_by(conversions.c.occurred_at, conversions.c.member_id)
    )
    with reading(engine) as store:
        return [(member, at, said["covered"]) for member, at, said in store.execute(query)]


def test_progress_is_the_covered_part_of_what_was_missing_at_assignment(engine: Engine) -> None:
    """From 400 of 1,000 to 700 is half of the 600 that were missing; climbing is all of them."""
    club(engine, ada={}, bob={}, cy={}, outside={})
    for name in ("ada", "bob", "cy", "outside"):
        order(engine, name, 400, NOW - timedelta(days=2))
    recompute(engine, Source(), now=NOW - timedelta(days=1))
    start(engine, "ada", "bob", "cy")
    order(engine, "ada", 300, NOW + timedelta(hours=1))
    order(engine, "bob", 900, NOW + timedelta(hours=1))
    order(engine, "outside", 300, NOW + timedelta(hours=1))
    at = NOW + timedelta(days=1)
    run = recompute(engine, Source(), now=at)
    assert run.counts["progress"] == 2
    assert recorded(engine) == [("ada", at, 0.5), ("bob", at, 1.0)]


def test_progress_is_recorded_once_and_only_when_it_grows(engine: Engine) -> None:
    """A day without an order, or with a refund, adds nothing; a repeat of a run neither."""
    club(engine, ada={})
    order(engine, "ada", 400, NOW - timedelta(days=2))
    recompute(engine, Source(), now=NOW - timedelta(days=1))
    start(engine, "ada")
    days = [NOW + timedelta(days=number) for number in range(1, 5)]
    order(engine, "ada", 150, days[0] - timedelta(hours=1))
    order(engine, "ada", 150, days[2] - timedelta(hours=1))
    for day in days:
        recompute(engine, Source(), now=day)
        recompute(engine, Source(), now=day)
    assert recorded(engine) == [("ada", days[0], 0.25), ("ada", days[2], 0.5)]


@pytest.mark.parametrize("metric", ["repurchase_rate"])
def test_a_campaign_that_does_not_measure_it_has_no_progress(engine: Engine, metric: str) -> None:
    """Nothing is recorded that nobody asks for."""
    club(engine, ada={})
    recompute(engine, Source(), now=NOW - timedelta(days=1))
    start(engine, "ada", metrics=[{"metric": metric, "role": "oec"}])
    order(engine, "ada", 300, NOW + timedelta(hours=1))
    recompute(engine, Source(), now=NOW + timedelta(days=1))
    assert recorded(engine) == []
