"""Times to an event in one variant, as counts at distinct times."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from stats.errors import InvalidSummary


@dataclass(frozen=True, slots=True)
class SurvivalSummary:
    """How many units had the event, and how many were last seen without it, at each time.

    A time is a whole number of steps since a unit's first exposure, completed ones: an event after
    3 hours and 50 minutes lies at step 3 of 24 a day. Units censored at a step were watched through
    that step's events.

    Attributes:
        steps_per_day: How fine time is cut: 24 for hours.
        steps: Distinct times at which something happened, increasing, from 0.
        events: Units with the event at each of them.
        censored: Units last seen without it at each of them.
    """

    steps_per_day: int
    steps: tuple[int, ...]
    events: tuple[int, ...]
    censored: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        if self.steps_per_day < 1:
            message = f"{self.steps_per_day} steps a day; at least 1 is needed"
            raise InvalidSummary(message)
        if not len(self.steps) == len(self.events) == len(self.censored):
            message = "steps, events and censored must be of one length"
            raise InvalidSummary(message)
        if any(right <= left for left, right in zip(self.steps, self.steps[1:], strict=False)):
            message = f"steps must increase; they are {self.steps[:5]} …"
            raise InvalidSummary(message)
        if min((*self.steps, *self.events, *self.censored), default=0) < 0:
            message = "a negative step or count; the number of units cannot be negative"
            raise InvalidSummary(message)

    @classmethod
    def from_counts(cls, steps_per_day: int, counts: Iterable[tuple[int, int, int]]) -> Self:
        """Summarise (step, events, censored) in any order; equal steps add up."""
        totals: dict[int, tuple[int, int]] = {}
        for step, events, censored in counts:
            before = totals.get(step, (0, 0))
            totals[step] = (before[0] + events, before[1] + censored)
        steps = sorted(step for step, pair in totals.items() if any(pair))
        return cls(
            steps_per_day,
            tuple(steps),
            tuple(totals[step][0] for step in steps),
            tuple(totals[step][1] for step in steps),
        )

    @property
    def n(self) -> int:
        """Units."""
        return sum(self.events) + sum(self.censored)

    @property
    def total_events(self) -> int:
        """Units that had the event."""
        return sum(self.events)

    @property
    def last_day(self) -> float:
        """Days until the last unit had the event or was last seen; 0 without units."""
        return self.steps[-1] / self.steps_per_day if self.steps else 0.0

    def censored_before(self, day: float) -> int:
        """Count the units last seen without the event before this day: those still open."""
        return sum(
            count
            for step, count in zip(self.steps, self.censored, strict=True)
            if step < day * self.steps_per_day
        )

    def __add__(self, other: Self) -> Self:
        """Summarise both sets of units together.

        Raises:
            InvalidSummary: They cut time differently.
        """
        if self.steps_per_day != other.steps_per_day:
            message = f"{self.steps_per_day} and {other.steps_per_day} steps a day do not add up"
            raise InvalidSummary(message)
        both = (
            *zip(self.steps, self.events, self.censored, strict=True),
            *zip(other.steps, other.events, other.censored, strict=True),
        )
        return type(self).from_counts(self.steps_per_day, both)
