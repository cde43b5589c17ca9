"""What all pages share: navigation, who is signed in, language, light or dark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from flask import get_flashed_messages, request, url_for
from flask_wtf.csrf import generate_csrf

from app.auth.keys import Scope
from app.console.assets import address_of
from app.console.context import programme, signed_in, words
from app.console.help_links import help_for
from app.console.role_names import ROLE_NAMES
from app.language import Language, marked

THEME_COOKIE: Final = "tierlift-theme"


class Theme(StrEnum):
    """How bright pages are."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation.

    Attributes:
        endpoint: Of its page.
        label: In English; translated when it is shown.
        icon: As Tabler names it.
        scope: What it needs; None for everybody who is signed in.
    """

    endpoint: str
    label: str
    icon: str
    scope: Scope | None = None


PLACES: Final[tuple[tuple[str, tuple[Place, ...]], ...]] = (
    (
        "",
        (
            Place("home.home", marked("Home"), "home"),
            Place("campaigns.campaigns", marked("Campaigns"), "flag", Scope.CAMPAIGNS_READ),
            Place("archive.archive", marked("Archive"), "archive", Scope.REPORTS_READ),
            Place(
                "calculator.calculator", marked("Calculator"), "calculator", Scope.CAMPAIGNS_READ
            ),
        ),
    ),
    (
        marked("Programme"),
        (
            Place("members.search", marked("Members"), "users", Scope.MEMBERS_READ),
            Place("programme.overview", marked("Programme"), "stairs-up", Scope.CAMPAIGNS_READ),
            Place("offers.listing", marked("Offers"), "gift", Scope.CAMPAIGNS_READ),
            Place("audiences.listing", marked("Audiences"), "target", Scope.CAMPAIGNS_READ),
            Place("metrics.listing", marked("Metrics"), "ruler-measure", Scope.CAMPAIGNS_READ),
        ),
    ),
    (
        marked("Operations"),
        (
            Place("quarantine.listing", marked("Quarantine"), "inbox", Scope.QUARANTINE_WRITE),
            Place("help.index", marked("Help"), "help-circle"),
        ),
    ),
    (
        marked("Settings"),
        (
            Place("settings.overview", marked("All settings"), "settings"),
            Place("users.everybody", marked("Users"), "users-group", Scope.USERS_WRITE),
            Place("audit.log", marked("Audit log"), "history", Scope.AUDIT_READ),
        ),
    ),
)
"""The navigation: groups with a heading, which may be empty, and their entries."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation as one person sees it."""

    label: str
    icon: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about what was just done.

    Attributes:
        kind: ``success``, ``warning`` or ``danger``.
        text: In the reader's language.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Shell:
    """What a template needs around its page."""

    title: str
    language: Language
    languages: tuple[Language, ...]
    theme: Theme
    programme: str
    user_name: str
    role: str
    groups: tuple[tuple[str, tuple[Link, ...]], ...]
    notices: tuple[Notice, ...]
    csrf_token: str
    here: str
    help_address: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]


def shell_of(title: str) -> Shell:
    """Give the shell of a page for whoever asks."""
    here = signed_in()
    found = programme() if here is not None else None
    theme = request.cookies.get(THEME_COOKIE, "")
    return Shell(
        title=title,
        language=words().language,
        languages=tuple(Language),
        theme=Theme(theme) if theme in set(Theme) else Theme.AUTO,
        programme=found.name if found else "",
        user_name=here.user.name if here else "",
        role=words().say(ROLE_NAMES[here.role]) if here else "",
        groups=_groups() if here else (),
        notices=tuple(
            Notice(*one) for one in get_flashed_messages(with_categories=True)
        ),
        csrf_token=generate_csrf(),
        here=request.full_path.rstrip("?"),
        help_address=_help_address() if here else "",
        styles=(address_of("tabler.css"), address_of("console.css")),
        scripts=(address_of("theme.js"), address_of("tabler.js"), address_of("htmx.js"),
                 address_of("console.js")),
    )  # fmt: skip


def _help_address() -> str:
    """Give where the help tells more about this page, or nothing."""
    found = help_for(request.endpoint or "", str((request.view_args or {}).get("key", "")))
    if not found:
        return ""
    name, _, anchor = found.partition("#")
    return url_for("console.help.page", name=name, _anchor=anchor or None)


def _groups() -> tuple[tuple[str, tuple[Link, ...]], ...]:
    who = signed_in()
    shown = []
    for heading, places in PLACES:
        links = tuple(
            Link(
                words().say(place.label),
                place.icon,
                url_for(f"console.{place.endpoint}"),
                _is_here(place.endpoint),
            )
            for place in places
            if place.scope is None or (who is not None and who.may(place.scope))
        )
        if links:
            shown.append((words().say(heading), links))
    return tuple(shown)


def _is_here(endpoint: str) -> bool:
    module = endpoint.partition(".")[0]
    if (request.endpoint or "").startswith(f"console.{module}."):
        return True
    # the pages of one campaign have many modules, and stand below the list's address
    return request.path.startswith(f"{url_for(f'console.{endpoint}')}/")
