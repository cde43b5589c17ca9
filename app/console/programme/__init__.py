"""Pages about the programme: ladder, score, stages, computation, and the threshold preview."""

from __future__ import annotations

from app.console.programme import previewing, showing, writing
from app.console.programme.place import blueprint

__all__ = ["blueprint", "previewing", "showing", "writing"]
