"""Says what holds for a whole programme: zone, currency, locales, ladder, layers, holdout."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from experiments.document import Document, Percent
from experiments.layer import Layer
from experiments.member import CONSENT
from experiments.offer import Currency, LocaleTag
from experiments.tier import Ladder, Tier

CHANGING: Final = frozenset({"tier", CONSENT})
"""What nobody can declare constant: campaigns are there to change the one, members the other."""

AttributeName = Annotated[str, Field(min_length=1, max_length=255)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = f"{name!r} is not a time zone, such as Asia/Taipei or Europe/London"
        raise ValueError(message) from None
    return name


class Programme(Document):
    """A membership programme; there is one in an installation.

    Attributes:
        time_zone: IANA name; days are cut in it.
        currency: ISO 4217; money in other currencies is kept, but never added to it.
        locales: What offers are written in; the first one is the fallback.
        tiers: The ladder, lowest first.
        layers: Sets of campaigns that exclude one another.
        holdout_share: Share of units kept from every campaign, in per cent.
        accept_events_for_days: How late the API takes an event; an older one is quarantined. None
            takes any.
        constant_attributes: Attributes of members that never change once they are known, so that
            whoever decides by them decides the same at any time; the member id is one anyway.
    """

    name: Annotated[str, Field(max_length=255)] = ""
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    currency: Currency
    locales: Annotated[tuple[LocaleTag, ...], Field(min_length=1)] = ("en",)
    tiers: tuple[Tier, ...] = ()
    layers: tuple[Layer, ...] = ()
    holdout_share: Percent = Decimal("0.00")
    accept_events_for_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    constant_attributes: tuple[AttributeName, ...] = ()

    @field_validator("constant_attributes")
    @classmethod
    def _may_be_constant(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        changing = sorted(set(names) & CHANGING)
        if changing:
            message = f"cannot hold {', '.join(changing)}, which changes"
            raise ValueError(message)
        if len(set(names)) < len(names):
            message = f"each attribute stands once; these are {', '.join(names)}"
            raise ValueError(message)
        return names

    @model_validator(mode="after")
    def _keys_differ(self) -> Programme:
        Ladder(tiers=self.tiers)
        keys = [layer.key for layer in self.layers]
        if len(set(keys)) < len(keys):
            message = f"layer keys must differ; these are {', '.join(keys)}"
            raise ValueError(message)
        return self

    @property
    def ladder(self) -> Ladder:
        """The ordered tiers."""
        return Ladder(tiers=self.tiers)

    def layer(self, key: str) -> Layer | None:
        """Give the layer with this key, or None."""
        return next((layer for layer in self.layers if layer.key == key), None)
