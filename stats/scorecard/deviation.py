"""A change of the plan while it was carried out."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deviation:
    """One field that was changed while the phase ran.

    Attributes:
        at: When.
        actor: Who.
        field: Field of the campaign document; `state` for a pause.
        before: Its value then, as JSON text.
        after: Its value afterwards, as JSON text.
        reason: Why, as whoever did it wrote; empty without one.
    """

    at: datetime
    actor: str
    field: str
    before: str
    after: str
    reason: str
