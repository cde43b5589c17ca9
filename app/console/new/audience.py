"""The step of the audience: who may enter, how many that are, and beside which campaigns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar, Final

from app.analysis.member_attributes import known_attributes
from app.console.computing import Asking
from app.console.new.audience_reach import reach_of
from app.console.new.audience_rules import (
    COMPARISONS,
    PROPOSED,
    ROWS,
    Join,
    attribute_name,
    audience_of,
    row_at,
    rows_of_audience,
    sentences_of,
    typed_rows,
)
from app.console.new.form import rows_of, without_row
from app.console.new.step import NoSuchPart, Step
from app.console.rendering import show_part
from app.language import marked
from app.report.condition_words import MONEY, Compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.analysis.member_attributes import KnownAttribute
    from app.console.new.audience_reach import Reach
    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page

COUNT: Final = "count"
AGAIN_S: Final = 20.0
"""Who asks for a count gets one that is no older; a long one must not begin anew at each look."""

_CONDITION: Final = re.compile(r"audience\.any_of\[(\d+)\]\.all_of\[(\d+)\](?:\.(\w+))?")
_FIELD_OF: Final = {"attribute": "attribute", "operator": "compare"}
_WHOLE: Final = 100.0


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition, as it is typed."""

    number: int
    at: str
    is_first: bool
    values: str
    unit: str


@dataclass(frozen=True, slots=True)
class AudiencePage:
    """The step of the audience.

    Attributes:
        sentences: The rule in words: alternatives of conditions.
        layers: Key and name of those to choose from.
        reach: The count, where it was asked for without JavaScript.
    """

    template: ClassVar[str] = "console/new/audience.html"
    title: str
    form: Form
    rows: tuple[ConditionRow, ...]
    attributes: tuple[tuple[str, str], ...]
    comparisons: tuple[tuple[str, str], ...]
    joins: tuple[tuple[str, str], ...]
    sentences: tuple[tuple[str, ...], ...]
    layers: tuple[tuple[str, str], ...]
    reach: Reach | None


class AudienceStep(Step):
    """Who may enter the campaign."""

    key: ClassVar[str] = "audience"
    title: ClassVar[str] = marked("Audience")
    icon: ClassVar[str] = "users-group"
    places: ClassVar[Mapping[str, str]] = {
        "audience": "audience",
        "layer": "audience.layer",
        "layer.share": "audience.share",
        "traffic_share": "audience.traffic",
    }

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give the conditions, the layer and the traffic as they are typed."""
        layer = document.get("layer") or {}
        return {
            **rows_of_audience(document.get("audience") or {}, setting),
            "audience.layer": layer.get("key", ""),
            "audience.share": _percent_text(layer.get("share")),
            "audience.traffic": _percent_text(document.get("traffic_share", 100)),
        }

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give audience, layer and traffic share."""
        layer = fields.get("audience.layer", "")
        share = _percent(fields.get("audience.share", "")) if layer else None
        traffic = _percent(fields.get("audience.traffic", ""))
        return {
            "audience": audience_of(fields, before.get("audience") or {}, setting),
            "layer": {"key": layer, "share": _WHOLE if share is None else share} if layer else None,
            "traffic_share": None if traffic == _WHOLE else traffic,
        }

    def place(self, path: str, fields: Fields) -> str | None:
        """Give the field of a condition by its place in the document."""
        found = _CONDITION.match(path)
        if found is not None:
            row = row_at(fields, int(found[1]), int(found[2]))
            if row is not None:
                return f"{ROWS}.{row}.{_FIELD_OF.get(found[3] or '', 'value')}"
        return super().place(path, fields)

    def act(self, fields: Fields, action: str, setting: Setting) -> Fields:
        """Add a condition, or take one away; whatever is first joins nothing."""
        del setting
        name, _, number = action.partition(".")
        if name in {Join.AND, Join.OR}:
            row = max(rows_of(fields, ROWS), default=-1) + 1
            at = f"{ROWS}.{row}"
            new = {"join": name, "attribute": "", "compare": Compare.ONE_OF, "value": ""}
            return {**fields, **{f"{at}.{part}": value for part, value in new.items()}}
        if name == "remove" and number.isdecimal():
            return without_row(fields, ROWS, int(number))
        return fields

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        say = setting.words.say
        known = {one.name: one for one in known_attributes(setting.engine)}
        used = {form.value(f"{ROWS}.{row}.attribute") for row in typed_rows(form.fields)}
        names = sorted(
            {*known, *PROPOSED, *used}, key=lambda one: attribute_name(one, setting).casefold()
        )
        rows = rows_of(form.fields, ROWS)
        return AudiencePage(
            say(self.title),
            form,
            tuple(_row(row, row == rows[0], form, known, setting) for row in rows),
            (
                ("", say("Choose what is known of members")),
                *((one, attribute_name(one, setting)) for one in names),
            ),
            tuple((str(one), say(text)) for one, text in COMPARISONS.items()),
            ((Join.AND, say("and also")), (Join.OR, say("or else"))),
            sentences_of(form.fields, setting),
            (
                ("", say("None: it may share members with any campaign")),
                *((one.key, one.name or one.key) for one in setting.programme.layers),
            ),
            reach_of(form.judged.document, setting, Asking.patiently(AGAIN_S))
            if form.asked == COUNT
            else None,
        )

    def part(self, name: str, form: Form, setting: Setting) -> str:
        """Give the count."""
        if name != COUNT:
            raise NoSuchPart(name)
        return show_part(
            "console/new/_reach.html",
            reach=reach_of(form.judged.document, setting, Asking.patiently()),
            address=form.address,
            sentences=sentences_of(form.fields, setting),
        )


def _row(
    row: int, is_first: bool, form: Form, known: Mapping[str, KnownAttribute], setting: Setting  # noqa: FBT001  # of one caller
) -> ConditionRow:  # fmt: skip
    name = form.value(f"{ROWS}.{row}.attribute")
    found = known.get(name)
    values = ", ".join(found.values) if found else ""
    if name == "tier":
        values = ", ".join(setting.programme.ladder.keys())
    unit = setting.programme.currency if name.endswith(MONEY) else ""
    return ConditionRow(row, f"{ROWS}.{row}", is_first, "" if unit else values, unit)


def _percent_text(value: Any) -> str:  # noqa: ANN401  # a JSON value
    if value is None:
        return ""
    try:
        return f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return str(value)


def _percent(text: str) -> float | str | None:
    text = text.strip().removesuffix("%").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
        return float(number) if number.is_finite() else text
    except InvalidOperation:
        return text
