"""The page of what holds for the whole programme: zone, currency, locales, costs, retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, request, url_for
from pydantic import ValidationError

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import programme, wiring, words
from app.console.refusals import sentence
from app.console.rendering import show
from app.console.settings.place import actor, blueprint
from app.language import marked
from experiments.document import problems_of
from experiments.errors import InvalidValues
from experiments.lifecycle import set_programme
from experiments.money import as_typed, is_known, to_minor_units
from experiments.programme import Programme

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

MONEY: Final = ("acquisition_cost_minor", "contact_cost_minor")
DAYS: Final = {
    "exposures_days": marked("Exposures and assignments, after a campaign's last window"),
    "conversions_days": marked("Conversions, after they happened"),
    "quarantine_days": marked("Refused events, after they came"),
    "inactive_members_days": marked("Members without any event, who are erased then"),
    "access_log_days": marked("Entries of the access log"),
    "late_events_days": marked("For how long late events of an erased member are discarded"),
}
"""What is kept for how many days, by its field."""

REFUSED: Final = {
    "time_zone": marked("This is no time zone. Give one such as Asia/Taipei or Europe/London."),
    "currency": marked("This is no currency. Give its ISO 4217 code, such as TWD."),
    "locales": marked("Give languages with commas between, such as zh-Hant-TW, en."),
}
"""What is said at a field whose value is refused."""


@dataclass(frozen=True, slots=True)
class BasicsPage:
    """The form, as it stands or as it was typed.

    Attributes:
        currency_is_fixed: Whether there is a programme already, whose amounts have a currency.
        days: Name, label and value of each retention.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/settings/basics.html"
    title: str
    values: dict[str, str]
    currency_is_fixed: bool
    days: tuple[tuple[str, str, str], ...]
    errors: dict[str, str]


@blueprint.get("/programme")
@open_to(Scope.PROGRAMME_WRITE)
def basics() -> tuple[str, int]:
    """Show the form."""
    return show(_page(_values(programme()), {}))


@blueprint.post("/programme")
@open_to(Scope.PROGRAMME_WRITE)
def save_basics() -> tuple[str, int] | Response:
    """Keep what was typed, and leave the rest of the programme as it is."""
    known, say = programme(), words().say
    typed = {name: request.form.get(name, "").strip() for name in _values(known)}
    if known is not None:
        typed["currency"] = known.currency
    document, errors = _document(known, typed)
    if errors:
        return show(_page(typed, errors), 422)
    try:
        set_programme(
            wiring().engine, Programme.model_validate(document), wiring().clock(), actor()
        )  # fmt: skip
    except ValidationError as refused:
        errors = {_field(one.field): _said(_field(one.field)) for one in problems_of(refused)}
        return show(_page(typed, errors), 422)
    except InvalidValues as refused:
        errors = {_field(one.field): sentence(one, words()) for one in refused.problems}
        return show(_page(typed, errors), 422)
    flash(say("The programme is saved."), "success")
    return redirect(url_for("console.settings.basics"))


def _document(
    known: Programme | None, typed: dict[str, str]
) -> tuple[dict[str, object], dict[str, str]]:
    """Give the whole programme with what was typed, and what could not be read of it."""
    errors: dict[str, str] = {}
    document = known.model_dump(mode="json") if known else {"tiers": []}
    document |= {name: typed[name] for name in ("name", "time_zone", "currency")}
    document["locales"] = [one.strip() for one in typed["locales"].split(",") if one.strip()]
    if not is_known(typed["currency"]):
        return document, {"currency": _said("currency")}
    for name in MONEY:
        try:
            minor = to_minor_units(typed[name], typed["currency"]) if typed[name] else None
        except ValueError:
            minor = -1
        if minor is not None and minor < 0:
            errors[name] = words().say("Give an amount of 0 or more, such as 12.50.")
        document[name] = minor
    retention: dict[str, int | None] = {}
    for name in DAYS:
        text = typed[name]
        if text and not (text.isascii() and text.isdigit()):
            errors[name] = _said(name)
        else:
            retention[name] = int(text) if text else None
    if retention.get("late_events_days") is None:
        retention.pop("late_events_days", None)
    document["retention"] = retention
    return document, errors


def _field(path: str) -> str:
    name = path.rpartition(".")[2]
    return name.partition("[")[0]


def _said(field: str) -> str:
    days = marked("Give a whole number of days, or leave it empty to keep it for ever.")
    return words().say(REFUSED.get(field, days))


def _values(known: Programme | None) -> dict[str, str]:
    values = {"name": "", "time_zone": "", "currency": "", "locales": "en"}
    values |= dict.fromkeys((*MONEY, *DAYS), "")
    if known is None:
        return values
    values |= {"name": known.name, "time_zone": known.time_zone, "currency": known.currency}
    values["locales"] = ", ".join(known.locales)
    for name in MONEY:
        minor = getattr(known, name)
        if minor is not None:
            values[name] = as_typed(minor, known.currency)
    for name in DAYS:
        days = getattr(known.retention, name)
        values[name] = "" if days is None else str(days)
    return values


def _page(values: dict[str, str], errors: dict[str, str]) -> BasicsPage:
    say = words().say
    days = tuple((name, say(label), values[name]) for name, label in DAYS.items())
    return BasicsPage(say("Programme basics"), values, programme() is not None, days, errors)
