"""Says what a step of the form is: fields that are typed, and the part of a campaign they make.

A step never refuses to keep what was typed. What it cannot read goes into the document as it was
typed, so that the domain refuses it; what only the form can see (an hour that does not exist that
day) is its own refusal.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.console.new.form import Fields, Form, Json, Refusal, Setting
    from app.console.rendering import Page


class NoSuchPart(LookupError):
    """A part was asked for that the step does not have."""


class Step(ABC):
    """A page of the form.

    Attributes:
        key: In its address, and before the full stop in the names of all its fields.
        title: In English, marked; translated where it is shown.
        icon: As Tabler names it.
        places: Where refusals stand: the path in the campaign document (``goal.metric``, or
            ``goal`` for all below it) and the name of the field, or the key of the step.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    places: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give the fields that a campaign document fills, so that `document` gives it back."""

    @abstractmethod
    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give the first-level parts of the document that the step makes; None takes one away.

        Args:
            fields: Everything that was typed, of all steps.
            before: The document that the form began with: keep of a part what no field knows.
            setting: As ever.
        """

    @abstractmethod
    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page: a frozen dataclass with `template`, `title` and `form`, and its own."""

    def refusals(self, fields: Fields, setting: Setting) -> Iterable[Refusal]:
        """Give what only the form can see to be wrong; it stands before what the domain refuses."""
        del fields, setting
        return ()

    def place(self, path: str, fields: Fields) -> str | None:
        """Give the field at which a refusal of the domain stands, or None where it is not ours."""
        del fields
        found = [at for at in self.places if path == at or path.startswith((f"{at}.", f"{at}["))]
        return self.places[max(found, key=len)] if found else None

    def act(self, fields: Fields, action: str, setting: Setting) -> Fields:
        """Give the step's fields after a button that does not leave it: ``add``, ``remove.2``."""
        del action, setting
        return fields

    def part(self, name: str, form: Form, setting: Setting) -> str:
        """Give a part of the page that htmx swaps in; what was typed is saved before.

        Raises:
            NoSuchPart: The step has no such part.
        """
        del form, setting
        raise NoSuchPart(name)
