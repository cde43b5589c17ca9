"""Reads what a report is made from: the scorecard of a campaign, and the words of its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analysis import FactSource, scorecard_of
from app.analysis.stored import erased_since, stored_scorecard
from app.report.view import CampaignBrief, Goal, ReportView
from experiments.lifecycle import find_campaign, find_programme

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.campaign import CampaignDesign


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report, ready to be rendered.

    Attributes:
        view: For people.
        document: The stored scorecard, byte for byte, for programs.
    """

    view: ReportView
    document: bytes


def read_report(
    engine: Engine,
    campaign: str,
    *,
    now: datetime,
    phase: int | None = None,
    as_of: datetime | None = None,
    source: FactSource | None = None,
) -> ReadReport:
    """Compute and store a scorecard, and give it with the words that go with it.

    Args:
        engine: The store.
        campaign: Key of the campaign.
        now: Aware UTC.
        phase: Its number; the latest one by default.
        as_of: The analysis time; now by default.
        source: Where the facts are read; the database by default.

    Raises:
        UnknownCampaign: No campaign has this key.
        NotLaunched: It has no such phase.
    """
    report = scorecard_of(
        engine, campaign, now=now, phase=phase, as_of=as_of, source=source or FactSource()
    )
    brief = _brief(engine, campaign, report.scorecard.phase)
    view = ReportView(report.scorecard, brief, report.checked_at, report.erased_since)
    return ReadReport(view, report.document)


def read_snapshot(engine: Engine, campaign: str, snapshot_hash: str) -> ReportView | None:
    """Give a stored scorecard with the words that go with it, or None where there is no such one.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    find_campaign(engine, campaign)
    scorecard = stored_scorecard(engine, campaign, snapshot_hash)
    if scorecard is None:
        return None
    brief = _brief(engine, campaign, scorecard.phase)
    return ReportView(scorecard, brief, erased_since=erased_since(engine, scorecard))


def _brief(engine: Engine, campaign: str, phase: int) -> CampaignBrief:
    found, programme = find_campaign(engine, campaign), find_programme(engine)
    design = next((one.design for one in found.phases if one.number == phase), found.design)
    return brief_of(design, programme.name if programme else "")


def brief_of(design: CampaignDesign, programme: str) -> CampaignBrief:
    """Give what readers want to know of a campaign that no scorecard holds."""
    goal = design.goal
    return CampaignBrief(
        name=design.name,
        programme=programme,
        hypothesis=design.hypothesis,
        owner=design.owner,
        goal=None
        if goal is None
        else Goal(goal.metric, float(goal.baseline), float(goal.target), goal.deadline),
        variant_names={variant.key: variant.name for variant in design.variants},
    )
