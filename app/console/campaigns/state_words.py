"""Says in which state a campaign is, in words and in a tone that never stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.language import marked
from experiments.campaign import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.language import Words

STATES: Final[Mapping[State, str]] = {
    State.DRAFT: marked("Draft"),
    State.SCHEDULED: marked("Scheduled"),
    State.RUNNING: marked("Running"),
    State.PAUSED: marked("Paused"),
    State.STOPPED: marked("Stopped"),
    State.DECIDED: marked("Decided"),
    State.ARCHIVED: marked("Archived"),
}

_TONES: Final[Mapping[State, str]] = {
    State.DRAFT: "calm",
    State.SCHEDULED: "busy",
    State.RUNNING: "good",
    State.PAUSED: "warn",
    State.STOPPED: "calm",
    State.DECIDED: "calm",
    State.ARCHIVED: "calm",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in words.

    Attributes:
        text: In the reader's language.
        tone: As `console/_parts.html` names it: good, bad, warn, calm, busy.
    """

    text: str
    tone: str


def badge_of(state: State, words: Words) -> Badge:
    """Give the badge of a state."""
    return Badge(words.say(STATES[state]), _TONES[state])
