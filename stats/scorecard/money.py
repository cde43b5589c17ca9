"""The money of a campaign as the scorecard holds it: what each variant brought, cost and added."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from stats.inference.interaction import InteractionTest
from stats.inference.outcome import Certain, Undefined
from stats.inference.ratio_of_differences import RatioEstimate, UnboundedRatio
from stats.metric import Window
from stats.scorecard.comparison import DifferenceOutcome, VariantValue

QuotientOutcome: TypeAlias = RatioEstimate | UnboundedRatio | Certain | Undefined


class MoneyState(StrEnum):
    """How far the money is."""

    NO_EXPOSURES = "no_exposures"  # nobody counts yet
    EVENTS_MISSING = "events_missing"  # no order has ever been seen
    MARGIN_UNKNOWN = "margin_unknown"  # neither a rate nor the margin of orders is known
    IMMATURE = "immature"  # a variant has no unit whose window has closed
    READY = "ready"


class AudienceSource(StrEnum):
    """Where the size of the audience is from."""

    PLAN = "plan"  # somebody counted it before start
    COUNTED = "counted"  # the units that the campaign has reached so far, in all variants


@dataclass(frozen=True, slots=True)
class MoneyVariant:
    """What one variant brought and cost; money in minor units, per unit unless it says otherwise.

    Attributes:
        variant: Its key.
        n: Mature units, over which everything here is computed.
        immature_units: Units left out because their window has not closed.
        gross_margin: Of orders net of refunds.
        reward_cost: Of rewards granted, less breakage and reversals.
        contact_cost: Of contacts, by events and by the plan.
        contribution_margin: Gross margin less both costs.
        fixed_minor: What it costs once.
        gross_margin_total: Of all mature units.
        reward_cost_total: Likewise.
        contact_cost_total: Likewise.
        upgraded_units: Mature units that reached a target tier; `None` where the plan names none.
        rewards: Rewards granted to them, less breakage and reversals.
    """

    variant: str
    n: int
    immature_units: int
    gross_margin: VariantValue
    reward_cost: VariantValue
    contact_cost: VariantValue
    contribution_margin: VariantValue
    fixed_minor: int
    gross_margin_total: float
    reward_cost_total: float
    contact_cost_total: float
    upgraded_units: int | None
    rewards: float


@dataclass(frozen=True, slots=True)
class MoneyTreatment:
    """What one treatment adds to the control; money in minor units.

    Attributes:
        treatment: Its key.
        control: The control's.
        units: Units treated, mature or not: those whose window is open are taken to become what
            the mature ones are.
        fixed_minor: What it costs once more than the control.
        gross_margin: Difference per unit.
        reward_cost: Difference per unit.
        contact_cost: Difference per unit.
        contribution_margin: Difference per unit, before fixed costs.
        adjusted_margin: The same, with what units earned before taken out; `None` without.
        upgraded: Difference of the share that upgraded; `None` where the plan names no tier.
        rewards: Difference of rewards per unit.
        incremental_margin: Of all units treated, after fixed costs.
        per_thousand: Of 1,000 units, each with its share of the fixed costs.
        per_year: Of the whole audience in a year, after the fixed costs of every run.
        roi: Incremental margin over extra cost: 0.5 is 50 % on top of what was spent.
        cost_per_upgrade: Extra cost of rewards and contacts per incremental upgrade; `None` where
            the plan names no tier.
        break_even_reward: What a reward may cost so that the incremental margin is 0.
        reward_now: What a reward costs now, on average, in the treatment; `None` without any.
        affordable_per_upgrade: What rewards may cost per incremental upgrade so that nothing is
            lost; `None` where the plan names no tier.
    """

    treatment: str
    control: str
    units: int
    fixed_minor: int
    gross_margin: DifferenceOutcome
    reward_cost: DifferenceOutcome
    contact_cost: DifferenceOutcome
    contribution_margin: DifferenceOutcome
    adjusted_margin: DifferenceOutcome | None
    upgraded: DifferenceOutcome | None
    rewards: DifferenceOutcome
    incremental_margin: DifferenceOutcome
    per_thousand: DifferenceOutcome
    per_year: DifferenceOutcome
    roi: QuotientOutcome
    cost_per_upgrade: QuotientOutcome | None
    break_even_reward: QuotientOutcome
    reward_now: float | None
    affordable_per_upgrade: QuotientOutcome | None


@dataclass(frozen=True, slots=True)
class MoneyTier:
    """What one treatment adds within one tier, per unit and before fixed costs.

    Attributes:
        tier: The tier at assignment; `None` where it is not known.
        treatment: Key of the treatment.
        control_units: Mature units of the control in it.
        treatment_units: Those of the treatment.
        gross_margin: Difference per unit.
        cost: Difference per unit of rewards and contacts.
        contribution_margin: Difference per unit.
        per_thousand: Of 1,000 units.
        cost_per_upgrade: Extra cost per incremental upgrade; `None` where the plan names no tier.
    """

    tier: str | None
    treatment: str
    control_units: int
    treatment_units: int
    gross_margin: DifferenceOutcome
    cost: DifferenceOutcome
    contribution_margin: DifferenceOutcome
    per_thousand: DifferenceOutcome
    cost_per_upgrade: QuotientOutcome | None


@dataclass(frozen=True, slots=True)
class MoneyInteraction:
    """Whether a treatment's contribution margin differs between tiers.

    Attributes:
        treatment: Its key.
        test: Of no difference between the tiers.
    """

    treatment: str
    test: InteractionTest | Undefined


@dataclass(frozen=True, slots=True)
class MoneyTiers:
    """The money by tier: exploratory, each interval by itself.

    Attributes:
        key: Of the segment.
        name: Its name for readers.
        minimum_units: A tier with fewer units in any variant is not estimated.
        effects: Per tier and treatment, tiers with most units first.
        interactions: Per treatment.
    """

    key: str
    name: str
    minimum_units: int
    effects: tuple[MoneyTier, ...]
    interactions: tuple[MoneyInteraction, ...]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a year of the whole audience is made of this campaign.

    Attributes:
        audience: Units that a roll-out would reach.
        source: Where that is from.
        runs_per_year: How often a year it would be run.
        season_factor: What an average run earns, over what this one did.
    """

    audience: int
    source: AudienceSource
    runs_per_year: Decimal
    season_factor: Decimal


@dataclass(frozen=True, slots=True)
class MoneyResult:
    """The money of a campaign.

    Attributes:
        state: How far it is.
        sentence: What the state means here; empty when ready.
        window: The window in which everything counts.
        complete_at: When the last unit's window closes.
        orders_without_margin: Orders in the window that say neither margin nor cost, where no rate
            stands in; they count as 0.
        scaling: How a year is made; `None` unless ready.
        variants: Per planned variant; empty before any unit counts, and without margins.
        treatments: Per treatment; empty unless ready.
        tiers: By tier; `None` where the plan does not slice by it.
    """

    state: MoneyState
    sentence: str
    window: Window
    complete_at: datetime | None = None
    orders_without_margin: int = 0
    scaling: Scaling | None = None
    variants: tuple[MoneyVariant, ...] = ()
    treatments: tuple[MoneyTreatment, ...] = ()
    tiers: MoneyTiers | None = None
