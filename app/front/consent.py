"""Answers `POST /v1/members/{member_id}/opt-out` and `/opt-in`, and why a member gets an offer.

A member does that in a page: the business's own server may for anybody, a browser for the member
whom its token names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from app.front.exchange import Reply
from app.front.reasons import why_of
from experiments.errors import InvalidValues, Problem
from experiments.lifecycle import Act
from experiments.member import id_problem
from experiments.privacy.opting import opt_in, opt_out
from experiments.serving import Asking, offer_for

if TYPE_CHECKING:
    from app.front.desk import Desk
    from app.front.exchange import Call

PREFIX: Final = "/v1/members/"
OPT_OUT: Final = "/opt-out"
OPT_IN: Final = "/opt-in"
WHY: Final = "/why"
RULES: Final = {
    ending: f"/v1/members/<path:member_id>{ending}" for ending in (OPT_OUT, OPT_IN, WHY)
}

_KNOWN: Final = ("campaign",)


def change_consent(desk: Desk, call: Call) -> Reply:
    """Let a member opt out of personalised offers, or in again; a repeat changes nothing.

    Raises:
        InvalidValues: The id cannot be one.
        MemberMismatch: A browser speaks of another member than its token names.
        StoreError: It cannot be kept.
    """
    call.query(())
    ending = OPT_OUT if call.path.endswith(OPT_OUT) else OPT_IN
    member_id = call.path[len(PREFIX) : -len(ending)]
    desk.admission.same_member(call, member_id)
    by = f"key {call.key.key_id}" if call.key is not None else "unknown"
    act = Act(desk.wiring.clock(), by if call.member_id is None else f"{by}, by the member")
    change = opt_out if ending == OPT_OUT else opt_in
    consent = change(desk.wiring.engine, member_id, act)
    # what this process does must show at once; others look within a quarter of a second
    desk.serving.watch.expire()
    shown = {
        "member_id": member_id,
        "opted_out": consent.opted_out,
        "changed": consent.changed,
        "trace_id": call.trace_id,
    }
    return Reply(200, orjson.dumps(shown))


def explain_offer(desk: Desk, call: Call) -> Reply:
    """Say in words what a member gets in a campaign and why, and nothing of anybody's rules.

    Nothing is exposed by it; a first assignment is remembered, as with the offer itself.

    Raises:
        InvalidValues: A parameter or the id is refused.
        UnknownCampaign: No campaign has the key.
        MemberMismatch: A browser asks for another member than its token names.
        StoreError: It cannot be read.
    """
    query = call.query(_KNOWN)
    member_id = call.path[len(PREFIX) : -len(WHY)]
    problems = [fault] if (fault := id_problem("member_id", member_id)) else []
    campaign = query.get("campaign", "")
    if not campaign:
        way_out = "Send the key of a campaign: ?campaign=KEY."
        problems.append(Problem("campaign", query.get("campaign"), "is required", way_out))
    if problems:
        raise InvalidValues(problems)
    desk.admission.same_member(call, member_id)
    listing = desk.serving.watch.listing()
    asking = Asking(member_id, call.now, is_seen=False)
    answer = offer_for(desk.serving, listing, campaign, asking)
    why = why_of(answer)
    shown = {
        "campaign": answer.campaign.key,
        "member_id": member_id,
        "reason": answer.reason,
        "why": why.sentence,
        "known_of_you": why.attributes,
        "is_default_offer": answer.variant is None,
        "may_opt_out": answer.member.personalisation_consent,
        "trace_id": call.trace_id,
    }
    return Reply(200, orjson.dumps(shown))
