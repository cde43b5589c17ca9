"""Runs Tierlift and its limit in turns, and says how fast the one is beside the other.

A machine changes its speed from minute to minute, so absolute figures of two runs do not compare.
A round measures everything once, one after the other; the ratio is taken within the round, and the
median over the rounds is reported with its range.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from operator import truediv
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Subject:
    """Something whose speed is measured, as often as there are rounds.

    Attributes:
        name: What it is.
        run: Measures one round, by its number, and gives its rate.
        limits: Names of the subjects that it is held against; none for a limit.
    """

    name: str
    run: Callable[[int], float]
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What the rounds gave for one subject.

    Attributes:
        name: What was measured.
        unit: What a rate counts.
        rates: One a round.
        ratios: By limit, the rate over the limit's, one a round: 1 is as fast as the limit.
        detail: More that was seen, by name.
    """

    name: str
    unit: str
    rates: tuple[float, ...]
    ratios: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    detail: Mapping[str, float | str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Give everything as JSON values."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median_rate": median(self.rates),
            "rates": list(self.rates),
            "median_ratios": {limit: median(ratios) for limit, ratios in self.ratios.items()},
            "ratios": {limit: list(ratios) for limit, ratios in self.ratios.items()},
            "detail": dict(self.detail),
        }


def measure(
    subjects: Sequence[Subject],
    *,
    unit: str,
    rounds: int,
    detail: Callable[[str], Mapping[str, float | str]] = lambda _name: {},
) -> list[Result]:
    """Run all subjects in every round, in turns, and compare each with its limits.

    Args:
        subjects: In the order in which they run; every second round runs them backwards, so that
            none always follows the same other.
        unit: What the rates count.
        rounds: How often; at least one.
        detail: More about a subject, asked by name once all rounds are over.
    """
    rates: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        for subject in subjects if number % 2 == 0 else reversed(subjects):
            rates[subject.name].append(subject.run(number))
    return [
        Result(
            name=subject.name,
            unit=unit,
            rates=tuple(rates[subject.name]),
            ratios={
                limit: tuple(map(truediv, rates[subject.name], rates[limit]))
                for limit in subject.limits
            },
            detail=detail(subject.name),
        )
        for subject in subjects
    ]


def chosen_from(parts: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Give what reads a list with commas between, of which each must be one of `parts`."""

    def chosen(text: str) -> tuple[str, ...]:
        some = tuple(text.split(","))
        if unknown := set(some) - set(parts):
            message = f"{', '.join(unknown)}: use some of {', '.join(parts)}"
            raise argparse.ArgumentTypeError(message)
        return some

    return chosen
