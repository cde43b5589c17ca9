"""The addresses of the pages about members, and who acts on them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from app.console.context import person, wiring
from experiments.lifecycle import Act

blueprint: Final = Blueprint("members", __name__, url_prefix="/members")


def act(reason: str | None = None) -> Act:
    """Give who does something now, as logs name people."""
    return Act(wiring().clock(), f"user {person().user.user_id}", reason)
