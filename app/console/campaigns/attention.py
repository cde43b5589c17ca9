"""Finds what somebody should look at: trust, budgets, decisions due, approvals, refused items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.auth.keys import Scope
from app.console.campaigns.digest_words import VERDICTS, flag_words
from app.console.campaigns.frame import address_of_campaign, is_page
from app.console.campaigns.setup import bound_words
from app.console.context import formats, person, wiring, words
from experiments.approving import waiting_approvals
from experiments.campaign import State
from experiments.quarantining import open_items
from experiments.spending import spending_of
from stats.decision.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from app.analysis.digest import Digest
    from experiments.campaign import Campaign

NEARLY: Final = 0.8
"""From this part of a budget on, people are told."""

_WATCHED: Final = frozenset({State.RUNNING, State.PAUSED, State.STOPPED})
_CLEAR: Final = frozenset({Verdict.SHIP, Verdict.DO_NOT_SHIP})


@dataclass(frozen=True, slots=True)
class Attention:
    """Something to look at.

    Attributes:
        tone: ``bad``, ``warn`` or ``busy``.
        kind: In a word or two.
        subject: The campaign's name; empty where it is about no single one.
        text: A sentence.
        address: Where to go.
        label: What to do there.
    """

    tone: str
    kind: str
    subject: str
    text: str
    address: str
    label: str


def attention_of(
    campaigns: Sequence[Campaign], digests: Mapping[str, Digest], now: datetime
) -> tuple[Attention, ...]:
    """Give what needs attention, the worst first."""
    found = [
        *_approvals(campaigns),
        *(
            one
            for campaign in campaigns
            if campaign.state_at(now) in _WATCHED
            for one in _of_campaign(campaign, digests.get(campaign.key), now)
        ),
        *_quarantine(),
    ]
    order = ("bad", "busy", "warn")
    return tuple(sorted(found, key=lambda one: order.index(one.tone)))


def _of_campaign(campaign: Campaign, digest: Digest | None, now: datetime) -> Iterator[Attention]:
    if digest is not None:
        yield from _flags(campaign, digest)
    yield from _due(campaign, digest, now)
    if campaign.design.is_capped and campaign.state_at(now) is not State.STOPPED:
        yield from _bounds(campaign, now)


def _flags(campaign: Campaign, digest: Digest) -> Iterator[Attention]:
    say = words().say
    for is_failure in (True, False):
        found = [flag_words(one, words()) for one in digest.flags if one.is_failure is is_failure]
        if found:
            yield Attention(
                tone="bad" if is_failure else "warn",
                kind=say("Check failed") if is_failure else say("Warning"),
                subject=_name(campaign),
                text=" · ".join(found),
                address=address_of_campaign(campaign.key),
                label=say("See the checks"),
            )


def _due(campaign: Campaign, digest: Digest | None, now: datetime) -> Iterator[Attention]:
    say, state, ends_at = words().say, campaign.state_at(now), campaign.design.ends_at
    decide = address_of_campaign(campaign.key, "decide")
    overview = address_of_campaign(campaign.key)
    if state is State.STOPPED:
        yield Attention(
            "busy", say("Decision due"), _name(campaign),
            say("The campaign is stopped, and nothing is decided yet."), decide, say("Decide"),
        )  # fmt: skip
    elif ends_at is not None and ends_at <= now:
        yield Attention(
            "busy", say("Decision due"), _name(campaign),
            say("It ended by its plan on {day}. Stop it, and decide.", day=_day(ends_at)),
            overview, say("See the results"),
        )  # fmt: skip
    elif digest is not None and digest.verdict in _CLEAR:
        yield Attention(
            "busy", say("Verdict"), _name(campaign),
            say(
                "It still runs, and its rule has a verdict: {verdict}.",
                verdict=say(VERDICTS[digest.verdict][0]),
            ),
            overview, say("See the results"),
        )  # fmt: skip
    else:
        looks = [one for one in campaign.design.analysis.looks.dates if one <= now]
        if looks and (digest is None or digest.as_of < looks[-1]):
            yield Attention(
                "busy", say("Look due"), _name(campaign),
                say("A planned look was due on {day}.", day=_day(looks[-1])),
                overview, say("See the results"),
            )  # fmt: skip


def _bounds(campaign: Campaign, now: datetime) -> Iterator[Attention]:
    say = words().say
    for left in spending_of(wiring().engine, campaign.key, now).left:
        what = bound_words(left.bound.resource, left.bound.subject, campaign.design)
        is_over = left.exhausted_at is not None or left.used >= left.bound.limit
        if not is_over and left.used < left.bound.limit * NEARLY:
            continue
        text = (
            say("{bound}: ran out. Nobody new enters.", bound=what)
            if is_over
            else say(
                "{bound}: {share} is used.",
                bound=what,
                share=formats().share(left.used / left.bound.limit, 0).text,
            )
        )
        yield Attention(
            "bad" if is_over else "warn", say("Budget"), _name(campaign), text,
            address_of_campaign(campaign.key, "setup"), say("See the budget"),
        )  # fmt: skip


def _approvals(campaigns: Sequence[Campaign]) -> Iterator[Attention]:
    say, names = words().say, {one.key: _name(one) for one in campaigns}
    for one in waiting_approvals(wiring().engine):
        yield Attention(
            "busy", say("Approval"), names.get(one.campaign_key, one.campaign_key),
            say("Somebody asks for an approval before it is launched."),
            address_of_campaign(one.campaign_key), say("See the campaign"),
        )  # fmt: skip


def _quarantine() -> Iterator[Attention]:
    waiting = sum(open_items(wiring().engine).values())
    if not waiting:
        return
    address = address_of_campaign("").removesuffix("campaigns/") + "quarantine"
    may = person().may(Scope.QUARANTINE_WRITE) and is_page(address)
    yield Attention(
        "warn", words().say("Quarantine"), "",
        words().say_many(
            "{count} item that was sent here could not be read as it is, and is held back.",
            "{count} items that were sent here could not be read as they are, and are held back.",
            waiting,
            count=formats().count(waiting).text,
        ),
        address if may else "", words().say("See what is held back"),
    )  # fmt: skip


def _name(campaign: Campaign) -> str:
    return campaign.design.name or campaign.key


def _day(moment: datetime) -> str:
    return formats().day(moment.astimezone(formats().zone).date())
