"""The root of all faults, and the one that says no more than to come back later."""

from __future__ import annotations


class ExperimentError(Exception):
    """Any fault that this package raises on purpose."""


class Overloaded(ExperimentError):
    """More work at once than this process takes on; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "This process has as much in work as it takes on; nothing was stored. Send it again in "
            "a second, and then after longer and longer pauses."
        )
