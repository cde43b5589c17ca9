"""Takes in exposures: the moment at which a member could feel the difference."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.context import present_key, wiring
from app.api.events import BATCH_LIMIT, MULTI_STATUS, EventsAnswer, events_answer
from app.api.operation import operation
from app.api.requests import batch
from app.auth import Scope
from experiments.arrival import Arrival
from experiments.recording import record_exposures

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("exposures", __name__, tag="Events")


class ExposureSent(BaseModel):
    """An exposure as a frontend reports it."""

    exposure_id: Annotated[str, Field(max_length=255, description="Your own; repeats are free.")]
    campaign: Annotated[str, Field(description="Key of the campaign.")]
    variant: Annotated[str, Field(description="Key of the variant that was shown.")]
    member_id: Annotated[str, Field(max_length=255)]
    occurred_at: Annotated[
        datetime | None,
        Field(description="When it was seen, with offset; now by default, never in the future."),
    ] = None


@blueprint.post("/v1/exposures")
@operation(
    scope=Scope.EVENTS_WRITE,
    body=ExposureSent | list[ExposureSent],
    answer=EventsAnswer,
    also=(MULTI_STATUS,),
    example={
        "exposure_id": "web-8f3a",
        "campaign": "gold-q3",
        "variant": "gift",
        "member_id": "m-1",
    },
)
def send_exposures() -> Response:
    """Report one exposure, or up to 10,000 in a list.

    Repeats of an id are successes that change nothing. One object is kept or refused; of a list,
    the good items are kept and each bad one is quarantined with its reasons, never dropped.
    """
    came, parts = batch(BATCH_LIMIT), wiring()
    arrival = Arrival(parts.clock(), present_key().key_id)
    results = record_exposures(
        parts.engine, parts.directory, came.items, arrival, alone=came.single
    )
    return events_answer(results)
