"""Says what is arriving for a campaign right now: exposures, events, and what is refused.

A bounded look at the newest facts. It decides nothing and is no analysis: members who come twice
count twice here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.store.campaigns import latest_change, read_campaign
from experiments.store.catalogue_state import read_revision
from experiments.store.engine import reading
from experiments.store.quarantine import Which, read_quarantine
from experiments.store.recent import recent_events, recent_exposures
from stats.plan import AnalysisPlan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.campaign import Campaign
    from experiments.store.recent import RecentEvents, RecentExposures

LOOKS_BACK: Final = timedelta(hours=1)
MOST_REFUSED: Final = 500
"""Refused items that one look reads at most."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Items that were refused for one reason.

    Attributes:
        kind: ``exposure`` or ``conversion``.
        field: Which of them was wrong.
        message: What was wrong with the newest one.
    """

    kind: str
    field: str
    message: str
    items: int


@dataclass(frozen=True, slots=True)
class Arriving:
    """What arrived in the last hour.

    Attributes:
        since: From when on.
        awaited: Events that the campaign's metrics read, sorted.
        refused: By reason, the most frequent first.
        refused_all: Whether no more were refused than `refused` counts.
        revision: Of the catalogue that is served.
        changed_at: When a campaign was changed last; None before the first.
    """

    campaign: Campaign
    since: datetime
    exposures: RecentExposures
    events: RecentEvents
    awaited: tuple[str, ...]
    refused: tuple[Refused, ...]
    refused_all: bool
    revision: int
    changed_at: datetime | None


def arriving(engine: Engine, key: str, now: datetime) -> Arriving:
    """Give what arrived for a campaign in the last hour.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    since = now - LOOKS_BACK
    with reading(engine) as connection:
        campaign = read_campaign(connection, key)
        phase = campaign.phase.number if campaign.phase else 0
        exposures = recent_exposures(connection, key, phase, since)
        events = recent_events(connection, since)
        items = read_quarantine(connection, Which(received_from=since), limit=MOST_REFUSED)
        revision, changed_at = read_revision(connection), latest_change(connection)
    reasons: Counter[tuple[str, str]] = Counter()
    messages: dict[tuple[str, str], str] = {}
    for item in items:
        for problem in item.problems[:1]:  # the first one names the item's reason
            name = (str(item.kind), problem.field)
            reasons[name] += 1
            messages.setdefault(name, problem.message)
    return Arriving(
        campaign=campaign,
        since=since,
        exposures=exposures,
        events=events,
        awaited=_awaited(campaign),
        refused=tuple(
            Refused(kind, field, messages[kind, field], many)
            for (kind, field), many in reasons.most_common()
        ),
        refused_all=len(items) < MOST_REFUSED,
        revision=revision,
        changed_at=changed_at,
    )


def _awaited(campaign: Campaign) -> tuple[str, ...]:
    if campaign.phase is None or campaign.phase.analysis_plan is None:
        return ()
    plan = AnalysisPlan.from_json(campaign.phase.analysis_plan)
    return tuple(sorted({event for one in plan.metrics for event in one.definition.events}))
