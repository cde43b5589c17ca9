"""The form in which exposures and conversions are answered, alone or many at once.

Taking them in is the business of `app.front.events`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from experiments.outcomes import Outcome


class RefusedField(BaseModel):
    """One value of an item that was refused."""

    field: str
    value: str | float | bool | None
    message: str
    way_out: str


class ItemAnswer(BaseModel):
    """What became of one item."""

    index: Annotated[int, Field(description="Place in the list that was sent, from 0.")]
    id: Annotated[str | None, Field(description="The sender's id, where it could be read.")]
    outcome: Annotated[Outcome, Field(description="A duplicate is a success, too.")]
    errors: Annotated[list[RefusedField], Field(description="Why it was quarantined.")]


class EventsAnswer(BaseModel):
    """What became of all items; 207 says that some were quarantined."""

    accepted: int
    duplicates: int
    quarantined: int
    suppressed: Annotated[int, Field(description="Of erased members: discarded, and counted.")]
    results: list[ItemAnswer]
