"""Opens what a command works on: the settings of the environment and their database."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.settings import read_settings
from app.wiring import wire
from experiments.lifecycle import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.wiring import Wiring


@contextmanager
def opened() -> Iterator[Wiring]:
    """Give a wiring whose database has the schema that this version needs.

    Raises:
        InvalidSettings: A variable of the environment cannot be used.
        StoreError: The database is missing, locked, or has another schema.
    """
    wiring = wire(read_settings())
    try:
        wiring.check_database()
        yield wiring
    finally:
        wiring.engine.dispose()


def act(wiring: Wiring, reason: str | None = None, **detail: str) -> Act:
    """Give an act of the person at this terminal, now."""
    return Act(wiring.clock(), actor(), reason, dict(detail) or None)


def actor() -> str:
    """Name the person at this terminal."""
    try:
        return f"command line: {getpass.getuser()}"
    except (KeyError, OSError):  # a container without an entry for its user
        return "command line"
