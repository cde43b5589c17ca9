"""Pages of settings: keys, webhooks, and what holds for the whole programme."""

from __future__ import annotations

from app.console.settings import basics, keys, overview, webhooks
from app.console.settings.place import blueprint

__all__ = ["basics", "blueprint", "keys", "overview", "webhooks"]
