"""Values of the form: what was typed, what became of it, and what every page of it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from app.language import Words
    from app.report.formatting import Formats
    from app.settings import Settings
    from experiments.campaign import CampaignDesign
    from experiments.programme import Programme

Fields: TypeAlias = "Mapping[str, str]"
"""What was typed, by the name of the field: ``goal.name``, ``variants.0.key``; always text. Several
values of one name (tick boxes, lists) are lines of the text."""

Json: TypeAlias = "dict[str, Any]"
"""A campaign document, or its first level, as JSON values."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every step may need to know.

    Attributes:
        programme: With its ladder, locales, currency and zone.
        now: Aware UTC.
        words: Of the reader.
        formats: How the programme's numbers, money and times are written for the reader.
        engine: The store, for use cases.
        settings: Of the installation, for use cases.
    """

    programme: Programme
    now: datetime
    words: Words
    formats: Formats
    engine: Engine
    settings: Settings


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is wrong with what was typed.

    Attributes:
        field: Name of the field; the key of the step for what is wrong with all of it.
        text: A whole sentence in the reader's language.
    """

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What was typed, as a campaign.

    Attributes:
        document: As the API would get it.
        design: None where the document is refused.
        errors: Sentences by step and field; whatever is wrong with all of a step stands under the
            step's own key.
        loose: What is wrong at no field of the form.
    """

    document: Json
    design: CampaignDesign | None
    errors: Mapping[str, Mapping[str, str]]
    loose: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether nothing is refused."""
        return self.design is not None and not self.loose and not any(self.errors.values())


class Progress(StrEnum):
    """How far a step is."""

    DONE = "done"
    WRONG = "wrong"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class StepLink:
    """A step in the list of all of them."""

    title: str
    icon: str
    address: str
    progress: Progress
    is_here: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form at one of its steps.

    Attributes:
        version: Of the draft as it is shown.
        fields: Everything that was typed, of all steps.
        errors: What is refused in this step, by field; shown once the step was saved.
        judged: The whole form: its document, its design where it has one, every refusal.
        asked: The button that led here and did not leave the step, or empty.
        save_address: Where htmx saves what is typed; ``/part/NAME`` after `address` gives a part.
        saved: When it was saved last, in words.
        back: The step before, or where the forms are.
        is_last: Whether this is the last step.
    """

    draft_id: str
    step: str
    title: str
    campaign_key: str | None
    version: int
    fields: Fields
    errors: Mapping[str, str]
    judged: Judged
    asked: str
    steps: tuple[StepLink, ...]
    address: str
    save_address: str
    saved: str
    back: str
    is_last: bool

    def value(self, name: str) -> str:
        """Give what was typed in a field."""
        return self.fields.get(name, "")

    def error(self, name: str) -> str:
        """Give what is wrong with a field, or nothing."""
        return self.errors.get(name, "")

    @property
    def whole(self) -> str:
        """What is wrong with the step as a whole, or nothing."""
        return self.errors.get(self.step, "")


def of_step(fields: Fields, step: str) -> dict[str, str]:
    """Give the fields of one step."""
    return {name: value for name, value in fields.items() if name.startswith(f"{step}.")}


def rows_of(fields: Fields, prefix: str) -> tuple[int, ...]:
    """Give the numbers of the rows that were typed below a prefix: ``variants.0.key`` has row 0."""
    rests = (name[len(prefix) + 1 :] for name in fields if name.startswith(f"{prefix}."))
    numbers = {rest.partition(".")[0] for rest in rests}
    return tuple(sorted(int(one) for one in numbers if one.isdecimal()))


def without_row(fields: Fields, prefix: str, row: int) -> dict[str, str]:
    """Give the fields without one row; later rows move up."""
    kept = {}
    for name, value in fields.items():
        number, _, rest = name.removeprefix(f"{prefix}.").partition(".")
        if not name.startswith(f"{prefix}.") or not number.isdecimal():
            kept[name] = value
        elif int(number) != row:
            moved = int(number) - (int(number) > row)
            kept[f"{prefix}.{moved}.{rest}" if rest else f"{prefix}.{moved}"] = value
    return kept


def lines(text: str) -> list[str]:
    """Give the values of a field that holds several."""
    return [line.strip() for line in text.splitlines() if line.strip()]
