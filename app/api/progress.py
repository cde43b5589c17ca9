"""Answers how far a member is from the next tier."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.fronted import FRONT_FAULTS, through_front
from app.api.operation import operation
from app.auth import Scope
from app.front.front import PROGRESS
from experiments.climb import ProgressState, ProgressUnit
from experiments.errors import InvalidValues, UnknownCampaign
from experiments.progress import DeadlineBy

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("progress", __name__, tag="Offers")

Amount = Annotated[int | float | None, Field(description="Minor units of money; null: not known.")]


class ProgressQuery(BaseModel):
    """Under which campaign's offer."""

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[
        str | None,
        Field(description="Key of a campaign whose offer may have thresholds of its own."),
    ] = None


class WayUp(BaseModel):
    """How far a member has come on one of the ways to a tier; any one of them suffices."""

    by: Annotated[str, Field(description="`spend`, `score`, or another measure of a path.")]
    unit: ProgressUnit
    currency: Annotated[str | None, Field(description="Of money.")]
    current: Amount
    target: Annotated[int | float, Field(description="What is asked for.")]
    remaining: Annotated[int | float | None, Field(description="0 once it is reached.")]
    share: Annotated[float | None, Field(description="The part that is covered, 0 to 1.")]
    window_days: Annotated[int | None, Field(description="Over how many days it is counted.")]
    nearest: Annotated[bool, Field(description="Whether no other way is covered further.")]
    changed: Annotated[bool, Field(description="Whether the offer changed what is asked for.")]


class UpgradeProgress(BaseModel):
    """How far a member is from a tier; the numbers are those of the nearest way."""

    state: ProgressState
    tier: Annotated[str | None, Field(description="The member's, where it is on the ladder.")]
    to: Annotated[str | None, Field(description="The tier that the offer leads to, or the next.")]
    by: str | None
    unit: ProgressUnit | None
    currency: str | None
    current: Amount
    target: int | float | None
    remaining: int | float | None
    share: float | None
    window_days: int | None
    deadline: Annotated[datetime | None, Field(description="Until when; always ahead.")]
    deadline_by: Annotated[DeadlineBy | None, Field(description="What ends then.")]
    as_of: Annotated[datetime | None, Field(description="Up to when facts were counted.")]
    computed_by: Annotated[str | None, Field(description="The rules by which they were.")]
    paths: list[WayUp]


class MemberProgress(BaseModel):
    """How far a member is."""

    member_id: str
    campaign: str | None
    variant: Annotated[str | None, Field(description="Null where no variant's offer holds.")]
    progress: Annotated[
        UpgradeProgress | None, Field(description="Null where the programme has no ladder.")
    ]
    trace_id: str


@blueprint.get("/v1/members/<path:member_id>/progress")
@operation(
    scope=Scope.OFFERS_READ,
    query=ProgressQuery,
    answer=MemberProgress,
    problems=(UnknownCampaign, InvalidValues, *FRONT_FAULTS),
    admits=False,
)
def read_progress(member_id: str) -> Response:  # noqa: ARG001  # the front reads the whole path
    """Give how far a member is from the next tier.

    With a campaign, under the offer of the variant that the member was assigned to, whose
    thresholds may be others. Nobody is assigned by asking, and nothing is remembered. A member whom
    nobody sent yet is answered with the state `unknown`.
    """
    return through_front(PROGRESS)
