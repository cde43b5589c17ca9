"""Writes the reports of the demonstration's campaigns, as one would send them to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analysis import scorecard_of
from app.demonstration import campaigns
from app.report import CampaignBrief, Goal, ReportView, render_html
from experiments.lifecycle import find_campaign, find_programme

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.campaign import CampaignDesign

REPORTED = (campaigns.FINISHED, campaigns.RUNNING, campaigns.BROKEN)


def write_reports(engine: Engine, directory: Path, now: datetime) -> tuple[Path, ...]:
    """Write a page for each campaign that has members, and give where they are.

    Args:
        engine: Of the loaded database.
        directory: Made where it does not exist.
        now: Aware UTC; the analysis time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    programme = find_programme(engine)
    paths = []
    for key in REPORTED:
        report = scorecard_of(engine, key, now=now)
        design = find_campaign(engine, key).design
        brief = _brief(design, programme.name if programme else "")
        page = render_html(ReportView(report.scorecard, brief, report.checked_at))
        path = directory / f"{key}.html"
        path.write_text(page, encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def _brief(design: CampaignDesign, programme: str) -> CampaignBrief:
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
