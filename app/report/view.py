"""What a report is made from: a scorecard, and what the scorecard does not know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.language import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.language import Words
    from stats.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Goal:
    """What the campaign is for: a metric from a baseline to a target by a deadline.

    Attributes:
        metric: Key of the metric.
        baseline: Its value before, in the metric's unit; money in major units.
        target: The value wanted.
        deadline: Aware.
    """

    metric: str
    baseline: float
    target: float
    deadline: datetime


@dataclass(frozen=True, slots=True)
class CampaignBrief:
    """What readers want to know of a campaign that no scorecard holds; everything may be empty.

    Attributes:
        name: Its name; the key stands in for it.
        programme: Name of the membership programme.
        hypothesis: What was believed beforehand.
        owner: Who answers for it.
        goal: What it is for.
        variant_names: Name of each variant by key; the key stands in for it.
    """

    name: str = ""
    programme: str = ""
    hypothesis: str = ""
    owner: str = ""
    goal: Goal | None = None
    variant_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report.

    Attributes:
        scorecard: Every number that it shows.
        brief: Everything else that it shows.
        checked_at: When the facts were last seen to give this scorecard, if that is known.
        erased_since: Members whose identity was erased since it was computed.
        words: The language of its readers.
    """

    scorecard: Scorecard
    brief: CampaignBrief = CampaignBrief()
    checked_at: datetime | None = None
    erased_since: int = 0
    words: Words = ENGLISH

    def name_of(self, variant: str) -> str:
        """Give the name of a variant for readers."""
        return self.brief.variant_names.get(variant) or variant
