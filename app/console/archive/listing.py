"""The archive: every campaign that is over, to search, and above them what offers of a kind do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.analysis.ended import ended_campaigns, matching
from app.analysis.pooling import pool_by_kind
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.archive.place import (
    ROWS,
    asked,
    blueprint,
    choices_of,
    first_row,
    kind_name,
    page_address,
)
from app.console.archive.shown import kind_rows, left_out_rows, level
from app.console.campaigns.digest_words import interval_of, verdict_badge, widest
from app.console.campaigns.frame import address_of_campaign
from app.console.campaigns.history import DECISIONS
from app.console.context import formats, wiring, words
from app.console.rendering import is_part, show, show_part

if TYPE_CHECKING:
    from app.analysis.ended import Ended
    from app.console.archive.place import Choices
    from app.console.archive.shown import KindRow, LeftOutRow
    from app.console.campaigns.digest_words import Interval
    from app.console.campaigns.state_words import Badge


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """A campaign that is over.

    Attributes:
        tried: The kinds of offers, in words.
        when: From when until when.
        verdict: Of its newest scorecard; None where it has none.
        lift: Of the metric that decided; None where none may be quoted.
        decision: What was decided; empty where nothing was.
        learned: What its memo says was learnt, else why it was decided so or ended.
    """

    key: str
    name: str
    address: str
    tried: tuple[str, ...]
    when: str
    verdict: Badge | None
    lift: Interval | None
    decision: str
    learned: str


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """The archive.

    Attributes:
        total: How many campaigns are over.
        found: How many were found, in words.
        about: What is pooled, and how to read it.
        kinds: Pooled effects of what was found.
        left_out: Campaigns found that enter no mean.
        later_address: Of those found that ended after these; empty where there are none.
        earlier_address: Of those that ended before them; likewise.
    """

    template: ClassVar[str] = "console/archive/archive.html"
    title: str
    choices: Choices
    total: int
    found: str
    rows: tuple[ArchiveRow, ...]
    about: str
    kinds: tuple[KindRow, ...]
    left_out: tuple[LeftOutRow, ...]
    campaigns_address: str
    later_address: str
    earlier_address: str


@blueprint.get("/")
@open_to(Scope.REPORTS_READ)
def archive() -> tuple[str, int] | str:
    """Show the archive; what was found alone where htmx asks for it."""
    page = _page()
    return show_part("console/archive/_found.html", page=page) if is_part() else show(page)


def _page() -> ArchivePage:
    parts, search = wiring(), asked()
    ended = ended_campaigns(parts.engine, parts.clock())
    choices = choices_of(ended, search)
    found = matching(ended, search, formats().zone)
    pooling = pool_by_kind(found, metric=search.metric, offer_kind=search.offer_kind)
    first = first_row(len(found))
    reach = widest({one.campaign.key: one.digest for one in found if one.digest is not None})
    return ArchivePage(
        title=words().say("Archive"),
        choices=choices,
        total=len(ended),
        found=words().say_many(
            "{count} campaign that is over",
            "{count} campaigns that are over",
            len(found),
            count=formats().count(len(found)).text,
        ),
        rows=tuple(_row(one, reach) for one in found[first : first + ROWS]),
        later_address=page_address(search, max(0, first - ROWS)) if first else "",
        earlier_address=page_address(search, first + ROWS) if found[first + ROWS :] else "",
        about=_about(dict(choices.metrics).get(search.metric, ""), search.metric),
        kinds=kind_rows(pooling, search),
        left_out=left_out_rows(pooling),
        campaigns_address=address_of_campaign("").rstrip("/"),
    )


def _about(name: str, metric: str) -> str:
    say = words().say
    if not metric:
        return say(
            "Lift of each campaign's deciding metric, averaged over the campaigns found, with "
            "{level} intervals. A single winner promises too much: plan by what is expected of the "
            "next campaign.",
            level=level(),
        )
    return say(
        "Lift of {metric}, averaged over the campaigns found, with {level} intervals. A single "
        "winner promises too much: plan by what is expected of the next campaign.",
        metric=name or metric,
        level=level(),
    )


def _row(one: Ended, reach: float) -> ArchiveRow:
    design, learning = one.campaign.design, one.learning
    shipped = design.variant(learning.treatment or "")
    decision = DECISIONS.get(learning.choice or "")
    return ArchiveRow(
        key=design.key,
        name=design.name or design.key,
        address=address_of_campaign(design.key),
        tried=tuple(dict.fromkeys(kind_name(kind) for kind in one.offer_kinds.values())),
        when=_when(one),
        verdict=verdict_badge(one.digest, words()),
        lift=interval_of(one.digest, design, reach, formats(), words()),
        decision=words().say(decision, treatment=(shipped.name or shipped.key) if shipped else "")
        if decision
        else "",
        learned=learning.learned or learning.reason,
    )


def _when(one: Ended) -> str:
    zone, say = formats().zone, words().say
    if one.started_at is None:
        return say("Never launched")
    first = formats().day(one.started_at.astimezone(zone).date())
    phase = one.campaign.phase
    if phase is None or phase.ended_at is None:
        return first
    last = formats().day(phase.ended_at.astimezone(zone).date())
    return say("{first} to {last}", first=first, last=last)
