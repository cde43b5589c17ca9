"""Counts whom a campaign would take, whom not and why, before anybody is assigned."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.analysis import audience_fields, count_audience
from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.auth import Scope
from experiments.campaign import State
from experiments.errors import UnknownCampaign
from stats.scorecard import Kept

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("audience", __name__, tag="Campaigns")


class KeptShown(BaseModel):
    """Members whom something keeps from the campaign."""

    reason: Kept
    detail: Annotated[
        str,
        Field(description="The refusing rule, the tier, the other campaign, or which holdout."),
    ]
    members: int
    in_audience: Annotated[
        int, Field(description="How many of them the rules of the audience would admit.")
    ]


class TierShown(BaseModel):
    """The members of one tier."""

    tier: Annotated[str | None, Field(description="Null where it is unknown or not on the ladder.")]
    name: str
    manual: Annotated[bool, Field(description="Whether the tier is given by hand.")]
    members: int
    eligible: int


class OverlapShown(BaseModel):
    """Another campaign that runs, is scheduled or paused."""

    campaign: str
    name: str
    state: State
    same_layer: Annotated[
        bool, Field(description="Both are in one layer, in which they exclude one another.")
    ]
    members: Annotated[
        int | None,
        Field(description="Eligible in both; null where another system makes its split."),
    ]
    share: Annotated[
        float | None, Field(description="Of the eligible members, 0 to 1; null likewise.")
    ]


class AudienceShown(BaseModel):
    """Whom a campaign would take if it ran now."""

    campaign: str
    state: State
    counted_at: datetime
    members: Annotated[int, Field(description="All members that are kept here.")]
    in_audience: Annotated[int, Field(description="Those whom the rules of the audience admit.")]
    eligible: Annotated[
        int, Field(description="Nothing stands against them, or they are assigned already.")
    ]
    assigned: int
    kept: list[KeptShown]
    by_tier: list[TierShown]
    overlaps: list[OverlapShown]


@blueprint.get("/v1/campaigns/<key>/audience")
@operation(scope=Scope.CAMPAIGNS_READ, answer=AudienceShown, problems=(UnknownCampaign,))
def read_audience(key: str) -> Response:
    """Count whom a campaign in any state would take if it ran now, and what keeps the others.

    Members are those kept here, as they are now. A draft takes the slots of its layer that a
    launch would take.
    """
    parts = wiring()
    return json_answer(audience_fields(count_audience(parts.engine, key, parts.clock())))
