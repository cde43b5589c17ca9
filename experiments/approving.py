"""Asks for the approval of a campaign, answers it and takes it back.

Whether a campaign needs one, its programme says (`approval_required`), and `experiments.readying`
guards the launch. Who has the permission to approve, the faces know; that nobody approves their own
campaign is kept here. A key that somebody made in the console stands for them, so that nobody
writes a campaign in the console and approves it with a key, or with two keys; one that was made at
the command line stands for nobody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.approval import Answer, Approval, answer_refusal
from experiments.campaign import State
from experiments.errors import Conflict, IllegalMove, InvalidValues, Problem, UnknownApproval
from experiments.store.approvals import (
    add_approval,
    read_approvals,
    read_waiting,
    settle_approval,
)
from experiments.store.audit import (
    ActorKind,
    AuditQuery,
    Change,
    SubjectKind,
    actor_of,
    note_change,
    read_audit,
)
from experiments.store.campaigns import read_campaign, read_moves
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.campaign import Campaign

_MADE = frozenset({"create", "update"})


def approvals_of(engine: Engine, key: str) -> tuple[Approval, ...]:
    """Give the requests for approval of a campaign, the oldest first.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        read_campaign(connection, key)
        return read_approvals(connection, key)


def waiting_approvals(engine: Engine) -> tuple[Approval, ...]:
    """Give the requests of all campaigns that wait for an answer, the oldest first."""
    with reading(engine) as connection:
        return read_waiting(connection)


def ask_approval(engine: Engine, key: str, note: str, actor: str, now: datetime) -> Approval:
    """Ask for the approval of a draft as it is now; what was asked of an older version is over.

    Raises:
        UnknownCampaign: No campaign has this key.
        IllegalMove: It is no draft any more.
        Conflict: It is asked for already.
    """
    with writing(engine) as connection:
        campaign = read_campaign(connection, key)
        if campaign.state is not State.DRAFT:
            raise IllegalMove(key, campaign.state, "be approved", ())
        for one in read_approvals(connection, key):
            if one.answer is None and one.campaign_version == campaign.version:
                message = f"The approval of campaign {key!r} is asked for already."
                raise Conflict(message)
            if one.answer is None:
                settle_approval(connection, one.number, Answer.WITHDRAWN, actor, now, None)
        add_approval(connection, key, campaign.version, actor, now, note.strip() or None)
        _note(connection, campaign, "ask_approval", actor, now)
        return read_approvals(connection, key)[-1]


def answer_approval(  # one act
    engine: Engine, key: str, number: int, answer: Answer, reason: str, actor: str, now: datetime
) -> Approval:
    """Approve, refuse or take back a request that waits.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownApproval: Nobody asked under this number.
        InvalidValues: It is one's own campaign, a refusal has no reason, or somebody else's request
            is taken back.
        Conflict: The campaign was changed since, or the request is answered already.
    """
    with writing(engine) as connection:
        campaign = read_campaign(connection, key)
        found = {one.number: one for one in read_approvals(connection, key)}
        approval = found.get(number)
        if approval is None:
            raise UnknownApproval(key, number)
        if approval.answer is not None:
            message = "This request for approval is answered already. Read it again."
            raise Conflict(message)
        problems = _problems(connection, approval, answer, reason, actor)
        if problems:
            raise InvalidValues(problems)
        if answer is Answer.APPROVED and approval.campaign_version != campaign.version:
            message = f"Campaign {key!r} was changed since the approval was asked for. Ask again."
            raise Conflict(message)
        settle_approval(connection, number, answer, actor, now, reason.strip() or None)
        _note(connection, campaign, str(answer), actor, now)
        return next(one for one in read_approvals(connection, key) if one.number == number)


def may_answer(engine: Engine, approval: Approval, actor: str) -> bool:
    """Say whether somebody made neither the campaign nor the request, so that they may answer."""
    with reading(engine) as connection:
        return _own(connection, approval, actor) is None


def _problems(
    connection: Connection, approval: Approval, answer: Answer, reason: str, actor: str
) -> list[Problem]:
    if answer is Answer.WITHDRAWN:
        if actor == approval.asked_by:
            return []
        way_out = "Refuse it, if you may."
        return [Problem("answer", actor, "can be taken back only by who asked", way_out)]
    problems = []
    own = _own(connection, approval, actor)
    if own is not None:
        problems.append(own)
    if answer is Answer.REFUSED and not reason.strip():
        problems.append(Problem("reason", reason, "is required", "Say what should be changed."))
    return problems


def _own(connection: Connection, approval: Approval, actor: str) -> Problem | None:
    """Give why somebody may not answer, because it is their own, or None."""
    moves = read_moves(connection, approval.campaign_key)
    makers = [move.actor for move in moves if move.move in _MADE]
    involved = {one for maker in (*makers, approval.asked_by) for one in _behind(connection, maker)}
    return answer_refusal(involved, _behind(connection, actor))


def _behind(connection: Connection, actor: str) -> frozenset[str]:
    """Give an actor and, of a key, whoever made it in the console."""
    behind = {actor}
    kind, key_id = actor_of(actor)
    if kind is ActorKind.KEY:
        made = AuditQuery(action="create", subject_kind=str(SubjectKind.API_KEY), subject=key_id)
        behind |= {
            f"user {entry.actor}"
            for entry in read_audit(connection, made)
            if entry.actor_kind is ActorKind.USER
        }
    return frozenset(behind)


def _note(
    connection: Connection, campaign: Campaign, action: str, actor: str, now: datetime
) -> None:
    after = {"version": campaign.version}
    note_change(
        connection, Change(action, SubjectKind.CAMPAIGN, campaign.key, None, after), now, actor
    )
