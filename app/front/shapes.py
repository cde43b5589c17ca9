"""Gives offers as frontends see them, written as JSON once for each variant and locale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import orjson
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.front.kept import Kept
from experiments.locale import fall_back, negotiate
from experiments.offer import public_terms

if TYPE_CHECKING:
    from experiments.catalogue import Catalogue
    from experiments.offer import Offer
    from experiments.serving import OfferAnswer

MOST_SHAPES: Final = 10_000
"""Offers times the locales that they were asked in: far more than anybody has of them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An offer in the locale that serves the one that was asked for.

    Attributes:
        offer_id: Names the offer in exports and grants.
        locale: Of the texts; None where the offer has none.
        terms: JSON of the typed terms.
        texts: JSON of the texts, or of null.
        expires_at: JSON of the moment, or of null.
        value: JSON of all of these in one object, for clients that read one value, as bytes.
    """

    offer_id: str
    locale: str | None
    terms: orjson.Fragment
    texts: orjson.Fragment
    expires_at: orjson.Fragment
    value: bytes


class Shapes:
    """The shapes of one process; they change with the catalogue."""

    def __init__(self) -> None:
        self._kept: Kept[Shape] = Kept(MOST_SHAPES)

    def of(self, answer: OfferAnswer, asked: str, catalogue: Catalogue) -> Shape:
        """Give the shape of what a member is offered.

        Args:
            answer: With the offer.
            asked: The locales that were asked for, as ``Accept-Language`` writes them.
            catalogue: Which the answer came from.
        """
        kept = self._kept.of(catalogue)
        variant = answer.variant.key if answer.variant is not None else ""
        key = (answer.campaign.key, variant, asked)
        shape = kept.get(key)
        if shape is None:
            named = answer.offer.offer_id or f"{answer.campaign.key}.{variant or 'default'}"
            shape = _shape(answer.offer, named, locales_of(asked), catalogue.locales)
            kept.put(key, shape)
        return shape


@lru_cache(maxsize=1024)
def locales_of(asked: str) -> tuple[str, ...]:
    """Give the locales of an ``Accept-Language`` header, the best first; one tag is one too."""
    accepted = parse_accept_header(asked, LanguageAccept)
    return tuple(tag for tag in accepted.values() if tag != "*")


def _shape(offer: Offer, offer_id: str, asked: tuple[str, ...], order: tuple[str, ...]) -> Shape:
    available = tuple(offer.texts)
    locale = negotiate(asked, available) or fall_back(asked, order, available)
    terms = public_terms(offer)
    texts = offer.texts[locale].model_dump(mode="json") if locale is not None else None
    value = {
        "offer_id": offer_id,
        **terms,
        "locale": locale,
        "texts": texts,
        "expires_at": offer.expires_at,
    }
    return Shape(
        offer_id=offer_id,
        locale=locale,
        terms=orjson.Fragment(_json(terms)),
        texts=orjson.Fragment(_json(texts)),
        expires_at=orjson.Fragment(_json(offer.expires_at)),
        value=_json(value),
    )


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
