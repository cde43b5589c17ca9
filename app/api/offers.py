"""Answers what a member is offered: always an offer, and the reason for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import trace_id, wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from experiments.assignment import Assignment, Reason
from experiments.errors import InvalidValues, UnknownCampaign
from experiments.member import id_problem
from experiments.serving import OfferAnswer, offer_for

if TYPE_CHECKING:
    from flask import Response

    from experiments.offer import Offer

blueprint = APIBlueprint("offers", __name__, tag="Offers")

_PRIVATE = frozenset({"unit_cost_minor", "texts", "offer_id", "expires_at", "benefit"})


class OfferQuery(BaseModel):
    """Which campaign, in which language."""

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[str, Field(description="Key of the campaign.")]
    locale: Annotated[
        str | None,
        Field(
            max_length=64,
            description="Wanted locale, like zh-TW; without it the Accept-Language header counts.",
        ),
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
    catalogue_version: Annotated[str, Field(description="Names the configuration that decided.")]
    trace_id: str


@blueprint.get("/v1/members/<path:member_id>/offer")
@operation(
    scope=Scope.OFFERS_READ,
    query=OfferQuery,
    answer=MemberOffer,
    problems=(UnknownCampaign, InvalidValues),
)
def read_offer(member_id: str) -> Response:
    """Give a member's offer in a campaign, and remember the assignment.

    A member who is not eligible, held out, opted out, or comes before the start or after the end
    gets the campaign's default offer with the reason, never an error. A member whom nobody sent
    yet has no attributes.
    """
    query = query_as(OfferQuery)
    if fault := id_problem("member_id", member_id):
        raise InvalidValues([fault])
    parts = wiring()
    answer = offer_for(
        parts.engine,
        parts.directory,
        campaign=query.campaign,
        member_id=member_id,
        locales=_locales(query.locale),
        now=parts.clock(),
    )
    return json_answer(_shown(answer))


def _locales(asked: str | None) -> list[str]:
    return [asked] if asked else [tag for tag in request.accept_languages.values() if tag != "*"]


def _shown(answer: OfferAnswer) -> dict[str, object]:
    """Give the answer's fields as `MemberOffer` documents them."""
    decided, offer = answer.answer, answer.offer
    assigned = isinstance(decided, Assignment)
    variant = decided.variant.key if isinstance(decided, Assignment) else None
    return {
        "campaign": decided.campaign,
        "phase": answer.phase,
        "member_id": answer.member_id,
        "reason": decided.reason,
        "detail": "" if isinstance(decided, Assignment) else decided.detail,
        "variant": variant,
        "remembered": isinstance(decided, Assignment) and decided.remembered,
        "offer_id": offer.offer_id or f"{decided.campaign}.{variant if assigned else 'default'}",
        "offer": _terms(offer),
        "locale": answer.locale,
        "texts": answer.texts.model_dump() if answer.texts else None,
        "expires_at": offer.expires_at,
        "catalogue_version": answer.catalogue_version,
        "trace_id": trace_id(),
    }


def _terms(offer: Offer) -> dict[str, object]:
    return {"kind": offer.kind, **offer.model_dump(mode="json", exclude=set(_PRIVATE | {"kind"}))}
