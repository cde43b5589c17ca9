"""The steps of a funnel, in which order they have to be passed, and over whom they are counted.

Over the exposed, a funnel is one chain: every step is passed after the one before it. Over the
assigned, it has two tracks. Steps of the offer follow one another from the first exposure on; only
variants that show an offer can have them. Outcomes follow one another from the assignment on,
whatever became of the offer, since control members upgrade and come back without one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import ConfigDict

from stats.errors import InvalidPlan
from stats.metric import Condition, Window
from stats.plan.variants import FORBID, Basis

ASSIGNED: Final = "assigned"
EXPOSED: Final = "exposed"
TAKEN: Final = frozenset({ASSIGNED, EXPOSED})
"""Keys of the steps that every funnel over the assigned begins with."""


class Track(StrEnum):
    """Which steps a step has to follow, where the funnel is over the assigned."""

    OFFER = "offer"  # the exposure, and the steps of the offer before it
    OUTCOME = "outcome"  # the assignment, and the outcomes before it


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One of the ordered steps of a funnel: any of these events.

    Attributes:
        key: Its name in the result.
        name: Its name for readers.
        events: Names of the events that pass it.
        where: What properties of the event must be.
        track: Which steps it follows.
        after: Days since the step before it on its track in which the event counts, instead of the
            funnel's window; a unit is mature for it once those days are over, too.
    """

    key: str
    name: str
    events: tuple[str, ...]
    where: tuple[Condition, ...] = ()
    track: Track = Track.OUTCOME
    after: Window | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a step that reads no event."""
        if not self.key:
            raise InvalidPlan(self.key, field="funnel.steps.key", expected="name the step")
        if not self.events or not all(self.events):
            raise InvalidPlan(
                self.events, field=f"funnel.steps.{self.key}.events", expected="name an event"
            )


@dataclass(frozen=True, slots=True)
class Funnel:
    """Ordered steps within one window.

    Attributes:
        steps: At least one; the assignment and the exposure are steps anyway, over the assigned.
        window: From the first exposure, or from the assignment.
        basis: Over whom every step is counted.
        offering: Keys of the variants that show an offer: those that its steps compare.
        tiers: The ladder, lowest first, by which results are sliced; empty for no slices.
        minimum_units: A tier with fewer units in any variant is counted and not shown apart.
    """

    steps: tuple[FunnelStep, ...]
    window: Window
    basis: Basis = Basis.EXPOSED
    offering: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    minimum_units: int = 100
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse an empty funnel, and two steps that one event would pass at once."""
        if not self.steps:
            raise InvalidPlan(
                self.steps, field="funnel.steps", expected="give a step, or leave the funnel out"
            )
        keys = [step.key for step in self.steps]
        if len(set(keys)) < len(keys):
            raise InvalidPlan(
                keys, field="funnel.steps", expected="give every step a key of its own"
            )
        read = [(frozenset(s.events), s.where, s.track, s.after) for s in self.steps]
        if len(set(read)) < len(read):
            way_out = "let every step read an event of its own: one event would pass two steps"
            raise InvalidPlan(keys, field="funnel.steps", expected=way_out)
        if self.is_over_assigned and TAKEN & set(keys):
            way_out = f"leave out {ASSIGNED} and {EXPOSED}, with which the funnel begins anyway"
            raise InvalidPlan(keys, field="funnel.steps", expected=way_out)
        plain = all(s.track is Track.OUTCOME and s.after is None for s in self.steps)
        if not self.is_over_assigned and (self.tiers or self.offering or not plain):
            way_out = "tracks, days after a step and tiers need the basis assigned"
            raise InvalidPlan(self.basis.value, field="funnel.basis", expected=way_out)
        for i, step in enumerate(self.steps):
            before = self.before(i)
            if step.after is None and before is not None and self.steps[before].after is not None:
                way_out = f"say in which days after {self.steps[before].key} it counts"
                field = f"funnel.steps.{step.key}.after"
                raise InvalidPlan(None, field=field, expected=f"days after it: {way_out}")
        if self.is_over_assigned and self.window.start_days:
            way_out = "let the window begin at once; a step may have days of its own"
            raise InvalidPlan(self.window.start_days, field="funnel.window", expected=way_out)

    @property
    def is_over_assigned(self) -> bool:
        """Whether every assigned unit is counted, exposed or not."""
        return self.basis is Basis.ASSIGNED

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events that it reads, sorted."""
        return tuple(sorted({event for step in self.steps for event in step.events}))

    def before(self, index: int) -> int | None:
        """Give the place of the step before a step on its track, None for the first of it."""
        track = self.steps[index].track
        places = [i for i in range(index) if self.steps[i].track is track]
        return places[-1] if places else None

    def closes_after(self, index: int) -> int:
        """Give the days since the clock start after which nothing can pass a step any more."""
        after, before = self.steps[index].after, self.before(index)
        if after is None:
            return self.window.end_days
        start = 0 if before is None else self.closes_after(before)
        return start + after.end_days

    @property
    def longest_days(self) -> int:
        """Days since the clock start after which nothing can pass any step."""
        return max(self.closes_after(i) for i in range(len(self.steps)))
