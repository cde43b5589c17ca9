"""Answers `GET /v1/members/{member_id}/offer`: always an offer, and the reason for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from app.front.exchange import MAX_LOCALE_LENGTH, Reply
from experiments.errors import InvalidValues, Problem
from experiments.member import id_problem
from experiments.serving import Asking, offer_for
from experiments.standing import worth_of

if TYPE_CHECKING:
    from app.front.desk import Desk
    from app.front.exchange import Call
    from app.front.shapes import Shape
    from experiments.directory import Listing
    from experiments.serving import OfferAnswer

PREFIX: Final = "/v1/members/"
SUFFIX: Final = "/offer"
RULE: Final = "/v1/members/<path:member_id>/offer"

_KNOWN: Final = ("campaign", "locale", "override")


def read_offer(desk: Desk, call: Call) -> Reply:
    """Give a member's offer in a campaign, and remember the assignment.

    Raises:
        InvalidValues: A parameter or the id is refused.
        UnknownCampaign: No campaign has the key.
        MemberMismatch: A browser asks for another member than its token names.
        StoreError: The assignment cannot be read or remembered.
    """
    query = call.query(_KNOWN)
    member_id = call.path[len(PREFIX) : -len(SUFFIX)]
    campaign = query.get("campaign", "")
    locale = query.get("locale", "")
    problems = [fault] if (fault := id_problem("member_id", member_id)) else []
    if not campaign:
        way_out = "Send the key of a campaign: ?campaign=KEY."
        problems.append(Problem("campaign", query.get("campaign"), "is required", way_out))
    if len(locale) > MAX_LOCALE_LENGTH:
        message = f"is longer than {MAX_LOCALE_LENGTH} characters"
        problems.append(Problem("locale", locale, message, "Send a tag like zh-TW."))
    if problems:
        raise InvalidValues(problems)
    desk.admission.same_member(call, member_id)
    listing = desk.serving.watch.listing()
    overrides = desk.overrides(call, query.get("override", ""), member_id)
    asking = Asking(member_id, call.now, overrides=overrides)
    answer = offer_for(desk.serving, listing, campaign, asking)
    desk.observed((answer,))
    shape = desk.shapes.of(answer, call.languages(locale), listing.catalogue)
    (progress,) = desk.progresses.of_answers((answer,), listing, call.now)
    own = {"value_minor": worth_of(desk.serving, answer), "progress": orjson.Fragment(progress)}
    return Reply(200, orjson.dumps(_shown(call, answer, shape, listing) | own))


def _shown(call: Call, answer: OfferAnswer, shape: Shape, listing: Listing) -> dict[str, object]:
    """Give the answer's fields as `app.api.offers.MemberOffer` documents them."""
    variant = answer.variant
    return {
        "campaign": answer.campaign.key,
        "phase": answer.campaign.phase,
        "member_id": answer.member.member_id,
        "reason": answer.reason,
        # it tells of rules and of other campaigns, which are nobody's business in a browser
        "detail": answer.detail if call.member_id is None else "",
        "variant": variant.key if variant is not None else None,
        "remembered": answer.remembered,
        "offer_id": shape.offer_id,
        "offer": shape.terms,
        "locale": shape.locale,
        "texts": shape.texts,
        "expires_at": shape.expires_at,
        "catalogue_version": listing.catalogue.version,
        "trace_id": call.trace_id,
    }
