"""The first step: what the campaign is called, what it is for, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.console.new.step import Step
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page


@dataclass(frozen=True, slots=True)
class GoalPage:
    """The step of the goal."""

    template: ClassVar[str] = "console/new/goal.html"
    title: str
    form: Form


class GoalStep(Step):
    """What the campaign is called, what it is for, and who answers for it."""

    key: ClassVar[str] = "goal"
    title: ClassVar[str] = marked("Goal")
    icon: ClassVar[str] = "target"
    places: ClassVar[Mapping[str, str]] = {"name": "goal.name", "key": "goal.key"}

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give name and key."""
        del setting
        return {"goal.name": document.get("name", ""), "goal.key": document["key"]}

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give name and key."""
        del before, setting
        return {"name": fields.get("goal.name", ""), "key": fields.get("goal.key", "")}

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        return GoalPage(setting.words.say(self.title), form)
