"""Pauses, resumes, stops, unschedules and archives a campaign, once somebody has confirmed it.

The page before says what will happen; a decision has a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.acting import act, changed_words, has_changed
from app.console.campaigns.frame import address_of_campaign, frame_of, framed
from app.console.campaigns.state_words import STATES
from app.console.context import wiring, words
from app.console.rendering import show
from app.language import marked
from experiments.campaign import LEGAL, Move
from experiments.errors import IllegalMove, StaleCampaign
from experiments.lifecycle import find_campaign, move_campaign

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from experiments.campaign import Campaign

blueprint = Blueprint("campaign_moves", __name__)


@dataclass(frozen=True, slots=True)
class _Wording:
    """What is said of a move; English, translated where it is shown.

    Attributes:
        title: Of the page that asks; has a place for the name.
        effects: What will happen.
        confirm: On the button.
        done: Afterwards.
        is_final: Whether it cannot be taken back.
    """

    title: str
    effects: tuple[str, ...]
    confirm: str
    done: str
    is_final: bool = False


KEPT: Final = marked(
    "Offers that members were promised keep their expiry, and can be redeemed until then."
)
FAST: Final = marked("It is in force within a second, in every channel and every server process.")
_DEFAULT: Final = marked("Every member gets the default offer, whatever variant they are in.")

WORDINGS: Final = {
    Move.PAUSE: _Wording(
        marked("Pause {name}"),
        (_DEFAULT, FAST, KEPT,
         marked("Members keep their variants. You can resume the campaign at any time."),
         marked("The pause is shown in every report of this campaign.")),
        marked("Pause the campaign"),
        marked("{name} is paused."),
    ),
    Move.RESUME: _Wording(
        marked("Resume {name}"),
        (marked("Members get the offers of their variants again, the same as before the pause."),
         FAST,
         marked("New members of the audience can enter again.")),
        marked("Resume the campaign"),
        marked("{name} is running again."),
    ),
    Move.STOP: _Wording(
        marked("Stop {name}"),
        (_DEFAULT, FAST, KEPT,
         marked("Nobody enters any more. Conversions of members who are in it still count until "
                "their windows close."),
         marked("The share of the layer that it holds is free for other campaigns."),
         marked("A stopped campaign cannot be started again. The next step is a decision.")),
        marked("Stop the campaign for good"),
        marked("{name} is stopped. Decide what becomes of it."),
        is_final=True,
    ),
    Move.UNSCHEDULE: _Wording(
        marked("Unschedule {name}"),
        (marked("The campaign becomes a draft again and does not start at its date."),
         marked("Everything that was set up stays. It needs a launch, with its checks, to run."),
         marked("The share of the layer that it holds is free for other campaigns.")),
        marked("Make it a draft again"),
        marked("{name} is a draft again."),
    ),
    Move.ARCHIVE: _Wording(
        marked("Archive {name}"),
        (marked("The campaign leaves the list and stands in the archive, which can be searched."),
         marked("Its setup, results, history and decision stay readable."),
         marked("An archived campaign cannot be changed or started again.")),
        marked("Put it in the archive"),
        marked("{name} is in the archive."),
        is_final=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MovePage:
    """What will happen, and the button that makes it happen.

    Attributes:
        effects: What will happen, in sentences.
        error: Why it was not done; empty at first.
        reason: As it was typed.
        version: Of the campaign as it is shown.
        back: Where to go instead.
        can: Whether the state allows the move.
    """

    template: ClassVar[str] = "console/campaign/move.html"
    title: str
    frame: Frame
    effects: tuple[str, ...]
    confirm: str
    is_final: bool
    error: str
    reason: str
    version: int
    back: str
    can: bool


@blueprint.get("/campaigns/<key>/<any(pause,resume,stop,unschedule,archive):move>")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str, move: str) -> tuple[str, int]:
    """Say what the move will do, and ask."""
    campaign, _ = framed(key)
    can = _is_legal(campaign, Move(move))
    return _shown(campaign, Move(move), "" if can else _illegal(campaign), 200 if can else 409)


@blueprint.post("/campaigns/<key>/<any(pause,resume,stop,unschedule,archive):move>")
@open_to(Scope.CAMPAIGNS_WRITE)
def do(key: str, move: str) -> tuple[str, int] | Response:
    """Make the move, unless somebody was faster."""
    engine, which = wiring().engine, Move(move)
    campaign = find_campaign(engine, key)
    if has_changed(campaign):
        return _shown(campaign, which, changed_words(campaign), 409)
    try:
        moved = move_campaign(engine, key, which, act(request.form.get("reason")))
    except (IllegalMove, StaleCampaign):
        campaign = find_campaign(engine, key)
        return _shown(campaign, which, _illegal(campaign), 409)
    name = moved.design.name or key
    flash(words().say(WORDINGS[which].done, name=name), "success")
    return redirect(address_of_campaign(key, "decide" if which is Move.STOP else "history"))


def _shown(campaign: Campaign, move: Move, error: str, status: int) -> tuple[str, int]:
    say, wording = words().say, WORDINGS[move]
    frame = frame_of(campaign)
    page = MovePage(
        title=say(wording.title, name=frame.name),
        frame=frame,
        effects=tuple(say(effect) for effect in wording.effects),
        confirm=say(wording.confirm),
        is_final=wording.is_final,
        error=error,
        reason=request.form.get("reason", ""),
        version=campaign.version,
        back=address_of_campaign(campaign.key, "history"),
        can=_is_legal(campaign, move),
    )
    return show(page, status)


def _is_legal(campaign: Campaign, move: Move) -> bool:
    return move in LEGAL[campaign.state_at(wiring().clock())]


def _illegal(campaign: Campaign) -> str:
    say = words().say
    return say(
        "This cannot be done any more: the state of the campaign is now {state}. What can be done "
        "stands above.",
        state=say(STATES[campaign.state_at(wiring().clock())]),
    )
