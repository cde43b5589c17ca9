"""The ordered outcomes of a funnel."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from stats.errors import InvalidPlan
from stats.metric import Condition, Window
from stats.plan.variants import FORBID


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One of the ordered outcomes of a funnel: any of these events."""

    key: str
    name: str
    events: tuple[str, ...]
    where: tuple[Condition, ...] = ()
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
    """Ordered steps within one window after first exposure."""

    steps: tuple[FunnelStep, ...]
    window: Window
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
        read = [(frozenset(step.events), step.where) for step in self.steps]
        if len(set(read)) < len(read):
            way_out = "let every step read an event of its own: one event would pass two steps"
            raise InvalidPlan(keys, field="funnel.steps", expected=way_out)
