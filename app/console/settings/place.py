"""The addresses of the settings, and who changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint

from app.console.context import person, words
from app.console.refusals import by_field

if TYPE_CHECKING:
    from experiments.errors import InvalidValues

blueprint: Final = Blueprint("settings", __name__, url_prefix="/settings")


def actor() -> str:
    """Give who does something, as logs name people."""
    return f"user {person().user.user_id}"


def refusals(refused: InvalidValues) -> dict[str, str]:
    """Give what was refused, by field."""
    return by_field(refused, words())
