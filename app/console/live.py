"""What arrives for a campaign right now; the page asks again by itself every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint

from app.analysis.arriving import arriving
from app.analysis.digest import newest_digests
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.assets import address_of
from app.console.campaigns.frame import TabName, address_of_campaign, framed
from app.console.context import formats, wiring, words
from app.console.refusals import in_words
from app.console.rendering import is_part, show, show_part
from app.language import marked
from experiments.campaign import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from app.analysis.arriving import Arriving
    from app.analysis.digest import Digest
    from app.console.campaigns.frame import Frame
    from experiments.campaign import CampaignDesign

blueprint = Blueprint("campaign_live", __name__)

MINUTES: Final = 60
BAR: Final = 4
HEIGHT: Final = 40

IDLE: Final[Mapping[State, str]] = {
    State.DRAFT: marked("This campaign is a draft: nothing can arrive before its launch."),
    State.SCHEDULED: marked("This campaign is scheduled: nothing arrives before its start."),
    State.PAUSED: marked("This campaign is paused: everyone gets the default offer."),
    State.STOPPED: marked("This campaign is stopped: nobody is exposed any more."),
    State.DECIDED: marked("This campaign is decided: nobody is exposed any more."),
    State.ARCHIVED: marked("This campaign is archived: nobody is exposed any more."),
}
KINDS: Final[Mapping[str, str]] = {
    "exposure": marked("Exposure"),
    "conversion": marked("Conversion"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A minute as a bar: its place from the left, its top and its height."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class VariantLine:
    """A variant: what was planned, what is seen.

    Attributes:
        bars: Exposures per minute, the oldest first; those without any left out.
        label: The bars in words.
        exposures: Of the last hour.
        share: Of the last hour's exposures; a dash without any.
        so_far: Share of all who are counted in the newest stored results; empty without them.
        by_minute: Exposures of every minute, the oldest first.
    """

    name: str
    planned: str
    exposures: str
    share: str
    so_far: str
    bars: tuple[Bar, ...]
    label: str
    by_minute: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event and how many arrived; one that is awaited may have none."""

    event: str
    arrived: str
    is_awaited: bool
    is_missing: bool


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A reason for which items are held back."""

    kind: str
    field: str
    message: str
    items: str


@dataclass(frozen=True, slots=True)
class LivePage:
    """What arrives.

    Attributes:
        idle: Why nothing may arrive; empty while the campaign runs.
        total: Exposures of the last hour, in words.
        minutes: When each minute of `VariantLine.by_minute` began.
        bounded: That not the whole hour was looked at; empty where it was.
        refused_note: That more are held back than were looked at; empty otherwise.
        catalogue: Which catalogue is served and since when.
        updated: When this was read.
        part_address: Where the part that updates itself comes from.
        width, height: Of the drawing.
        script: That pauses the updating.
    """

    template: ClassVar[str] = "console/campaign/live.html"
    title: str
    frame: Frame
    idle: str
    total: str
    variants: tuple[VariantLine, ...]
    minutes: tuple[str, ...]
    events: tuple[EventLine, ...]
    refused: tuple[RefusedLine, ...]
    bounded: str
    refused_note: str
    catalogue: str
    updated: str
    part_address: str
    script: str
    width: int = MINUTES * BAR
    height: int = HEIGHT


@blueprint.get("/campaigns/<key>/live")
@open_to(Scope.CAMPAIGNS_READ)
def live(key: str) -> tuple[str, int] | str:
    """Show the page; the part that updates itself where htmx asks for it."""
    page = _page(key)
    return show_part("console/campaign/_live.html", page=page) if is_part() else show(page)


def _page(key: str) -> LivePage:
    parts, say, many = wiring(), words().say, words().say_many
    now = parts.clock()
    campaign, frame = framed(key, TabName.LIVE)
    found = arriving(parts.engine, key, now)
    state = campaign.state_at(now)
    digest = newest_digests(parts.engine).get(key)
    minutes = _minutes(now)
    total = sum(one.exposures for one in found.exposures.counts)
    complete_from = max(found.exposures.complete_from, found.events.complete_from)
    return LivePage(
        title=frame.title,
        frame=frame,
        idle=say(IDLE[state]) if state in IDLE else "",
        total=many(
            "{count} exposure arrived in the last hour.",
            "{count} exposures arrived in the last hour.",
            total,
            count=formats().count(total).text,
        ),
        variants=tuple(_variants(campaign.design, found, digest, minutes)),
        minutes=tuple(_clock(minute) for minute in minutes),
        events=tuple(_events(found)),
        refused=tuple(
            RefusedLine(say(KINDS[one.kind]), one.field, in_words(one.message, words()),
                        formats().count(one.items).text)
            for one in found.refused
        ),
        bounded=say(
            "Only the newest facts are looked at, and so many arrive that what came before {time} "
            "is left out here.",
            time=_clock(complete_from),
        )
        if complete_from > found.since
        else "",
        refused_note=""
        if found.refused_all
        else say("More were held back than are counted here; the quarantine has all of them."),
        catalogue=_catalogue(found, now),
        updated=say("Read at {time}", time=_clock(now, seconds=True)),
        part_address=address_of_campaign(key, "live"),
        script=address_of("live.js"),
    )  # fmt: skip


def _minutes(now: datetime) -> tuple[datetime, ...]:
    present = now.replace(second=0, microsecond=0)
    return tuple(present - timedelta(minutes=ago) for ago in range(MINUTES - 1, -1, -1))


def _clock(moment: datetime, *, seconds: bool = False) -> str:
    local = moment.astimezone(formats().zone)
    return local.strftime("%H:%M:%S" if seconds else "%H:%M")


def _variants(
    design: CampaignDesign, found: Arriving, digest: Digest | None, minutes: tuple[datetime, ...]
) -> Iterator[VariantLine]:
    say, write = words().say, formats()
    counts = {(one.variant, one.minute): one.exposures for one in found.exposures.counts}
    by_variant = {
        one.key: [counts.get((one.key, minute), 0) for minute in minutes] for one in design.variants
    }
    total = sum(map(sum, by_variant.values()))
    highest = max((max(one) for one in by_variant.values()), default=0)
    for variant in design.variants:
        each = by_variant[variant.key]
        share = write.share(sum(each) / total, 1).text if total else "\N{EN DASH}"
        so_far = ""
        if digest is not None and digest.units:
            so_far = write.share(digest.variants.get(variant.key, 0) / digest.units, 1).text
        yield VariantLine(
            name=variant.name or variant.key,
            planned=write.exact_share(variant.planned_share / 100).text,
            exposures=write.count(sum(each)).text,
            share=share,
            so_far=so_far,
            bars=tuple(_bars(each, highest)),
            label=say(
                "Exposures of {variant} per minute: {count} in the last hour, {most} in the "
                "busiest minute.",
                variant=variant.name or variant.key,
                count=write.count(sum(each)).text,
                most=write.count(max(each)).text,
            ),
            by_minute=tuple(write.count(one).text for one in each),
        )


def _bars(counts: list[int], highest: int) -> Iterator[Bar]:
    for place, count in enumerate(counts):
        if count:
            height = round(max(1.0, count / highest * HEIGHT), 1)
            yield Bar(place * BAR, round(HEIGHT - height, 1), height)


def _events(found: Arriving) -> Iterator[EventLine]:
    for event in sorted({*found.awaited, *found.events.counts}):
        arrived = found.events.counts.get(event, 0)
        is_awaited = event in found.awaited
        yield EventLine(
            event, formats().count(arrived).text, is_awaited, is_awaited and not arrived
        )


def _catalogue(found: Arriving, now: datetime) -> str:
    say, revision = words().say, formats().count(found.revision).text
    if found.changed_at is None:
        return say("Catalogue {revision}; nothing was changed yet.", revision=revision)
    age = now - found.changed_at
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return say(
            "Catalogue {revision}, changed less than a minute ago; every server process follows "
            "within a second.",
            revision=revision,
        )
    return say(
        "Catalogue {revision}, last changed {when}; every server process follows a change within a "
        "second.",
        revision=revision,
        when=formats().moment(found.changed_at).text,
    )
