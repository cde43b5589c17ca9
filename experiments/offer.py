"""Says what a variant offers: typed terms, what one costs, until when, and its texts per locale."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from experiments.document import Document, Key, Moment
from experiments.locale import is_known as is_known_locale
from experiments.money import MAX_MINOR
from experiments.money import is_known as is_known_currency


def _known_currency(code: str) -> str:
    if not is_known_currency(code):
        message = f"{code!r} is not an ISO 4217 currency in use, such as GBP or TWD"
        raise ValueError(message)
    return code


def _known_locale(tag: str) -> str:
    if not is_known_locale(tag):
        message = f"{tag!r} is not a locale, such as en, zh-Hant-TW or zh-Hans-CN"
        raise ValueError(message)
    return tag


Currency = Annotated[str, AfterValidator(_known_currency)]
LocaleTag = Annotated[str, AfterValidator(_known_locale)]
MinorUnits = Annotated[int, Field(ge=0, le=MAX_MINOR, description="Integer minor units.")]
ShortText = Annotated[str, Field(min_length=1, max_length=255)]
Number = Annotated[
    Decimal,
    Field(gt=-MAX_MINOR, lt=MAX_MINOR),
    PlainSerializer(float, return_type=float, when_used="json"),
]


class Benefit(StrEnum):
    """What an offer appeals to, for comparing offers across campaigns."""

    VALUE = "value"
    IDENTITY = "identity"
    EMOTIONAL = "emotional"
    CONVENIENCE = "convenience"


class Texts(Document):
    """What a frontend shows, in one locale."""

    title: Annotated[str, Field(max_length=500)]
    body: Annotated[str, Field(max_length=5_000)] = ""
    call_to_action: Annotated[str, Field(max_length=200)] = ""


class _Terms(Document):
    """What every offer has; `unit_cost_minor` never leaves for a frontend."""

    offer_id: Key | None = None
    texts: dict[LocaleTag, Texts] = Field(default_factory=dict)
    expires_at: Moment | None = None
    benefit: Benefit | None = None


class NoOffer(_Terms):
    """Business as usual: what control shows, and everybody who is not in the campaign."""

    kind: Literal["none"] = "none"


class _Costed(_Terms):
    unit_cost_minor: MinorUnits
    currency: Currency


class UpgradeTrial(_Costed):
    """The target tier for a while, at once."""

    kind: Literal["upgrade_trial"]
    target_tier: Key
    duration_days: Annotated[int, Field(gt=0, le=3_660)]


class ThresholdChange(_Costed):
    """The target tier for less spend than usual."""

    kind: Literal["threshold_change"]
    target_tier: Key
    threshold_minor: MinorUnits


class PointsMultiplier(_Costed):
    """More points for each purchase."""

    kind: Literal["points_multiplier"]
    multiplier: Annotated[Number, Field(gt=0, le=1_000)]
    duration_days: Annotated[int, Field(gt=0, le=3_660)] | None = None


class Gift(_Costed):
    """A thing given on upgrade."""

    kind: Literal["gift"]
    gift: ShortText
    target_tier: Key | None = None


class Discount(_Costed):
    """A reduction by a share or by an amount."""

    kind: Literal["discount"]
    percent: Annotated[Number, Field(gt=0, le=100)] | None = None
    amount_minor: Annotated[int, Field(gt=0, le=MAX_MINOR)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Discount:
        if (self.percent is None) == (self.amount_minor is None):
            message = "give either percent or amount_minor"
            raise ValueError(message)
        return self


class EarlyAccess(_Costed):
    """Something earlier than others get it."""

    kind: Literal["early_access"]
    access_to: ShortText
    opens_at: Moment | None = None


class Lottery(_Costed):
    """A chance to win."""

    kind: Literal["lottery"]
    prize: ShortText
    win_probability: Annotated[float, Field(gt=0, le=1)]


Offer = Annotated[
    NoOffer
    | UpgradeTrial
    | ThresholdChange
    | PointsMultiplier
    | Gift
    | Discount
    | EarlyAccess
    | Lottery,
    Field(discriminator="kind"),
]
"""Any offer; the field ``kind`` says which."""


def target_tier_of(offer: Offer) -> str | None:
    """Give the tier that an offer leads to, where it names one."""
    match offer:
        case UpgradeTrial() | ThresholdChange() | Gift():
            return offer.target_tier
        case _:
            return None


_KEPT_BACK: Final = {"unit_cost_minor", "texts", "offer_id", "expires_at", "benefit", "kind"}


def public_terms(offer: Offer) -> dict[str, object]:
    """Give the terms that a frontend may see, `kind` first, as JSON values; never what it costs."""
    return {"kind": offer.kind, **offer.model_dump(mode="json", exclude=_KEPT_BACK)}
