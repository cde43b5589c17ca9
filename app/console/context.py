"""What the console and the present request carry; the only place that looks it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from flask import current_app, g, request

from app.language import ENGLISH, Language, Words, language_of
from app.report.formatting import Formats
from experiments.lifecycle import find_programme
from experiments.money import exponent

if TYPE_CHECKING:
    from flask_wtf import CSRFProtect

    from app.auth.identity_provider import IdentityProvider
    from app.auth.people import Person
    from app.auth.wrong_passwords import WrongPasswords
    from app.wiring import Wiring
    from experiments.programme import Programme

EXTENSION: Final = "tierlift-console"
LANGUAGE_COOKIE: Final = "tierlift-language"


@dataclass(frozen=True, slots=True)
class Console:
    """What the console runs on.

    Attributes:
        provider: The identity provider that people may sign in with; None where there is none.
        wrong_passwords: Those that came to this process.
    """

    wiring: Wiring
    csrf: CSRFProtect
    provider: IdentityProvider | None
    wrong_passwords: WrongPasswords


def console() -> Console:
    """Give what the console of this request runs on."""
    return cast("Console", current_app.extensions[EXTENSION])


def wiring() -> Wiring:
    """Give the settings, engine, clock and log of this application."""
    return console().wiring


def signed_in() -> Person | None:
    """Give who asks, or None where nobody is signed in."""
    return cast("Person | None", g.get("person"))


def person() -> Person:
    """Give who asks; only in views that are open to a permission."""
    return cast("Person", g.person)


def words() -> Words:
    """Give the words of the reader's language."""
    found = g.get("words")
    if found is None:
        found = g.words = Words(_language()) if request else ENGLISH
    return cast("Words", found)


def programme() -> Programme | None:
    """Give the membership programme, or None in an empty installation; read once a request."""
    if "programme" not in g:
        g.programme = find_programme(wiring().engine)
    return cast("Programme | None", g.programme)


def formats() -> Formats:
    """Give how numbers, money and times are written: the programme's, in the reader's language."""
    found = programme()
    locale = words().language.locale
    if found is None:
        return Formats("XXX", 2, ZoneInfo("UTC"), locale)
    return Formats(found.currency, exponent(found.currency), ZoneInfo(found.time_zone), locale)


def _language() -> Language:
    here = signed_in()
    asked = [request.args.get("language", ""), here.user.language if here else None]
    asked += [request.cookies.get(LANGUAGE_COOKIE), *request.accept_languages.values()]
    return language_of([one for one in asked if one])
