"""Makes of a draft and a step what the page of the step shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.console.context import formats, person, programme, wiring, words
from app.console.new.form import Form, Progress, Setting, StepLink
from app.console.new.judging import judge
from app.console.new.steps import STEPS
from experiments.errors import UnknownProgramme

if TYPE_CHECKING:
    from app.console.new.form import Judged
    from app.console.new.step import Step
    from experiments.form_draft import FormDraft


def setting() -> Setting:
    """Give what the steps may need to know.

    Raises:
        UnknownProgramme: None is set, so there is no ladder to speak of.
    """
    found = programme()
    if found is None:
        raise UnknownProgramme
    parts = wiring()
    return Setting(found, parts.clock(), words(), formats(), parts.engine, parts.settings)


def step_named(key: str) -> Step | None:
    """Give a step by its key, or None."""
    return next((step for step in STEPS if step.key == key), None)


def form_of(draft: FormDraft, step: Step, place: Setting, *, asked: str = "") -> Form:
    """Give a form at a step, judged as it is.

    Args:
        draft: What was typed.
        step: Which is shown.
        place: As ever.
        asked: The button that led here.
    """
    judged = judge(STEPS, draft.fields, dict(draft.base), place)
    number = STEPS.index(step)
    address = address_of(draft.draft_id, step.key)
    before = address_of(draft.draft_id, STEPS[number - 1].key) if number else ""
    return Form(
        draft_id=draft.draft_id,
        step=step.key,
        title=name_of(draft),
        campaign_key=draft.campaign_key,
        version=draft.version,
        fields=draft.fields,
        errors=judged.errors[step.key] if _is_seen(step, draft) else {},
        judged=judged,
        asked=asked,
        steps=tuple(_link(one, draft, judged, step) for one in STEPS),
        address=address,
        save_address=f"{address}/save",
        saved=saved_at(draft, place),
        back=before or url_for("console.new.start"),
        is_last=number == len(STEPS) - 1,
    )


def address_of(draft_id: str, step: str) -> str:
    """Give the address of a step of a form."""
    return url_for("console.form.show_step", draft_id=draft_id, key=step)


def name_of(draft: FormDraft) -> str:
    """Give what a form is called."""
    return draft.fields.get("goal.name", "").strip() or words().say("Campaign without a name")


def saved_at(draft: FormDraft, place: Setting) -> str:
    """Say when a form was saved last, and by whom where it was somebody else."""
    local = draft.updated_at.astimezone(place.formats.zone)
    last = max(draft.edits.values(), key=lambda one: one.version, default=None)
    time = f"{local:%H:%M}"
    if last is not None and last.user_id != person().user.user_id:
        return place.words.say("Saved {time} by somebody else", time=time)
    return place.words.say("Saved {time}", time=time)


def _link(step: Step, draft: FormDraft, judged: Judged, here: Step) -> StepLink:
    progress = Progress.OPEN
    if _is_seen(step, draft):
        progress = Progress.WRONG if judged.errors[step.key] else Progress.DONE
    return StepLink(
        words().say(step.title),
        step.icon,
        address_of(draft.draft_id, step.key),
        progress,
        step is here,
    )


def _is_seen(step: Step, draft: FormDraft) -> bool:
    """Say whether somebody saved the step, or the last one: then all should be right."""
    return step.key in draft.edits or STEPS[-1].key in draft.edits
