"""Says what holds for a whole programme: zone, currency, locales, ladder, layers, holdout."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from experiments.checklist import ItemTexts
from experiments.document import Document, Percent
from experiments.layer import Layer
from experiments.lifecycle_stage import Lifecycle
from experiments.member import CONSENT
from experiments.offer import Currency, LocaleTag
from experiments.retention import Retention
from experiments.score import DEFAULT_WINDOW_DAYS, Rate, Score, WindowDays
from experiments.tier import Ladder, Tier

CHANGING: Final = frozenset({"tier", CONSENT})
"""What nobody can declare constant: campaigns are there to change the one, members the other."""

MinorUnits = Annotated[int, Field(strict=True, ge=0, le=10**10)]
"""Money in minor units of the programme's currency."""

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
        score: What the score is made of, where there is one.
        qualifying_days: Over how many days spend counts towards a tier's `entry_threshold_minor`.
        tier_validity_days: For how many days a tier that was reached is kept whatever happens;
            None keeps it for good.
        tiers: The ladder, lowest first.
        lifecycle: Which stage of their life members are in.
        gross_margin_rate: The part of revenue that is gross margin, 0 to 1, where an order does
            not say its own margin or cost.
        acquisition_cost_minor: What it cost to win a member, on average.
        contact_cost_minor: What it costs to send a member one message, on average, where the
            event does not say.
        layers: Sets of campaigns that exclude one another.
        holdout_share: Share of units kept from every campaign, in per cent.
        accept_events_for_days: How late the API takes an event; an older one is quarantined. None
            takes any.
        constant_attributes: Attributes of members that never change once they are known, so that
            whoever decides by them decides the same at any time; the member id is one anyway.
        retention: How long what is known of members is kept, by kind.
        approval_required: Whether a campaign is launched only once somebody else approved it.
        checklist: What people have to tick before the launch of every campaign.
    """

    name: Annotated[str, Field(max_length=255)] = ""
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    currency: Currency
    locales: Annotated[tuple[LocaleTag, ...], Field(min_length=1)] = ("en",)
    score: Score | None = None
    qualifying_days: WindowDays = DEFAULT_WINDOW_DAYS
    tier_validity_days: WindowDays | None = None
    tiers: tuple[Tier, ...] = ()
    lifecycle: Lifecycle = Field(default_factory=Lifecycle)
    gross_margin_rate: Rate | None = None
    acquisition_cost_minor: MinorUnits | None = None
    contact_cost_minor: MinorUnits | None = None
    layers: tuple[Layer, ...] = ()
    holdout_share: Percent = Decimal("0.00")
    accept_events_for_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    constant_attributes: tuple[AttributeName, ...] = ()
    retention: Retention = Field(default_factory=Retention)
    approval_required: Annotated[bool, Field(strict=True)] = False
    checklist: ItemTexts = ()

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

    @field_validator("tiers")
    @classmethod
    def _score_is_there(cls, tiers: tuple[Tier, ...], info: ValidationInfo) -> tuple[Tier, ...]:
        if "score" in info.data and info.data["score"] is None:
            by_score = [tier.key for tier in tiers if tier.entry_score is not None]
            if by_score:
                message = f"has entry_score at {', '.join(by_score)}, but the programme no score"
                raise ValueError(message)
        return tiers

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
