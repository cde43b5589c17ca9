"""Answers what a member is offered: always an offer, and the reason for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.fronted import FRONT_FAULTS, through_front
from app.api.operation import operation
from app.api.progress import UpgradeProgress
from app.auth import Scope
from app.front.exchange import MAX_LOCALE_LENGTH
from app.front.front import OFFER
from experiments.assignment import Reason
from experiments.errors import InvalidValues, UnknownCampaign

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("offers", __name__, tag="Offers")


class OfferQuery(BaseModel):
    """Which campaign, in which language."""

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[str, Field(description="Key of the campaign.")]
    locale: Annotated[
        str | None,
        Field(
            max_length=MAX_LOCALE_LENGTH,
            description="Wanted locale, like zh-TW; without it the Accept-Language header counts.",
        ),
    ] = None
    override: Annotated[
        str | None,
        Field(description="A signed override, to look at a variant; also X-Tierlift-Override."),
    ] = None


class OfferTexts(BaseModel):
    """What to show, in one locale."""

    title: str
    body: str
    call_to_action: str


class MemberOffer(BaseModel):
    """A member's offer in a campaign."""

    campaign: str
    phase: Annotated[int, Field(description="Phase of the campaign, 0 before its first launch.")]
    member_id: str
    reason: Annotated[Reason, Field(description="Why the member gets this offer.")]
    detail: Annotated[str, Field(description="What exactly refused; empty for assigned.")]
    variant: Annotated[str | None, Field(description="Null where the default offer is served.")]
    remembered: Annotated[bool, Field(description="Whether it was assigned at an earlier request.")]
    offer_id: Annotated[str, Field(description="Names the offer in exports and grants.")]
    offer: Annotated[
        dict[str, Any],
        Field(description="Typed terms; `kind` says which. Never what the offer costs."),
    ]
    locale: Annotated[str | None, Field(description="Locale of the texts.")]
    texts: OfferTexts | None
    expires_at: datetime | None
    value_minor: Annotated[
        int | None,
        Field(description="What it is worth to the member, by the tier at the assignment."),
    ]
    progress: Annotated[
        UpgradeProgress | None,
        Field(description="How far the next tier is; null where the programme has no ladder."),
    ]
    catalogue_version: Annotated[str, Field(description="Names the configuration that decided.")]
    trace_id: str


@blueprint.get("/v1/members/<path:member_id>/offer")
@operation(
    scope=Scope.OFFERS_READ,
    query=OfferQuery,
    answer=MemberOffer,
    problems=(UnknownCampaign, InvalidValues, *FRONT_FAULTS),
    admits=False,
)
def read_offer(member_id: str) -> Response:  # noqa: ARG001  # the front reads the whole path
    """Give a member's offer in a campaign, and remember the assignment.

    A member who is not eligible, held out, opted out, or comes before the start or after the end
    gets the campaign's default offer with the reason, never an error. A member whom nobody sent
    yet has no attributes.
    """
    return through_front(OFFER)
