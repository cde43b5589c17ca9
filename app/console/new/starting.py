"""Where campaigns begin: templates, forms that are being filled in, or what to do before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request, url_for

from app.auth import Scope
from app.auth.people import list_users
from app.console.access import open_to
from app.console.context import formats, person, programme, wiring, words
from app.console.new.sentences import said
from app.console.new.showing import address_of, name_of, setting
from app.console.new.steps import STEPS
from app.console.rendering import show
from app.language import marked
from experiments import drafting
from experiments.campaign import State
from experiments.errors import IllegalMove, InvalidValues
from experiments.lifecycle import find_campaign
from experiments.templates import PRESETS, Template, draft_of, template_named

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.new.form import Json
    from experiments.form_draft import FormDraft

blueprint = Blueprint("new", __name__)

TITLES: Final = {
    Template.LIMITED_TIME_UPGRADE: marked("Limited-time upgrade"),
    Template.POINTS_MULTIPLIER: marked("Points multiplier"),
    Template.UPGRADE_GIFT: marked("Upgrade gift"),
    Template.EARLY_ACCESS: marked("Early access"),
    Template.THRESHOLD_CHANGE: marked("Threshold change"),
    Template.PROGRESS_DISPLAY: marked("Progress display"),
    Template.DORMANT_WAKE_UP: marked("Dormant wake-up"),
}
IDEAS: Final = {
    Template.LIMITED_TIME_UPGRADE: marked(
        "Members try the next tier for a while, and do what it takes to keep it."
    ),
    Template.POINTS_MULTIPLIER: marked("More points for each purchase, for a while."),
    Template.UPGRADE_GIFT: marked("A gift for members who reach the next tier."),
    Template.EARLY_ACCESS: marked("Members get a sale or a product before others do."),
    Template.THRESHOLD_CHANGE: marked("The next tier asks for less than it does otherwise."),
    Template.PROGRESS_DISPLAY: marked("Members see how near the next tier is. It costs nothing."),
    Template.DORMANT_WAKE_UP: marked("A lower price for members who have not ordered for long."),
}
ICONS: Final = {
    Template.LIMITED_TIME_UPGRADE: "clock-up",
    Template.POINTS_MULTIPLIER: "coins",
    Template.UPGRADE_GIFT: "gift",
    Template.EARLY_ACCESS: "key",
    Template.THRESHOLD_CHANGE: "stairs-up",
    Template.PROGRESS_DISPLAY: "progress",
    Template.DORMANT_WAKE_UP: "alarm",
}


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A kind of campaign to start from."""

    key: str
    title: str
    idea: str
    icon: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A form that somebody can go on with."""

    draft_id: str
    name: str
    who: str
    changed: str
    address: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class StartPage:
    """Templates, and the forms that are being filled in.

    Attributes:
        has_programme: Without one there is no ladder, so no template either.
        refused: Why the template could not be used, or empty.
    """

    template: ClassVar[str] = "console/new/start.html"
    title: str
    has_programme: bool
    templates: tuple[TemplateCard, ...]
    drafts: tuple[DraftRow, ...]
    refused: str


@blueprint.get("/campaigns/new")
@open_to(Scope.CAMPAIGNS_WRITE)
def start() -> tuple[str, int]:
    """Show what to begin with, and what was begun."""
    return show(_page())


@blueprint.post("/campaigns/new")
@open_to(Scope.CAMPAIGNS_WRITE)
def begin() -> Response | tuple[str, int]:
    """Begin a form from a template."""
    kind, place = template_named(request.form.get("template", "")), setting()
    name = words().say(TITLES[kind])
    key = f"{kind}-{place.now:%Y-%m-%d}"
    try:
        design = draft_of(kind, key, place.programme, place.now.replace(second=0)).design
    except InvalidValues as refused:
        told = " ".join(said(one, words()) for one in refused.problems)
        return show(_page(told), 422)
    base = design.model_dump(mode="json", exclude_defaults=True)
    base["name"], base["owner"] = name, person().user.name
    return redirect(begin_form(base))


@blueprint.post("/campaigns/<key>/edit")
@open_to(Scope.CAMPAIGNS_WRITE)
def edit(key: str) -> Response:
    """Open the form on a campaign that is a draft, or go on with the one that is open on it."""
    parts = wiring()
    campaign = find_campaign(parts.engine, key)
    state = campaign.state_at(parts.clock())
    if state is not State.DRAFT:
        raise IllegalMove(key, state, "be edited in the form", ())
    open_one = next(
        (one for one in drafting.list_drafts(parts.engine) if one.campaign_key == key), None
    )
    document = campaign.design.model_dump(mode="json", exclude_defaults=True)
    if open_one is not None and open_one.base == document:
        return redirect(address_of(open_one.draft_id, STEPS[0].key))
    if open_one is not None:  # changed elsewhere since: what is typed would undo that
        drafting.discard_draft(parts.engine, open_one.draft_id)
    return redirect(begin_form(document, key))


@blueprint.post("/campaigns/new/<draft_id>/discard")
@open_to(Scope.CAMPAIGNS_WRITE)
def discard(draft_id: str) -> Response:
    """Forget a form; a campaign that it became stays."""
    drafting.discard_draft(wiring().engine, draft_id)
    flash(words().say("The form is put away."), "success")
    return redirect(url_for("console.new.start"))


def begin_form(base: Json, campaign_key: str | None = None) -> str:
    """Begin a form with a document, and give the address of its first step."""
    place = setting()
    fields = {name: value for step in STEPS for name, value in step.fields(base, place).items()}
    draft = drafting.start_draft(
        place.engine, person().user.user_id, fields, base, place.now, campaign_key=campaign_key
    )
    return address_of(draft.draft_id, STEPS[0].key)


def _page(refused: str = "") -> StartPage:
    say, engine = words().say, wiring().engine
    names = {one.user_id: one.name for one in list_users(engine)}
    return StartPage(
        say("New campaign"),
        programme() is not None,
        tuple(
            TemplateCard(str(one), say(TITLES[one]), say(IDEAS[one]), ICONS[one]) for one in PRESETS
        ),
        tuple(_row(one, names) for one in drafting.list_drafts(engine)),
        refused,
    )


def _row(draft: FormDraft, names: dict[str, str]) -> DraftRow:
    steps = [step for step in STEPS if step.key in draft.edits]
    return DraftRow(
        draft.draft_id,
        name_of(draft),
        names.get(draft.user_id, ""),
        formats().moment(draft.updated_at).local,
        address_of(draft.draft_id, (steps[-1] if steps else STEPS[0]).key),
        draft.user_id == person().user.user_id,
    )
