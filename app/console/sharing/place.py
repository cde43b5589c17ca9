"""The addresses of the pages that make links to reports, and who acts on them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from app.console.context import person

blueprint: Final = Blueprint("sharing", __name__)


def actor() -> str:
    """Name who makes or ends a link, as logs do."""
    return f"user {person().user.user_id}"
