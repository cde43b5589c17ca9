"""Drafts a decision memo from what is stored, keeps its versions, and gives them back.

Two people may write at once: whoever comes second is told, and nothing of theirs replaces what
they have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.campaign import Move
from experiments.errors import InvalidValues, MemoChanged, Problem, UnknownMemo
from experiments.memo import Decided, Memo, MemoGoal, MemoSubject, Prose, prose_problems
from experiments.store.audit import Change, SubjectKind, note_change
from experiments.store.campaigns import read_campaign, read_moves
from experiments.store.engine import reading, writing
from experiments.store.memos import add_memo, read_memos
from experiments.store.programme import read_programme
from experiments.store.scorecards import find_snapshot, read_snapshots

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.campaign import Campaign
    from experiments.store.scorecards import Snapshot


@dataclass(frozen=True, slots=True)
class Writing:
    """What somebody wants to keep.

    Attributes:
        snapshot_hash: Of the scorecard whose numbers the memo shows; None for the usual one, see
            `draft_memo`.
        based_on: The newest version that they have seen; 0 for none.
    """

    prose: Prose
    based_on: int
    snapshot_hash: str | None = None


def memos_of(engine: Engine, key: str) -> tuple[Memo, ...]:
    """Give every version: of the latest phase first, the newest first in it.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        read_campaign(connection, key)
        return read_memos(connection, key)


def find_memo(engine: Engine, key: str, phase: int, version: int) -> Memo:
    """Give one version.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownMemo: There is no such version.
    """
    found = memos_of(engine, key)
    for one in found:
        if (one.phase, one.version) == (phase, version):
            return one
    known = [f"{one.phase}/{one.version}" for one in found]
    asked = f"{phase}/{version}"
    raise UnknownMemo(asked, known, within=key)


def draft_memo(
    engine: Engine, key: str, snapshot_hash: str | None, actor: str, now: datetime
) -> Memo:
    """Give the next version as it would be with the texts of the newest one.

    Args:
        engine: The store.
        key: Of the campaign.
        snapshot_hash: Of the scorecard that it is about. By default the one that the decision was
            made by, or else the newest.
        actor: Who writes.
        now: Aware UTC.

    Raises:
        UnknownCampaign: No campaign has this key.
        InvalidValues: The campaign has no such snapshot, or none at all.
    """
    with reading(engine) as connection:
        return _draft(connection, key, snapshot_hash, actor, now)


def write_memo(engine: Engine, key: str, wanted: Writing, actor: str, now: datetime) -> Memo:
    """Keep the next version.

    Raises:
        UnknownCampaign: No campaign has this key.
        InvalidValues: A text is missing or too long, the snapshot is none of the campaign's, or
            nothing differs from the newest version.
        MemoChanged: Somebody else wrote a version that the writer has not seen.
    """
    prose = wanted.prose.tidied()
    if problems := prose_problems(prose):
        raise InvalidValues(problems)
    with writing(engine) as connection:
        draft = _draft(connection, key, wanted.snapshot_hash, actor, now)
        newest = draft.version - 1
        if newest != wanted.based_on:
            raise MemoChanged(key, draft.phase, newest)
        memo = Memo(
            key, draft.phase, draft.version, draft.snapshot_hash, prose,
            draft.subject, draft.decided, actor, now,
        )  # fmt: skip
        _refuse_repetition(connection, memo)
        if not add_memo(connection, memo):  # at the same moment, on PostgreSQL
            raise MemoChanged(key, memo.phase, memo.version)
        after = {"campaign": key, "snapshot_hash": memo.snapshot_hash, "owner": prose.owner}
        subject = f"{key}/{memo.phase}/{memo.version}"
        note_change(
            connection, Change("create", SubjectKind.MEMO, subject, None, after), now, actor
        )
    return memo


def _draft(
    connection: Connection, key: str, snapshot_hash: str | None, actor: str, now: datetime
) -> Memo:
    campaign = read_campaign(connection, key)
    decided, decided_by = _decided(connection, key)
    snapshot = _snapshot(connection, key, snapshot_hash, decided_by)
    written = read_memos(connection, key, phase=snapshot.phase)
    subject = _subject(connection, campaign, snapshot.phase)
    prose = Prose("", decided.reason if decided else "", "", _owner(campaign, snapshot.phase))
    return Memo(
        campaign=key,
        phase=snapshot.phase,
        version=written[0].version + 1 if written else 1,
        snapshot_hash=snapshot.snapshot_hash,
        prose=written[0].prose if written else prose,
        subject=subject,
        decided=decided,
        author=actor,
        written_at=now,
    )


def _snapshot(
    connection: Connection, key: str, asked: str | None, decided_by: str | None
) -> Snapshot:
    if asked is not None:
        found = find_snapshot(connection, key, asked)
        if found is None:
            way_out = "Take the hash of one of its stored scorecards."
            raise InvalidValues(
                [Problem("snapshot_hash", asked, "is no snapshot of this campaign", way_out)]
            )
        return found
    chosen = find_snapshot(connection, key, decided_by) if decided_by else None
    newest = read_snapshots(connection, key, limit=1)
    if chosen is None and not newest:
        way_out = "Compute a scorecard first."
        raise InvalidValues([Problem("snapshot_hash", None, "has nothing to name yet", way_out)])
    return chosen or newest[0]


def _decided(connection: Connection, key: str) -> tuple[Decided | None, str | None]:
    """Give the decision, and the snapshot that it was made by."""
    moves = [one for one in read_moves(connection, key) if one.move == Move.DECIDE]
    if not moves:
        return None, None
    move = moves[-1]
    detail = move.detail or {}
    verdict, against = detail.get("rule_verdict"), detail.get("against_rule")
    decided = Decided(
        choice=str(detail.get("decision", "")),
        treatment=detail.get("treatment"),
        reason=move.reason or "",
        rule_verdict=None if verdict is None else str(verdict),
        against_rule=None if against is None else bool(against),
        by=move.actor,
        at=move.at,
    )
    return decided, detail.get("snapshot_hash")


def _subject(connection: Connection, campaign: Campaign, phase: int) -> MemoSubject:
    programme = read_programme(connection)
    design = next((one.design for one in campaign.phases if one.number == phase), campaign.design)
    goal = design.goal
    return MemoSubject(
        name=design.name,
        programme=programme.name if programme else "",
        hypothesis=design.hypothesis,
        goal=None
        if goal is None
        else MemoGoal(goal.metric, goal.baseline, goal.target, goal.deadline),
        variant_names={one.key: one.name for one in design.variants},
    )


def _owner(campaign: Campaign, phase: int) -> str:
    design = next((one.design for one in campaign.phases if one.number == phase), campaign.design)
    return design.owner


def _refuse_repetition(connection: Connection, memo: Memo) -> None:
    """Refuse a version that says what the newest one says.

    Raises:
        InvalidValues: It does.
    """
    written = read_memos(connection, memo.campaign, phase=memo.phase)
    if written and memo.says_the_same(written[0]):
        message = f"says the same as version {written[0].version}"
        raise InvalidValues([Problem("learned", memo.prose.learned, message, "Change something.")])
