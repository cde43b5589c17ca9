"""Reserves, redeems and takes back rewards, and shows the ledger and what is left of budgets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import wiring
from app.api.events import RefusedField
from app.api.fronted import through_front
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from app.front.arriving import MULTI_STATUS
from app.front.events_body import MEDIA_TYPES
from app.front.front import GRANTS
from experiments import spending
from experiments.budget import Resource
from experiments.errors import Overloaded, UnknownCampaign, UnknownGrant
from experiments.grant import Action, GrantState, RefusalCode, Step
from experiments.granting import GrantOutcome
from experiments.spending import GrantFilter

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("grants", __name__, tag="Grants")


class GrantOrdered(BaseModel):
    """What a backend asks for."""

    grant_id: Annotated[str, Field(max_length=230, description="Your own; repeats are free.")]
    action: Annotated[
        Action,
        Field(description="`grant` reserves, unless that was done, and redeems at once."),
    ]
    campaign: Annotated[str, Field(description="Key of the campaign.")]
    member_id: Annotated[str, Field(max_length=255)]
    occurred_at: Annotated[
        datetime | None,
        Field(description="When it happened, with offset; now by default, never in the future."),
    ] = None
    expires_at: Annotated[
        datetime | None,
        Field(description="Until when to reserve; its offer's own end by default, and at most."),
    ] = None
    reason: Annotated[
        str | None, Field(max_length=500, description="Why, for whoever reads the ledger.")
    ] = None


class GrantShown(BaseModel):
    """A reward given to a member, as it stands."""

    grant_id: str
    campaign: str
    phase: Annotated[int, Field(description="Of the member's assignment.")]
    variant: str
    member_id: str
    offer_id: str
    offer_kind: str
    cost_minor: Annotated[int, Field(description="What one costs, in minor units.")]
    currency: str
    breakage: Annotated[float, Field(description="The part expected never to be redeemed.")]
    reserved_at: datetime
    received_at: datetime
    expires_at: Annotated[datetime | None, Field(description="Null for never.")]
    state: GrantState
    redeemed_at: datetime | None
    reversed_at: datetime | None
    expired_at: datetime | None
    sender: Annotated[str | None, Field(description="Key id of who reserved it.")]


class RefusalShown(BaseModel):
    """Why an order was refused; nothing was stored of it."""

    code: RefusalCode
    message: str
    way_out: str


class OrderAnswer(BaseModel):
    """What became of one order."""

    index: Annotated[int, Field(description="Place in the list that was sent, from 0.")]
    grant_id: Annotated[str | None, Field(description="The sender's id, where it could be read.")]
    outcome: Annotated[GrantOutcome, Field(description="A duplicate is a success, too.")]
    grant: Annotated[GrantShown | None, Field(description="As it stands; null where refused.")]
    refusal: RefusalShown | None
    errors: Annotated[list[RefusedField], Field(description="What is wrong with the item.")]


class OrdersAnswer(BaseModel):
    """What became of all orders; 207 says that some were refused."""

    accepted: int
    duplicates: int
    refused: int
    results: list[OrderAnswer]


class GrantsQuery(BaseModel):
    """Which grants."""

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[str | None, Field(description="Only of this campaign.")] = None
    member_id: Annotated[str | None, Field(description="Only of this member.")] = None
    state: Annotated[GrantState | None, Field(description="Only those that stand so.")] = None
    cursor: Annotated[
        str | None, Field(description="`next_cursor` of the page before.", max_length=255)
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="Grants in a page.")] = 100


class GrantsPage(BaseModel):
    """Grants, in the order of their ids."""

    grants: list[GrantShown]
    next_cursor: Annotated[str | None, Field(description="Null on the last page.")]


class MoveShown(BaseModel):
    """A step that a grant took."""

    step: Step
    moved_at: datetime
    received_at: Annotated[datetime, Field(description="Of an expiry, when it was noticed.")]
    sender: str | None
    reason: str | None


class GrantHistory(BaseModel):
    """A grant and its moves, the oldest first."""

    grant: GrantShown
    moves: list[MoveShown]


class LeftShown(BaseModel):
    """How much is left of something that may run out."""

    resource: Resource
    subject: Annotated[str, Field(description="The offer or the variant; empty for all.")]
    limit: Annotated[int, Field(description="Minor units of a budget, else a number.")]
    used: Annotated[int, Field(description="Reserved and redeemed; of units, those enrolled.")]
    reserved: Annotated[int | None, Field(description="Null for units, which nobody reserves.")]
    redeemed: int | None
    released: Annotated[int | None, Field(description="Expired or taken back, and free again.")]
    remaining: int
    exhausted_at: Annotated[
        datetime | None, Field(description="Since when it keeps enrolment closed.")
    ]


class OfferGranted(BaseModel):
    """What was granted of an offer, by the state in which it stands."""

    phase: int
    variant: str
    offer_id: str
    currency: str
    units: dict[GrantState, int]
    minor: Annotated[dict[GrantState, int], Field(description="What they cost, minor units.")]


class ExhaustionShown(BaseModel):
    """A moment at which enrolment closed in every variant alike."""

    phase: int
    resource: Resource
    subject: str
    bound: Annotated[int, Field(description="The limit that was reached.")]
    at: datetime
    reopened_at: Annotated[datetime | None, Field(description="When it was raised.")]


class BudgetShown(BaseModel):
    """What a campaign has granted, and what it may still grant."""

    campaign: str
    phase: Annotated[int, Field(description="The present one; 0 before the launch.")]
    enrolment_open: Annotated[
        bool, Field(description="Whether nothing is exhausted that would close it.")
    ]
    bounds: list[LeftShown]
    offers: list[OfferGranted]
    exhaustions: Annotated[list[ExhaustionShown], Field(description="The oldest first.")]


@blueprint.post("/v1/grants")
@operation(
    scope=Scope.GRANTS_WRITE,
    body=GrantOrdered | list[GrantOrdered],
    media_types=MEDIA_TYPES[:2],
    answer=OrdersAnswer,
    also=(MULTI_STATUS,),
    problems=(Overloaded,),
    admits=False,
    browsers=False,
    example={
        "grant_id": "till-7-000431",
        "action": "reserve",
        "campaign": "gold-q3",
        "member_id": "m-1",
    },
)
def send_grants() -> Response:
    """Reserve, redeem or take back one reward, or up to 10,000 in a list or one a line.

    A repeat of the same order is a success that changes nothing. Variant, offer and cost are those
    of the member's assignment. Orders are settled in their order; at the last unit of a stock or a
    budget exactly one is accepted, and the others are refused with a code and the way out. Nothing
    is stored of what is refused.
    """
    return through_front(GRANTS)


@blueprint.get("/v1/grants")
@operation(scope=Scope.GRANTS_READ, query=GrantsQuery, answer=GrantsPage)
def list_grants() -> Response:
    """List grants, of a campaign or a member, in the order of their ids."""
    query, parts = query_as(GrantsQuery), wiring()
    wanted = GrantFilter(query.campaign, query.member_id, query.state)
    found = spending.list_grants(
        parts.engine, wanted, parts.clock(), after=query.cursor, limit=query.limit
    )
    cursor = found[-1].grant_id if len(found) == query.limit else None
    return json_answer({"grants": [grant.values() for grant in found], "next_cursor": cursor})


@blueprint.get("/v1/grants/<path:grant_id>")
@operation(
    scope=Scope.GRANTS_READ,
    path={"grant_id": "The sender's own id of the grant."},
    answer=GrantHistory,
    problems=(UnknownGrant,),
)
def read_grant(grant_id: str) -> Response:
    """Give a grant and what was done to it, the oldest first."""
    parts = wiring()
    grant, moves = spending.find_grant(parts.engine, grant_id, parts.clock())
    return json_answer({"grant": grant.values(), "moves": [move.values() for move in moves]})


@blueprint.get("/v1/campaigns/<key>/budget")
@operation(
    scope=Scope.REPORTS_READ,
    path={"key": "Key of the campaign."},
    answer=BudgetShown,
    problems=(UnknownCampaign,),
)
def read_budget(key: str) -> Response:
    """Give what a campaign has granted, what is left of what bounds it, and what ran out when."""
    parts = wiring()
    return json_answer(spending.spending_of(parts.engine, key, parts.clock()).values())
