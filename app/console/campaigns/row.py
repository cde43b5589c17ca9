"""Puts one campaign on a line: state, verdict, lift, days left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.console.campaigns.digest_words import interval_of, verdict_badge
from app.console.campaigns.frame import address_of_campaign
from app.console.campaigns.state_words import badge_of
from experiments.campaign import State

if TYPE_CHECKING:
    from datetime import datetime

    from app.analysis.digest import Digest
    from app.console.campaigns.digest_words import Interval
    from app.console.campaigns.state_words import Badge
    from app.language import Words
    from app.report.formatting import Formats
    from experiments.campaign import Campaign

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in a list.

    Attributes:
        name: Its key where nobody named it.
        verdict: Of its newest scorecard; None where it has none.
        lift: Of the metric that decides, with its interval; None where none may be quoted.
        when: How long it still runs, or since when it is over.
    """

    key: str
    name: str
    address: str
    state: Badge
    verdict: Badge | None
    lift: Interval | None
    when: str
    owner: str


def row_of(
    campaign: Campaign,
    digest: Digest | None,
    *,
    reach: float,
    now: datetime,
    formats: Formats,
    words: Words,
) -> Row:
    """Give the line of a campaign.

    Args:
        campaign: Which.
        digest: Of its newest scorecard, if there is one.
        reach: How far from 0 the axis of the lifts goes.
        now: The moment.
        formats: How numbers and times are written.
        words: Of the reader.
    """
    return Row(
        key=campaign.key,
        name=campaign.design.name or campaign.key,
        address=address_of_campaign(campaign.key),
        state=badge_of(campaign.state_at(now), words),
        verdict=verdict_badge(digest, words),
        lift=interval_of(digest, campaign.design, reach, formats, words),
        when=when_words(campaign, now, formats, words),
        owner=campaign.design.owner,
    )


def when_words(campaign: Campaign, now: datetime, formats: Formats, words: Words) -> str:
    """Say how long a campaign still runs, when it starts, or since when it is over."""
    state, phase, ends_at = campaign.state_at(now), campaign.phase, campaign.design.ends_at
    match state:
        case State.DRAFT:
            return words.say("Not launched")
        case State.SCHEDULED if phase is not None:
            days = _days(now, phase.started_at)
            return words.say_many(
                "Starts in {days} day", "Starts in {days} days", days, days=formats.count(days).text
            )
        case State.RUNNING | State.PAUSED if ends_at is None:
            return words.say("No end is set")
        case State.RUNNING | State.PAUSED if ends_at is not None and ends_at > now:
            days = _days(now, ends_at)
            return words.say_many(
                "{days} day left", "{days} days left", days, days=formats.count(days).text
            )
        case _:
            over = phase.ended_at if phase is not None and phase.ended_at is not None else ends_at
            if over is None:
                return words.say("Never launched") if phase is None else ""
            return words.say("Ended {day}", day=formats.day(over.astimezone(formats.zone).date()))


def _days(now: datetime, until: datetime) -> int:
    """Give the days until a moment, begun ones counted."""
    return int(-(-(until - now).total_seconds() // DAY_S))
