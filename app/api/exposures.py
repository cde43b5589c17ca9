"""Takes in exposures: the moment at which a member could feel the difference."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.events import EventsAnswer
from app.api.fronted import FRONT_FAULTS, through_front
from app.api.operation import operation
from app.auth import Scope
from app.front.arriving import MULTI_STATUS
from app.front.events_body import MEDIA_TYPES
from app.front.front import EXPOSURES

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
    media_types=MEDIA_TYPES[:2],
    answer=EventsAnswer,
    also=(MULTI_STATUS,),
    problems=FRONT_FAULTS,
    admits=False,
    example={
        "exposure_id": "web-8f3a",
        "campaign": "gold-q3",
        "variant": "gift",
        "member_id": "m-1",
    },
)
def send_exposures() -> Response:
    """Report one exposure, or up to 10,000 in a list or one a line; gzip is read, too.

    Repeats of an id are successes that change nothing. One object is kept or refused; of a list,
    the good items are kept and each bad one is quarantined with its reasons, never dropped.
    """
    return through_front(EXPOSURES)
