"""Shows what a campaign needs before its launch, and ticks what people tick."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.analysis import FactSource, readiness_of
from app.analysis.readiness import CheckKind, CheckState
from app.api.answers import json_answer
from app.api.context import actor, wiring
from app.api.operation import operation
from app.auth import Scope
from experiments.errors import IllegalMove, UnknownCampaign, UnknownItem
from experiments.ticking import tick_item, untick_item

if TYPE_CHECKING:
    from flask import Response

    from app.analysis import AutomaticCheck
    from experiments.checklist import Item

blueprint = APIBlueprint("checklist", __name__, tag="Campaigns")

_KEY = {"key": "Key of the campaign."}
_ITEM = {**_KEY, "item": "Key of the item, as the checklist gives it."}


class InTheWay(BaseModel):
    """Something that keeps the campaign from its launch."""

    field: str
    message: str
    way_out: str


class CheckShown(BaseModel):
    """Something that is looked at before every launch."""

    check: CheckKind
    state: CheckState
    problems: Annotated[list[InTheWay], Field(description="What is in the way.")]
    told: Annotated[list[str], Field(description="What to think about, in sentences.")]
    allowed_by: Annotated[
        str | None, Field(description="What a launch is told to leave it aside; null: nothing.")
    ]


class ItemShown(BaseModel):
    """Something that people tick."""

    item: Annotated[str, Field(description="Its key; another text has another one.")]
    text: str
    of_programme: Annotated[bool, Field(description="Whether every campaign has it.")]
    ticked_by: Annotated[str | None, Field(description="Null while it is open.")]
    ticked_at: datetime | None


class ChecklistShown(BaseModel):
    """What a campaign needs before its launch."""

    ready: Annotated[
        bool, Field(description="Whether a launch that leaves nothing aside would be taken.")
    ]
    automatic: list[CheckShown]
    custom: list[ItemShown]


@blueprint.get("/v1/campaigns/<key>/checklist")
@operation(
    scope=Scope.CAMPAIGNS_READ, answer=ChecklistShown, path=_KEY, problems=(UnknownCampaign,)
)
def read_checklist(key: str) -> Response:
    """Give what is looked at before the launch of a campaign, and what people have to tick."""
    parts = wiring()
    source = FactSource.of(parts.settings)
    found = readiness_of(parts.engine, key, parts.clock(), source)
    return json_answer(
        {
            "ready": found.is_ready,
            "automatic": [_check(one) for one in found.checks],
            "custom": [_item(one) for one in found.items],
        }
    )


@blueprint.put("/v1/campaigns/<key>/checklist/<item>")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    answer=ItemShown,
    path=_ITEM,
    problems=(UnknownCampaign, UnknownItem, IllegalMove),
)
def tick_checklist_item(key: str, item: str) -> Response:
    """Tick an item of a draft; ticked before, it stays as it is."""
    parts = wiring()
    return json_answer(_item(tick_item(parts.engine, key, item, actor(), parts.clock())))


@blueprint.delete("/v1/campaigns/<key>/checklist/<item>")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    answer=ItemShown,
    path=_ITEM,
    problems=(UnknownCampaign, UnknownItem, IllegalMove),
)
def untick_checklist_item(key: str, item: str) -> Response:
    """Take the tick of an item back."""
    parts = wiring()
    return json_answer(_item(untick_item(parts.engine, key, item, actor(), parts.clock())))


def _check(one: AutomaticCheck) -> dict[str, object]:
    problems = [
        {"field": problem.field, "message": problem.message, "way_out": problem.way_out}
        for problem in one.problems
    ]
    return {"check": one.kind, "state": one.state, "problems": problems, "told": list(one.told),
            "allowed_by": one.allowed_by}  # fmt: skip


def _item(one: Item) -> dict[str, object]:
    return {
        "item": one.key,
        "text": one.text,
        "of_programme": one.is_of_programme,
        "ticked_by": one.tick.by if one.tick is not None else None,
        "ticked_at": one.tick.at if one.tick is not None else None,
    }
