"""Frames every page of one campaign: its name, state, dates, tabs and what may be done to it.

A page of a campaign has a `frame` and extends ``console/campaign/base.html``. A tab or an act
stands in the frame once its page is registered, and where the reader's role and the campaign's
state allow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.auth.keys import Scope
from app.console.campaigns.state_words import badge_of
from app.console.context import formats, signed_in, wiring, words
from app.language import marked
from experiments.campaign import LEGAL, Move, State
from experiments.lifecycle import find_campaign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.console.campaigns.state_words import Badge
    from app.language import Words
    from experiments.campaign import Campaign

MISSING: Final = "console.missing.nothing"


class TabName(StrEnum):
    """A tab, by the last part of its address; the overview has none."""

    OVERVIEW = ""
    LIVE = "live"
    HEALTH = "health"
    RESULTS = "results"
    FUNNEL = "funnel"
    TIME = "time"
    SEGMENTS = "segments"
    MONEY = "money"
    REPORTS = "reports"
    MEMO = "memo"
    SETUP = "setup"
    HISTORY = "history"


TAB_LABELS: Final = {
    TabName.OVERVIEW: marked("Overview"),
    TabName.LIVE: marked("Live"),
    TabName.HEALTH: marked("Health"),
    TabName.RESULTS: marked("Results"),
    TabName.FUNNEL: marked("Funnel"),
    TabName.TIME: marked("Over time"),
    TabName.SEGMENTS: marked("Segments"),
    TabName.MONEY: marked("Money"),
    TabName.REPORTS: marked("Reports"),
    TabName.MEMO: marked("Decision memo"),
    TabName.SETUP: marked("Setup"),
    TabName.HISTORY: marked("History"),
}

_ACTS: Final = {
    Move.LAUNCH: (marked("Launch"), "rocket", True),
    Move.RESUME: (marked("Resume"), "player-play", True),
    Move.DECIDE: (marked("Decide"), "gavel", True),
    Move.PAUSE: (marked("Pause"), "player-pause", False),
    Move.STOP: (marked("Stop"), "player-stop", False),
    Move.UNSCHEDULE: (marked("Unschedule"), "calendar-off", False),
    Move.ARCHIVE: (marked("Archive"), "archive", False),
}

_SAFE_EDITS: Final = frozenset({State.SCHEDULED, State.RUNNING, State.PAUSED})
_BEFORE_AN_END: Final = _SAFE_EDITS | {State.DRAFT}


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the campaign."""

    label: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Something that may be done to the campaign now, by whoever reads this.

    Attributes:
        label: In the reader's language.
        address: Of the page that says what will happen, and asks.
        icon: As Tabler names it.
        is_main: Whether it is the next step.
        is_post: Whether the address takes a form and shows no page.
    """

    label: str
    address: str
    icon: str
    is_main: bool = False
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands above every page of a campaign.

    Attributes:
        key: Of the campaign.
        name: As people call it; its key where nobody named it.
        title: Name and tab, for the heading and the browser's tab.
        state: In words.
        started: When it started or will, in the programme's zone and UTC; empty before a launch.
        ends: When it ends or ended, likewise; empty where nothing is said.
        phase: Which phase is in force, in words; empty while there was only one.
    """

    key: str
    name: str
    title: str
    state: Badge
    started: str
    ends: str
    phase: str
    tabs: tuple[Tab, ...]
    acts: tuple[Act, ...]


def framed(key: str, here: TabName | None = None) -> tuple[Campaign, Frame]:
    """Give a campaign and the frame of one of its pages.

    Args:
        key: Of the campaign.
        here: The tab that the page is; None for a page that is none, such as a confirmation.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    campaign = find_campaign(wiring().engine, key)
    return campaign, frame_of(campaign, here)


def frame_of(campaign: Campaign, here: TabName | None = None) -> Frame:
    """Give the frame of one of a campaign's pages."""
    say, state = words().say, campaign.state_at(wiring().clock())
    name = campaign.design.name or campaign.key
    tab = None if here is None or here is TabName.OVERVIEW else TAB_LABELS[here]
    return Frame(
        key=campaign.key,
        name=name,
        title=name if tab is None else f"{name} · {say(tab)}",
        state=badge_of(state, words()),
        started=_started(campaign, state, words()),
        ends=_ends(campaign, state, words()),
        phase=say("Phase {number}", number=formats().count(campaign.phase.number).text)
        if campaign.phase is not None and campaign.phase.number > 1
        else "",
        tabs=tuple(_tabs(campaign.key, here)),
        acts=tuple(_acts(campaign, state)),
    )


def address_of_campaign(key: str, page: str = "") -> str:
    """Give the address of a campaign's page."""
    below = f"{url_for('console.home.home')}campaigns/{key}"
    return f"{below}/{page}" if page else below


def is_page(address: str, method: str = "GET") -> bool:
    """Say whether the console answers an address."""
    adapter = current_app.url_map.bind(request.host)
    try:
        endpoint, _ = adapter.match(address, method=method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return bool(endpoint != MISSING)


def _tabs(key: str, here: TabName | None) -> Iterator[Tab]:
    for name, label in TAB_LABELS.items():
        address = address_of_campaign(key, name)
        if is_page(address):
            yield Tab(words().say(label), address, name is here)


def _acts(campaign: Campaign, state: State) -> Iterator[Act]:
    who, say = signed_in(), words().say
    if who is None or not (who.may(Scope.CAMPAIGNS_WRITE) or who.may(Scope.CAMPAIGNS_APPROVE)):
        return
    if state in _BEFORE_AN_END:
        preview = address_of_campaign(campaign.key, "preview")
        yield Act(say("Preview the offers"), preview, "device-mobile")
    if not who.may(Scope.CAMPAIGNS_WRITE):
        return
    found = []
    if state in _SAFE_EDITS:
        address = address_of_campaign(campaign.key, "change")
        found.append(Act(say("Change"), address, "adjustments"))
    if state is State.DRAFT:
        address = address_of_campaign(campaign.key, "edit")
        found.append(Act(say("Edit"), address, "pencil", is_post=True))
    for move, (label, icon, is_main) in _ACTS.items():
        if move in LEGAL[state]:
            found.append(Act(say(label), address_of_campaign(campaign.key, move), icon, is_main))
    address = address_of_campaign(campaign.key, "duplicate")
    found.append(Act(say("Duplicate"), address, "copy", is_post=True))
    yield from (act for act in found if is_page(act.address, "POST" if act.is_post else "GET"))


def _started(campaign: Campaign, state: State, words: Words) -> str:
    phase = campaign.phase
    if phase is None:
        planned = campaign.design.starts_at
        return (
            words.say("Planned start: {when}", when=formats().moment(planned).text)
            if planned
            else ""
        )
    when = formats().moment(campaign.phases[0].started_at).text
    if state is State.SCHEDULED:
        return words.say("Starts: {when}", when=when)
    return words.say("Started: {when}", when=when)


def _ends(campaign: Campaign, state: State, words: Words) -> str:
    phase, planned = campaign.phase, campaign.design.ends_at
    if phase is not None and phase.ended_at is not None:
        return words.say("Ended: {when}", when=formats().moment(phase.ended_at).text)
    if planned is None:
        return words.say("No end is set") if state in _SAFE_EDITS else ""
    when = formats().moment(planned).text
    if planned <= wiring().clock():
        return words.say("Ended by its plan: {when}", when=when)
    return words.say("Ends: {when}", when=when)
