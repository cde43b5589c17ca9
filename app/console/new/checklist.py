"""The last step: what is in order, what is not, and the items for people to tick at the launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.console.computing import Asking
from app.console.new.checks import ITEMS, checks_of, is_coming, items_of
from app.console.new.form import rows_of, without_row
from app.console.new.step import Step
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.console.new.checks import Check, Item
    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page


@dataclass(frozen=True, slots=True)
class ChecklistPage:
    """The step of the checklist.

    Attributes:
        checks: What was looked at.
        is_counting: Whether one of them is still being made.
        items: What people tick before the launch of this campaign.
        of_all: What they tick before every launch; the programme says so.
        loose: What is refused and has no field in the form.
        made: What the button says.
    """

    template: ClassVar[str] = "console/new/checklist.html"
    title: str
    form: Form
    checks: tuple[Check, ...]
    is_counting: bool
    items: tuple[Item, ...]
    of_all: tuple[str, ...]
    loose: tuple[str, ...]
    made: str


class ChecklistStep(Step):
    """What is in order before a launch."""

    key: ClassVar[str] = "checklist"
    title: ClassVar[str] = marked("Checklist")
    icon: ClassVar[str] = "list-check"
    places: ClassVar[Mapping[str, str]] = {"checklist": "checklist.new"}

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give a row for each item."""
        del setting
        texts = document.get("checklist", [])
        return {f"{ITEMS}.{row}.text": str(text) for row, text in enumerate(texts)}

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give the items; ticks are kept beside the campaign, not in it."""
        del before, setting
        return {"checklist": [one.text for one in items_of(fields)] or None}

    def act(self, fields: Fields, action: str, setting: Setting) -> Fields:
        """Add the item that was typed, or take one away."""
        del setting
        name, _, number = action.partition(".")
        text = fields.get("checklist.new", "").strip()
        kept = {name: value for name, value in fields.items() if name != "checklist.new"}
        if name == "add" and text:
            row = max(rows_of(fields, ITEMS), default=-1) + 1
            return {**kept, f"{ITEMS}.{row}.text": text}
        if name == "remove" and number.isdecimal():
            return without_row(fields, ITEMS, int(number))
        return fields

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        say = setting.words.say
        checks = checks_of(form, setting, Asking.at_sight())
        return ChecklistPage(
            say(self.title),
            form,
            checks,
            is_coming(checks),
            items_of(form.fields),
            setting.programme.checklist,
            form.judged.loose,
            say("Save the changes and go to the launch")
            if form.campaign_key
            else say("Make the campaign and go to the launch"),
        )
