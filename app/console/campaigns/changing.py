"""Changes of a running campaign that move no member: more traffic, and a later end.

Texts have a page of their own (`rewording`). Everything else would make the phase unreadable, and
starts a new one (`again`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, flash, redirect, request

from app.analysis import make_plan
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.acting import act, changed_words, has_changed
from app.console.campaigns.frame import address_of_campaign, frame_of
from app.console.context import formats, wiring, words
from app.console.refusals import by_field
from app.console.rendering import show
from experiments.campaign import State
from experiments.errors import IllegalMove, InvalidValues, StaleCampaign, UnsafeChange
from experiments.lifecycle import find_campaign, update_campaign

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from experiments.campaign import Campaign

blueprint = Blueprint("campaign_change", __name__)

MAY_CHANGE = frozenset({State.SCHEDULED, State.RUNNING, State.PAUSED})
WHOLE = Decimal(100)
LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class ChangePage:
    """The form.

    Attributes:
        share: In per cent, as it was typed.
        share_now: As it is.
        ends: In the programme's zone, as browsers write it.
        ends_now: As it is, in words.
        has_end: Whether there is one to move.
        zone: The programme's.
        errors: By field; ``""`` is the whole form.
        can: Whether the state allows changes.
        can_begin: Whether it allows a new phase.
        phase_address: Where one is begun, in a form.
    """

    template: ClassVar[str] = "console/campaign/change.html"
    title: str
    frame: Frame
    share: str
    share_now: str
    ends: str
    ends_now: str
    has_end: bool
    zone: str
    reason: str
    errors: dict[str, str]
    version: int
    can: bool
    can_begin: bool
    texts_address: str
    phase_address: str
    back: str


@blueprint.get("/campaigns/<key>/change")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str) -> tuple[str, int]:
    """Show the form."""
    campaign = find_campaign(wiring().engine, key)
    return _shown(campaign, {}, 200 if _can(campaign) else 409)


@blueprint.post("/campaigns/<key>/change")
@open_to(Scope.CAMPAIGNS_WRITE)
def change(key: str) -> tuple[str, int] | Response:
    """Keep the change, if it is one that the phase survives."""
    engine = wiring().engine
    campaign = find_campaign(engine, key)
    if has_changed(campaign):
        return _shown(campaign, {"": changed_words(campaign)}, 409)
    errors: dict[str, str] = {}
    share, ends_at = _share(campaign, errors), _ends_at(campaign, errors)
    if errors:
        return _shown(campaign, errors, 422)
    design = campaign.design.model_copy(update={"traffic_share": share, "ends_at": ends_at})
    if design == campaign.design:
        return _shown(campaign, {"": words().say("Nothing was changed in the form.")}, 422)
    try:
        update_campaign(engine, key, design, act(request.form.get("reason")), make_plan=make_plan)
    except (UnsafeChange, InvalidValues) as refused:
        return _shown(campaign, by_field(refused, words()), 422)
    except (IllegalMove, StaleCampaign):
        campaign = find_campaign(engine, key)
        return _shown(campaign, {"": changed_words(campaign)}, 409)
    flash(words().say("The change is in force within a second."), "success")
    return redirect(address_of_campaign(key, "history"))


def _share(campaign: Campaign, errors: dict[str, str]) -> Decimal:
    say, before = words().say, campaign.design.traffic_share
    try:
        share = Decimal(request.form.get("traffic_share", "").strip().rstrip("%").strip())
    except InvalidOperation:
        errors["traffic_share"] = say("Write a number from 0 to 100.")
        return before
    if not share.is_finite() or not 0 <= share <= WHOLE:
        errors["traffic_share"] = say("Write a number from 0 to 100.")
    elif share != round(share, 2):
        errors["traffic_share"] = say("Write at most two decimals.")
    elif share < before:
        errors["traffic_share"] = say(
            "The share can only be raised while the campaign runs. To take fewer members, pause or "
            "stop it, or start a new phase."
        )
    return share


def _ends_at(campaign: Campaign, errors: dict[str, str]) -> datetime | None:
    say, before = words().say, campaign.design.ends_at
    typed = request.form.get("ends_at", "").strip()
    if typed == _local(before):
        return before
    if not typed:
        return None
    try:
        naive = datetime.fromisoformat(typed)
    except ValueError:
        errors["ends_at"] = say("Choose a day and a time.")
        return before
    zone = formats().zone
    ends_at = naive.replace(tzinfo=zone).astimezone(UTC)
    if ends_at.astimezone(zone).replace(tzinfo=None) != naive:
        errors["ends_at"] = say(
            "This time does not exist on that day: the clocks are changed then."
        )
    elif before is None:
        errors["ends_at"] = say(
            "The campaign has no end, and none can be set while it runs. Stop it when it is time."
        )
    elif ends_at <= before:
        errors["ends_at"] = say(
            "The end can only be moved to a later time while the campaign runs."
        )
    elif ends_at <= wiring().clock():
        errors["ends_at"] = say("This has passed. Choose a later time.")
    return ends_at


def _shown(campaign: Campaign, errors: dict[str, str], status: int) -> tuple[str, int]:
    say, frame, design, form = words().say, frame_of(campaign), campaign.design, request.form
    present = formats().exact_share(design.traffic_share / WHOLE).text
    ends_at = design.ends_at
    page = ChangePage(
        title=say("Change {name} while it runs", name=frame.name),
        frame=frame,
        share=form.get("traffic_share", f"{design.traffic_share.normalize():f}"),
        share_now=present,
        ends=form.get("ends_at", _local(ends_at)),
        ends_now=formats().moment(ends_at).text if ends_at else say("No end is set"),
        has_end=ends_at is not None,
        zone=formats().zone.key,
        reason=form.get("reason", ""),
        errors=errors,
        version=campaign.version,
        can=_can(campaign),
        can_begin=campaign.state_at(wiring().clock()) is not State.SCHEDULED,
        texts_address=address_of_campaign(campaign.key, "texts"),
        phase_address=address_of_campaign(campaign.key, "phase"),
        back=address_of_campaign(campaign.key, "setup"),
    )
    return show(page, status)


def _local(moment: datetime | None) -> str:
    return moment.astimezone(formats().zone).strftime(LOCAL) if moment else ""


def _can(campaign: Campaign) -> bool:
    return campaign.state_at(wiring().clock()) in MAY_CHANGE
