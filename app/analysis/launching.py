"""Launches a campaign, unless it would take nobody, or nothing that decides has ever been seen.

Both refusals have a way out of their own: members and events of a new installation come later.
What is written wrongly in the campaign itself is refused by `experiments.lifecycle` and the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analysis.audience_count import audience_problems
from app.analysis.planning import make_plan
from experiments import lifecycle
from experiments.campaign import Role, State
from experiments.errors import LaunchRefused, Problem
from experiments.launch import launch_problems
from experiments.readying import readiness_problems
from experiments.store.campaigns import read_campaign
from experiments.store.conversions import events_seen
from experiments.store.custom_metrics import with_definitions
from experiments.store.engine import reading
from experiments.store.programme import read_programme
from stats.plan import AnalysisPlan

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy import Engine

    from app.analysis.facts import FactSource
    from experiments.campaign import Campaign, CampaignDesign
    from experiments.lifecycle import Act
    from stats.metric import MetricDefinition


def launch_campaign(
    engine: Engine,
    key: str,
    act: Act,
    *,
    source: FactSource,
    allow_empty_audience: bool = False,
    allow_unseen_events: bool = False,
) -> Campaign:
    """Start a campaign now, or at its `starts_at` where that lies ahead; its plan is fixed here.

    Args:
        engine: The store.
        key: Of the campaign.
        act: Who launches, when and why.
        source: Where its facts will be read.
        allow_empty_audience: Launch although no member that is kept is eligible.
        allow_unseen_events: Launch although the events that decide have never been seen.

    Raises:
        UnknownCampaign: No campaign has this key.
        IllegalMove: It is not a draft.
        LaunchRefused: Something is missing; every reason is named.
    """
    problems = list(readiness_problems(engine, key))
    if not allow_empty_audience:
        problems += audience_problems(engine, key, act.now)
    if not allow_unseen_events:
        problems += unseen_events_problems(engine, key, act.now, source)
    if problems:
        raise LaunchRefused(problems)
    return lifecycle.launch_campaign(engine, key, act, make_plan=make_plan)


def unseen_events_problems(
    engine: Engine, key: str, now: datetime, source: FactSource
) -> tuple[Problem, ...]:
    """Say whether the OEC of a draft needs events that nobody has ever had here.

    A metric that adds up several events can be computed with one of them, and what it takes away,
    as refunds, may never happen. Facts in tables that a document declares are not looked for, and a
    draft that may not start anyhow is not asked: its launch says what is wrong with it.

    Args:
        engine: The store.
        key: Of the campaign.
        now: Aware UTC.
        source: Where its facts will be read.

    Raises:
        UnknownCampaign: No campaign has this key.
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        campaign = read_campaign(connection, key)
    if campaign.state is not State.DRAFT:
        return ()
    return unseen_events_of(engine, campaign.design, now, source)


def unseen_events_of(
    engine: Engine, written: CampaignDesign, now: datetime, source: FactSource
) -> tuple[Problem, ...]:
    """Say the same of a design that nobody has kept yet.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        programme = read_programme(connection)
        if programme is None or source.relations is not None:
            return ()
        if any(launch_problems(written, programme, now)):
            return ()
        design = with_definitions(connection, written)
        try:
            oec = AnalysisPlan.from_json(make_plan(design, programme, 1)).oec
        except LaunchRefused:
            return ()
        if oec is None:
            return ()
        lacking = _lacking(oec.definition, events_seen(connection, oec.definition.events))
    if not lacking:
        return ()
    place = next(index for index, one in enumerate(design.metrics) if one.role is Role.OEC)
    return (
        Problem(
            f"metrics[{place}].metric",
            oec.key,
            f"decides by events that have never been seen here: {', '.join(lacking)}",
            "Send them first, to POST /v1/conversions or with tierlift import conversions. To "
            "launch nevertheless, as on a new installation, say allow_unseen_events: true "
            "(--allow-unseen-events).",
        ),
    )


def _lacking(definition: MetricDefinition, seen: AbstractSet[str]) -> tuple[str, ...]:
    """Give the events of a numerator or denominator of which none that it adds was ever seen."""
    lacking: set[str] = set()
    for terms in (definition.numerator, definition.denominator):
        added = {event for term in terms if term.sign > 0 for event in term.events}
        if seen.isdisjoint(added):
            lacking |= added
    return tuple(sorted(lacking))
