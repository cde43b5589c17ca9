"""Every rule by which campaigns take members: in words, where it is used, and whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, request, url_for

from app.analysis import count_audience
from app.analysis.digest import newest_digests
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.design_words import audience_alternatives
from app.console.campaigns.frame import address_of_campaign
from app.console.campaigns.listing import new_campaign_address
from app.console.campaigns.state_words import Badge, badge_of
from app.console.context import formats, person, programme, wiring, words
from app.console.new.audience_reach import reach_shown
from app.console.new.showing import setting
from app.console.rendering import is_part, show, show_part
from experiments.campaign import AssignedBy, State
from experiments.lifecycle import find_campaign, list_campaigns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.analysis.digest import Digest
    from app.console.new.audience_reach import Reach
    from experiments.campaign import Campaign

blueprint = Blueprint("audiences", __name__, url_prefix="/audiences")

EVERYTHING: Final = "all"
IN_USE: Final = frozenset({State.DRAFT, State.SCHEDULED, State.RUNNING, State.PAUSED})


@dataclass(frozen=True, slots=True)
class AudienceUse:
    """A campaign that takes members by the rule.

    Attributes:
        key: Of the campaign.
        reached: How many it reached when its newest scorecard was made; empty without one.
        count_address: Where it is counted now; empty where another system makes its split.
    """

    key: str
    name: str
    address: str
    state: Badge
    reached: str
    count_address: str


@dataclass(frozen=True, slots=True)
class AudienceShown:
    """A rule.

    Attributes:
        number: From 1, for its heading.
        sentences: Alternatives of conditions; empty where everybody may enter.
        uses: Campaigns with just this rule.
    """

    number: int
    sentences: tuple[tuple[str, ...], ...]
    uses: tuple[AudienceUse, ...]


@dataclass(frozen=True, slots=True)
class AudiencesPage:
    """All rules.

    Attributes:
        is_everything: Whether those of campaigns that are over are shown, too.
        other_address: Of the page that shows the others, too, or no more.
        export_address: How members of an audience are exported; empty where the reader may not.
    """

    template: ClassVar[str] = "console/audiences/list.html"
    title: str
    audiences: tuple[AudienceShown, ...]
    is_everything: bool
    other_address: str
    export_address: str
    new_address: str


@dataclass(frozen=True, slots=True)
class AudienceCountPage:
    """Whom a campaign would take now.

    Attributes:
        sentences: Its rule.
    """

    template: ClassVar[str] = "console/audiences/count.html"
    title: str
    sentences: tuple[tuple[str, ...], ...]
    reach: Reach
    list_address: str


@blueprint.get("/")
@open_to(Scope.CAMPAIGNS_READ)
def listing() -> tuple[str, int]:
    """List the rules; nobody is counted."""
    parts, now = wiring(), wiring().clock()
    is_everything = request.args.get("state") == EVERYTHING
    here = [
        one for one in list_campaigns(parts.engine) if is_everything or one.state_at(now) in IN_USE
    ]
    here = here if programme() is not None else []
    other = None if is_everything else EVERYTHING
    may_export = person().may(Scope.CAMPAIGNS_WRITE)
    return show(
        AudiencesPage(
            title=words().say("Audiences"),
            audiences=_audiences(here),
            is_everything=is_everything,
            other_address=url_for("console.audiences.listing", state=other),
            export_address=f"{url_for('console.help.index')}how-to/assign-in-bulk"
            if may_export
            else "",
            new_address=new_campaign_address(),
        )
    )


@blueprint.post("/<key>/count")
@open_to(Scope.CAMPAIGNS_READ)
def count(key: str) -> tuple[str, int] | str:
    """Count whom a campaign would take now; the count alone where htmx asks for it."""
    parts, place = wiring(), setting()
    campaign = find_campaign(parts.engine, key)
    page = AudienceCountPage(
        title=words().say("Audience of {name}", name=campaign.design.name or key),
        sentences=audience_alternatives(campaign.design, place),
        reach=reach_shown(count_audience(parts.engine, key, parts.clock()), place),
        list_address=url_for("console.audiences.listing"),
    )
    if is_part():
        return show_part("console/new/_reach.html", reach=page.reach, sentences=page.sentences)
    return show(page)


def _audiences(campaigns: list[Campaign]) -> tuple[AudienceShown, ...]:
    if not campaigns:
        return ()
    digests, place = newest_digests(wiring().engine), setting()
    by_rule: dict[tuple[tuple[str, ...], ...], list[Campaign]] = {}
    for one in sorted(campaigns, key=lambda one: one.updated_at, reverse=True):
        by_rule.setdefault(audience_alternatives(one.design, place), []).append(one)
    return tuple(
        AudienceShown(number, sentences, tuple(_use(one, digests) for one in uses))
        for number, (sentences, uses) in enumerate(by_rule.items(), 1)
    )


def _use(campaign: Campaign, digests: Mapping[str, Digest]) -> AudienceUse:
    design, digest = campaign.design, digests.get(campaign.key)
    is_ours = design.assigned_by is AssignedBy.TIERLIFT
    return AudienceUse(
        key=design.key,
        name=design.name or design.key,
        address=address_of_campaign(design.key, "setup"),
        state=badge_of(campaign.state_at(wiring().clock()), words()),
        reached=_reached(digest) if digest else "",
        count_address=url_for("console.audiences.count", key=design.key) if is_ours else "",
    )


def _reached(digest: Digest) -> str:
    reach = digest.reach
    if reach is None:
        return ""
    return words().say(
        "{eligible} of {members} members on {day}",
        eligible=formats().count(reach.eligible).text,
        members=formats().count(reach.members).text,
        day=formats().day(digest.as_of.astimezone(formats().zone).date()),
    )
