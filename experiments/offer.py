"""Says what a variant offers: typed terms, what one costs, until when, and its texts per locale.

What of it fits a programme and a moment is `experiments.launch`; who gets how much of it,
`experiments.grant` and the store.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from experiments.document import Document, Key, Moment
from experiments.locale import is_known as is_known_locale
from experiments.money import MAX_MINOR
from experiments.money import is_known as is_known_currency
from experiments.score import Measure, Path, Points, Rate

if TYPE_CHECKING:
    from collections.abc import Mapping


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
Count = Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
Days = Annotated[int, Field(gt=0, le=3_660)]
ShortText = Annotated[str, Field(min_length=1, max_length=255)]
Number = Annotated[
    Decimal,
    Field(gt=-MAX_MINOR, lt=MAX_MINOR),
    PlainSerializer(float, return_type=float, when_used="json"),
]


def _in_time(moment: Moment | None, info: ValidationInfo, complaint: str) -> Moment | None:
    """Give a moment of an offer that lies before its expiry."""
    expires = info.data.get("expires_at")
    if moment is not None and expires is not None and moment >= expires:
        message = f"{complaint}: expires_at is {expires.isoformat()}"
        raise ValueError(message)
    return moment


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
    """What every offer has.

    Attributes:
        offer_id: Names it in exports and grants; the campaign and the variant do where it is None.
        expires_at: The first moment at which nobody can claim it any more.
        benefit: What it appeals to; None for what its kind mostly does (`benefit_of`).
    """

    offer_id: Key | None = None
    texts: dict[LocaleTag, Texts] = Field(default_factory=dict)
    expires_at: Moment | None = None
    benefit: Benefit | None = None


class NoOffer(_Terms):
    """Business as usual: what control shows, and everybody who is not in the campaign."""

    kind: Literal["none"] = "none"


class _Costed(_Terms):
    """What every offer has that costs something; none of it but `currency` is for frontends.

    Attributes:
        unit_cost_minor: What one costs the business when it is redeemed.
        currency: Of every amount of the offer.
        breakage: The part of those that are promised which is never redeemed, 0 to 1.
        stock: How many there are; None for as many as are wanted.
        values: What it is worth to a member, by the tier of the member; of a stepped reward more
            the higher the tier. A frontend learns its own member's.
    """

    unit_cost_minor: MinorUnits
    currency: Currency
    breakage: Rate = Decimal(0)
    stock: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)] | None = None
    values: dict[Key, MinorUnits] = Field(default_factory=dict)


class UpgradeTrial(_Costed):
    """The target tier for a while, at once."""

    kind: Literal["upgrade_trial"]
    target_tier: Key
    duration_days: Days


class ThresholdChange(_Costed):
    """The target tier by another threshold, or by another path, than the ladder has.

    Attributes:
        threshold_minor: Spend that admits, in place of the tier's `entry_threshold_minor`.
        threshold_score: Score that admits, in place of its `entry_score`.
        paths: Other measures that admit, each in place of the tier's path by the same measure.
    """

    kind: Literal["threshold_change"]
    target_tier: Key
    threshold_minor: MinorUnits | None = None
    threshold_score: Points | None = None
    paths: tuple[Path, ...] = ()

    @model_validator(mode="after")
    def _changes_something(self) -> ThresholdChange:
        if self.threshold_minor is None and self.threshold_score is None and not self.paths:
            message = "give threshold_minor, threshold_score or paths: it changes no threshold yet"
            raise ValueError(message)
        return self

    @field_validator("paths")
    @classmethod
    def _each_once(cls, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        names = [path.measure for path in paths]
        if len(set(names)) < len(names):
            message = f"each measure stands once; these are {', '.join(names)}"
            raise ValueError(message)
        return paths


class PointsMultiplier(_Costed):
    """More points for each purchase."""

    kind: Literal["points_multiplier"]
    multiplier: Annotated[Number, Field(gt=0, le=1_000)]
    duration_days: Days | None = None


class Gift(_Costed):
    """A thing given on upgrade."""

    kind: Literal["gift"]
    gift: ShortText
    target_tier: Key | None = None


class _Reducing(_Costed):
    """What reduces a price by a share or by an amount."""

    percent: Annotated[Number, Field(gt=0, le=100)] | None = None
    amount_minor: Annotated[int, Field(gt=0, le=MAX_MINOR)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> _Reducing:
        if (self.percent is None) == (self.amount_minor is None):
            message = "give either percent or amount_minor"
            raise ValueError(message)
        return self


class Discount(_Reducing):
    """A reduction at once."""

    kind: Literal["discount"]


class Coupon(_Reducing):
    """A reduction that is earned by a number of purchases.

    Attributes:
        purchases: How many of them earn one.
        valid_days: For how many days it can be used once it is earned.
    """

    kind: Literal["coupon"]
    purchases: Count
    valid_days: Days | None = None


class PointsExchange(_Costed):
    """Something for points, on terms that others do not have."""

    kind: Literal["points_exchange"]
    points: Count
    reward: ShortText


class EarlyAccess(_Costed):
    """Something earlier than others get it."""

    kind: Literal["early_access"]
    access_to: ShortText
    opens_at: Moment | None = None

    @field_validator("opens_at")
    @classmethod
    def _opens_in_time(cls, opens: Moment | None, info: ValidationInfo) -> Moment | None:
        return _in_time(opens, info, "opens when the offer has expired")


class ExclusiveOffer(_Costed):
    """Something that only those who are offered it can have."""

    kind: Literal["exclusive_offer"]
    exclusive: ShortText


class Lottery(_Costed):
    """A chance to win."""

    kind: Literal["lottery"]
    prize: ShortText
    win_probability: Annotated[float, Field(gt=0, le=1)]


class ChallengeGoal(Document):
    """What is to be reached in a challenge, counted from the assignment on.

    Attributes:
        measure: Orders (`frequency`), active days (`engagement`), spend or referrals.
        target: How many; of spend minor units.
    """

    measure: Literal[Measure.FREQUENCY, Measure.ENGAGEMENT, Measure.SPEND, Measure.REFERRALS]
    target: Count


class Challenge(_Costed):
    """A reward for reaching a goal in time."""

    kind: Literal["challenge"]
    goal: ChallengeGoal
    reward: ShortText
    deadline: Moment
    target_tier: Key | None = None

    @field_validator("deadline")
    @classmethod
    def _ends_in_time(cls, deadline: Moment, info: ValidationInfo) -> Moment | None:
        return _in_time(deadline, info, "is not before the offer expires")


Offer = Annotated[
    NoOffer
    | UpgradeTrial
    | ThresholdChange
    | PointsMultiplier
    | PointsExchange
    | Gift
    | Discount
    | Coupon
    | ExclusiveOffer
    | EarlyAccess
    | Challenge
    | Lottery,
    Field(discriminator="kind"),
]
"""Any offer; the field ``kind`` says which."""


_BENEFITS: Final[Mapping[str, Benefit]] = MappingProxyType(
    {
        "upgrade_trial": Benefit.IDENTITY,
        "threshold_change": Benefit.CONVENIENCE,
        "points_multiplier": Benefit.VALUE,
        "points_exchange": Benefit.VALUE,
        "gift": Benefit.EMOTIONAL,
        "discount": Benefit.VALUE,
        "coupon": Benefit.VALUE,
        "exclusive_offer": Benefit.IDENTITY,
        "early_access": Benefit.IDENTITY,
        "challenge": Benefit.EMOTIONAL,
        "lottery": Benefit.EMOTIONAL,
    }
)
"""What a kind of offer mostly appeals to, where an offer does not say."""


def benefit_of(offer: Offer) -> Benefit | None:
    """Give what an offer appeals to: what it says, else what its kind does; None for no offer."""
    return offer.benefit or _BENEFITS.get(offer.kind)


def target_tier_of(offer: Offer) -> str | None:
    """Give the tier that an offer leads to, where it names one."""
    match offer:
        case UpgradeTrial() | ThresholdChange() | Gift() | Challenge():
            return offer.target_tier
        case _:
            return None


def value_for(offer: Offer, tier: str) -> int | None:
    """Give what an offer is worth to a member of a tier, in minor units; None where unsaid."""
    return None if isinstance(offer, NoOffer) else offer.values.get(tier)


def is_worth_by_tier(offer: Offer) -> bool:
    """Say whether an offer is worth more to some members than to others."""
    return not isinstance(offer, NoOffer) and bool(offer.values)


def price_of(offer: Offer) -> tuple[object, ...] | None:
    """Give what a member pays, spends or gives in points for what all want; None for no change.

    Two offers whose prices differ treat members unequally, which has to be argued for.
    """
    match offer:
        case Discount():
            return offer.kind, offer.percent, offer.amount_minor, offer.currency
        case Coupon():
            reduction = (offer.percent, offer.amount_minor, offer.currency)
            return offer.kind, offer.purchases, *reduction
        case ThresholdChange():
            thresholds = (offer.threshold_minor, offer.threshold_score, offer.paths)
            return offer.kind, offer.target_tier, *thresholds
        case PointsExchange():
            return offer.kind, offer.points, offer.reward
        case _:
            return None


_KEPT_BACK: Final = {
    *("unit_cost_minor", "breakage", "stock", "values"),
    *("texts", "offer_id", "expires_at", "benefit", "kind"),
}


def public_terms(offer: Offer) -> dict[str, object]:
    """Give the terms that a frontend may see, `kind` first, as JSON values.

    Never what it costs, how many there are, nor what it is worth to members of other tiers.
    """
    return {"kind": offer.kind, **offer.model_dump(mode="json", exclude=_KEPT_BACK)}
