"""The list of all offers, by kind and by whether members can get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import request

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.listing import new_campaign_address
from app.console.campaigns.state_words import Badge
from app.console.context import formats, wiring, words
from app.console.offers.place import (
    STATES,
    OfferState,
    blueprint,
    cost_words,
    kind_name,
    offer_address,
    offer_name,
    state_of,
)
from app.console.rendering import is_part, show, show_part
from experiments.grant import GrantState
from experiments.offering import offers_of

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.offering import UsedOffer

LONGEST = 200


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer.

    Attributes:
        stock: What is left of it; empty where nothing bounds it.
        campaigns: How many variants make it, in words.
    """

    offer_id: str
    name: str
    address: str
    kind: str
    state: Badge
    cost: str
    expires: str
    stock: str
    granted: str
    redeemed: str
    reversed: str
    campaigns: str


@dataclass(frozen=True, slots=True)
class OffersPage:
    """All offers.

    Attributes:
        total: How many there are.
        found: How many were found, in words.
        typed: What was chosen, by field.
        kinds: What can be chosen, as value and text.
        states: Likewise.
    """

    template: ClassVar[str] = "console/offers/list.html"
    title: str
    total: int
    found: str
    typed: dict[str, str]
    kinds: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    rows: tuple[OfferRow, ...]
    new_address: str


@blueprint.get("/")
@open_to(Scope.CAMPAIGNS_READ)
def listing() -> tuple[str, int] | str:
    """List them; what was found alone where htmx asks for it."""
    page = _page()
    return show_part("console/offers/_found.html", page=page) if is_part() else show(page)


def _page() -> OffersPage:
    parts, say = wiring(), words().say
    now = parts.clock()
    typed = {name: request.args.get(name, "")[:LONGEST] for name in ("q", "kind", "state")}
    everything = offers_of(parts.engine, now)
    kinds = {one.variant.offer.kind for one in everything}
    found = [one for one in everything if _is_like(one, typed, now)]
    return OffersPage(
        title=say("Offers"),
        total=len(everything),
        found=words().say_many(
            "{count} offer", "{count} offers", len(found), count=formats().count(len(found)).text
        ),
        typed=typed,
        kinds=(
            ("", say("All kinds")),
            *sorted(((one, kind_name(one)) for one in kinds), key=lambda one: one[1]),
        ),
        states=(
            ("", say("All states")),
            *((str(one), say(text)) for one, (text, _) in STATES.items()),
        ),
        rows=tuple(_row(one, now) for one in found),
        new_address=new_campaign_address(),
    )


def _is_like(offer: UsedOffer, typed: dict[str, str], now: datetime) -> bool:
    text = f"{offer.offer_id} {_written(offer)}".casefold()
    return (
        typed["kind"] in {"", offer.variant.offer.kind}
        and (typed["state"] not in set(OfferState) or typed["state"] == state_of(offer, now))
        and all(word in text for word in typed["q"].casefold().split())
    )


def _written(offer: UsedOffer) -> str:
    names = (f"{use.variant.name} {use.campaign.design.name}" for use in offer.uses)
    texts = (f"{one.title} {one.body}" for one in offer.variant.offer.texts.values())
    return " ".join((*names, *texts))


def _row(offer: UsedOffer, now: datetime) -> OfferRow:
    variant, count = offer.variant, formats().count
    text, tone = STATES[state_of(offer, now)]
    expires = variant.offer.expires_at
    stock = [use.stock_left for use in offer.uses if use.stock_left is not None]
    return OfferRow(
        offer_id=offer.offer_id,
        name=offer_name(offer),
        address=offer_address(offer.offer_id),
        kind=kind_name(variant.offer.kind),
        state=Badge(words().say(text), tone),
        cost=cost_words(variant.offer),
        expires=formats().day(expires.astimezone(formats().zone).date()) if expires else "",
        stock=count(sum(stock)).text if stock else "",
        granted=count(sum(use.granted for use in offer.uses)).text,
        redeemed=count(offer.units(GrantState.REDEEMED)).text,
        reversed=count(offer.units(GrantState.REVERSED)).text,
        campaigns=words().say_many(
            "{count} campaign",
            "{count} campaigns",
            len(offer.uses),
            count=count(len(offer.uses)).text,
        ),
    )
