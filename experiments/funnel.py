"""Says which steps the funnel of a campaign has: standard ones, events, or steps of one's own.

A funnel always begins with the members who were assigned and those who were exposed. What events a
standard step reads is decided with the analysis plan, since some of it depends on the offers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, model_validator

from experiments.document import Document, Key

MAX_STEPS: Final = 12
EventName = Annotated[str, Field(min_length=1, max_length=128)]


class StandardStep(StrEnum):
    """A step that needs no definition."""

    ASSIGNED = "assigned"  # there anyway
    EXPOSED = "exposed"  # there anyway
    VIEWED = "viewed"
    CLICKED = "clicked"
    CLAIMED = "claimed"
    UPGRADED = "upgraded"
    RETAINED = "retained"


class Track(StrEnum):
    """Which steps a step has to follow."""

    OFFER = "offer"
    OUTCOME = "outcome"


class StepCondition(Document):
    """What a property of an event must be, as text."""

    property: Annotated[str, Field(min_length=1, max_length=255)]
    values: Annotated[tuple[Annotated[str, Field(max_length=255)], ...], Field(min_length=1)]


class DaysAfter(Document):
    """Days since the step before, `start_days` up to, but without, `end_days`."""

    start_days: Annotated[int, Field(ge=0, le=3_660)] = 0
    end_days: Annotated[int, Field(gt=0, le=3_660)]

    @model_validator(mode="after")
    def _is_a_while(self) -> DaysAfter:
        if self.start_days >= self.end_days:
            message = f"end_days {self.end_days} must be more than start_days {self.start_days}"
            raise ValueError(message)
        return self


class FunnelStep(Document):
    """A step of one's own.

    Attributes:
        key: Its name in results.
        name: Its name for readers; the key stands in for it.
        events: Names of the events that pass it.
        where: What properties of the event must be; all of it must hold.
        track: `offer` follows the exposure and the steps of the offer before it, and compares only
            variants that show an offer; `outcome` follows the assignment and the outcomes before
            it, in every variant.
        after: Days since the step before it in which the event counts; the funnel's window where
            left out.
    """

    key: Key
    name: Annotated[str, Field(max_length=255)] = ""
    events: Annotated[tuple[EventName, ...], Field(min_length=1, max_length=20)]
    where: Annotated[tuple[StepCondition, ...], Field(max_length=10)] = ()
    track: Track = Track.OUTCOME
    after: DaysAfter | None = None


Step = EventName | FunnelStep
"""A standard step or an event, by name, or a step of one's own."""


def steps_fault(steps: tuple[Step, ...]) -> str | None:
    """Say what is wrong with the steps of a funnel, or None."""
    keys = [step.key if isinstance(step, FunnelStep) else step for step in steps]
    if len(set(keys)) < len(keys):
        return "each step of the funnel stands once"
    standard = {str(step) for step in StandardStep}
    taken = [step.key for step in steps if isinstance(step, FunnelStep) and step.key in standard]
    if taken:
        return f"{', '.join(taken)} is a standard step: give yours another key, or name it alone"
    return None
