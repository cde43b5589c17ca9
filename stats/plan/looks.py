"""When the results are looked at, and what that costs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar

from pydantic import ConfigDict

from stats.errors import InvalidPlan
from stats.plan.variants import FORBID


class LookKind(StrEnum):
    """Which looks keep the error rate."""

    FIXED = "fixed"  # one, at the planned end; earlier ones are labelled and never decide
    PLANNED = "planned"  # group sequential: at these dates
    CONTINUOUS = "continuous"  # confidence sequence: at any time


class Spending(StrEnum):
    """How planned looks spend the error rate (Lan and DeMets, 1983)."""

    OBRIEN_FLEMING = "obrien_fleming"  # little early, nearly all at the end
    POCOCK = "pocock"  # evenly


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of a campaign.

    Attributes:
        kind: Which looks keep the error rate.
        dates: Of planned looks: when, in order; the last one is the planned end.
        spending: Of planned looks: how they spend the error rate.
        planned_end: When a fixed horizon ends; `None` where no end is planned.
        planned_units: Units of all variants together that the plan needs at its end: the
            information that planned looks are shares of, and where a confidence sequence is
            tightest. `None` where no size is planned.
    """

    kind: LookKind = LookKind.FIXED
    dates: tuple[datetime, ...] = ()
    spending: Spending = Spending.OBRIEN_FLEMING
    planned_end: datetime | None = None
    planned_units: int | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse planned looks without dates, dates out of order and times without a zone."""
        if (self.kind is LookKind.PLANNED) != bool(self.dates):
            way_out = "give dates to planned looks, and to no others"
            raise InvalidPlan(self.dates, field="looks.dates", expected=way_out)
        for at in (*self.dates, *([self.planned_end] if self.planned_end else [])):
            if at.tzinfo is None:
                raise InvalidPlan(at, field="looks", expected="give times with their zone")
        if any(later <= earlier for earlier, later in pairwise(self.dates)):
            way_out = "give the dates in order, each once"
            raise InvalidPlan(self.dates, field="looks.dates", expected=way_out)
        if self.planned_units is not None and self.planned_units <= 0:
            way_out = "give a number of units above 0"
            raise InvalidPlan(self.planned_units, field="looks.planned_units", expected=way_out)

    @property
    def ends_at(self) -> datetime | None:
        """When the last look is due, if that is planned."""
        return self.dates[-1] if self.dates else self.planned_end


FIXED_HORIZON = Looks()
"""One look, at an end that the campaign's own dates give."""


@dataclass(frozen=True, slots=True)
class PowerGoal:
    """What the campaign was sized for.

    Attributes:
        power: Probability to find an effect of that size.
        mde_relative: The smallest effect planned for, as a share of the control's value.
        mde_absolute: Or in the metric's unit.
    """

    power: float = 0.8
    mde_relative: Decimal | None = None
    mde_absolute: Decimal | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a power that is none and effects of no size."""
        if not 0 < self.power < 1:
            way_out = "give a probability strictly between 0 and 1, such as 0.8"
            raise InvalidPlan(self.power, field="power_goal.power", expected=way_out)
        if self.mde_relative is not None and self.mde_absolute is not None:
            came = (self.mde_relative, self.mde_absolute)
            way_out = "give the effect either relative or absolute"
            raise InvalidPlan(came, field="power_goal.mde_relative", expected=way_out)
        for name in ("mde_relative", "mde_absolute"):
            mde: Decimal | None = getattr(self, name)
            if mde is not None and not (mde.is_finite() and mde > 0):
                way_out = "give a size above 0, such as 0.02"
                raise InvalidPlan(mde, field=f"power_goal.{name}", expected=way_out)
