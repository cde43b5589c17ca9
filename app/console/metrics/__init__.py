"""Pages about metrics: what each is and needs, and those that a business defines itself."""

from __future__ import annotations

from app.console.metrics import listing, showing, writing
from app.console.metrics.place import blueprint

__all__ = ["blueprint", "listing", "showing", "writing"]
