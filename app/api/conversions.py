"""Takes in conversions: the outcomes of members, whatever caused them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.events import EventsAnswer
from app.api.fronted import FRONT_FAULTS, through_front
from app.api.operation import operation
from app.auth import Scope
from app.front.arriving import MULTI_STATUS
from app.front.events_body import MEDIA_TYPES
from app.front.front import CONVERSIONS

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("conversions", __name__, tag="Events")


class ConversionSent(BaseModel):
    """A conversion as a backend reports it."""

    conversion_id: Annotated[str, Field(max_length=255, description="Your own; repeats are free.")]
    member_id: Annotated[str, Field(max_length=255)]
    event: Annotated[str, Field(max_length=128, description="Like order, refund, tier_change.")]
    occurred_at: Annotated[
        datetime | None,
        Field(description="When it happened, with offset; now by default, never in the future."),
    ] = None
    amount_minor: Annotated[
        int | None, Field(ge=0, description="Money in minor units: 1230 for 12.30.")
    ] = None
    amount: Annotated[
        str | float | None,
        Field(description="Money as a decimal, in place of amount_minor; converted exactly."),
    ] = None
    currency: Annotated[str | None, Field(description="ISO 4217, with an amount.")] = None
    properties: Annotated[
        dict[str, Any] | None, Field(description="What else is known, like `to` of a tier_change.")
    ] = None


@blueprint.post("/v1/conversions")
@operation(
    scope=Scope.EVENTS_WRITE,
    body=ConversionSent | list[ConversionSent],
    media_types=MEDIA_TYPES[:2],
    answer=EventsAnswer,
    also=(MULTI_STATUS,),
    problems=FRONT_FAULTS,
    admits=False,
    example={
        "conversion_id": "order-1047",
        "member_id": "m-1",
        "event": "order",
        "occurred_at": "2026-07-01T09:30:00+08:00",
        "amount_minor": 129000,
        "currency": "TWD",
    },
)
def send_conversions() -> Response:
    """Report one conversion, or up to 10,000 in a list or one a line; gzip is read, too.

    Repeats of an id are successes that change nothing. One object is kept or refused; of a list,
    the good items are kept and each bad one is quarantined with its reasons, never dropped. What
    is given back is an event of its own (`refund`) with a positive amount.
    """
    return through_front(CONVERSIONS)
