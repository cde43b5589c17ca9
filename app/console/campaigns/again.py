"""Begins again from a campaign: a new phase of one that runs, or a duplicate of any.

Both are filled in with the form of a new campaign. A duplicate becomes a draft of its own; a new
phase is confirmed on a page that says what will happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request, url_for

from app.analysis import make_plan
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.acting import act, changed_words, has_changed
from app.console.campaigns.frame import address_of_campaign, frame_of
from app.console.campaigns.moves import FAST, KEPT
from app.console.computing import Asking
from app.console.context import formats, programme, wiring, words
from app.console.new.checks import Check, checks_of, is_coming
from app.console.new.sentences import said
from app.console.new.showing import address_of, form_of, setting
from app.console.new.starting import begin_form
from app.console.new.steps import STEPS
from app.console.rendering import show
from app.language import marked
from experiments import drafting
from experiments.campaign import CampaignDesign, State
from experiments.errors import IllegalMove, InvalidValues, StaleCampaign
from experiments.lifecycle import find_campaign, list_campaigns, update_campaign

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from app.console.new.form import Form
    from experiments.campaign import Campaign
    from experiments.form_draft import FormDraft

blueprint = Blueprint("campaign_again", __name__)

MAY_BEGIN: Final = frozenset({State.RUNNING, State.PAUSED})
NAME_LENGTH: Final = 255
KEY_LENGTH: Final = 128
_EFFECTS: Final = (
    marked("Phase {number} ends now. Its report stays, and is not mixed with the next."),
    marked("Phase {next} starts at once, with your changes and with a report of its own."),
    marked("Every member is drawn anew: who was in one variant may be in another from now on."),
)


@dataclass(frozen=True, slots=True)
class PhasePage:
    """The question whether to start a new phase.

    Attributes:
        effects: What will happen, in sentences.
        checks: What was looked at in the changed campaign.
        is_counting: Whether one of them is still being made.
        address: Of this page.
        error: Why it was not started; empty at first.
        reason_error: What is wrong with the reason.
        form_address: Of the form in which it was changed.
        can: Whether it can be started.
        needs_approval: Whether the programme asks for approvals, which a phase cannot have.
    """

    template: ClassVar[str] = "console/campaign/phase.html"
    title: str
    frame: Frame
    effects: tuple[str, ...]
    checks: tuple[Check, ...]
    is_counting: bool
    address: str
    error: str
    reason: str
    reason_error: str
    version: int
    form_address: str
    can: bool
    needs_approval: bool


@blueprint.post("/campaigns/<key>/duplicate")
@open_to(Scope.CAMPAIGNS_WRITE)
def duplicate(key: str) -> Response:
    """Open the form with what a campaign has, under another key; dates that have passed are out."""
    campaign, now = find_campaign(wiring().engine, key), wiring().clock()
    base = campaign.design.model_dump(mode="json", exclude_defaults=True)
    taken = {one.key for one in list_campaigns(wiring().engine)}
    base["key"] = next(
        free for number in range(2, len(taken) + 3) if (free := _numbered(key, number)) not in taken
    )
    name = words().say("{name} (copy)", name=campaign.design.name or key)
    base["name"] = name[:NAME_LENGTH]
    for field, moment in (("starts_at", campaign.design.starts_at),
                          ("ends_at", campaign.design.ends_at)):  # fmt: skip
        if moment is not None and moment <= now:
            base.pop(field, None)
    flash(words().say("This is a copy. It becomes a campaign with the last step."), "success")
    return redirect(begin_form(base))


@blueprint.post("/campaigns/<key>/phase")
@open_to(Scope.CAMPAIGNS_WRITE)
def begin(key: str) -> Response:
    """Open the form on a campaign that runs, or go on with the one that is open on it."""
    engine = wiring().engine
    campaign = find_campaign(engine, key)
    state = campaign.state_at(wiring().clock())
    if state not in MAY_BEGIN:
        raise IllegalMove(key, state, "start a new phase", ())
    document = campaign.design.model_dump(mode="json", exclude_defaults=True)
    for open_one in drafting.list_drafts(engine):
        if open_one.campaign_key == key and open_one.base == document:
            return redirect(address_of(open_one.draft_id, STEPS[0].key))
        if open_one.campaign_key == key:  # changed elsewhere since
            drafting.discard_draft(engine, open_one.draft_id)
    return redirect(begin_form(document, key))


@blueprint.get("/campaigns/<key>/phase/<draft_id>")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str, draft_id: str) -> tuple[str, int]:
    """Say what a new phase will do, and ask."""
    campaign, draft = _found(key, draft_id)
    return show(_page(campaign, draft, "", ""))


@blueprint.post("/campaigns/<key>/phase/<draft_id>")
@open_to(Scope.CAMPAIGNS_WRITE)
def start(key: str, draft_id: str) -> Response | tuple[str, int]:
    """Start it, unless something is in the way."""
    say, engine = words().say, wiring().engine
    campaign, draft = _found(key, draft_id)
    if has_changed(campaign):
        return show(_page(campaign, draft, changed_words(campaign), ""), 409)
    reason, design = request.form.get("reason", ""), _form(draft).judged.design
    if not reason.strip() or design is None:
        told = say("Say why, for whoever reads this in a year.") if not reason.strip() else ""
        return show(_page(campaign, draft, "", told), 422)
    try:
        update_campaign(engine, key, design, act(reason), make_plan=make_plan, new_phase=True)
    except InvalidValues as refused:
        told = " ".join(said(one, words()) for one in refused.problems)
        return show(_page(campaign, draft, told, ""), 422)
    except (IllegalMove, StaleCampaign):
        campaign = find_campaign(engine, key)
        return show(_page(campaign, draft, changed_words(campaign), ""), 409)
    drafting.discard_draft(engine, draft_id)
    flash(say("The new phase runs. Members are drawn anew from now on."), "success")
    return redirect(address_of_campaign(key, "history"))


def _found(key: str, draft_id: str) -> tuple[Campaign, FormDraft]:
    """Give the campaign and the form on it, as it is of the campaign's document of now."""
    return find_campaign(wiring().engine, key), drafting.find_draft(wiring().engine, draft_id)


def _form(draft: FormDraft) -> Form:
    return form_of(draft, STEPS[-1], setting())


def _page(campaign: Campaign, draft: FormDraft, error: str, reason_error: str) -> PhasePage:
    say, frame, place = words().say, frame_of(campaign), setting()
    form, number = _form(draft), campaign.phase.number if campaign.phase is not None else 0
    document = campaign.design.model_dump(mode="json", exclude_defaults=True)
    design = form.judged.design
    found, checks = programme(), checks_of(form, place, Asking.at_sight())
    needs_approval = found is not None and found.approval_required
    is_stale = draft.campaign_key != campaign.key or dict(draft.base) != document
    can = campaign.state_at(place.now) in MAY_BEGIN and form.judged.is_right and not is_stale
    if not error and is_stale:
        error = say("The campaign was changed since this form was opened. Open it again.")
    elif not error and not can:
        error = say("Some steps of the form need another look, or the campaign runs no more.")
    elif not error and design == _read(document):
        error, can = say("Nothing was changed in the form, so there is no need for a phase."), False
    numbers = {"number": formats().count(number).text, "next": formats().count(number + 1).text}
    return PhasePage(
        title=say("Start a new phase of {name}", name=frame.name),
        frame=frame,
        effects=(*(say(one, **numbers) for one in _EFFECTS), say(KEPT), say(FAST)),
        checks=checks,
        is_counting=is_coming(checks),
        address=url_for("console.campaign_again.ask", key=campaign.key, draft_id=draft.draft_id),
        error=error,
        reason=request.form.get("reason", ""),
        reason_error=reason_error,
        version=campaign.version,
        form_address=address_of(draft.draft_id, STEPS[0].key),
        can=can and not needs_approval,
        needs_approval=needs_approval,
    )


def _read(document: dict[str, object]) -> CampaignDesign:
    return CampaignDesign.model_validate(document)


def _numbered(key: str, number: int) -> str:
    ending = f"-{number}"
    return f"{key[: KEY_LENGTH - len(ending)]}{ending}"
