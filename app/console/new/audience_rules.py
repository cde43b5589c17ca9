"""Turns the rules of an audience into rows of the form, and rows into rules and sentences.

A row is one condition. Rows joined by "and" must all hold; "or" begins another alternative.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from app.console.new.form import rows_of
from app.language import marked
from app.report.condition_words import ATTRIBUTES, MONEY, SENTENCES, Compare, condition_read
from experiments.audience import Operator
from experiments.member import text_of
from experiments.money import exponent

if TYPE_CHECKING:
    from app.console.new.form import Fields, Json, Setting

ROWS: Final = "audience.rule"


class Join(StrEnum):
    """How a condition goes with those before it."""

    AND = "and"
    OR = "or"


COMPARISONS: Final = {
    Compare.ONE_OF: marked("is one of"),
    Compare.NOT_ONE_OF: marked("is none of"),
    Compare.GTE: marked("is at least"),
    Compare.LTE: marked("is at most"),
    Compare.GT: marked("is more than"),
    Compare.LT: marked("is less than"),
    Compare.KNOWN: marked("is known"),
    Compare.UNKNOWN: marked("is not known"),
    Compare.MATCHES: marked("matches the pattern"),
    Compare.NOT_MATCHES: marked("does not match the pattern"),
}
PROPOSED: Final = ("tier", "distance_to_next_minor", "rfm_group", "lifecycle_stage", "region")
"""Attributes to choose from even where no member has them yet."""


def rows_of_audience(audience: Json, setting: Setting) -> dict[str, str]:
    """Give the fields that an audience fills."""
    fields: dict[str, str] = {}
    number = 0
    for alternative in audience.get("any_of") or ():
        for place, condition in enumerate(alternative["all_of"]):
            at = f"{ROWS}.{number}"
            compare, value = _compared(condition, setting)
            fields[f"{at}.join"] = Join.AND if place or not number else Join.OR
            fields[f"{at}.attribute"] = condition["attribute"]
            fields[f"{at}.compare"] = compare
            fields[f"{at}.value"] = value
            number += 1
    return fields


def audience_of(fields: Fields, before: Json, setting: Setting) -> Json | None:
    """Give the audience that is typed, or None for everybody; an empty row is left out."""
    kept = {str(_key(one, setting)): one for one in _conditions(before)}
    any_of: list[dict[str, Any]] = []
    for row in typed_rows(fields):
        at = f"{ROWS}.{row}"
        condition = _condition(fields, at, setting)
        condition = kept.get(str(_key(condition, setting)), condition)  # as it was written before
        if not any_of or fields.get(f"{at}.join") == Join.OR:
            any_of.append({"all_of": [condition]})
        else:
            any_of[-1]["all_of"].append(condition)
    return {"any_of": any_of} if any_of else None


def typed_rows(fields: Fields) -> tuple[int, ...]:
    """Give the rows in which an attribute is chosen."""
    return tuple(row for row in rows_of(fields, ROWS) if fields.get(f"{ROWS}.{row}.attribute"))


def row_at(fields: Fields, rule: int, condition: int) -> int | None:
    """Give the row of a condition of a rule, or None."""
    place = (-1, -1)
    for row in typed_rows(fields):
        begins = place[0] < 0 or fields.get(f"{ROWS}.{row}.join") == Join.OR
        place = (place[0] + 1, 0) if begins else (place[0], place[1] + 1)
        if place == (rule, condition):
            return row
    return None


def sentences_of(fields: Fields, setting: Setting) -> tuple[tuple[str, ...], ...]:
    """Give the rule as people read it: alternatives of conditions, each a sentence."""
    alternatives: list[list[str]] = []
    for row in typed_rows(fields):
        at = f"{ROWS}.{row}"
        compare = fields.get(f"{at}.compare", "")
        if compare not in set(Compare):
            continue
        name = fields[f"{at}.attribute"]
        value = fields.get(f"{at}.value", "").strip()
        if name.endswith(MONEY):
            value = f"{setting.programme.currency} {value}"
        said = setting.words.say(
            SENTENCES[Compare(compare)], attribute=attribute_name(name, setting), value=value
        )
        if not alternatives or fields.get(f"{at}.join") == Join.OR:
            alternatives.append([said])
        else:
            alternatives[-1].append(said)
    return tuple(map(tuple, alternatives))


def attribute_name(name: str, setting: Setting) -> str:
    """Give an attribute as people read it; one that we do not know as it is called."""
    known = ATTRIBUTES.get(name)
    return setting.words.say(known) if known else name


def refusal_words(detail: str, setting: Setting) -> str:
    """Give the conditions that refused members, as the evaluator writes them, for people."""
    return "; ".join(_refusal(one, setting) for one in detail.split(" and "))


def _refusal(words: str, setting: Setting) -> str:
    found = condition_read(words, setting.formats)
    if found is None:
        return words
    name = attribute_name(found.attribute, setting)
    return setting.words.say(found.sentence, attribute=name, value=found.value)


def _conditions(audience: Json) -> list[dict[str, Any]]:
    return [one for rule in audience.get("any_of") or () for one in rule["all_of"]]


def _key(condition: dict[str, Any], setting: Setting) -> tuple[str, str, str]:
    return (str(condition.get("attribute")), *_compared(condition, setting))


def _compared(condition: dict[str, Any], setting: Setting) -> tuple[str, str]:
    """Give the comparison and the value as they are typed."""
    operator, value = condition["operator"], condition["value"]
    if operator == Operator.IS_NULL:
        return (Compare.UNKNOWN if value else Compare.KNOWN), ""
    if isinstance(value, list | tuple):
        return operator, ", ".join(text_of(one) for one in value)
    if condition["attribute"].endswith(MONEY):
        try:
            major = Decimal(str(value)).scaleb(-exponent(setting.programme.currency))
        except InvalidOperation:
            return operator, str(value)
        return operator, f"{major.normalize():f}"
    return operator, text_of(value)


def _condition(fields: Fields, at: str, setting: Setting) -> dict[str, Any]:
    """Give a row as the document has it; a value that cannot be read as it was typed."""
    attribute = fields[f"{at}.attribute"].strip()
    compare = fields.get(f"{at}.compare") or Compare.ONE_OF
    text = fields.get(f"{at}.value", "").strip()
    found: dict[str, Any] = {"attribute": attribute, "operator": compare}
    match compare:
        case Compare.KNOWN | Compare.UNKNOWN:
            return {**found, "operator": "IS_NULL", "value": compare == Compare.UNKNOWN}
        case Compare.ONE_OF | Compare.NOT_ONE_OF:
            return {**found, "value": _listed(text)}
        case Compare.MATCHES | Compare.NOT_MATCHES:
            return {**found, "value": text}
        case _:
            is_money = attribute.endswith(MONEY)
            return {**found, "value": _number(text, setting if is_money else None)}


def _listed(text: str) -> list[str]:
    for comma in (",", "、", "\n"):
        text = text.replace(comma, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str, setting: Setting | None) -> object:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    if setting is not None:
        number = number.scaleb(exponent(setting.programme.currency))
    return int(number) if number == number.to_integral_value() else float(number)
