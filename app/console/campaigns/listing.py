"""The list of all campaigns, to search and to filter by state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, request

from app.analysis.digest import newest_digests
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.digest_words import widest
from app.console.campaigns.frame import address_of_campaign, is_page
from app.console.campaigns.row import row_of
from app.console.campaigns.state_words import STATES
from app.console.context import formats, person, programme, wiring, words
from app.console.rendering import is_part, show, show_part
from app.language import marked
from experiments.campaign import State
from experiments.lifecycle import list_campaigns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.console.campaigns.row import Row
    from experiments.campaign import Campaign

blueprint = Blueprint("campaigns", __name__)

PRESENT: Final = ""
EVERYTHING: Final = "all"
LONGEST_SEARCH: Final = 200
_ORDER: Final = (
    State.RUNNING,
    State.PAUSED,
    State.SCHEDULED,
    State.STOPPED,
    State.DRAFT,
    State.DECIDED,
    State.ARCHIVED,
)
_FILTERS: Final = (
    (PRESENT, marked("All but the archive")),
    *((str(state), label) for state, label in STATES.items()),
    (EVERYTHING, marked("All")),
)


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """The list.

    Attributes:
        search: As it was typed.
        chosen: Of `states`.
        states: What can be chosen, as value and text.
        rows: The campaigns found.
        found: How many, in words.
        total: How many there are.
        has_programme: Whether the programme is set up.
        new_address: Of the form for a new campaign; empty where the reader may not use it.
    """

    template: ClassVar[str] = "console/campaigns/list.html"
    title: str
    search: str
    chosen: str
    states: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    found: str
    total: int
    has_programme: bool
    new_address: str


@blueprint.get("/campaigns")
@open_to(Scope.CAMPAIGNS_READ)
def campaigns() -> tuple[str, int] | str:
    """Show the list; its rows alone where htmx asks for them."""
    page = _page(request.args.get("q", "")[:LONGEST_SEARCH], request.args.get("state", PRESENT))
    return show_part("console/campaigns/_list.html", page=page) if is_part() else show(page)


def new_campaign_address() -> str:
    """Give the address of the form for a new campaign; empty where the reader may not use it."""
    address = address_of_campaign("new")
    return address if person().may(Scope.CAMPAIGNS_WRITE) and is_page(address) else ""


def _page(search: str, chosen: str) -> CampaignsPage:
    parts, say = wiring(), words().say
    now = parts.clock()
    everything, digests = list_campaigns(parts.engine), newest_digests(parts.engine)
    if chosen not in {value for value, _ in _FILTERS}:
        chosen = PRESENT
    found = sorted_by_life(_matching(everything, search, chosen, now), now)
    reach = widest(digests)
    rows = tuple(
        row_of(one, digests.get(one.key), reach=reach, now=now, formats=formats(), words=words())
        for one in found
    )
    return CampaignsPage(
        title=say("Campaigns"),
        search=search,
        chosen=chosen,
        states=tuple((value, say(label)) for value, label in _FILTERS),
        rows=rows,
        found=words().say_many(
            "{count} campaign",
            "{count} campaigns",
            len(rows),
            count=formats().count(len(rows)).text,
        ),
        total=len(everything),
        has_programme=programme() is not None,
        new_address=new_campaign_address(),
    )


def sorted_by_life(found: Sequence[Campaign], now: datetime) -> list[Campaign]:
    """Give campaigns in the order in which they concern people: what runs first, newest first."""
    newest = sorted(found, key=lambda one: one.updated_at, reverse=True)
    return sorted(newest, key=lambda one: _ORDER.index(one.state_at(now)))


def _matching(
    everything: Sequence[Campaign], search: str, chosen: str, now: datetime
) -> list[Campaign]:
    wanted = search.casefold().split()
    return [
        one
        for one in everything
        if _is_chosen(one.state_at(now), chosen) and all(word in _text(one) for word in wanted)
    ]


def _is_chosen(state: State, chosen: str) -> bool:
    match chosen:
        case "all":
            return True
        case "":
            return state is not State.ARCHIVED
        case _:
            return state == chosen


def _text(campaign: Campaign) -> str:
    design = campaign.design
    return f"{design.key} {design.name} {design.owner} {design.hypothesis}".casefold()
