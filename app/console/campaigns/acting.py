"""Says who does something to a campaign, and whether somebody else was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from app.console.campaigns.state_words import STATES
from app.console.context import person, wiring, words
from experiments.lifecycle import Act

if TYPE_CHECKING:
    from experiments.campaign import Campaign

REASON_LENGTH = 5_000


def act(reason: str | None = None) -> Act:
    """Give who acts now, and why."""
    why = (reason or "").strip()[:REASON_LENGTH] or None
    return Act(
        wiring().clock(),
        f"user {person().user.user_id}",
        why,
        trace_id=str(g.get("trace_id", "")) or None,
    )


def has_changed(campaign: Campaign) -> bool:
    """Say whether a campaign is another than when the form that was sent was shown."""
    return request.form.get("version", "") != str(campaign.version)


def changed_words(campaign: Campaign) -> str:
    """Say that somebody else was faster, and how the campaign is now."""
    say = words().say
    state = say(STATES[campaign.state_at(wiring().clock())])
    return say(
        "Somebody changed this campaign meanwhile; nothing was done. Its state is now: {state}. "
        "Read what stands here now, and confirm again if you still want it.",
        state=state,
    )
