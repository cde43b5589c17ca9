"""Says what the two totals of a metric are totals of; only then can they be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stats.metric import Aggregate, MetricKind

if TYPE_CHECKING:
    from stats.metric import MetricDefinition, Term
    from stats.plan import RandomizationUnit

MONEY: Final = "money"
_OF: Final = {
    Aggregate.AMOUNT: MONEY,
    Aggregate.MARGIN: MONEY,
    Aggregate.COUNT: "event",
    Aggregate.ACTIVE_DAYS: "day",
    Aggregate.PROPERTY_SUM: "",  # of whatever the property is of
    Aggregate.PROPERTY_MAX: "",
}


@dataclass(frozen=True, slots=True)
class TotalUnits:
    """What a metric's totals count: `money`, an `event`, `day`, `member` or `household`."""

    numerator: str
    denominator: str

    @classmethod
    def of(cls, definition: MetricDefinition, counted: RandomizationUnit) -> TotalUnits:
        """Give those of a metric over these randomization units."""
        match definition.kind:
            case MetricKind.PROPORTION | MetricKind.SURVIVAL:
                return cls(counted.value, counted.value)
            case MetricKind.MEAN | MetricKind.QUANTILE:
                return cls(_unit(definition.numerator), counted.value)
            case MetricKind.RATIO:
                return cls(_unit(definition.numerator), _unit(definition.denominator))


def _unit(terms: tuple[Term, ...]) -> str:
    units = {_OF[term.aggregate] for term in terms if term.aggregate is not Aggregate.UNIT}
    return units.pop() if len(units) == 1 else ""
