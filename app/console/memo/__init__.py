"""The decision memo of a campaign: read, compared, taken along, written."""

from __future__ import annotations

from app.console.memo import downloads, reading, writing
from app.console.memo.place import blueprint

__all__ = ["blueprint", "downloads", "reading", "writing"]
