"""Says in which of the programme's locales an offer has no texts, and what its readers get instead.

A missing locale stops no launch, but it is told wherever a campaign is shown: the offer falls back
as `experiments.locale` decides. Nothing is translated or converted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.locale import fall_back, negotiate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from experiments.campaign import CampaignDesign


@dataclass(frozen=True, slots=True)
class MissingTexts:
    """An offer that readers of one of the programme's locales get in another.

    Attributes:
        field: Where the texts stand in the campaign document.
        locale: The one that is missing.
        served: The one that its readers get.
    """

    field: str
    locale: str
    served: str

    def __str__(self) -> str:
        """Give it as one sentence."""
        return f"{self.field} has no {self.locale}: its readers get {self.served}"


def missing_texts(design: CampaignDesign, locales: Sequence[str]) -> tuple[MissingTexts, ...]:
    """Give the texts that are missing; an offer without any has none to miss.

    Args:
        design: The campaign.
        locales: The programme's, in the order in which they stand in for one another.
    """
    return tuple(_missing(design, locales))


def _missing(design: CampaignDesign, locales: Sequence[str]) -> Iterator[MissingTexts]:
    offers = [
        (f"variants[{index}].offer.texts", variant.offer)
        for index, variant in enumerate(design.variants)
    ]
    for field, offer in [*offers, ("default_offer.texts", design.default_offer)]:
        written = tuple(offer.texts)
        for locale in locales:
            if negotiate([locale], written) is None and (
                served := fall_back([locale], locales, written)
            ):
                yield MissingTexts(field, locale, served)
