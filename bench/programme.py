"""Fills a database with the demonstration, and with campaigns that can be asked for offers.

The demonstration's running campaign is the one that is analysed. For offers, its design is launched
again under other keys, outside the layer: there every admitted member can be assigned anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from app.analysis import make_plan
from app.auth import Scope, create_key
from app.demonstration import campaigns
from app.demonstration.loading import load
from app.demonstration.programme import DemonstrationPlan
from experiments.assignment import Assignment, assign
from experiments.directory import Directory
from experiments.lifecycle import Act, create_campaign, launch_campaign
from experiments.member import Member
from experiments.store.engine import open_engine, reading
from experiments.store.tables import conversions, exposures, members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine, Select

ANALYSED: Final = campaigns.RUNNING
SAMPLE: Final = 30_000


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filled database holds.

    Attributes:
        end: The moment after the last fact, at which the scorecard is computed.
        token: An API key that may do everything.
        member_ids: Of members whom the offer campaigns admit.
        exposures: Rows of the analysed campaign.
        conversions: Rows of the year's events.
    """

    end: datetime
    token: str
    member_ids: tuple[str, ...]
    exposures: tuple[dict[str, Any], ...]
    conversions: tuple[dict[str, Any], ...]


def fill(url: str, offer_campaigns: Sequence[str]) -> Filled:
    """Fill an empty database with our schema.

    Args:
        url: Its address.
        offer_campaigns: Keys of the campaigns without facts.
    """
    now = datetime.now(UTC)
    plan = DemonstrationPlan.ending_today(now)
    engine = open_engine(url)
    try:
        load(engine, plan, lambda _what, _done, _all: None)
        planted = campaigns.running(plan.end)
        act = Act(planted.launched_at, "bench")
        for key in offer_campaigns:
            design = planted.design.model_copy(update={"key": key, "layer": None})
            create_campaign(engine, design, act)
            launch_campaign(engine, key, act, make_plan=make_plan)
        analysed = select(exposures).where(exposures.c.campaign_key == ANALYSED)
        return Filled(
            end=plan.end,
            token=create_key(engine, "bench", Scope, now).text,
            member_ids=_admitted(engine, offer_campaigns[0], now),
            exposures=_rows(engine, analysed.limit(SAMPLE)),
            conversions=_rows(engine, select(conversions).limit(SAMPLE)),
        )
    finally:
        engine.dispose()


def _admitted(engine: Engine, campaign: str, now: datetime) -> tuple[str, ...]:
    """Give the members whom a campaign would assign; the holdout is the same in every one."""
    known = _rows(engine, select(members))
    with reading(engine) as connection:
        compiled = Directory().current(connection).compiled(campaign)
    return tuple(
        sorted(
            row["member_id"]
            for row in known
            if isinstance(
                assign(
                    compiled,
                    Member(row["member_id"], row["attributes"], row["personalisation_consent"]),
                    now,
                ),
                Assignment,
            )
        )
    )


def _rows(engine: Engine, query: Select[Any]) -> tuple[dict[str, Any], ...]:
    with reading(engine) as connection:
        return tuple(dict(row) for row in connection.execute(query).mappings())
