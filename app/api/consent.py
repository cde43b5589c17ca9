"""Lets members opt out of personalised offers, and says why they get the one that they get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.fronted import FRONT_FAULTS, through_front
from app.api.operation import operation
from app.auth import Scope
from app.front.front import OPT_IN, OPT_OUT, WHY
from experiments.assignment import Reason
from experiments.errors import UnknownCampaign

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("consent", __name__, tag="Members")


class ConsentAnswer(BaseModel):
    """What stands for a member."""

    member_id: str
    opted_out: Annotated[bool, Field(description="Whether offers are not personalised.")]
    changed: Annotated[bool, Field(description="Whether this request changed it.")]
    trace_id: str


class WhyQuery(BaseModel):
    """In which campaign."""

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[str, Field(description="Key of the campaign.")]


class WhyAnswer(BaseModel):
    """Why a member gets an offer, in words for the member."""

    campaign: str
    member_id: str
    reason: Reason
    why: Annotated[str, Field(description="One sentence or two, in English.")]
    known_of_you: Annotated[
        list[str],
        Field(description="The member's own attributes that the rules read; not what they ask."),
    ]
    is_default_offer: Annotated[bool, Field(description="Whether it is what everybody gets.")]
    may_opt_out: Annotated[bool, Field(description="False once the member has.")]
    trace_id: str


@blueprint.post("/v1/members/<path:member_id>/opt-out")
@operation(scope=Scope.CONSENT_WRITE, answer=ConsentAnswer, problems=FRONT_FAULTS, admits=False)
def opt_out(member_id: str) -> Response:  # noqa: ARG001  # the front reads the whole path
    """Serve a member the default offer from now on, in every process within a quarter of a second.

    Before assignment the member is not randomised; afterwards the assignment stands and counts.
    A member whom nobody sent yet may opt out, too. A repeat is a success that changes nothing.
    """
    return through_front(OPT_OUT)


@blueprint.post("/v1/members/<path:member_id>/opt-in")
@operation(scope=Scope.CONSENT_WRITE, answer=ConsentAnswer, problems=FRONT_FAULTS, admits=False)
def opt_in(member_id: str) -> Response:  # noqa: ARG001  # as above
    """Let a member take part again; a variant that was assigned before is theirs again."""
    return through_front(OPT_IN)


@blueprint.get("/v1/members/<path:member_id>/why")
@operation(
    scope=Scope.OFFERS_READ,
    query=WhyQuery,
    answer=WhyAnswer,
    problems=(UnknownCampaign, *FRONT_FAULTS),
    admits=False,
)
def read_why(member_id: str) -> Response:  # noqa: ARG001  # as above
    """Say why a member gets an offer, for the member's own eyes.

    Nothing is said of what others get, or of what a rule asks for.
    """
    return through_front(WHY)
