"""Leads through a new installation: what to do next, and sample data to look around with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, flash, make_response, redirect, url_for

from app.auth.keys import Scope, list_keys
from app.console.access import open_to
from app.console.campaigns.listing import new_campaign_address
from app.console.context import formats, person, wiring, words
from app.console.rendering import is_part, show, show_part
from app.demonstration.sample import begin_loading
from experiments.beginning import Loading, begin_sample, beginnings_of, sample_of
from experiments.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.wrappers import Response

    from experiments.beginning import Beginnings

blueprint = Blueprint("first_steps", __name__)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something that a new installation needs.

    Attributes:
        why: What it is for, and who may do it where the reader may not.
        address: Where it is done; empty where that is not in the console, or not the reader's.
        help_address: Of the page that tells how.
    """

    title: str
    why: str
    is_done: bool
    address: str
    label: str
    help_address: str


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What stands on Home until a campaign was launched.

    Attributes:
        steps: In their order.
        sample_address: Where sample data is loaded, or is being loaded; empty where it cannot be.
        is_sample: Whether what is there is sample data.
    """

    steps: tuple[FirstStep, ...]
    sample_address: str
    is_sample: bool


@dataclass(frozen=True, slots=True)
class SamplePage:
    """The question whether to load sample data, and how far it is.

    Attributes:
        state: None before it is asked for.
        can: Whether it can be loaded.
        told: What became of it, in a sentence.
        progress: What is there, and whether it is.
    """

    template: ClassVar[str] = "console/first/sample.html"
    title: str
    state: Loading | None
    can: bool
    told: str
    progress: tuple[tuple[str, bool], ...]


@blueprint.get("/sample")
@open_to(Scope.PROGRAMME_WRITE)
def sample() -> tuple[str, int] | str | Response:
    """Ask whether to load sample data; while it is loaded, say how far that is."""
    page = _page()
    if not is_part():
        return show(page)
    answer = make_response(show_part("console/first/_sample.html", page=page))
    if page.state is Loading.DONE:
        answer.headers["HX-Redirect"] = url_for("console.home.home")
    return answer


@blueprint.post("/sample")
@open_to(Scope.PROGRAMME_WRITE)
def load_sample() -> Response:
    """Load it, by a process of its own."""
    parts = wiring()
    try:
        begin_sample(parts.engine, f"user {person().user.user_id}", parts.clock())
    except Conflict:
        flash(words().say("Sample data is loaded into an empty installation only."), "danger")
    else:
        begin_loading(parts.settings)
    return redirect(url_for("console.first_steps.sample"))


def first_steps() -> FirstSteps:
    """Give what a new installation needs, as far as it is."""
    parts = wiring()
    found, sample = beginnings_of(parts.engine), sample_of(parts.engine, parts.clock())
    is_offered = found.is_empty or (sample is not None and sample.state is not Loading.DONE)
    may = person().may(Scope.PROGRAMME_WRITE)
    return FirstSteps(
        tuple(_steps(found)),
        url_for("console.first_steps.sample") if may and is_offered else "",
        sample is not None and sample.state is Loading.DONE,
    )


def _steps(found: Beginnings) -> Iterator[FirstStep]:
    say, may = words().say, person().may
    admin = say("An administrator does this.")

    def help_at(name: str) -> str:
        return url_for("console.help.page", name=name)

    yield FirstStep(
        say("Describe the programme"),
        say("Its tiers and how members reach them, currency and time zone.")
        if may(Scope.PROGRAMME_WRITE)
        else admin,
        found.has_programme,
        url_for("console.programme.edit") if may(Scope.PROGRAMME_WRITE) else "",
        say("Fill in the form"),
        help_at("reference/programme"),
    )
    yield FirstStep(
        say("Bring the members in"),
        say("From a file, with a command on the server, or one by one over the API."),
        found.has_members,
        "",
        "",
        help_at("how-to/import"),
    )
    has_key = any(
        Scope.OFFERS_READ in one.scopes and one.revoked_at is None
        for one in list_keys(wiring().engine)
    )
    yield FirstStep(
        say("Make a key for the frontend"),
        say("With it, shop and app fetch the offers of members.")
        if may(Scope.KEYS_WRITE)
        else say("An engineer or an administrator does this."),
        has_key,
        url_for("console.settings.keys") if may(Scope.KEYS_WRITE) else "",
        say("Make a key"),
        help_at("tutorial/first-offer"),
    )
    yield FirstStep(
        say("Let events arrive"),
        say("Who saw an offer, who ordered: without them there is nothing to compare."),
        found.has_events,
        "",
        "",
        help_at("how-to/send-events"),
    )
    yield FirstStep(
        say("Start the first campaign"),
        say("From a template, which is a valid draft from its first step.")
        if may(Scope.CAMPAIGNS_WRITE)
        else say("A marketer or an administrator does this."),
        found.has_campaigns,
        new_campaign_address() if found.has_programme else "",
        say("Choose a template"),
        help_at("how-to/plan-a-campaign"),
    )


def _page() -> SamplePage:
    parts, say = wiring(), words().say
    found, sample = beginnings_of(parts.engine), sample_of(parts.engine, parts.clock())
    match sample.state if sample is not None else None:
        case None:
            told = ""
        case Loading.BEGUN:
            told = say("Sample data is being loaded. It takes half a minute to two minutes.")
        case Loading.DONE:
            told = say("The sample data is there.")
        case Loading.FAILED:
            told = say(
                "Loading the sample data ended early, and a part of it may be there. Set up an "
                "empty database, and load it again; the log of the server says what happened."
            )
    return SamplePage(
        say("Load sample data"),
        sample.state if sample is not None else None,
        found.is_empty and (sample is None or sample.state is Loading.FAILED),
        told if sample is None else f"{told} {formats().moment(sample.since).local}",
        (
            (say("The programme"), found.has_programme),
            (say("Campaigns"), found.has_campaigns),
            (say("Members"), found.has_members),
            (say("A year of events"), found.has_events),
        ),
    )
