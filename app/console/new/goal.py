"""The first step: what the campaign is called, what it is for, and who answers for it.

A share is typed in per cent and money in the programme's currency; the document has shares from
0 to 1 and minor units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar, Final

from app.console.new.form import Refusal
from app.console.new.metric_choice import metric_options, unit_of
from app.console.new.schedule_times import Exact, Which, read_local, write_local
from app.console.new.step import Step
from app.language import marked
from experiments.money import exponent
from stats.metric import MetricUnit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page

HUNDRED: Final = Decimal(100)
TAKEN: Final = frozenset({"new"})
"""Keys that are addresses of the console."""

_PLAIN: Final = {"name": "name", "owner": "owner", "hypothesis": "hypothesis",
                 "price_difference_rationale": "rationale"}  # fmt: skip
_REQUIRED: Final = ("name", "owner", "hypothesis", "metric", "baseline", "target", "deadline")


@dataclass(frozen=True, slots=True)
class GoalPage:
    """The step of the goal.

    Attributes:
        metrics: Key and name of those to choose from.
        currency: The programme's.
        zone: The programme's time zone, in which the deadline is typed.
        is_key_fixed: Whether the campaign exists, so that its key stays.
    """

    template: ClassVar[str] = "console/new/goal.html"
    title: str
    form: Form
    metrics: tuple[tuple[str, str], ...]
    currency: str
    zone: str
    is_key_fixed: bool


class GoalStep(Step):
    """What the campaign is called, what it is for, and who answers for it."""

    key: ClassVar[str] = "goal"
    title: ClassVar[str] = marked("Goal")
    icon: ClassVar[str] = "target"
    places: ClassVar[Mapping[str, str]] = {
        **{part: f"goal.{name}" for part, name in _PLAIN.items()},
        "key": "goal.key",
        "goal": "goal.metric",
        "goal.baseline": "goal.baseline",
        "goal.target": "goal.target",
        "goal.deadline": "goal.deadline",
    }

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give the goal as it is typed."""
        goal = document.get("goal") or {}
        unit = unit_of(goal.get("metric", ""), setting)
        return {
            "goal.key": document.get("key", ""),
            **{f"goal.{name}": document.get(part, "") for part, name in _PLAIN.items()},
            "goal.metric": goal.get("metric", ""),
            "goal.baseline": _typed(goal.get("baseline"), unit, setting),
            "goal.target": _typed(goal.get("target"), unit, setting),
            "goal.deadline": write_local(goal.get("deadline"), setting.formats.zone),
        }

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give what is typed as the parts of the document that are words, and the goal."""
        parts: Json = {part: _text(fields, name) or None for part, name in _PLAIN.items()}
        parts["key"] = _text(fields, "key") or key_of(_text(fields, "name"))
        unit = unit_of(_text(fields, "metric"), setting)
        goal = {
            "metric": _text(fields, "metric") or None,
            "baseline": _number(_text(fields, "baseline"), unit, setting),
            "target": _number(_text(fields, "target"), unit, setting),
            "deadline": _moment(fields, before, setting),
        }
        said = {name: value for name, value in goal.items() if value is not None}
        return {**parts, "goal": said or None}

    def refusals(self, fields: Fields, setting: Setting) -> Iterator[Refusal]:
        """Refuse what a campaign can lack and a campaign of people cannot: a goal, and an owner."""
        say = setting.words.say
        for name in _REQUIRED:
            if not _text(fields, name):
                yield Refusal(f"goal.{name}", say("This is required."))
        if _text(fields, "key") in TAKEN:
            yield Refusal("goal.key", say("This key is taken by a page. Choose another."))
        deadline = _text(fields, "deadline")
        found = _read(deadline, setting) if deadline else None
        if isinstance(found, Exact) and found.moment <= setting.now:
            yield Refusal("goal.deadline", say("This has passed. Choose a later time."))
        elif deadline and not isinstance(found, Exact):
            zone = setting.formats.zone.key
            text = say("There is no such time in {zone}. Choose another.", zone=zone)
            yield Refusal("goal.deadline", text)

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        options = tuple((one.key, one.name) for one in metric_options(setting))
        return GoalPage(
            setting.words.say(self.title),
            form,
            (("", setting.words.say("Choose a metric")), *options),
            setting.programme.currency,
            setting.formats.zone.key,
            form.campaign_key is not None,
        )


def key_of(name: str) -> str:
    """Give a key made from a name, or nothing where the name has no letters that a key can have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64]


def _text(fields: Fields, name: str) -> str:
    return fields.get(f"goal.{name}", "").strip()


def _typed(value: Any, unit: MetricUnit | None, setting: Setting) -> str:  # noqa: ANN401  # a JSON value
    if value is None:
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    shown = number * _factor(unit, setting)
    return f"{shown.normalize():f}"


def _number(text: str, unit: MetricUnit | None, setting: Setting) -> object:
    """Give a number as the document has it; what is none, as it was typed."""
    if not text:
        return None
    try:
        number = Decimal(text.removesuffix("%").replace(",", "").strip())
        return float(number / _factor(unit, setting)) if number.is_finite() else text
    except InvalidOperation:
        return text


def _factor(unit: MetricUnit | None, setting: Setting) -> Decimal:
    """Give by what a value of the document is multiplied where people read it."""
    if unit is MetricUnit.SHARE:
        return HUNDRED
    if unit is not None and unit.is_money:
        return Decimal(10) ** -exponent(setting.programme.currency)
    return Decimal(1)


def _read(text: str, setting: Setting) -> object:
    return read_local(text, setting.formats.zone, Which.EARLIER)


def _moment(fields: Fields, before: Json, setting: Setting) -> str | None:
    typed = _text(fields, "deadline")
    if not typed:
        return None
    had: str | None = (before.get("goal") or {}).get("deadline")
    if write_local(had, setting.formats.zone) == typed:
        return had
    found = _read(typed, setting)
    return found.moment.isoformat() if isinstance(found, Exact) else typed
