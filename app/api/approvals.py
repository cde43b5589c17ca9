"""Asks for the approval of a campaign, answers it and takes it back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import actor, wiring
from app.api.operation import operation
from app.api.requests import body_as, body_or_default
from app.auth import Scope
from experiments.approval import Answer, approves
from experiments.approving import answer_approval, approvals_of, ask_approval
from experiments.errors import (
    Conflict,
    IllegalMove,
    UnknownApproval,
    UnknownCampaign,
)
from experiments.lifecycle import find_campaign, find_programme

if TYPE_CHECKING:
    from flask import Response

    from experiments.approval import Approval

blueprint = APIBlueprint("approvals", __name__, tag="Campaigns")

_KEY = {"key": "Key of the campaign."}
_NUMBER = {**_KEY, "number": "Number of the request for approval."}


class Reply(StrEnum):
    """What somebody who may approve says."""

    APPROVED = "approved"
    REFUSED = "refused"


class ApprovalOrder(BaseModel):
    """What whoever approves should know."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=5_000, description="For whoever approves.")] = ""


class ReplySent(BaseModel):
    """The answer to a request."""

    model_config = ConfigDict(extra="forbid")

    answer: Annotated[Reply, Field(description="Whether the campaign may start as it is.")]
    reason: Annotated[str, Field(max_length=5_000, description="Why; required to refuse.")] = ""


class ApprovalShown(BaseModel):
    """A request for approval, and its answer."""

    number: int
    campaign_version: Annotated[
        int, Field(description="Of the campaign when it was asked for; an approval is of it.")
    ]
    asked_by: str
    asked_at: datetime
    note: str | None
    answer: Annotated[Answer | None, Field(description="Null while it waits.")]
    answered_by: str | None
    answered_at: datetime | None
    reason: str | None


class ApprovalsShown(BaseModel):
    """The requests for approval of a campaign, the oldest first."""

    required: Annotated[bool, Field(description="Whether a launch needs an approval.")]
    approved: Annotated[bool, Field(description="Whether the campaign is approved as it is now.")]
    approvals: list[ApprovalShown]


@blueprint.get("/v1/campaigns/<key>/approvals")
@operation(
    scope=Scope.CAMPAIGNS_READ, answer=ApprovalsShown, path=_KEY, problems=(UnknownCampaign,)
)
def list_approvals(key: str) -> Response:
    """Give the requests for approval of a campaign, the oldest first."""
    engine = wiring().engine
    campaign, programme = find_campaign(engine, key), find_programme(engine)
    found = approvals_of(engine, key)
    return json_answer(
        {
            "required": programme is not None and programme.approval_required,
            "approved": any(approves(one, campaign) for one in found),
            "approvals": [_fields(one) for one in found],
        }
    )


@blueprint.post("/v1/campaigns/<key>/approvals")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=ApprovalOrder,
    may_lack_body=True,
    answer=ApprovalShown,
    status=201,
    path=_KEY,
    problems=(UnknownCampaign, IllegalMove, Conflict),
    example={"note": "The gifts are ordered."},
)
def request_approval(key: str) -> Response:
    """Ask for the approval of a draft as it is now; a change after it needs another."""
    parts = wiring()
    sent = body_or_default(ApprovalOrder)
    asked = ask_approval(parts.engine, key, sent.note, actor(), parts.clock())
    return json_answer(_fields(asked), 201)


@blueprint.post("/v1/campaigns/<key>/approvals/<int:number>/answer")
@operation(
    scope=Scope.CAMPAIGNS_APPROVE,
    body=ReplySent,
    answer=ApprovalShown,
    path=_NUMBER,
    problems=(UnknownCampaign, UnknownApproval, Conflict),
    example={"answer": "approved"},
)
def reply_to_approval(key: str, number: int) -> Response:
    """Approve a campaign or refuse it.

    Whoever made the campaign, changed it or asks does not answer; a key that a person made in the
    console counts as that person.
    """
    sent = body_as(ReplySent)
    return _answered(key, number, Answer(sent.answer), sent.reason)


@blueprint.post("/v1/campaigns/<key>/approvals/<int:number>/withdraw")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    answer=ApprovalShown,
    path=_NUMBER,
    problems=(UnknownCampaign, UnknownApproval, Conflict),
)
def withdraw_approval(key: str, number: int) -> Response:
    """Take one's own request back."""
    return _answered(key, number, Answer.WITHDRAWN, "")


def _answered(key: str, number: int, answer: Answer, reason: str) -> Response:
    parts = wiring()
    answered = answer_approval(parts.engine, key, number, answer, reason, actor(), parts.clock())
    return json_answer(_fields(answered))


def _fields(one: Approval) -> dict[str, object]:
    return {name: getattr(one, name) for name in ApprovalShown.model_fields}
