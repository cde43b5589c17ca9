"""The archive of campaigns that are over: its search, and what offers of a kind do on average."""

from app.console.archive import kinds, listing
from app.console.archive.place import blueprint

__all__ = ["blueprint", "kinds", "listing"]
