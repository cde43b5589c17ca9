"""Asks for the approval of a campaign, answers it, takes it back, and guards the launch with it.

Whether a campaign needs one, its programme says (`approval_required`). Who has the permission to
approve, the faces know; that nobody approves their own campaign is kept here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.approval import Answer, Approval, answer_refusal, launch_refusal
from experiments.campaign import State
from experiments.errors import Conflict, IllegalMove, InvalidValues, LaunchRefused, Problem
from experiments.store.approvals import (
    add_approval,
    read_approvals,
    read_waiting,
    settle_approval,
)
from experiments.store.audit import Change, SubjectKind, note_change
from experiments.store.campaigns import read_campaign, read_moves
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.campaign import Campaign
    from experiments.programme import Programme

_MADE = frozenset({"create", "update"})


def approvals_of(engine: Engine, key: str) -> tuple[Approval, ...]:
    """Give the requests for approval of a campaign, the oldest first."""
    with reading(engine) as connection:
        return read_approvals(connection, key)


def waiting_approvals(engine: Engine) -> tuple[Approval, ...]:
    """Give the requests of all campaigns that wait for an answer, the oldest first."""
    with reading(engine) as connection:
        return read_waiting(connection)


def ask_approval(engine: Engine, key: str, note: str, actor: str, now: datetime) -> None:
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


def answer_approval(  # one act
    engine: Engine, key: str, number: int, answer: Answer, reason: str, actor: str, now: datetime
) -> None:
    """Approve, refuse or take back a request that waits.

    Raises:
        UnknownCampaign: No campaign has this key.
        InvalidValues: It is one's own campaign, a refusal has no reason, or somebody else's request
            is taken back.
        Conflict: The campaign was changed since, or the request is answered already.
    """
    with writing(engine) as connection:
        campaign = read_campaign(connection, key)
        found = {one.number: one for one in read_approvals(connection, key)}
        approval = found.get(number)
        if approval is None or approval.answer is not None:
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


def check_approved(connection: Connection, campaign: Campaign, programme: Programme | None) -> None:
    """Refuse the launch of a campaign that needs an approval and has none as it is now.

    Raises:
        LaunchRefused: It has none.
    """
    if programme is None or not programme.approval_required:
        return
    problem = launch_refusal(campaign, read_approvals(connection, campaign.key))
    if problem is not None:
        raise LaunchRefused([problem])


def may_answer(engine: Engine, approval: Approval, actor: str) -> bool:
    """Say whether somebody made neither the campaign nor the request, so that they may answer."""
    with reading(engine) as connection:
        makers = _makers(connection, approval.campaign_key)
    return answer_refusal(approval, makers, actor) is None


def _problems(
    connection: Connection, approval: Approval, answer: Answer, reason: str, actor: str
) -> list[Problem]:
    if answer is Answer.WITHDRAWN:
        if actor == approval.asked_by:
            return []
        way_out = "Refuse it, if you may."
        return [Problem("answer", actor, "can be taken back only by who asked", way_out)]
    problems = []
    own = answer_refusal(approval, _makers(connection, approval.campaign_key), actor)
    if own is not None:
        problems.append(own)
    if answer is Answer.REFUSED and not reason.strip():
        problems.append(Problem("reason", reason, "is required", "Say what should be changed."))
    return problems


def _makers(connection: Connection, key: str) -> list[str]:
    return [move.actor for move in read_moves(connection, key) if move.move in _MADE]


def _note(
    connection: Connection, campaign: Campaign, action: str, actor: str, now: datetime
) -> None:
    after = {"version": campaign.version}
    note_change(
        connection, Change(action, SubjectKind.CAMPAIGN, campaign.key, None, after), now, actor
    )
