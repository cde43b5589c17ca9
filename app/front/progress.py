"""Answers `GET /v1/members/{member_id}/progress`: how far the next tier is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from app.front.exchange import Reply
from experiments.errors import InvalidValues
from experiments.member import id_problem
from experiments.offer import NoOffer
from experiments.standing import member_of, standing_offer

if TYPE_CHECKING:
    from app.front.climbs import Offered
    from app.front.desk import Desk
    from app.front.exchange import Call

PREFIX: Final = "/v1/members/"
SUFFIX: Final = "/progress"
RULE: Final = "/v1/members/<path:member_id>/progress"

_KNOWN: Final = ("campaign",)
_NO_OFFER: Final[Offered] = ("", "", NoOffer())


def read_progress(desk: Desk, call: Call) -> Reply:
    """Give how far a member is, and under the offer of a campaign where one is named.

    Nothing is assigned by it, and nothing remembered.

    Raises:
        InvalidValues: A parameter or the id is refused.
        UnknownCampaign: No campaign has the key.
        MemberMismatch: A browser asks for another member than its token names.
        StoreError: Member or assignment cannot be read.
    """
    query = call.query(_KNOWN)
    member_id = call.path[len(PREFIX) : -len(SUFFIX)]
    if fault := id_problem("member_id", member_id):
        raise InvalidValues([fault])
    desk.admission.same_member(call, member_id)
    listing = desk.serving.watch.listing()
    member = member_of(desk.serving, member_id)
    offered: Offered = _NO_OFFER
    if (campaign := query.get("campaign")) is not None:
        compiled = listing.compiled(campaign)
        offered = (campaign, *standing_offer(desk.serving, compiled, member, call.now))
    (progress,) = desk.progresses.of(member, [offered], listing, call.now)
    shown = {
        "member_id": member_id,
        "campaign": campaign,
        "variant": offered[1] or None,
        "progress": orjson.Fragment(progress),
        "trace_id": call.trace_id,
    }
    return Reply(200, orjson.dumps(shown))
