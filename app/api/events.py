"""The form in which exposures and conversions are answered, alone or many at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from app.api.answers import json_answer
from app.errors import field_error
from experiments.recording import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from experiments.recording import ItemResult

BATCH_LIMIT = 10_000
MULTI_STATUS = 207


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
    results: list[ItemAnswer]


def events_answer(results: Sequence[ItemResult]) -> Response:
    """Give what became of each item, and of all."""
    counts = Counter(result.outcome for result in results)
    body = {
        "accepted": counts[Outcome.ACCEPTED],
        "duplicates": counts[Outcome.DUPLICATE],
        "quarantined": counts[Outcome.QUARANTINED],
        "results": [
            {
                "index": result.index,
                "id": result.item_id,
                "outcome": result.outcome,
                "errors": [field_error(problem) for problem in result.problems],
            }
            for result in results
        ],
    }
    return json_answer(body, MULTI_STATUS if counts[Outcome.QUARANTINED] else 200)
