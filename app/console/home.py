"""The first page: what runs, what needs attention, what was learnt, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint

from app.analysis.digest import newest_digests
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.attention import attention_of
from app.console.campaigns.digest_words import widest
from app.console.campaigns.frame import address_of_campaign
from app.console.campaigns.history import DECISIONS
from app.console.campaigns.listing import new_campaign_address, sorted_by_life
from app.console.campaigns.progress import progress_of
from app.console.campaigns.row import row_of
from app.console.context import formats, person, wiring, words
from app.console.first_steps import first_steps
from app.console.rendering import show
from experiments.campaign import Move, State
from experiments.lifecycle import history_of, list_campaigns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from app.console.campaigns.attention import Attention
    from app.console.campaigns.progress import GoalProgress
    from app.console.campaigns.row import Row
    from app.console.first_steps import FirstSteps
    from experiments.campaign import Campaign

blueprint = Blueprint("home", __name__)

MOST_LEARNINGS: Final = 5
MOST_DRAFTS: Final = 5
_RUNS: Final = frozenset({State.RUNNING, State.PAUSED, State.SCHEDULED})
_OVER: Final = frozenset({State.DECIDED, State.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign that runs, is paused or is scheduled, and how far it is; None without a goal."""

    row: Row
    progress: GoalProgress | None


@dataclass(frozen=True, slots=True)
class Learning:
    """A campaign that was decided, in a sentence.

    Attributes:
        why: The reason that was given.
    """

    name: str
    address: str
    day: str
    decision: str
    why: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do next."""

    text: str
    address: str
    icon: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """What runs, and what needs attention.

    Attributes:
        total: How many campaigns there are; none in a new installation.
        first: What a new installation needs; None once a campaign was launched.
    """

    template: ClassVar[str] = "console/home.html"
    title: str
    total: int
    first: FirstSteps | None
    new_address: str
    attention: tuple[Attention, ...]
    running: tuple[Running, ...]
    learnings: tuple[Learning, ...]
    steps: tuple[NextStep, ...]


@blueprint.get("/")
@open_to()
def home() -> tuple[str, int]:
    """Show the page."""
    parts = wiring()
    now, everything = parts.clock(), list_campaigns(parts.engine)
    digests = newest_digests(parts.engine) if everything else {}
    reach = widest(digests)
    ordered = sorted_by_life(everything, now)
    page = HomePage(
        title=words().say("Home"),
        total=len(everything),
        first=first_steps() if not any(one.phases for one in everything) else None,
        new_address=new_campaign_address(),
        attention=attention_of(ordered, digests, now),
        running=tuple(
            Running(
                row_of(one, digests.get(one.key), reach=reach, now=now, formats=formats(),
                       words=words()),
                progress_of(one.design, digests.get(one.key), formats(), words()),
            )
            for one in ordered
            if one.state_at(now) in _RUNS
        ),
        learnings=tuple(_learnings(ordered, now)),
        steps=tuple(_steps(ordered, now)),
    )  # fmt: skip
    return show(page)


def _learnings(ordered: Sequence[Campaign], now: datetime) -> Iterator[Learning]:
    say = words().say
    over = sorted(
        (one for one in ordered if one.state_at(now) in _OVER and one.phases),
        key=lambda one: one.updated_at,
        reverse=True,
    )
    for campaign in over[:MOST_LEARNINGS]:
        moves = history_of(wiring().engine, campaign.key)
        decided = next((one for one in reversed(moves) if one.move == Move.DECIDE), None)
        if decided is None:
            continue
        detail = decided.detail or {}
        found = campaign.design.variant(str(detail.get("treatment")))
        decision = DECISIONS.get(str(detail.get("decision")))
        yield Learning(
            name=campaign.design.name or campaign.key,
            address=address_of_campaign(campaign.key),
            day=formats().day(decided.at.astimezone(formats().zone).date()),
            decision=say(decision, treatment=(found.name or found.key) if found else "")
            if decision
            else "",
            why=decided.reason or "",
        )


def _steps(ordered: Sequence[Campaign], now: datetime) -> Iterator[NextStep]:
    say, new_address = words().say, new_campaign_address()
    if new_address:
        yield NextStep(say("Start a campaign from a template"), new_address, "plus")
    if person().may(Scope.CAMPAIGNS_WRITE):
        for draft in [one for one in ordered if one.state_at(now) is State.DRAFT][:MOST_DRAFTS]:
            yield NextStep(
                say("Finish the draft {name}", name=draft.design.name or draft.key),
                address_of_campaign(draft.key, "setup"),
                "pencil",
            )
    yield NextStep(say("See all campaigns"), address_of_campaign("").rstrip("/"), "list")
