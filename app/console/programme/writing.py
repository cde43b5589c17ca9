"""The form of the programme: its first setting, and every change of it with what that would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, request, url_for
from pydantic import ValidationError

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import person, programme, wiring, words
from app.console.plots import plot_scripts
from app.console.programme.answering import answer_of
from app.console.programme.place import MONEY, blueprint, measure_name
from app.console.programme.typed import (
    MOST_TIERS,
    acted,
    document_of,
    fields_of,
    proposed,
    refusals,
    rows_of,
)
from app.console.rendering import show
from app.programme import facts_of
from experiments.document import problems_of
from experiments.errors import InvalidValues
from experiments.lifecycle import set_programme
from experiments.programme import Programme
from experiments.programme_run.previewing import preview
from experiments.score import Measure

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.programme.answering import Answer
    from app.console.programme.typed import Fields

REFUSED: Final = 422


@dataclass(frozen=True, slots=True)
class TierFields:
    """A tier, as it was typed.

    Attributes:
        at: How the names of its fields begin.
        is_known: Whether members may carry its key already.
    """

    row: int
    at: str
    label: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class MeasureFields:
    """A part of the score, as it was typed."""

    at: str
    label: str
    is_money: bool
    has_window: bool


@dataclass(frozen=True, slots=True)
class ProgrammeFormPage:
    """The form.

    Attributes:
        is_first: Whether no programme is set yet.
        fields: What was typed, by field.
        errors: What is wrong with it, by field; ``""`` is the whole form.
        answer: What a preview found; None until one is asked for.
    """

    template: ClassVar[str] = "console/programme/form.html"
    title: str
    is_first: bool
    currency: str
    fields: Fields
    tiers: tuple[TierFields, ...]
    measures: tuple[MeasureFields, ...]
    can_add: bool
    errors: dict[str, str]
    plot_scripts: tuple[str, ...]
    answer: Answer | None


@blueprint.get("/edit")
@open_to(Scope.PROGRAMME_WRITE)
def edit() -> tuple[str, int]:
    """Show the form, with the programme as it is or as it may begin."""
    known, language = programme(), words().language
    fields = proposed(language, words()) if known is None else fields_of(known, language, words())
    return show(_page(fields, {}))


@blueprint.post("/edit")
@open_to(Scope.PROGRAMME_WRITE)
def write() -> Response | tuple[str, int]:
    """Keep what was typed, say what it would do, or change the rows of tiers."""
    fields = {name: value.strip() for name, value in request.form.items() if name != "csrf_token"}
    action = fields.pop("act", "")
    if action and action != "preview":
        return show(_page(acted(fields, action), {}))
    fields = acted(fields, "")  # rows have no gaps, so that refusals name them
    made, errors = _made(fields)
    if made is None:
        return show(_page(fields, errors), REFUSED)
    parts = wiring()
    if action == "preview":
        found = preview(parts.engine, facts_of(parts.settings), made, now=parts.clock())
        return show(_page(fields, {}, answer_of(found, made)))
    is_first = programme() is None
    try:
        set_programme(parts.engine, made, parts.clock(), f"user {person().user.user_id}")
    except InvalidValues as refused:
        return show(_page(fields, refusals(refused.problems, fields, words())), REFUSED)
    flash(words().say("The programme is saved."), "success")
    return redirect(url_for("console.home.home" if is_first else "console.programme.overview"))


def _made(fields: Fields) -> tuple[Programme | None, dict[str, str]]:
    """Give the programme that was typed, or what is wrong with it; a changed score counts up."""
    known = programme()
    document, errors = document_of(fields, known, words())
    try:
        made = Programme.model_validate(document)
    except ValidationError as refused:
        found = refusals(problems_of(refused), fields, words())
        if errors:  # what was found at a field says it better than what holds for the whole
            found.pop("", None)
        return None, found | errors
    if errors:
        return None, errors
    before = known.score if known is not None else None
    if before is not None and made.score is not None and made.score != before:
        raised = made.score.model_copy(update={"version": before.version + 1})
        made = made.model_copy(update={"score": raised})
    return made, {}


def _page(
    fields: Fields, errors: dict[str, str], answer: Answer | None = None
) -> ProgrammeFormPage:
    known, say = programme(), words().say
    keys = {tier.key for tier in known.tiers} if known is not None else set()
    rows = rows_of(fields)
    return ProgrammeFormPage(
        title=say("Your programme") if known is None else say("Change the programme"),
        is_first=known is None,
        currency=known.currency if known is not None else fields.get("currency", ""),
        fields=fields,
        tiers=tuple(
            TierFields(
                row,
                f"tier.{row}",
                fields.get(f"tier.{row}.name") or say("Tier {number}", number=row + 1),
                fields.get(f"tier.{row}.key", "") in keys,
            )
            for row in rows
        ),
        measures=tuple(
            MeasureFields(
                f"measure.{one}", measure_name(one), one in MONEY, one is not Measure.TENURE
            )
            for one in Measure
        ),
        can_add=len(rows) < MOST_TIERS,
        errors=errors,
        plot_scripts=plot_scripts(),
        answer=answer,
    )
