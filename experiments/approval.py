"""Decides who may approve a campaign, and whether it may be launched with what was approved.

Four eyes: whoever made or changed the campaign, or asks for the approval, does not give it. An
approval is of the campaign as it was; a change after it needs another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from experiments.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from experiments.campaign import Campaign


class Answer(StrEnum):
    """What became of a request for approval."""

    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Approval:
    """A request for the approval of a campaign, and its answer.

    Attributes:
        campaign_version: Of the campaign when it was asked for.
        asked_by: Actor: ``user ID`` or ``key ID``.
        note: For whoever approves.
        answer: None while it waits.
        reason: Why it was answered so; a refusal has one.
    """

    number: int
    campaign_key: str
    campaign_version: int
    asked_by: str
    asked_at: datetime
    note: str | None = None
    answer: Answer | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    reason: str | None = None


def approves(approval: Approval, campaign: Campaign) -> bool:
    """Say whether an approval is of the campaign as it is now."""
    is_given = approval.answer is Answer.APPROVED
    return is_given and approval.campaign_version == campaign.version


def launch_refusal(campaign: Campaign, approvals: Sequence[Approval]) -> Problem | None:
    """Give what keeps a campaign that needs an approval from its launch, or None."""
    if any(approves(one, campaign) for one in approvals):
        return None
    was_given = any(one.answer is Answer.APPROVED for one in approvals)
    return Problem(
        "approval",
        None,
        "was changed since it was approved" if was_given else "is not approved",
        "Ask for an approval in the console; somebody else than who made the campaign gives it.",
    )


def answer_refusal(approval: Approval, makers: Sequence[str], actor: str) -> Problem | None:
    """Give why somebody may not answer a request, or None."""
    if actor == approval.asked_by or actor in makers:
        return Problem(
            "answer",
            actor,
            "cannot be given by who made the campaign, changed it or asks",
            "Ask somebody else with the permission campaigns:approve.",
        )
    return None
