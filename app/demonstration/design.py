"""Says what the designs of all campaigns of Harbour Club have in common."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from experiments.analysis import Analysis, SegmentBy
from experiments.audience import Audience, Condition, Operator, Rule
from experiments.campaign import CampaignDesign, MetricInUse, Role

WINDOW: Final = timedelta(days=30)
FUNNEL: Final = ("viewed", "clicked", "claimed", "upgraded", "retained")

SEGMENTS: Final = (SegmentBy(key="tier", name="Tier"), SegmentBy(key="channel", name="Channel"))


def club_design(**fields: Any) -> CampaignDesign:  # noqa: ANN401  # the fields of a design, each of its own type
    """Give a design with what all campaigns of the club have, and these fields."""
    return CampaignDesign(
        **{
            "conversion_window_days": WINDOW.days,
            "funnel": FUNNEL,
            "analysis": Analysis(segments=SEGMENTS),
            **fields,
        }
    )


def one_of(attribute: str, *values: str) -> Audience:
    """Give those whose attribute has one of these values."""
    condition = Condition(attribute=attribute, operator=Operator.ONE_OF, value=values)
    return Audience(any_of=(Rule(all_of=(condition,)),))


def guardrail(metric: str, margin: str) -> MetricInUse:
    """Give a guardrail with its margin."""
    return MetricInUse(metric=metric, role=Role.GUARDRAIL, margin=Decimal(margin))
