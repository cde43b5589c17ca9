"""Values that a rule refuses, with what is wrong with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.errors.fault import ExperimentError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that was refused.

    Attributes:
        field: Path of the field, as the sender wrote it: ``variants[1].planned_share``.
        value: What came, as it came (faces shorten it).
        message: What is wrong with it.
        way_out: What would be accepted.
    """

    field: str
    value: object
    message: str
    way_out: str = ""

    def __str__(self) -> str:
        """Give the problem as one sentence, with its field and its way out."""
        sentence = f"{self.field}: {self.message} (got {shortened(self.value)})"
        return f"{sentence}. {self.way_out}" if self.way_out else sentence


def shortened(value: object, limit: int = 80) -> str:
    """Give `value` as it would be typed, cut to `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class InvalidValues(ExperimentError):
    """Values that a rule refuses; nothing was stored."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class LaunchRefused(InvalidValues):
    """A campaign that may not start yet; the problems say what is missing."""


class UnsafeChange(InvalidValues):
    """A change to a running phase that would make its results unreadable."""
