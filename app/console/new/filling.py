"""The addresses of the form: begin, fill in a step, save as it goes, go on, put away.

Every sent step is kept first, right or wrong, and judged then.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, abort, flash, redirect, request, url_for

from app.auth import Scope
from app.auth.people import list_users
from app.console.access import open_to
from app.console.context import person, wiring, words
from app.console.new.form import of_step
from app.console.new.making import make_campaign
from app.console.new.showing import address_of, form_of, saved_at, setting, step_named
from app.console.new.step import NoSuchPart
from app.console.new.steps import STEPS
from app.console.rendering import show, show_part
from experiments import drafting
from experiments.errors import DraftChanged

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.new.form import Fields
    from app.console.new.step import Step
    from experiments.form_draft import FormDraft

blueprint = Blueprint("form", __name__)

CONFLICT, REFUSED, NOT_FOUND = 409, 422, 404


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Somebody else changed the same step: what each typed, and which to keep.

    Attributes:
        who: Who changed it.
        rows: Name of the field, theirs and mine, where the two differ.
        typed: Everything that I typed, to be sent once more.
        version: Of the form as it is now.
        address: Of the step.
    """

    template: ClassVar[str] = "console/new/conflict.html"
    title: str
    who: str
    rows: tuple[tuple[str, str, str], ...]
    typed: tuple[tuple[str, str], ...]
    version: int
    address: str


@blueprint.get("/campaigns/new/<draft_id>/<key>")
@open_to(Scope.CAMPAIGNS_WRITE)
def show_step(draft_id: str, key: str) -> tuple[str, int]:
    """Show a step of a form."""
    step, place = _step(key), setting()
    draft = drafting.find_draft(wiring().engine, draft_id)
    form = form_of(draft, step, place, asked=request.args.get("asked", ""))
    return show(step.page(form, place))


@blueprint.post("/campaigns/new/<draft_id>/<key>")
@open_to(Scope.CAMPAIGNS_WRITE)
def send_step(draft_id: str, key: str) -> Response | tuple[str, int]:
    """Keep what was typed; then do what the button says: go on, change rows, or leave."""
    step, place = _step(key), setting()
    action = request.form.get("act", "")
    typed = _typed(step)
    fields = of_step(step.act(typed, action, place), step.key) if action else typed
    try:
        draft = _save(draft_id, step, fields)
    except DraftChanged as changed:
        return _conflict(changed, step, typed)
    if action:
        return redirect(f"{address_of(draft_id, step.key)}?asked={action}#act-{action}")
    if request.form.get("go") == "leave":
        flash(words().say("Your form is kept. Go on with it whenever you like."), "success")
        return redirect(url_for("console.new.start"))
    form = form_of(draft, step, place)
    if form.errors:
        return show(step.page(form, place), REFUSED)
    if form.is_last:
        return make_campaign(draft, form, place)
    following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    return redirect(address_of(draft_id, following.key))


@blueprint.post("/campaigns/new/<draft_id>/<key>/save")
@open_to(Scope.CAMPAIGNS_WRITE)
def save(draft_id: str, key: str) -> str | tuple[str, int]:
    """Keep what was typed while it is being typed, and say so."""
    step, place = _step(key), setting()
    template = "console/new/_saved.html"
    try:
        draft = _save(draft_id, step, _typed(step))
    except DraftChanged:
        told = words().say("Not saved: somebody else changed this step. Continue to see both.")
        return show_part(template, saved=told, version=_version()), CONFLICT
    return show_part(template, saved=saved_at(draft, place), version=draft.version)


@blueprint.post("/campaigns/new/<draft_id>/<key>/part/<name>")
@open_to(Scope.CAMPAIGNS_WRITE)
def show_part_of_step(draft_id: str, key: str, name: str) -> str:
    """Keep what was typed, and give a part of the page that follows from it."""
    step, place = _step(key), setting()
    draft, typed = drafting.find_draft(wiring().engine, draft_id), _typed(step)
    if typed != of_step(draft.fields, step.key):
        with suppress(DraftChanged):  # the status beside it says so already
            draft = _save(draft_id, step, typed)
    try:
        return step.part(name, form_of(draft, step, place, asked=name), place)
    except NoSuchPart:
        abort(NOT_FOUND)


def _step(key: str) -> Step:
    step = step_named(key)
    if step is None:
        abort(NOT_FOUND)
    return step


def _typed(step: Step) -> dict[str, str]:
    """Give what was sent of a step; several values of a name become lines."""
    sent = request.form.to_dict(flat=False)
    return of_step({name: "\n".join(values) for name, values in sent.items()}, step.key)


def _version() -> int:
    sent = request.form.get("version", "")
    return int(sent) if sent.isdecimal() else 0


def _save(draft_id: str, step: Step, fields: Fields) -> FormDraft:
    parts = wiring()
    editor = drafting.Editor(person().user.user_id, _version())
    return drafting.save_step(parts.engine, draft_id, step.key, fields, editor, parts.clock())


def _conflict(changed: DraftChanged, step: Step, typed: Fields) -> tuple[str, int]:
    draft = drafting.find_draft(wiring().engine, changed.draft_id)
    theirs = of_step(draft.fields, step.key)
    names = {one.user_id: one.name for one in list_users(wiring().engine)}
    say = words().say
    page = ConflictPage(
        title=say("Somebody else changed this step"),
        who=names.get(changed.user_id, say("Somebody else")),
        rows=tuple(
            (name.removeprefix(f"{step.key}."), theirs.get(name, ""), typed.get(name, ""))
            for name in sorted({*theirs, *typed})
            if theirs.get(name, "") != typed.get(name, "")
        ),
        typed=tuple(sorted(typed.items())),
        version=changed.version,
        address=address_of(draft.draft_id, step.key),
    )
    return show(page, CONFLICT)
