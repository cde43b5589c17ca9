"""What a campaign earns and costs, as data: which events are money, and what is paid beside them.

Everything is per randomization unit and by intention to treat: a member of the control who earns a
benefit costs money, too, and a treated one who would have bought anyway brings none. So the money
of a campaign is made of differences between variants, never of what the treated cost.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from stats.errors import InvalidPlan
from stats.metric import Term, Window
from stats.plan.variants import FORBID

MONEY_WINDOW = Window(90)
LARGEST_COST = 10**15
"""Minor units that a cost may be at most."""


class MarginKnown(StrEnum):
    """How the gross margin of an order is known."""

    BY_RATE = "by_rate"  # from the order, or else the programme's rate times its amount
    BY_ORDER = "by_order"  # only from the order: its margin or its cost


@dataclass(frozen=True, slots=True)
class VariantCost:
    """What a variant costs beside the events of its units.

    Attributes:
        variant: Its key.
        fixed_minor: Once for the campaign, whoever comes: design, set-up, media, in minor units.
        contact_minor: Of contacting one unit, in minor units, where no event says it.
    """

    variant: str
    fixed_minor: int = 0
    contact_minor: int = 0
    __pydantic_config__: ClassVar = FORBID

    def __post_init__(self) -> None:
        """Refuse costs below 0 and beyond all money."""
        for name, cost in (("fixed", self.fixed_minor), ("contact", self.contact_minor)):
            if not 0 <= cost <= LARGEST_COST:
                field = f"money.costs.{self.variant}.{name}_minor"
                way_out = f"give 0 to {LARGEST_COST} minor units"
                raise InvalidPlan(cost, field=field, expected=way_out)


@dataclass(frozen=True, slots=True)
class MoneyPlan:
    """How the money of a campaign is counted, fixed before start.

    Attributes:
        gross_margin: Terms that add up to a unit's gross margin, net of refunds.
        reward_cost: Terms that add up to what its rewards cost, less breakage and reversals.
        rewards: Terms that count its rewards, likewise less breakage and reversals: what the cost
            of a reward is divided by. Empty where nobody asks for a break-even reward.
        contact_cost: Terms that add up to what contacting it costs.
        upgrade: Terms that count its upgrades; it upgraded where they are above 0. Empty where the
            campaign names no tier to reach.
        window: The time after first exposure in which all of these count.
        margin_known: How the gross margin of an order is known.
        costs: What variants cost beside; a variant that is missing costs nothing more.
        audience: Units that a roll-out would reach; `None` where nobody has counted them.
        runs_per_year: How often a year the campaign would be run.
        season_factor: What an average run would earn, over what this one does: 0.8 where this one
            ran in a good season.
        tier: Key of the segment by which money is shown apart, if the plan has it.
        covariate_days: Days before first exposure whose gross margin reduces the variance; 0 for
            none.
    """

    gross_margin: tuple[Term, ...]
    reward_cost: tuple[Term, ...] = ()
    rewards: tuple[Term, ...] = ()
    contact_cost: tuple[Term, ...] = ()
    upgrade: tuple[Term, ...] = ()
    window: Window = MONEY_WINDOW
    margin_known: MarginKnown = MarginKnown.BY_RATE
    costs: tuple[VariantCost, ...] = ()
    audience: int | None = None
    runs_per_year: Decimal = Decimal(1)
    season_factor: Decimal = Decimal(1)
    tier: str = "tier"
    covariate_days: int = 0
    __pydantic_config__: ClassVar = FORBID

    def __post_init__(self) -> None:
        """Refuse a plan without margin, and numbers that cannot be."""
        if not self.gross_margin:
            way_out = "say which events are gross margin, or leave the money out"
            raise InvalidPlan(self.gross_margin, field="money.gross_margin", expected=way_out)
        keys = [cost.variant for cost in self.costs]
        if len(set(keys)) < len(keys):
            way_out = "give the costs of a variant once"
            raise InvalidPlan(keys, field="money.costs", expected=way_out)
        if self.audience is not None and self.audience <= 0:
            way_out = "give a number of units above 0, or leave it out"
            raise InvalidPlan(self.audience, field="money.audience", expected=way_out)
        for field in ("runs_per_year", "season_factor"):
            number: Decimal = getattr(self, field)
            if not (number.is_finite() and number > 0):
                way_out = "give a number above 0, such as 1"
                raise InvalidPlan(number, field=f"money.{field}", expected=way_out)
        if self.covariate_days < 0:
            way_out = "give 0 or more days"
            raise InvalidPlan(self.covariate_days, field="money.covariate_days", expected=way_out)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term."""
        return (
            *self.gross_margin,
            *self.reward_cost,
            *self.rewards,
            *self.contact_cost,
            *self.upgrade,
        )

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events that it reads, sorted."""
        return tuple(sorted({event for term in self.terms for event in term.events}))

    def cost_of(self, variant: str) -> VariantCost:
        """Give what a variant costs beside the events of its units."""
        return next((one for one in self.costs if one.variant == variant), VariantCost(variant))
