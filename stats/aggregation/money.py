"""What units brought and cost, per variant and tier: cross moments, no rows."""

from dataclasses import dataclass
from datetime import datetime

from stats.moments import Moments

WITHOUT_MARGIN = 5
"""Column of the orders of a unit that say neither margin nor cost, where there is no rate."""
COVARIATE = 6
"""Column of the gross margin before first exposure, where the plan has it."""


@dataclass(frozen=True, slots=True)
class MoneyUnits:
    """The money of one variant, over its mature units.

    Attributes:
        variant: Its key.
        moments: In minor units and numbers: gross margin, reward cost, contact cost, upgraded,
            rewards, orders without margin, and the covariate if the plan has one.
        immature_units: Units whose window has not closed, left out of the moments.
        first_window_closes_at: When the first unit's window closes; `None` without units.
        last_window_closes_at: When the last unit's window closes; `None` without units.
    """

    variant: str
    moments: Moments
    immature_units: int
    first_window_closes_at: datetime | None
    last_window_closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class MoneyCell:
    """The money of one variant within one tier, over its mature units.

    Attributes:
        variant: Its key.
        tier: The tier; `None` where it is not known.
        moments: As in `MoneyUnits`.
    """

    variant: str
    tier: str | None
    moments: Moments


@dataclass(frozen=True, slots=True)
class MoneyAggregates:
    """The money of a campaign.

    Attributes:
        variants: The planned ones, in the order of the plan.
        by_tier: By tier, where the plan slices by it.
    """

    variants: tuple[MoneyUnits, ...]
    by_tier: tuple[MoneyCell, ...] = ()
