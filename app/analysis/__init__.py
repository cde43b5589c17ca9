"""Joins the two halves: a campaign becomes an analysis plan, its facts become a scorecard.

The only package that knows both `experiments` and `stats` in earnest.
"""

from app.analysis.audience_count import (
    AudienceCount,
    audience_fields,
    count_audience,
    count_design,
)
from app.analysis.deciding import Choice, decide_campaign
from app.analysis.facts import FactSource
from app.analysis.launching import launch_campaign
from app.analysis.planning import make_plan
from app.analysis.readiness import AutomaticCheck, Readiness, readiness_of
from app.analysis.scoring import Report, scorecard_of

__all__ = [
    "AudienceCount",
    "AutomaticCheck",
    "Choice",
    "FactSource",
    "Readiness",
    "Report",
    "audience_fields",
    "count_audience",
    "count_design",
    "decide_campaign",
    "launch_campaign",
    "make_plan",
    "readiness_of",
    "scorecard_of",
]
