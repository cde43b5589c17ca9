"""Says of every campaign what was decided, why, and what was learnt, as people wrote it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.campaign import Move
from experiments.memo import content_of
from experiments.store.engine import reading
from experiments.store.learnings import newest_memo_contents, newest_moves

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.store.learnings import NewestMove

_TELLING: Final = (Move.DECIDE, Move.ARCHIVE, Move.STOP)
"""Moves that end a campaign, the one that says most first."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What is written of how a campaign ended.

    Attributes:
        campaign: Its key.
        choice: What was decided, as `app.analysis.Choice` names it; None where nothing was.
        treatment: Key of the variant that ships; None where none does.
        reason: Given for the decision, else for the archiving or the stop; may be empty.
        learned: What the newest decision memo says was learnt; empty without one.
        at: When it was decided, archived or stopped; None where it was not.
    """

    campaign: str
    choice: str | None = None
    treatment: str | None = None
    reason: str = ""
    learned: str = ""
    at: datetime | None = None


def learnings_of(engine: Engine) -> dict[str, Learning]:
    """Give what is written of each campaign that came to an end or has a memo, by key."""
    with reading(engine) as connection:
        moves = newest_moves(connection, tuple(map(str, _TELLING)))
        memos = newest_memo_contents(connection)
    by_campaign: dict[str, list[NewestMove]] = {}
    for one in moves:
        by_campaign.setdefault(one.campaign, []).append(one)
    found = {key: _learning(key, of_campaign) for key, of_campaign in by_campaign.items()}
    for key, content in memos.items():
        prose, _, _ = content_of(content)
        written = found.get(key, Learning(key))
        found[key] = Learning(
            key, written.choice, written.treatment, written.reason, prose.learned, written.at
        )
    return found


def _learning(campaign: str, moves: list[NewestMove]) -> Learning:
    ordered = sorted(moves, key=lambda one: _TELLING.index(Move(one.move)))
    detail = ordered[0].detail if ordered[0].move == Move.DECIDE else {}
    choice, treatment = detail.get("decision"), detail.get("treatment")
    return Learning(
        campaign,
        str(choice) if choice else None,
        str(treatment) if treatment else None,
        next((one.reason for one in ordered if one.reason), ""),
        at=ordered[0].at,
    )
