"""The addresses of the settings, and who changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint

from app.console.context import person, words

if TYPE_CHECKING:
    from experiments.errors import InvalidValues

blueprint: Final = Blueprint("settings", __name__, url_prefix="/settings")


def actor() -> str:
    """Give who does something, as logs name people."""
    return f"user {person().user.user_id}"


def refusals(refused: InvalidValues) -> dict[str, str]:
    """Give what was refused, by field."""
    say = words().say
    return {
        one.field: " ".join(
            filter(None, (f"{say(one.message)}.", say(one.way_out) if one.way_out else ""))
        )
        for one in refused.problems
    }
