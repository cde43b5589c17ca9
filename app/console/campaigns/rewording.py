"""Mends the texts of a campaign that runs, in every language; nothing else of its offers.

Members who read the texts before read others than those who come now, so the change has a reason
and stands in every report as a deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from flask import Blueprint, flash, redirect, request
from pydantic import ValidationError

from app.analysis import make_plan
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.acting import act, changed_words, has_changed
from app.console.campaigns.changing import MAY_CHANGE
from app.console.campaigns.frame import address_of_campaign, frame_of
from app.console.context import programme, wiring, words
from app.console.new.sentences import said
from app.console.rendering import show
from app.language import marked
from experiments.campaign import CampaignDesign
from experiments.document import problems_of
from experiments.errors import IllegalMove, InvalidValues, StaleCampaign, UnsafeChange
from experiments.lifecycle import find_campaign, update_campaign
from experiments.offer import NoOffer

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from experiments.campaign import Campaign
    from experiments.offer import Offer

blueprint = Blueprint("campaign_texts", __name__)

PARTS: Final = {
    "title": (marked("Title"), 500),
    "body": (marked("Text"), 5_000),
    "call_to_action": (marked("On the button"), 200),
}
"""What members read, with its longest length; as the document names it."""

LANGUAGES: Final = {
    "en": marked("English"),
    "zh-Hant-TW": marked("Traditional Chinese"),
    "zh-Hans-CN": marked("Simplified Chinese"),
}


@dataclass(frozen=True, slots=True)
class TextField:
    """A text, as it was typed.

    Attributes:
        name: Of the field: the path in the document.
        locale: Which the text is written in.
    """

    name: str
    label: str
    locale: str
    typed: str
    longest: int
    is_long: bool
    error: str


@dataclass(frozen=True, slots=True)
class OfferTexts:
    """The texts of a variant's offer, by language."""

    name: str
    locales: tuple[tuple[str, tuple[TextField, ...]], ...]


@dataclass(frozen=True, slots=True)
class TextsPage:
    """The form.

    Attributes:
        errors: By field; ``""`` is the whole form.
        can: Whether the state allows changes.
    """

    template: ClassVar[str] = "console/campaign/texts.html"
    title: str
    frame: Frame
    offers: tuple[OfferTexts, ...]
    reason: str
    errors: dict[str, str]
    version: int
    can: bool
    back: str


@blueprint.get("/campaigns/<key>/texts")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str) -> tuple[str, int]:
    """Show the form."""
    campaign = find_campaign(wiring().engine, key)
    return _shown(campaign, {}, 200 if _can(campaign) else 409)


@blueprint.post("/campaigns/<key>/texts")
@open_to(Scope.CAMPAIGNS_WRITE)
def change(key: str) -> tuple[str, int] | Response:
    """Keep the texts that were typed."""
    engine, say = wiring().engine, words().say
    campaign = find_campaign(engine, key)
    if has_changed(campaign):
        return _shown(campaign, {"": changed_words(campaign)}, 409)
    design, errors = _judged(campaign)
    if design is None:
        return _shown(campaign, errors, 422)
    reason = request.form["reason"]
    try:
        update_campaign(engine, key, design, act(reason), make_plan=make_plan)
    except (UnsafeChange, InvalidValues) as refused:
        found = {"": " ".join(said(one, words()) for one in refused.problems)}
        return _shown(campaign, found, 422)
    except (IllegalMove, StaleCampaign):
        campaign = find_campaign(engine, key)
        return _shown(campaign, {"": changed_words(campaign)}, 409)
    flash(say("The texts are in force within a second."), "success")
    return redirect(address_of_campaign(key, "history"))


def _judged(campaign: Campaign) -> tuple[CampaignDesign | None, dict[str, str]]:
    """Give the design that was typed, or what is wrong with it, by field."""
    say = words().say
    try:
        design = CampaignDesign.model_validate(_document(campaign))
    except ValidationError as refused:
        return None, {one.field: said(one, words()) for one in problems_of(refused)}
    if design == campaign.design:
        return None, {"": say("Nothing was changed in the form.")}
    if not request.form.get("reason", "").strip():
        told = say("Say why; every report of this phase shows the change with its reason.")
        return None, {"reason": told}
    return design, {}


def _document(campaign: Campaign) -> dict[str, Any]:
    """Give the campaign's document with the texts that were typed; a locale without any is out."""
    document = campaign.design.model_dump(mode="json")
    for path, offer in _offers(campaign):
        texts: dict[str, dict[str, str]] = {}
        for locale in _locales(offer):
            typed = {
                part: request.form.get(f"{path}.texts.{locale}.{part}", "").replace("\r\n", "\n")
                for part in PARTS
            }
            if any(value.strip() for value in typed.values()):
                texts[locale] = {part: value for part, value in typed.items() if value.strip()}
        _offer_in(document, path)["texts"] = texts
    return document


def _offer_in(document: dict[str, Any], path: str) -> dict[str, Any]:
    if path == "default_offer":
        found: dict[str, Any] = document[path]
    else:
        number = int(path.removeprefix("variants[").partition("]")[0])
        found = document["variants"][number]["offer"]
    return found


def _offers(campaign: Campaign) -> list[tuple[str, Offer]]:
    """Give the offers that members read something of, by their path in the document."""
    design = campaign.design
    found = [(f"variants[{row}].offer", one.offer) for row, one in enumerate(design.variants)]
    found.append(("default_offer", design.default_offer))
    return [(path, one) for path, one in found if one.texts or not isinstance(one, NoOffer)]


def _locales(offer: Offer) -> tuple[str, ...]:
    known = programme()
    return tuple(dict.fromkeys([*(known.locales if known is not None else ()), *offer.texts]))


def _shown(campaign: Campaign, errors: dict[str, str], status: int) -> tuple[str, int]:
    frame = frame_of(campaign)
    page = TextsPage(
        title=words().say("Mend the texts of {name}", name=frame.name),
        frame=frame,
        offers=tuple(_offer(campaign, path, one, errors) for path, one in _offers(campaign)),
        reason=request.form.get("reason", ""),
        errors=errors,
        version=campaign.version,
        can=_can(campaign),
        back=address_of_campaign(campaign.key, "change"),
    )
    return show(page, status)


def _offer(campaign: Campaign, path: str, offer: Offer, errors: dict[str, str]) -> OfferTexts:
    say = words().say
    if path == "default_offer":
        name = say("Everybody who is not in the campaign")
    else:
        variant = campaign.design.variants[int(path.removeprefix("variants[").partition("]")[0])]
        name = variant.name or variant.key
    return OfferTexts(
        name,
        tuple(
            (
                say(LANGUAGES[locale]) if locale in LANGUAGES else locale,
                tuple(_field(path, offer, locale, part, errors) for part in PARTS),
            )
            for locale in _locales(offer)
        ),
    )


def _field(path: str, offer: Offer, locale: str, part: str, errors: dict[str, str]) -> TextField:
    label, longest = PARTS[part]
    name = f"{path}.texts.{locale}.{part}"
    texts = offer.texts.get(locale)
    now = "" if texts is None else str(getattr(texts, part))
    typed = request.form.get(name, now)
    is_long = part == "body"
    return TextField(
        name, words().say(label), locale, typed, longest, is_long, errors.get(name, "")
    )


def _can(campaign: Campaign) -> bool:
    return campaign.state_at(wiring().clock()) in MAY_CHANGE
