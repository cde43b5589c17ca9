"""Decides what a simulated programme is like, and what a campaign in it really does.

The values here are the planted truth. Nothing is drawn: see `world` and `outcomes`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from stats.errors import InvalidSimulation

_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_MOST_SEED: Final = 2**63
_MOST_MEMBERS: Final = 100_000_000
_SHARE_TOLERANCE: Final = 1e-9


def demand(holds: bool, field_name: str, came: object, wanted: str) -> None:  # noqa: FBT001 -- the condition that is demanded
    """Refuse a value that a plan cannot have.

    Raises:
        InvalidSimulation: The condition does not hold.
    """
    if not holds:
        raise InvalidSimulation(field_name, came=came, wanted=f"it must be {wanted}")


def demand_share(field_name: str, share: float) -> None:
    """Refuse what is no share from 0 to 1, NaN included."""
    demand(0 <= share <= 1, field_name, share, "a share from 0 to 1")


def demand_positive(field_name: str, number: float) -> None:
    """Refuse what is not a positive finite number."""
    demand(0 < number < math.inf, field_name, number, "a positive finite number")


def demand_aware(field_name: str, moment: datetime) -> None:
    """Refuse a time without a time zone."""
    demand(moment.tzinfo is not None, field_name, moment, "a time with a time zone")


def demand_key(field_name: str, key: str) -> None:
    """Refuse a key with characters that would need quoting in a file."""
    demand(
        _KEY.fullmatch(key) is not None,
        field_name,
        key,
        "at most 100 letters, digits, points, hyphens and underscores",
    )


def demand_seed(seed: int) -> None:
    """Refuse a seed that a generator cannot take."""
    demand(0 <= seed < _MOST_SEED, "seed", seed, "an integer from 0 to 2^63 - 1")


@dataclass(frozen=True, slots=True)
class TierPlan:
    """One rung of the ladder, and how those who belong there buy.

    Attributes:
        key: What members carry in their attribute ``tier``.
        share: Share of the members with this habit; the entry threshold is set so that about
            this share reaches the tier.
        order_rate_multiplier: Orders per year over the programme's `orders_per_year`.
        amount_multiplier: Amount of an order over the programme's `median_order_minor`.
    """

    key: str
    share: float
    order_rate_multiplier: float = 1.0
    amount_multiplier: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a tier that nobody could be in."""
        demand_key("tier key", self.key)
        demand_share(f"share of tier {self.key}", self.share)
        demand_positive(f"share of tier {self.key}", self.share)
        demand_positive(f"order_rate_multiplier of tier {self.key}", self.order_rate_multiplier)
        demand_positive(f"amount_multiplier of tier {self.key}", self.amount_multiplier)


FOUR_TIERS: Final = (
    TierPlan("bronze", 0.55, 0.6, 0.85),
    TierPlan("silver", 0.27, 1.1, 1.0),
    TierPlan("gold", 0.13, 1.9, 1.25),
    TierPlan("diamond", 0.05, 3.2, 1.7),
)
"""A ladder with the usual shape: many at the bottom, and a top that spends ten times as much."""


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """When members buy, in the programme's time zone; each factor is relative to the others.

    Attributes:
        weekdays: Monday first.
        yearly_swing: Height of the yearly wave over its mean, from 0 (none) to below 1; it is
            highest on 1 December.
        november_peak: Extra rate at the peak of the sales around 25 November: 1.2 is +120 %.
        night: Rate from midnight to six over that of the rest of the day.
    """

    weekdays: tuple[float, ...] = (0.92, 0.9, 0.94, 1.0, 1.12, 1.14, 0.98)
    yearly_swing: float = 0.15
    november_peak: float = 1.2
    night: float = 0.15

    def __post_init__(self) -> None:
        """Refuse seasons in which the rate could be zero or negative for good."""
        demand(len(self.weekdays) == 7, "weekdays", self.weekdays, "seven factors, Monday first")  # noqa: PLR2004 -- a week
        for factor in self.weekdays:
            demand_positive("weekdays", factor)
        demand(0 <= self.yearly_swing < 1, "yearly_swing", self.yearly_swing, "from 0 to below 1")
        demand(0 <= self.november_peak < math.inf, "november_peak", self.november_peak, "0 or more")
        demand_positive("night", self.night)


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """How many orders there are, how large, and how many come back.

    Attributes:
        per_year: Mean orders per year of a member who is there all year, before the tier's
            multiplier.
        dispersion: Shape k of the gamma of members' own rates: the number of orders within one
            habit is negative binomial with variance m + m²/k.
        median_minor: Median amount in minor units before the tier's multiplier.
        member_sigma: Standard deviation of the log of a member's own price level.
        order_sigma: Standard deviation of the log of an amount around that level.
        large_share: Share of orders that are multiplied by a Pareto factor: the heavy tail.
        large_exponent: Exponent of that Pareto factor, above 2 so that the variance exists.
        refund_share: Share of orders that are refunded, wholly or in part.
        refund_days: Mean delay of a refund in days.
        full_refund_share: Share of refunds that return the whole amount.
    """

    per_year: float = 6.0
    dispersion: float = 1.2
    median_minor: int = 4_200
    member_sigma: float = 0.35
    order_sigma: float = 0.65
    large_share: float = 0.01
    large_exponent: float = 2.5
    refund_share: float = 0.06
    refund_days: float = 9.0
    full_refund_share: float = 0.7

    def __post_init__(self) -> None:
        """Refuse rates that are not positive, and tails whose variance does not exist."""
        for name in ("per_year", "dispersion", "median_minor", "refund_days"):
            demand_positive(name, getattr(self, name))
        for name in ("member_sigma", "order_sigma"):
            demand(0 <= getattr(self, name) < 3, name, getattr(self, name), "from 0 to below 3")  # noqa: PLR2004 -- e^9 times the median
        for name in ("large_share", "refund_share", "full_refund_share"):
            demand_share(name, getattr(self, name))
        demand(
            2 < self.large_exponent < math.inf,  # noqa: PLR2004 -- the variance exists above 2
            "large_exponent",
            self.large_exponent,
            "more than 2, so that amounts have a variance",
        )

    @property
    def mean_refunded(self) -> float:
        """Mean share of the amount that a refund returns (partial ones are uniform on 0 to 1)."""
        return self.full_refund_share + (1 - self.full_refund_share) / 2

    @property
    def mean_factor(self) -> float:
        """Mean of an amount over the median of its member, tail included."""
        tail = 1 / (self.large_exponent - 1)  # mean of a Pareto from 1 is a / (a - 1)
        return math.exp(self.order_sigma**2 / 2) * (1 + self.large_share * tail)


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """A membership programme to simulate.

    Attributes:
        members: How many members ever join.
        seed: The same plan with the same seed gives the same world.
        start: First moment of the history.
        end: The moment after its last.
        time_zone: IANA name; days, weeks and seasons are those of the programme.
        currency: ISO 4217 code of every amount.
        currency_exponent: Decimals of that currency.
        tiers: The ladder, lowest first; shares total 1.
        seasons: When members buy.
        orders: How much they buy.
        newcomer_share: Share of members that join within the history, evenly over it.
        yearly_churn: Rate per year of leaving for good (exponential).
        yearly_opt_out: Rate per year of opting out of personalisation (exponential).
        consent_share: Share that consented to personalisation when joining.
        household_share: Share of members who live with two to four members in a household.
        manual_tier_share: Share whose tier was set by hand, one above what they spend.
        non_ascii_share: Share of member ids with characters outside ASCII.
        activity_per_order: Activity events (visits) per order, on average.
        upgrade_probability: Chance to climb a tier within a campaign's window for a member half
            way to the next tier, without any effect; it grows from half to one and a half of
            this with the progress made.
    """

    members: int = 30_000
    seed: int = 1
    start: datetime = datetime(2025, 1, 1, tzinfo=UTC)
    end: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    time_zone: str = "Europe/Berlin"
    currency: str = "EUR"
    currency_exponent: int = 2
    tiers: tuple[TierPlan, ...] = FOUR_TIERS
    seasons: SeasonPlan = field(default_factory=SeasonPlan)
    orders: OrderPlan = field(default_factory=OrderPlan)
    newcomer_share: float = 0.2
    yearly_churn: float = 0.12
    yearly_opt_out: float = 0.04
    consent_share: float = 0.93
    household_share: float = 0.15
    manual_tier_share: float = 0.005
    non_ascii_share: float = 0.005
    activity_per_order: float = 1.5
    upgrade_probability: float = 0.08

    def __post_init__(self) -> None:
        """Refuse a programme that could not exist."""
        demand(1 <= self.members <= _MOST_MEMBERS, "members", self.members, "1 to 100 million")
        demand_seed(self.seed)
        self._check_time()
        demand(
            _CURRENCY.fullmatch(self.currency) is not None,
            "currency",
            self.currency,
            "three capital letters such as EUR",
        )
        demand(
            0 <= self.currency_exponent <= 4,  # noqa: PLR2004 -- ISO 4217 has none beyond
            "currency_exponent",
            self.currency_exponent,
            "from 0 to 4 decimals",
        )
        self._check_tiers()
        for name in (
            "newcomer_share",
            "consent_share",
            "household_share",
            "manual_tier_share",
            "non_ascii_share",
            "upgrade_probability",
        ):
            demand_share(name, getattr(self, name))
        for name in ("yearly_churn", "yearly_opt_out", "activity_per_order"):
            rate = getattr(self, name)
            demand(0 <= rate < math.inf, name, rate, "a rate of 0 or more")

    def _check_time(self) -> None:
        demand_aware("start", self.start)
        demand_aware("end", self.end)
        demand(
            self.end - self.start >= timedelta(days=1),
            "end",
            self.end,
            f"at least a day after the start, {self.start}",
        )
        demand(
            self.time_zone in available_timezones(),
            "time_zone",
            self.time_zone,
            "an IANA time zone such as Europe/Berlin",
        )

    def _check_tiers(self) -> None:
        demand(len(self.tiers) >= 1, "tiers", self.tiers, "at least one tier")
        keys = [tier.key for tier in self.tiers]
        demand(len(set(keys)) == len(keys), "tiers", ", ".join(keys), "keys that differ")
        total = math.fsum(tier.share for tier in self.tiers)
        demand(
            abs(total - 1) <= _SHARE_TOLERANCE, "shares of the tiers", total, "shares that total 1"
        )

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def years(self) -> float:
        """Length of the history in years of 365.25 days."""
        return (self.end - self.start) / timedelta(days=365.25)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a variant truly does to those who got it; the default does nothing (A/A).

    Attributes:
        upgrade: Multiplier of each member's chance to climb a tier.
        order_rate: Multiplier of the rate of orders.
        amount: Multiplier of the amount of each order.
        refund_probability: Chance that an order is refunded; None leaves the programme's.
        offer_view: Chance to see the offer; 0 for a control.
        offer_click: Chance to click, for those who saw it.
        offer_claim: Chance to claim, for those who clicked.
        reward_cost_minor: Cost of the reward that each claim issues; 0 issues none.
    """

    upgrade: float = 1.0
    order_rate: float = 1.0
    amount: float = 1.0
    refund_probability: float | None = None
    offer_view: float = 0.0
    offer_click: float = 0.0
    offer_claim: float = 0.0
    reward_cost_minor: int = 0

    def __post_init__(self) -> None:
        """Refuse multipliers below 0 and chances outside 0 to 1."""
        for name in ("upgrade", "order_rate", "reward_cost_minor"):
            demand(0 <= getattr(self, name) < math.inf, name, getattr(self, name), "0 or more")
        demand_positive("amount", self.amount)
        for name in ("offer_view", "offer_click", "offer_claim"):
            demand_share(name, getattr(self, name))
        if self.refund_probability is not None:
            demand_share("refund_probability", self.refund_probability)


NO_EFFECT: Final = Effect()


@dataclass(frozen=True, slots=True)
class VariantPlan:
    """A variant of a simulated campaign.

    Attributes:
        key: Its key.
        planned_share: Share of the members that is meant to get it.
        effect: What it truly does.
        lost_exposures: Share of its exposures that the logging loses: above 0 the split is
            broken, and the sample-ratio check must notice.
    """

    key: str
    planned_share: float
    effect: Effect = NO_EFFECT
    lost_exposures: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a variant that gets nobody."""
        demand_key("variant key", self.key)
        demand_share(f"planned_share of {self.key}", self.planned_share)
        demand_positive(f"planned_share of {self.key}", self.planned_share)
        demand_share(f"lost_exposures of {self.key}", self.lost_exposures)


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """A campaign to simulate, split by the simulator itself (externally assigned).

    Attributes:
        key: The campaign's key.
        variants: Its variants; planned shares total 1.
        starts_at: First possible exposure.
        ends_at: The moment after the last.
        window: How long after exposure the effects last.
        tiers: Tiers whose members enter, as they stand at `starts_at`; empty admits every tier.
        seed: Decides the split, the moments of exposure and all that follows.
    """

    key: str
    variants: tuple[VariantPlan, ...]
    starts_at: datetime
    ends_at: datetime
    window: timedelta = timedelta(days=30)
    tiers: tuple[str, ...] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse a campaign without two variants, or whose shares do not total 1."""
        demand_key("campaign key", self.key)
        demand_seed(self.seed)
        keys = [variant.key for variant in self.variants]
        demand(len(keys) > 1, "variants", ", ".join(keys), "at least two variants")
        demand(len(set(keys)) == len(keys), "variants", ", ".join(keys), "keys that differ")
        total = math.fsum(variant.planned_share for variant in self.variants)
        demand(abs(total - 1) <= _SHARE_TOLERANCE, "planned shares", total, "shares that total 1")
        demand_aware("starts_at", self.starts_at)
        demand_aware("ends_at", self.ends_at)
        demand(self.ends_at > self.starts_at, "ends_at", self.ends_at, "a time after starts_at")
        demand_window(self.window)


def demand_window(window: timedelta) -> None:
    """Refuse a window too short for anything to happen in order."""
    demand(window >= timedelta(hours=1), "window", window, "at least an hour")
