"""Shows what was refused, and lets it be corrected, replayed and discarded.

What an item holds is personal: it is shown to keys that may work on the quarantine, not to those
that only read reports.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import actor, present_key, trace_id, wiring
from app.api.events import RefusedField
from app.api.operation import operation
from app.api.requests import body_as, query_as
from app.auth import Scope
from app.errors import field_error
from experiments import quarantining
from experiments.document import MAX_INTEGER, Moment
from experiments.errors import AlreadySettled, InvalidValues, UnknownQuarantined
from experiments.lifecycle import Act
from experiments.outcomes import Outcome
from experiments.quarantining import Kind, QuarantineState, Which

if TYPE_CHECKING:
    from flask import Response

    from experiments.quarantining import Quarantined, Replay

blueprint = APIBlueprint("quarantine", __name__, tag="Quarantine")

_NUMBER = {"number": "Number of the item."}


class QuarantineQuery(BaseModel):
    """Which items."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[Kind | None, Field(description="Only these; all by default.")] = None
    state: Annotated[QuarantineState | None, Field(description="Only these; all by default.")] = (
        None
    )
    sender: Annotated[str | None, Field(description="Key id of the sender.")] = None
    cursor: Annotated[
        int | None, Field(ge=1, le=MAX_INTEGER, description="`next_cursor` of the page before.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="Items in a page.")] = 100


class QuarantinedItem(BaseModel):
    """One item that was refused."""

    number: int
    kind: Kind
    state: QuarantineState
    item_id: Annotated[str | None, Field(description="The sender's id, where it could be read.")]
    received_at: datetime
    sender: Annotated[str | None, Field(description="Key id, or the name of an import.")]
    errors: Annotated[
        list[RefusedField],
        Field(description="Every reason; values only for keys with quarantine:write."),
    ]
    payload: Annotated[
        str | None, Field(description="As it came; null for keys without quarantine:write.")
    ]
    settled_at: Annotated[datetime | None, Field(description="When it ceased to be open.")]
    settled_by: str | None
    reason: Annotated[str | None, Field(description="Why it was discarded.")]
    correction: Annotated[
        str | None, Field(description="What was replayed in its place; hidden like the payload.")
    ]


class QuarantinePage(BaseModel):
    """Items, the newest first."""

    items: list[QuarantinedItem]
    next_cursor: Annotated[int | None, Field(description="Null on the last page.")]


class ReplayOrder(BaseModel):
    """How to replay one item."""

    model_config = ConfigDict(extra="forbid")

    correction: Annotated[
        dict[str, Any] | None,
        Field(description="The whole corrected item; without it the item is taken as it came."),
    ] = None


class ReplayAllOrder(BaseModel):
    """Which open items to replay as they came."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[Kind | None, Field(description="Only these.")] = None
    sender: Annotated[str | None, Field(description="Only from this key id.")] = None
    received_from: Annotated[Moment | None, Field(description="Only those that came since.")] = None
    received_before: Annotated[
        Moment | None, Field(description="Only those that came earlier.")
    ] = None
    cursor: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=MAX_INTEGER,
            description="`next_cursor` of the answer before; 0 at first.",
        ),
    ] = 0
    limit: Annotated[
        int,
        Field(strict=True, ge=1, le=quarantining.MAX_REPLAYED, description="Items in one request."),
    ] = quarantining.MAX_REPLAYED


class DiscardOrder(BaseModel):
    """Why an item need not count."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=quarantining.MAX_REASON)]


class ReplayAnswer(BaseModel):
    """What became of an item."""

    number: int
    outcome: Annotated[
        Outcome, Field(description="`duplicate`: its fact was there; `quarantined`: still open.")
    ]
    errors: Annotated[list[RefusedField], Field(description="Why it is refused still.")]


class ReplayAllAnswer(BaseModel):
    """What became of the items, the oldest first."""

    accepted: int
    duplicates: int
    quarantined: Annotated[int, Field(description="Refused still, and open as before.")]
    results: list[ReplayAnswer]
    next_cursor: Annotated[int | None, Field(description="Where to go on; null at the end.")]


@blueprint.get("/v1/quarantine")
@operation(scope=Scope.REPORTS_READ, query=QuarantineQuery, answer=QuarantinePage)
def list_quarantine() -> Response:
    """List what was refused, the newest first."""
    query = query_as(QuarantineQuery)
    which = Which(kind=query.kind, state=query.state, sender=query.sender)
    items = quarantining.list_quarantine(
        wiring().engine, which, before=query.cursor, limit=query.limit
    )
    cursor = items[-1].number if len(items) == query.limit else None
    return json_answer({"items": [_shown(item) for item in items], "next_cursor": cursor})


@blueprint.get("/v1/quarantine/<int:number>")
@operation(
    scope=Scope.REPORTS_READ,
    path=_NUMBER,
    answer=QuarantinedItem,
    problems=(UnknownQuarantined,),
)
def read_quarantined(number: int) -> Response:
    """Give an item that was refused."""
    return json_answer(_shown(quarantining.show_quarantined(wiring().engine, number)))


@blueprint.post("/v1/quarantine/<int:number>/replay")
@operation(
    scope=Scope.QUARANTINE_WRITE,
    path=_NUMBER,
    body=ReplayOrder,
    answer=ReplayAnswer,
    problems=(UnknownQuarantined, AlreadySettled, InvalidValues),
    example={
        "correction": {
            "conversion_id": "order-1047",
            "member_id": "m-1",
            "event": "order",
            "amount_minor": 129000,
            "currency": "TWD",
        }
    },
)
def replay_quarantined(number: int) -> Response:
    """Record an item as it came, or its correction in its place.

    A repeat is a success that changes nothing. What is refused still is answered with the reasons
    and stays open. An item without a time of its own keeps the time at which it arrived.
    """
    order, parts = body_as(ReplayOrder), wiring()
    done = quarantining.replay(
        parts.engine, parts.directory, number, _act(), correction=order.correction
    )
    return json_answer(_replayed(done))


@blueprint.post("/v1/quarantine/replay")
@operation(
    scope=Scope.QUARANTINE_WRITE,
    body=ReplayAllOrder,
    answer=ReplayAllAnswer,
    example={"kind": "exposure"},
)
def replay_quarantine() -> Response:
    """Record open items as they came: after a campaign was launched, or a tier was renamed.

    What is refused still stays open. Up to 1,000 items are taken at once; go on with
    `next_cursor` until it is null.
    """
    order, parts = body_as(ReplayAllOrder), wiring()
    which = Which(
        kind=order.kind,
        sender=order.sender,
        received_from=order.received_from,
        received_before=order.received_before,
    )
    done = quarantining.replay_all(
        parts.engine, parts.directory, which, _act(), after=order.cursor, limit=order.limit
    )
    outcomes = [one.outcome for one in done.replays]
    return json_answer(
        {
            "accepted": outcomes.count(Outcome.ACCEPTED),
            "duplicates": outcomes.count(Outcome.DUPLICATE),
            "quarantined": outcomes.count(Outcome.QUARANTINED),
            "results": [_replayed(one) for one in done.replays],
            "next_cursor": done.next_after,
        }
    )


@blueprint.post("/v1/quarantine/<int:number>/discard")
@operation(
    scope=Scope.QUARANTINE_WRITE,
    path=_NUMBER,
    body=DiscardOrder,
    answer=QuarantinedItem,
    problems=(UnknownQuarantined, AlreadySettled, InvalidValues),
    example={"reason": "A test order of the shop."},
)
def discard_quarantined(number: int) -> Response:
    """Settle an item for good without a fact; it stays, with the reason and who gave it."""
    act = _act(body_as(DiscardOrder).reason)
    return json_answer(_shown(quarantining.discard(wiring().engine, number, act)))


def _act(reason: str | None = None) -> Act:
    return Act(wiring().clock(), actor(), reason, trace_id=trace_id())


def _shown(item: Quarantined) -> dict[str, object]:
    """Give the fields as `QuarantinedItem` documents them."""
    whole = Scope.QUARANTINE_WRITE in present_key().scopes
    settlement = item.settlement
    errors = [field_error(problem) for problem in item.problems]
    return {
        "number": item.number,
        "kind": item.kind,
        "state": item.state,
        "item_id": item.item_id,
        "received_at": item.received_at,
        "sender": item.sender,
        "errors": [
            {
                "field": error.field,
                "value": error.value if whole else None,
                "message": error.message,
                "way_out": error.way_out,
            }
            for error in errors
        ],
        "payload": item.payload if whole else None,
        "settled_at": settlement.at if settlement else None,
        "settled_by": settlement.by if settlement else None,
        "reason": settlement.reason if settlement else None,
        "correction": settlement.correction if settlement and whole else None,
    }


def _replayed(replay: Replay) -> dict[str, object]:
    return {
        "number": replay.number,
        "outcome": replay.outcome,
        "errors": [field_error(problem) for problem in replay.problems],
    }
