"""The page on which the approval of a campaign is asked for, given, refused and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request, url_for

from app.auth import Scope
from app.console.access import open_to
from app.console.campaigns.frame import framed
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import formats, person, programme, wiring, words
from app.console.rendering import show
from app.language import marked
from experiments.approval import Answer, approves
from experiments.approving import answer_approval, approvals_of, ask_approval, may_answer
from experiments.campaign import State
from experiments.errors import Conflict, InvalidValues, UnknownApproval

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from experiments.approval import Approval

blueprint = Blueprint("approval", __name__)

ANSWERS: Final = {
    None: marked("Waits for an answer"),
    Answer.APPROVED: marked("Approved"),
    Answer.REFUSED: marked("Refused"),
    Answer.WITHDRAWN: marked("Taken back"),
}
TONES: Final = {None: "busy", Answer.APPROVED: "good", Answer.REFUSED: "bad",
                Answer.WITHDRAWN: "calm"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request for approval, and what became of it."""

    state: str
    tone: str
    asked: str
    note: str
    answered: str
    reason: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """Where a campaign's approval stands.

    Attributes:
        is_required: Whether a launch needs one.
        is_approved: Whether it has one as it is now.
        rows: Every request, the newest first.
        waiting: Number of the request that waits, or None.
        can_ask: Whether the reader may ask now.
        can_answer: Whether the reader may approve or refuse.
        can_withdraw: Whether the reader asked and may take it back.
        why_not: Why the reader may not answer, in words; empty where they may, or nothing waits.
        errors: What was wrong, by field.
        typed: What was typed, by field.
    """

    template: ClassVar[str] = "console/new/approval.html"
    title: str
    frame: Frame
    is_required: bool
    is_approved: bool
    is_draft: bool
    rows: tuple[RequestRow, ...]
    waiting: int | None
    can_ask: bool
    can_answer: bool
    can_withdraw: bool
    why_not: str
    setup_address: str
    launch_address: str
    errors: dict[str, str]
    typed: dict[str, str]


@blueprint.get("/campaigns/<key>/approval")
@open_to(Scope.CAMPAIGNS_READ)
def approval(key: str) -> tuple[str, int]:
    """Show where the approval stands."""
    return show(_page(key, {}))


@blueprint.post("/campaigns/<key>/approval/ask")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str) -> Response | tuple[str, int]:
    """Ask for the approval of the campaign as it is."""
    parts = wiring()
    note = request.form.get("note", "")
    try:
        ask_approval(parts.engine, key, note, _actor(), parts.clock())
    except Conflict as refused:
        return show(_page(key, {"": words().say(str(refused))}), 409)
    flash(words().say("The approval is asked for. Somebody else gives it."), "success")
    return redirect(url_for("console.approval.approval", key=key))


@blueprint.post("/campaigns/<key>/approval/answer")
@open_to(Scope.CAMPAIGNS_APPROVE)
def answer(key: str) -> Response | tuple[str, int]:
    """Approve or refuse."""
    chosen = request.form.get("answer", "")
    return _answer(key, Answer.APPROVED if chosen == Answer.APPROVED else Answer.REFUSED)


@blueprint.post("/campaigns/<key>/approval/withdraw")
@open_to(Scope.CAMPAIGNS_WRITE)
def withdraw(key: str) -> Response | tuple[str, int]:
    """Take one's own request back."""
    return _answer(key, Answer.WITHDRAWN)


def _answer(key: str, chosen: Answer) -> Response | tuple[str, int]:
    parts, say = wiring(), words().say
    sent = request.form.get("request", "")
    number = int(sent) if sent.isdecimal() else 0
    reason = request.form.get("reason", "")
    try:
        answer_approval(parts.engine, key, number, chosen, reason, _actor(), parts.clock())
    except InvalidValues as refused:
        errors = {
            one.field: say("Say what should be changed.")
            if one.field == "reason"
            else say("Whoever made the campaign, changed it or asks does not answer.")
            for one in refused.problems
        }
        return show(_page(key, errors), 422)
    except (Conflict, UnknownApproval):
        told = say("The campaign or the request was changed meanwhile. Read it again.")
        return show(_page(key, {"": told}), 409)
    told = {
        Answer.APPROVED: say("The campaign is approved. It can be launched as it is."),
        Answer.REFUSED: say("The campaign is not approved. Whoever asked reads why."),
        Answer.WITHDRAWN: say("The request is taken back."),
    }[chosen]
    flash(told, "success")
    return redirect(url_for("console.approval.approval", key=key))


def _actor() -> str:
    return f"user {person().user.user_id}"


def _page(key: str, errors: dict[str, str]) -> ApprovalPage:
    campaign, frame = framed(key)
    engine, say, here, found = wiring().engine, words().say, person(), programme()
    requests = approvals_of(engine, key)
    waiting = next((one for one in requests if one.answer is None), None)
    is_fresh = waiting is not None and waiting.campaign_version == campaign.version
    may = waiting is not None and may_answer(engine, waiting, _actor())
    has_scope = here.may(Scope.CAMPAIGNS_APPROVE)
    why_not = ""
    if waiting is not None and not is_fresh:
        why_not = say("The campaign was changed since this was asked; ask again.")
    elif waiting is not None and not has_scope:
        why_not = say("Somebody with the role approver or admin answers.")
    elif waiting is not None and not may:
        why_not = say("Whoever made the campaign, changed it or asks does not answer.")
    names = names_of_users()
    return ApprovalPage(
        title=say("Approval of {name}", name=frame.name),
        frame=frame,
        is_required=found is not None and found.approval_required,
        is_approved=any(approves(one, campaign) for one in requests),
        is_draft=campaign.state is State.DRAFT,
        rows=tuple(_row(one, names, campaign.version) for one in reversed(requests)),
        waiting=waiting.number if waiting else None,
        can_ask=campaign.state is State.DRAFT and not is_fresh and here.may(Scope.CAMPAIGNS_WRITE),
        can_answer=may and has_scope and is_fresh,
        can_withdraw=waiting is not None and waiting.asked_by == _actor(),
        why_not=why_not,
        setup_address=f"{url_for('console.home.home')}campaigns/{key}/setup",
        launch_address=url_for("console.launch.ask", key=key)
        if here.may(Scope.CAMPAIGNS_WRITE)
        else "",
        errors=errors,
        typed={name: request.form.get(name, "") for name in ("note", "reason")},
    )


def _row(one: Approval, names: dict[str, str], version: int) -> RequestRow:
    say = words().say

    def by(actor: str | None, moment: object) -> str:
        who = actor_words(actor or "", names, words())
        return say("{who}, {when}", who=who, when=moment)

    return RequestRow(
        say(ANSWERS[one.answer]),
        TONES[one.answer],
        by(one.asked_by, formats().moment(one.asked_at).local),
        one.note or "",
        by(one.answered_by, formats().moment(one.answered_at).local) if one.answered_at else "",
        one.reason or "",
        one.campaign_version == version,
    )
