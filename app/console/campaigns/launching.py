"""The launch: what was checked, what will happen, and the button that makes it happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, flash, redirect, request, url_for

from app import analysis
from app.analysis import FactSource
from app.auth import Scope
from app.console.access import open_to
from app.console.campaigns.acting import act, changed_words, has_changed
from app.console.campaigns.frame import address_of_campaign, framed
from app.console.campaigns.ticking import TickRow, tick_rows
from app.console.computing import Asking
from app.console.context import formats, person, programme, wiring, words
from app.console.new.checks import Allowed, Check, Found, checks_of, is_coming
from app.console.new.sentences import said
from app.console.new.showing import form_of, setting
from app.console.new.steps import STEPS
from app.console.rendering import show
from experiments import drafting
from experiments.campaign import State
from experiments.errors import LaunchRefused, StaleCampaign
from experiments.form_draft import FormDraft
from experiments.readying import approval_problem

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from app.console.new.form import Setting
    from experiments.campaign import Campaign

blueprint = Blueprint("launch", __name__)


@dataclass(frozen=True, slots=True)
class LaunchPage:
    """The last look before a launch.

    Attributes:
        checks: What was looked at.
        is_counting: Whether one of them is still being made.
        items: What people tick.
        effects: What will happen, in sentences.
        refused: Why it was not launched just now.
        approval: Where the approval stands, or empty where none is asked for.
        allowed: What is left aside, as it was ticked.
        can: Whether nothing is in the way that cannot be left aside.
    """

    template: ClassVar[str] = "console/new/launch.html"
    title: str
    frame: Frame
    checks: tuple[Check, ...]
    is_counting: bool
    items: tuple[TickRow, ...]
    effects: tuple[str, ...]
    refused: tuple[str, ...]
    approval_address: str
    allowed: frozenset[str]
    leavable: tuple[tuple[str, str], ...]
    reason: str
    version: int
    is_draft: bool
    can: bool
    confirm: str


@blueprint.get("/campaigns/<key>/launch")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str) -> tuple[str, int]:
    """Show what was checked and what will happen."""
    return show(_page(key, (), Asking.at_sight()))


@blueprint.post("/campaigns/<key>/launch")
@open_to(Scope.CAMPAIGNS_WRITE)
def launch(key: str) -> Response | tuple[str, int]:
    """Launch, unless something is in the way."""
    campaign, _ = framed(key)
    if has_changed(campaign):
        return show(_page(key, (changed_words(campaign),)), 409)
    page = _page(key, ())
    if not page.can:
        return show(_page(key, (words().say("Something is still in the way; see below."),)), 422)
    parts, allowed = wiring(), _allowed()
    try:
        launched = analysis.launch_campaign(
            parts.engine,
            key,
            act(request.form.get("reason")),
            source=FactSource.of(parts.settings),
            allow_empty_audience=Allowed.EMPTY_AUDIENCE in allowed,
            allow_unseen_events=Allowed.UNSEEN_EVENTS in allowed,
        )
    except LaunchRefused as refused:
        return show(_page(key, tuple(said(one, words()) for one in refused.problems)), 422)
    except StaleCampaign:
        return show(_page(key, (changed_words(campaign),)), 409)
    _put_away(key)
    name = launched.design.name or key
    told = (
        words().say("{name} is scheduled.", name=name)
        if launched.state is State.SCHEDULED
        else words().say("{name} is running.", name=name)
    )
    flash(told, "success")
    return redirect(address_of_campaign(key))


def _page(key: str, refused: tuple[str, ...], asking: Asking | None = None) -> LaunchPage:
    """Give the page; its checks are waited for, unless it is said how to ask for them."""
    campaign, frame = framed(key)
    place, say = setting(), words().say
    is_draft = campaign.state is State.DRAFT
    checks = _checks(campaign, place, asking or Asking.until_known()) if is_draft else ()
    allowed = _allowed()
    items = tick_rows(key)
    in_the_way = [one for one in checks if one.found is Found.BAD]
    if not is_draft:
        refused = (*refused, say("Only a draft can be launched. See above what can be done now."))
    starts = campaign.design.starts_at
    is_later = starts is not None and starts > place.now
    return LaunchPage(
        title=say("Launch {name}", name=frame.name),
        frame=frame,
        checks=checks,
        is_counting=is_coming(checks),
        items=items,
        effects=_effects(campaign, place),
        refused=refused,
        approval_address=url_for("console.approval.approval", key=key),
        allowed=allowed,
        leavable=tuple(
            (str(one.allowed_by), _leave_words(one.allowed_by))
            for one in in_the_way
            if one.allowed_by is not None
        ),
        reason=request.form.get("reason", ""),
        version=campaign.version,
        is_draft=is_draft,
        can=is_draft
        and all(one.is_done for one in items)
        and all(one.allowed_by in allowed for one in in_the_way),
        confirm=say("Schedule the campaign") if is_later else say("Launch the campaign now"),
    )


def _checks(campaign: Campaign, place: Setting, asking: Asking) -> tuple[Check, ...]:
    form = form_of(_draft_of(campaign, place), STEPS[-1], place)
    return (*checks_of(form, place, asking), *_approval(campaign))


def _approval(campaign: Campaign) -> tuple[Check, ...]:
    found, say = programme(), words().say
    if found is None or not found.approval_required:
        return ()
    problem = approval_problem(wiring().engine, campaign.key)
    title = say("Approval")
    if problem is None:
        return (Check(title, say("The campaign is approved as it is now."), Found.GOOD),)
    told = say("Somebody else has to approve the campaign as it is now.")
    return (Check(title, told, Found.BAD),)


def _draft_of(campaign: Campaign, place: Setting) -> FormDraft:
    """Give the form that the campaign came from as it was kept, or one as if opened now."""
    base = campaign.design.model_dump(mode="json", exclude_defaults=True)
    kept = next(
        (one for one in drafting.list_drafts(place.engine) if one.campaign_key == campaign.key),
        None,
    )
    fields = {name: value for step in STEPS for name, value in step.fields(base, place).items()}
    sizes = {} if kept is None else {
        name: value for name, value in kept.fields.items() if name.startswith("size.")
    }  # fmt: skip
    return FormDraft(
        kept.draft_id if kept else "none",
        person().user.user_id,
        campaign.created_at,
        campaign.updated_at,
        {**fields, **sizes},
        base,
        campaign_key=campaign.key,
    )


def _effects(campaign: Campaign, place: Setting) -> tuple[str, ...]:
    say, design = words().say, campaign.design
    starts, ends = design.starts_at, design.ends_at
    is_later = starts is not None and starts > place.now
    return tuple(
        filter(
            None,
            (
                say("It starts by itself: {when}", when=formats().moment(starts).text)
                if is_later and starts is not None
                else say("It starts at once, in every channel and every server process."),
                say("Members of the audience are assigned by chance as they ask for their offer."),
                say("Metrics, margins and the decision rule are fixed now; a later change is "
                    "shown in every report as a deviation."),
                say("Enrolment ends: {when}", when=formats().moment(ends).text)
                if ends is not None
                else say("No end is set: it runs until somebody stops it."),
                say("Afterwards only safe changes are possible: more traffic, a later end, texts."),
            ),
        )
    )  # fmt: skip


def _leave_words(allowed: Allowed | None) -> str:
    say = words().say
    if allowed is Allowed.EMPTY_AUDIENCE:
        return say("Launch although nobody is eligible yet: members come later.")
    return say("Launch although the events were never seen: they come later.")


def _allowed() -> frozenset[str]:
    return frozenset(one for one in Allowed if request.form.get(one) == "yes")


def _put_away(key: str) -> None:
    """Forget the form of a campaign that is launched: it can be changed on its own pages only."""
    engine = wiring().engine
    for one in drafting.list_drafts(engine):
        if one.campaign_key == key:
            drafting.discard_draft(engine, one.draft_id)
