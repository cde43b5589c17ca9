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
    from collections.abc import Set as AbstractSet
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
        "Ask for an approval in the console, with POST "
        f"/v1/campaigns/{campaign.key}/approvals, or with tierlift campaign approval ask "
        f"{campaign.key}; somebody else than who made the campaign gives it.",
    )


def phase_refusal(campaign_key: str) -> Problem:
    """Give why a campaign that needs an approval starts no new phase: nobody approved that."""
    return Problem(
        "new_phase",
        campaign_key,
        "would start without an approval, which the programme requires",
        "Duplicate the campaign as a draft, have that approved, stop this one and launch it.",
    )


def answer_refusal(involved: AbstractSet[str], actors: AbstractSet[str]) -> Problem | None:
    """Give why somebody may not answer a request, or None.

    Args:
        involved: Who made the campaign, changed it or asks, with whoever they stand for.
        actors: Who answers, likewise.
    """
    if not involved.isdisjoint(actors):
        return Problem(
            "answer",
            ", ".join(sorted(involved & actors)),
            "cannot be given by who made the campaign, changed it or asks",
            "Ask somebody else with the permission campaigns:approve. A key counts as who made it.",
        )
    return None
