"""What was changed while a phase ran, from the campaign's history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from experiments.amendment import PLAN_FIELDS
from experiments.campaign import CampaignDesign, Move, State
from experiments.lifecycle import NEW_PHASE, UPDATE
from stats.scorecard import Deviation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from experiments.campaign import Campaign, Phase
    from experiments.store.campaigns import RecordedMove

TOLD: Final = PLAN_FIELDS | {"traffic_share", "ends_at", "variants", "default_offer"}
"""Fields whose change says something about the results."""

STATE: Final = "state"
"""The field under which a pause is told."""


def deviations_of(
    campaign: Campaign, phase: Phase, moves: Sequence[RecordedMove]
) -> tuple[Deviation, ...]:
    """Give what was changed in a phase after it had started, the oldest first.

    Args:
        campaign: With its present design.
        phase: One of its phases.
        moves: Everything that was done to it, the oldest first.
    """
    return tuple(
        Deviation(
            at=move.at,
            actor=move.actor,
            field=field,
            before=_text(before),
            after=_text(after),
            reason=move.reason or "",
        )
        for move, field, before, after in _changes(campaign, moves)
        if phase.started_at <= move.at and (phase.ended_at is None or move.at < phase.ended_at)
    )


def _changes(
    campaign: Campaign, moves: Sequence[RecordedMove]
) -> Iterator[tuple[RecordedMove, str, Any, Any]]:
    """Give every field that a move changed, with its values before and after."""
    # A move keeps the document before it; what came after is what the next one found.
    documents = [document_before(move) for move in moves]
    documents.append(campaign.design.model_dump(mode="json"))
    for index, move in enumerate(moves):
        if move.move in {Move.PAUSE, Move.RESUME}:
            yield move, STATE, str(move.from_state), str(move.to_state)
        before = documents[index]
        if before is None or move.move not in {UPDATE, NEW_PHASE}:
            continue
        if move.from_state in {State.DRAFT, State.SCHEDULED} or move.move == NEW_PHASE:
            continue
        after = next(document for document in documents[index + 1 :] if document is not None)
        for field in sorted(TOLD):
            if before.get(field) != after.get(field):
                yield move, field, before.get(field), after.get(field)


def document_before(move: RecordedMove) -> dict[str, Any] | None:
    """Give the campaign's document before a move, as JSON values; None where it keeps none."""
    found = None if move.detail is None else move.detail.get("before")
    if found is None:
        return None
    # read and written again, so that a field which came later has its default on both sides
    return CampaignDesign.model_validate(found).model_dump(mode="json")


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
