"""What was typed into the form of a metric: read from a request, and from a definition.

Terms and conditions are rows; a button that adds or removes one sends the form, which keeps what
was typed. `document` says what becomes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS: Final = (
    "key", "name", "description", "kind", "unit", "direction", "window.start_days",
    "window.end_days", "absence", "quantile", "horizon_days", "hides_lift", "companions",
    "among.attribute", "among.mode", "among.values",
)  # fmt: skip
TERM_FIELDS: Final = (
    "events", "aggregate", "sign", "property", "lowest", "highest", "ceiling", "factor",
    "less_share", "rate", "amount_if_missing", "since",
)  # fmt: skip
CONDITION_FIELDS: Final = ("property", "values", "at_least", "at_most")
SIDES: Final = ("numerator", "denominator")
MOST_ROWS: Final = 50
LONGEST: Final = 10_000

NEW: Final[Mapping[str, str]] = {
    "kind": "mean", "unit": "count", "direction": "higher", "window.start_days": "0",
    "window.end_days": "30", "among.mode": "values",
}  # fmt: skip
NEW_TERM: Final[Mapping[str, str]] = {
    "aggregate": "count", "sign": "1", "factor": "1", "since": "exposure",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermTyped:
    """A term as it was typed, with its conditions."""

    values: Mapping[str, str]
    where: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MetricTyped:
    """A metric as it was typed."""

    values: Mapping[str, str]
    numerator: tuple[TermTyped, ...] = (TermTyped(NEW_TERM),)
    denominator: tuple[TermTyped, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    def side(self, name: str) -> tuple[TermTyped, ...]:
        """Give the terms above or below the line."""
        return self.numerator if name == SIDES[0] else self.denominator


def typed_in(form: Mapping[str, str]) -> MetricTyped:
    """Read what a request brings."""
    above, below = (_terms(form, side) for side in SIDES)
    return MetricTyped({name: form.get(name, "")[:LONGEST] for name in FIELDS}, above, below)


def changed(typed: MetricTyped, order: str) -> MetricTyped:
    """Add or remove a row: ``add:numerator``, ``remove:numerator.0``, ``add:numerator.0.where``."""
    act, _, place = order.partition(":")
    side, *rest = place.split(".")
    if side not in SIDES:
        return typed
    terms = typed.side(side)
    if act == "add" and not rest:
        terms = (*terms, TermTyped(NEW_TERM))[:MOST_ROWS]
    elif rest and rest[0].isdigit() and int(rest[0]) < len(terms):
        index = int(rest[0])
        terms = (*terms[:index], *_changed_term(terms[index], act, rest[1:]), *terms[index + 1 :])
    if side == SIDES[0]:
        return replace(typed, numerator=terms)
    return replace(typed, denominator=terms)


def of_definition(key: str, definition: Mapping[str, Any]) -> MetricTyped:
    """Write a definition as somebody would have typed it."""
    among, window = definition.get("among") or {}, definition.get("window") or {}
    values = {
        **{name: _text(definition.get(name)) for name in FIELDS if "." not in name},
        "key": key,
        "window.start_days": _text(window.get("start_days")),
        "window.end_days": _text(window.get("end_days")),
        "absence": "yes" if definition.get("absence") else "",
        "hides_lift": "" if definition.get("shows_lift", True) else "yes",
        "companions": ", ".join(definition.get("companions") or ()),
        "among.attribute": _text(among.get("attribute")),
        "among.mode": "except_values" if among.get("except_values") else "values",
        "among.values": "\n".join(among.get("values") or among.get("except_values") or ()),
    }
    numerator, denominator = (
        tuple(_typed_term(term) for term in definition.get(side) or ()) for side in SIDES
    )
    return MetricTyped(values, numerator, denominator)


def _terms(form: Mapping[str, str], side: str) -> tuple[TermTyped, ...]:
    found = []
    for index in range(MOST_ROWS):
        place = f"{side}.{index}"
        if f"{place}.aggregate" not in form:
            break
        where = []
        for row in range(MOST_ROWS):
            if f"{place}.where.{row}.property" not in form:
                break
            where.append(_read(form, f"{place}.where.{row}", CONDITION_FIELDS))
        found.append(TermTyped(_read(form, place, TERM_FIELDS), tuple(where)))
    return tuple(found)


def _read(form: Mapping[str, str], place: str, names: tuple[str, ...]) -> dict[str, str]:
    return {name: form.get(f"{place}.{name}", "")[:LONGEST] for name in names}


def _changed_term(term: TermTyped, act: str, rest: list[str]) -> tuple[TermTyped, ...]:
    if act == "remove" and not rest:
        return ()
    if act == "add" and rest == ["where"]:
        return (replace(term, where=(*term.where, {})[:MOST_ROWS]),)
    if act == "remove" and rest[:1] == ["where"] and rest[-1].isdigit():
        row = int(rest[-1])
        return (replace(term, where=(*term.where[:row], *term.where[row + 1 :])),)
    return (term,)


def _typed_term(term: Mapping[str, Any]) -> TermTyped:
    values = {name: _text(term.get(name)) for name in TERM_FIELDS}
    values["events"] = ", ".join(term.get("events") or ())
    where = tuple(
        {
            **{name: _text(one.get(name)) for name in CONDITION_FIELDS},
            "values": "\n".join(one.get("values") or ()),
        }
        for one in term.get("where") or ()
    )
    return TermTyped({**NEW_TERM, **{n: v for n, v in values.items() if v}}, where)


def _text(value: object) -> str:
    return "" if value is None else str(value)
