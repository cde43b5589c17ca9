"""Tells field by field what every change of a campaign's document changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from app.analysis.deviations import document_before
from experiments.lifecycle import NEW_PHASE, UPDATE
from experiments.store.campaigns import RecordedMove

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from experiments.campaign import Campaign

Done: TypeAlias = RecordedMove
"""Something that was done to a campaign, as faces know it."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a document that a change changed.

    Attributes:
        field: Where it stands: ``variants[1].offer.texts.en.title``.
        before: As it was, empty where it was not there.
        after: As it became, empty where it is gone.
    """

    field: str
    before: str
    after: str


def field_changes(campaign: Campaign, moves: Sequence[Done]) -> tuple[tuple[FieldChange, ...], ...]:
    """Give what each move changed in the document, in the order of the moves.

    Args:
        campaign: With its present design.
        moves: Everything that was done to it, the oldest first.
    """
    # a move keeps the document before it; what came after is what the next one found
    documents = [document_before(move) for move in moves]
    documents.append(campaign.design.model_dump(mode="json"))
    found: list[tuple[FieldChange, ...]] = []
    for index, move in enumerate(moves):
        before = documents[index]
        if before is None or move.move not in {UPDATE, NEW_PHASE}:
            found.append(())
            continue
        after = next(document for document in documents[index + 1 :] if document is not None)
        found.append(tuple(_differences("", before, after)))
    return tuple(found)


def _differences(field: str, before: Any, after: Any) -> Iterator[FieldChange]:  # noqa: ANN401  # JSON
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _differences(
                f"{field}.{name}" if field else name, before.get(name), after.get(name)
            )
        return
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{field}[{index}]", one, other)
        return
    yield FieldChange(field, _text(before), _text(after))


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
