"""One offer: its terms, what members read, what became of it, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import abort, url_for

from app.analysis.digest import newest_digests
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.design_words import Fact, variants_shown
from app.console.campaigns.digest_words import effect_interval, widest
from app.console.campaigns.frame import address_of_campaign
from app.console.campaigns.state_words import Badge, badge_of
from app.console.context import formats, programme, wiring, words
from app.console.new.showing import setting
from app.console.new.variants_shown import cards_of
from app.console.offers.place import (
    STATES,
    blueprint,
    kind_name,
    offer_name,
    state_of,
)
from app.console.rendering import show
from experiments.grant import GrantState
from experiments.offering import offers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.analysis.digest import Digest
    from app.console.campaigns.digest_words import Interval
    from app.console.new.variants_shown import PhoneCard
    from experiments.offering import OfferUse, UsedOffer

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class UseRow:
    """A campaign's variant that makes the offer.

    Attributes:
        lift: Of the metric that decides, by this variant; None where none may be quoted.
        stock: What is left of it there; empty where nothing bounds it.
    """

    campaign: str
    address: str
    variant: str
    state: Badge
    lift: Interval | None
    granted: str
    redeemed: str
    reversed: str
    expired: str
    stock: str


@dataclass(frozen=True, slots=True)
class OfferPage:
    """One offer.

    Attributes:
        terms: Facts of its kind, cost and time.
        cards: What members read, one a locale; none where it has no words.
        uses: The campaign that changed last first.
    """

    template: ClassVar[str] = "console/offers/offer.html"
    title: str
    offer_id: str
    kind: str
    state: Badge
    terms: tuple[Fact, ...]
    cards: tuple[PhoneCard, ...]
    uses: tuple[UseRow, ...]
    list_address: str


@blueprint.get("/<path:offer_id>")
@open_to(Scope.CAMPAIGNS_READ)
def offer(offer_id: str) -> tuple[str, int]:
    """Show one offer."""
    parts = wiring()
    now = parts.clock()
    found = next((one for one in offers_of(parts.engine, now) if one.offer_id == offer_id), None)
    if found is None:
        abort(NOT_FOUND)
    text, tone = STATES[state_of(found, now)]
    digests = newest_digests(parts.engine)
    known = programme()
    return show(
        OfferPage(
            title=offer_name(found),
            offer_id=offer_id,
            kind=kind_name(found.variant.offer.kind),
            state=Badge(words().say(text), tone),
            terms=tuple(_terms(found)),
            cards=cards_of(_texts(found), known.locales if known else (), setting()),
            uses=tuple(_use(one, digests) for one in found.uses),
            list_address=url_for("console.offers.listing"),
        )
    )


def _terms(offer: UsedOffer) -> Iterator[Fact]:
    say, place = words().say, setting()
    shown = variants_shown(offer.uses[0].campaign.design, place)
    yield from next(one.facts for one in shown if one.key == offer.variant.key)
    expires = offer.variant.offer.expires_at
    if expires is None:
        yield Fact(say("Can be claimed until"), say("No end is set"))


def _texts(offer: UsedOffer) -> dict[str, dict[str, str]]:
    return {
        locale: {name: str(value) for name, value in one.model_dump().items()}
        for locale, one in offer.variant.offer.texts.items()
    }


def _use(use: OfferUse, digests: Mapping[str, Digest]) -> UseRow:
    count, design = formats().count, use.campaign.design
    digest = digests.get(use.campaign.key)
    effects = digest.effects if digest else ()
    effect = next((one for one in effects if one.treatment == use.variant.key), None)
    return UseRow(
        campaign=design.name or design.key,
        address=address_of_campaign(design.key),
        variant=use.variant.name or use.variant.key,
        state=badge_of(use.campaign.state_at(wiring().clock()), words()),
        lift=effect_interval(effect, design, widest(digests), formats(), words())
        if effect
        else None,
        granted=count(use.granted).text,
        redeemed=count(use.units[GrantState.REDEEMED]).text,
        reversed=count(use.units[GrantState.REVERSED]).text,
        expired=count(use.units[GrantState.EXPIRED]).text,
        stock=count(use.stock_left).text if use.stock_left is not None else "",
    )
