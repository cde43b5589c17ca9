"""The bounded look at the newest facts, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.store.campaigns import add_campaign
from experiments.store.conversions import append_conversions
from experiments.store.engine import reading, writing
from experiments.store.exposures import append_exposures
from experiments.store.recent import recent_events, recent_exposures
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine


def test_exposures_are_counted_by_variant_and_minute(engine: Engine, now: datetime) -> None:
    """Each minute of arrival has its own count; what came before the moment is left out."""
    minute = now.replace(second=0, microsecond=0)
    _expose(engine, [minute, minute + timedelta(seconds=59), minute - timedelta(hours=2)])
    with reading(engine) as connection:
        found = recent_exposures(connection, "gold-q3", 1, minute - timedelta(hours=1))
        other = recent_exposures(connection, "gold-q3", 2, minute - timedelta(hours=1))
    assert [(one.variant, one.minute, one.exposures) for one in found.counts] == [
        ("gift", minute, 2)
    ]
    assert found.complete_from == minute - timedelta(hours=1)
    assert other.counts == ()


def test_a_look_is_bounded_and_says_from_when_it_is_whole(engine: Engine, now: datetime) -> None:
    """Where more came than are looked at, the moment from which nothing is missing is named."""
    for ago in (3, 2, 1):
        _expose(engine, [now - timedelta(minutes=ago)], first=ago)
    with reading(engine) as connection:
        found = recent_exposures(connection, "gold-q3", 1, now - timedelta(hours=1), newest=2)
    assert sum(one.exposures for one in found.counts) == 2
    assert found.complete_from == now - timedelta(minutes=2)


def test_events_are_counted_by_name(engine: Engine, now: datetime) -> None:
    """Every event that arrived since has its count."""
    with writing(engine) as connection:
        append_conversions(
            connection,
            [
                Conversion(
                    conversion_id=f"c{number}", member_id="m", event=event,
                    occurred_at=now, received_at=now,
                )
                for number, event in enumerate(["order", "order", "refund"])
            ],
        )  # fmt: skip
    with reading(engine) as connection:
        found = recent_events(connection, now - timedelta(hours=1))
    assert found.counts == {"order": 2, "refund": 1}


def _expose(engine: Engine, moments: list[datetime], first: int = 0) -> None:
    with writing(engine) as connection:
        if first in {0, 3}:
            add_campaign(connection, campaign())
        append_exposures(
            connection,
            [
                Exposure(
                    exposure_id=f"e{first}-{number}", campaign="gold-q3", phase=1, variant="gift",
                    member_id=f"m{number}", unit_id=f"m{number}", exposed_at=moment,
                    received_at=moment,
                )
                for number, moment in enumerate(moments)
            ],
        )  # fmt: skip
