"""Pages about members: found, looked at, opted out, exported, erased, shown a variant."""

from __future__ import annotations

from app.console.members import consenting, erasing, overriding, searching, showing
from app.console.members.place import blueprint

__all__ = ["blueprint", "consenting", "erasing", "overriding", "searching", "showing"]
