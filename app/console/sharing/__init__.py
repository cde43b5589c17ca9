"""Links by which people without an account read one report: made, listed, ended, opened."""

from __future__ import annotations

from app.console.sharing import managing
from app.console.sharing.opening import blueprint as public_blueprint
from app.console.sharing.place import blueprint

__all__ = ["blueprint", "managing", "public_blueprint"]
