"""What the pages of offers share: their address, and in which state an offer is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask import Blueprint, url_for

from app.console.context import formats, programme, words
from app.console.new.offers import money_text
from app.console.new.offers_kinds import KINDS
from app.language import marked
from experiments.campaign import State
from experiments.offer import NoOffer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from experiments.offer import Offer
    from experiments.offering import UsedOffer

blueprint = Blueprint("offers", __name__, url_prefix="/offers")


class OfferState(StrEnum):
    """Whether members can get an offer."""

    LIVE = "live"
    PLANNED = "planned"
    OVER = "over"


STATES: Final[Mapping[OfferState, tuple[str, str]]] = {
    OfferState.LIVE: (marked("Offered now"), "good"),
    OfferState.PLANNED: (marked("Planned"), "busy"),
    OfferState.OVER: (marked("No longer offered"), "calm"),
}
_LIVE: Final = frozenset({State.RUNNING, State.PAUSED})
_PLANNED: Final = frozenset({State.DRAFT, State.SCHEDULED})


def state_of(offer: UsedOffer, now: datetime) -> OfferState:
    """Give the state of an offer: the liveliest of its campaigns'."""
    states = {use.campaign.state_at(now) for use in offer.uses}
    if states & _LIVE:
        return OfferState.LIVE
    return OfferState.PLANNED if states & _PLANNED else OfferState.OVER


def offer_address(offer_id: str) -> str:
    """Give the page of an offer."""
    return url_for("console.offers.offer", offer_id=offer_id)


def kind_name(kind: str) -> str:
    """Give what people call a kind of offer."""
    return words().say(KINDS[kind][0]) if kind in KINDS else kind


def offer_name(offer: UsedOffer) -> str:
    """Give what people call an offer: its variant's name, or its id."""
    return offer.variant.name or offer.offer_id


def cost_words(offer: Offer) -> str:
    """Give what one costs, in its own currency."""
    if isinstance(offer, NoOffer):
        return ""
    found = programme()
    if found is not None and found.currency == offer.currency:
        return formats().total(offer.unit_cost_minor, is_money=True).text
    return f"{offer.currency} {money_text(offer.unit_cost_minor, offer.currency)}"
