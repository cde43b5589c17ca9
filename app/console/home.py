"""The first page: what runs, and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint

from app.console.access import open_to
from app.console.context import words
from app.console.rendering import show

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class HomePage:
    """What runs, and what needs attention."""

    template: ClassVar[str] = "console/home.html"
    title: str


@blueprint.get("/")
@open_to()
def home() -> tuple[str, int]:
    """Show the page."""
    return show(HomePage(words().say("Home")))
