"""The page that leads to every setting that the reader may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from flask import url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import person, words
from app.console.rendering import show
from app.console.settings.place import blueprint
from app.language import marked

LINKS: Final = (
    ("settings.basics", Scope.PROGRAMME_WRITE, "building-store", marked("Programme basics"),
     marked("Name, time zone, currency, languages of offers, costs, how long data is kept")),
    ("settings.keys", Scope.KEYS_WRITE, "key", marked("API keys"),
     marked("What your systems and pages call Tierlift with")),
    ("settings.webhooks", Scope.WEBHOOKS_WRITE, "webhook", marked("Webhooks"),
     marked("Which of your systems is told what happens")),
    ("users.everybody", Scope.USERS_WRITE, "users-group", marked("Users"),
     marked("Who signs in, and with which role")),
    ("audit.log", Scope.AUDIT_READ, "history", marked("Audit log"),
     marked("Who changed what, and when")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SettingLink:
    """One group of settings."""

    address: str
    icon: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """The groups that the reader may change; none where the role may change nothing."""

    template: ClassVar[str] = "console/settings/overview.html"
    title: str
    links: tuple[SettingLink, ...]


@blueprint.get("/")
@open_to()
def overview() -> tuple[str, int]:
    """Show the page."""
    say = words().say
    links = tuple(
        SettingLink(url_for(f"console.{endpoint}"), icon, say(label), say(about))
        for endpoint, scope, icon, label, about in LINKS
        if person().may(scope)
    )
    return show(SettingsPage(say("Settings"), links))
