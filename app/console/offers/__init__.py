"""Every offer of every campaign: what it is, what members read, what became of it, what it did."""

from app.console.offers import listing, showing
from app.console.offers.place import blueprint

__all__ = ["blueprint", "listing", "showing"]
