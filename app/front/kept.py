"""Keeps what was written for a catalogue, for as long as that catalogue is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from experiments.memory import Bounded

if TYPE_CHECKING:
    from experiments.catalogue import Catalogue

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by key, of the catalogue that was asked about last."""

    def __init__(self, limit: int) -> None:
        """Keep at most `limit` values."""
        self._limit = limit
        self._now: tuple[str, Bounded[tuple[str, ...], Value]] = ("", Bounded(limit))

    def of(self, catalogue: Catalogue) -> Bounded[tuple[str, ...], Value]:
        """Give what is kept for a catalogue.

        Whoever still answers from an older one when it changes goes on with the values of that one,
        and cannot leave anything among those of the new.
        """
        version, kept = self._now  # both at once: another thread may be changing them
        if version != catalogue.version:
            kept = Bounded(self._limit)
            self._now = (catalogue.version, kept)
        return kept
