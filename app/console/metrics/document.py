"""Turns what was typed into a definition as the API takes it, and places what is refused.

The use case names a field of a term without saying which term; the first term that is refused by
itself is the one.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from app.console.context import words
from app.console.metrics.form import SIDES
from app.language import marked
from stats.errors import InvalidMetric
from stats.metric import Condition, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.console.metrics.form import MetricTyped, TermTyped
    from experiments.errors import InvalidValues

NUMBERS: Final = ("lowest", "highest", "ceiling", "factor", "rate")
NO_NUMBER: Final = marked("This is not a number. Write digits, with a point before decimals.")
NO_WHOLE_NUMBER: Final = marked("This is not a whole number. Write digits alone.")

SAID: Final[Mapping[str, str]] = {
    "key": marked(
        "Use a to z, 0 to 9 and _, a letter first, at most 128 long, and no built-in metric's key."
    ),
    "description": marked("Say in one sentence what it is."),
    "numerator": marked("Give at least one term that reads events and adds, as the kind has it."),
    "numerator.sign": marked("At least one term has to add."),
    "denominator": marked("A ratio has terms below the line, and no other kind has."),
    "absence": marked("Only a proportion can count who has nothing."),
    "unit": marked(
        "A proportion, or a ratio of like to like, is a share; nothing else is. A time to an event "
        "is in days."
    ),
    "quantile": marked("A quantile needs a share between 0 and 1, such as 0.9; no other kind has."),
    "window.start_days": marked("Use 0 or more days; a time to an event starts at 0."),
    "window.end_days": marked("Use more days than the start, and at most 3660."),
    "horizon_days": marked("Only a mean of sums of events is projected, to at most 3660 days."),
    "companions": marked("Give keys of other metrics, separated by commas."),
    "among.attribute": marked(
        "Use a to z, 0 to 9 and _, a letter first; a time to an event counts all members."
    ),
    "among.values": marked("Give at least one value, one a line."),
    "events": marked("Name at least one event; a term that counts every member names none."),
    "property": marked("Name the property where a term reads one; sums of amounts read none."),
    "lowest": marked("Only a term with a property has bounds; a highest value needs 0 or more."),
    "highest": marked("Only a term with a property has bounds."),
    "ceiling": marked("Only a highest value of a property has a cap, of 0 or more."),
    "factor": marked("Give a number above 0 with at most four decimals."),
    "less_share": marked("Only a number of events or a sum of amounts is reduced."),
    "rate": marked("Only a sum of margins has a rate, from 0 to 1 with at most four decimals."),
    "amount_if_missing": marked("Only a sum of amounts has it, in whole minor units."),
    "since": marked("A term that counts every member has no time."),
    "where.property": marked("Name a property of the event."),
    "where.values": marked("Give values, one a line, or else a lowest or a highest number."),
    "where.at_least": marked("Give a number with at most four decimals."),
    "where.at_most": marked(
        "Give a number that is not below the lowest, of at most four decimals."
    ),
}
"""What to do about a field, however it was refused."""

_CANNOT_READ: Final = marked("This will not do. See the reference of metrics in the help.")


def document_of(typed: MetricTyped) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the definition, and what is no number, by field."""
    values, errors = typed.values, dict[str, str]()
    document: dict[str, Any] = {
        name: values[name].strip() for name in ("name", "description", "kind", "unit", "direction")
    }
    document["window"] = {
        name: _whole(values[f"window.{name}"], f"window.{name}", errors) or 0
        for name in ("start_days", "end_days")
    }
    document["absence"] = bool(values["absence"])
    document["shows_lift"] = not values["hides_lift"]
    document["companions"] = _listed(values["companions"], ",")
    quantile = _number(values["quantile"], "quantile", errors)
    days = _whole(values["horizon_days"], "horizon_days", errors)
    document |= {"quantile": quantile} if quantile is not None else {}
    document |= {"horizon_days": days} if days is not None else {}
    attribute, among = values["among.attribute"].strip(), _listed(values["among.values"], "\n")
    if attribute or among:
        mode = "except_values" if values["among.mode"] == "except_values" else "values"
        document["among"] = {"attribute": attribute, mode: among}
    for side in SIDES:
        document[side] = [
            _term(term, f"{side}.{index}", errors) for index, term in enumerate(typed.side(side))
        ]
    return document, errors


def placed(refused: InvalidValues, document: Mapping[str, Any]) -> dict[str, str]:
    """Give what was refused by the field of the form, in the reader's language."""
    errors = {}
    for problem in refused.problems:
        place = _place(problem.field, document)
        errors[place] = words().say(SAID.get(_plain(place), _CANNOT_READ))
    return errors


def _place(where: str, document: Mapping[str, Any]) -> str:
    kind, _, name = where.partition(".")
    if kind not in {"term", "where"}:
        return where
    for side in SIDES:
        for index, term in enumerate(document[side]):
            if kind == "where":
                for row, one in enumerate(term["where"]):
                    if _is_refused(Condition, one):
                        return f"{side}.{index}.where.{row}.{name}"
            elif _is_refused(Term, term):
                return f"{side}.{index}.{name}"
    return SIDES[0]


def _plain(place: str) -> str:
    """Give the name of a field without the places of rows: ``where.values``, ``factor``."""
    parts = place.split(".")
    if parts[0] in SIDES and len(parts) > 1 and parts[1].isdigit():
        return ".".join(part for part in parts[2:] if not part.isdigit())
    return place


def _is_refused(kind: type[Term | Condition], values: Mapping[str, Any]) -> bool:
    try:
        TypeAdapter(kind).validate_python(values)
    except (InvalidMetric, ValidationError):
        return True
    return False


def _term(term: TermTyped, place: str, errors: dict[str, str]) -> dict[str, Any]:
    values = term.values
    written: dict[str, Any] = {
        "events": _listed(values["events"], ","),
        "aggregate": values["aggregate"],
        "sign": -1 if values["sign"] == "-1" else 1,
        "since": values.get("since") or "exposure",
        "where": [
            _condition(one, f"{place}.where.{row}", errors) for row, one in enumerate(term.where)
        ],
    }
    for name in ("property", "less_share"):
        if values.get(name, "").strip():
            written[name] = values[name].strip()
    for name in NUMBERS:
        number = _number(values.get(name, ""), f"{place}.{name}", errors)
        if number is not None:
            written[name] = number
    amount = _whole(values.get("amount_if_missing", ""), f"{place}.amount_if_missing", errors)
    return written if amount is None else written | {"amount_if_missing": amount}


def _condition(one: Mapping[str, str], place: str, errors: dict[str, str]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "property": one.get("property", "").strip(),
        "values": _listed(one.get("values", ""), "\n"),
    }
    for name in ("at_least", "at_most"):
        number = _number(one.get(name, ""), f"{place}.{name}", errors)
        if number is not None:
            written[name] = number
    return written


def _listed(text: str, separator: str) -> list[str]:
    return [one.strip() for one in text.split(separator) if one.strip()]


def _number(text: str, place: str, errors: dict[str, str]) -> str | None:
    if not text.strip():
        return None
    try:
        is_number = Decimal(text.strip()).is_finite()
    except InvalidOperation:
        is_number = False
    if not is_number:
        errors[place] = words().say(NO_NUMBER)
        return None
    return text.strip()


def _whole(text: str, place: str, errors: dict[str, str]) -> int | None:
    if not text.strip():
        return None
    try:
        return int(text.strip())
    except ValueError:
        errors[place] = words().say(NO_WHOLE_NUMBER)
        return None
