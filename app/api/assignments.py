"""Assigns all members at once and answers the list as a file, for e-mail, SMS and push."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from app.api.context import present_key, wiring
from app.api.operation import operation
from app.api.requests import body_as
from app.auth import Scope
from experiments.bulk.assigning import Order, assign_all
from experiments.bulk.delivering import Channel, FileFormat, Who
from experiments.errors import NobodyAssigned, StaleCampaign, UnknownCampaign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

blueprint = APIBlueprint("assignments", __name__, tag="Campaigns")

MEDIA_TYPES: Final = {
    "text/csv": FileFormat.CSV,
    "application/vnd.apache.parquet": FileFormat.PARQUET,
}
"""What the header Accept may ask for; CSV is what it gets that asks for neither."""

_PIECE_BYTES: Final = 256 * 1024


class AssignmentsWanted(BaseModel):
    """Which members the list is of, and for what."""

    model_config = ConfigDict(extra="forbid")

    channel: Annotated[Channel, Field(description="How the members will be told.")] = Channel.EMAIL
    who: Annotated[
        Who,
        Field(
            description="`treated` leaves the control out; `assigned` has it; `everyone` has those "
            "who are not assigned, too, with the reason in a column of its own."
        ),
    ] = Who.TREATED
    dry_run: Annotated[
        bool,
        Field(
            strict=True, description="Remember nothing: the list is a rehearsal, not to be sent by."
        ),
    ] = False


@blueprint.post("/v1/campaigns/<key>/assignments")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=AssignmentsWanted,
    answer=None,
    files=tuple(MEDIA_TYPES),
    problems=(UnknownCampaign, NobodyAssigned, StaleCampaign),
    example={"channel": "email"},
)
def assign_members(key: str) -> Response:
    """Assign all members in a campaign, and give who gets what as CSV or Parquet.

    The columns are `member_id`, `variant`, `offer_id`, `locale`, `channel`, `timezone` and
    `expires_at`. New assignments are remembered before the answer begins, so that it shows only
    what stands; asked again, it is the same. Members who opted out are left out.
    """
    wanted = body_as(AssignmentsWanted)
    media_type = request.accept_mimetypes.best_match(MEDIA_TYPES, default="text/csv")
    form = MEDIA_TYPES[media_type]
    parts = wiring()
    with tempfile.TemporaryDirectory(prefix="tierlift-assignments-") as directory:
        path = Path(directory, f"{key[:100]}.{form}")
        order = Order(
            campaign=key,
            path=path,
            format=form,
            channel=wanted.channel,
            who=wanted.who,
            remembers=not wanted.dry_run,
            actor=f"key {present_key().key_id}",
        )
        assign_all(parts.engine, order, now=parts.clock())
        size = path.stat().st_size
        stream = path.open("rb")  # outlives its directory, and the process leaves nothing behind
    answer = Response(_pieces(stream), mimetype=media_type)
    answer.content_length = size
    answer.headers.set("Content-Disposition", "attachment", filename=path.name)
    answer.call_on_close(stream.close)  # where the client leaves half-way
    return answer


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece
