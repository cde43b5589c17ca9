"""Shows how members will see a campaign: every variant on a phone, in every locale.

A signed link shows one variant in one locale, as members of one tier see it, to whoever has the
link, for a day. It is an override (`app.auth.override`): nothing is remembered, and nothing is
an exposure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, abort, request, url_for

from app.auth.keys import Scope
from app.auth.override import Overrides, create_override
from app.console.access import open_to, open_to_all
from app.console.context import formats, person, programme, wiring, words
from app.console.new.showing import setting
from app.console.new.variants_shown import PhoneCard, cards_of, name_of_locale
from app.console.rendering import show
from experiments.errors import InvalidValues, UnknownVariant
from experiments.lifecycle import find_campaign
from experiments.offer import value_for

if TYPE_CHECKING:
    from experiments.campaign import Campaign
    from experiments.programme import Programme
    from experiments.variant import Variant

blueprint = Blueprint("preview", __name__)

LASTS: Final = timedelta(days=1)
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class VariantPreview:
    """A variant as members see it.

    Attributes:
        cards: One a locale; none where it has no words.
    """

    key: str
    name: str
    cards: tuple[PhoneCard, ...]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """How members see a campaign.

    Attributes:
        variants: Every one, in the order of the campaign.
        choices: Variants to choose from for a signed link: key and name.
        locales: Likewise, tag and name.
        tiers: Likewise, key and name.
        may_sign: Whether the reader may make a signed link.
        link: The one that was just made; empty for none.
        typed: What was asked for.
    """

    template: ClassVar[str] = "console/preview/preview.html"
    title: str
    variants: tuple[VariantPreview, ...]
    choices: tuple[tuple[str, str], ...]
    locales: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]
    may_sign: bool
    link: str
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class LookPage:
    """One variant, as a signed link shows it.

    Attributes:
        tier: Of the members who see it so; empty for any.
        card: None where the variant has no words.
        worth: What the offer is worth to them; empty where nothing is said.
    """

    template: ClassVar[str] = "console/preview/look.html"
    title: str
    variant: str
    tier: str
    card: PhoneCard | None
    worth: str


@blueprint.get("/campaigns/<key>/preview")
@open_to(Scope.CAMPAIGNS_READ)
def preview(key: str) -> tuple[str, int]:
    """Show every variant in every locale."""
    return show(_page(find_campaign(wiring().engine, key)))


@blueprint.post("/campaigns/<key>/preview")
@open_to(Scope.CAMPAIGNS_WRITE)
def sign(key: str) -> tuple[str, int]:
    """Make a link to one variant in one locale, for members of one tier; it is stored nowhere."""
    campaign, parts = find_campaign(wiring().engine, key), wiring()
    typed = {name: request.form.get(name, "") for name in ("variant", "locale", "tier")}
    looker = _looker(typed["locale"], typed["tier"])
    try:
        token = create_override(
            parts.engine, key, member_id=looker, variant=typed["variant"], lasts=LASTS,
            now=parts.clock(), actor=f"user {person().user.user_id}",
        )  # fmt: skip
    except (UnknownVariant, InvalidValues):
        abort(NOT_FOUND)
    link = url_for(
        "console.preview.look",
        key=key,
        locale=typed["locale"],
        tier=typed["tier"],
        override=token,
        _external=True,
    )
    return show(_page(campaign, link=link, typed=typed))


@blueprint.get("/look/<key>")
@open_to_all
def look(key: str) -> tuple[str, int]:
    """Show the variant that a signed link names, to whoever has it, signed in or not."""
    parts, locale, tier = wiring(), request.args.get("locale", ""), request.args.get("tier", "")
    overrides = Overrides(parts.engine, parts.log)
    chosen = overrides.variants(
        request.args.get("override", ""), _looker(locale, tier), parts.clock()
    )
    found = programme()
    if key not in chosen or found is None:
        abort(NOT_FOUND)
    design = find_campaign(parts.engine, key).design
    variant = next((one for one in design.variants if one.key == chosen[key]), None)
    if variant is None:
        abort(NOT_FOUND)
    cards = cards_of(_texts(variant), found.locales, setting())
    card = next((one for one in cards if one.name == name_of_locale(locale)), None)
    worth = value_for(variant.offer, tier)
    return show(
        LookPage(
            words().say("Preview of {name}", name=design.name or key),
            variant.name or variant.key,
            tier_name(found, tier),
            card,
            formats().total(worth, is_money=True).text if worth is not None else "",
        )
    )


def _looker(locale: str, tier: str) -> str:
    """Give the member as whom a link looks; it carries locale and tier, so that both are signed."""
    return f"preview.{locale}.{tier}"


def tier_name(found: Programme, tier: str) -> str:
    """Give what people call a tier; empty for any."""
    return next((one.name or one.key for one in found.tiers if one.key == tier), "")


def _page(
    campaign: Campaign, *, link: str = "", typed: dict[str, str] | None = None
) -> PreviewPage:
    found, design = programme(), campaign.design
    locales = found.locales if found else ()
    any_tier = ("", words().say("Any tier"))
    tiers = ((one.key, one.name or one.key) for one in (found.tiers if found else ()))
    return PreviewPage(
        words().say("Preview of {name}", name=design.name or campaign.key),
        tuple(_variant(one, locales) for one in design.variants),
        tuple((one.key, one.name or one.key) for one in design.variants),
        tuple((one, name_of_locale(one)) for one in locales),
        (any_tier, *tiers),
        person().may(Scope.CAMPAIGNS_WRITE),
        link,
        {"variant": "", "locale": "", "tier": "", **(typed or {})},
    )


def _variant(variant: Variant, locales: tuple[str, ...]) -> VariantPreview:
    cards = cards_of(_texts(variant), locales, setting())
    return VariantPreview(variant.key, variant.name or variant.key, cards)


def _texts(variant: Variant) -> dict[str, dict[str, str]]:
    return {
        locale: {name: str(value) for name, value in one.model_dump().items()}
        for locale, one in variant.offer.texts.items()
    }
